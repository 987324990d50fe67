//! What the file may say, and what is said about what it may not.

use super::*;
use crate::network::{BackendClass, Network};

fn no_environment(_: &str) -> Option<String> {
    None
}

fn faults(text: &str) -> Vec<String> {
    match read(text, &no_environment) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn an_empty_file_is_all_defaults() {
    let settings = read("", &no_environment).unwrap();
    assert_eq!(settings.web.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.service.shutdown.as_secs(), 45);
    assert_eq!(settings.database.url.reveal(), "sqlite://coffer.sqlite");
    assert!(settings.coins.is_empty() && settings.status_server.is_none());
}

/// The complete default says nothing but the defaults, so that it can be believed.
#[test]
fn the_files_that_we_ship_are_right() {
    let shipped = ["default.yaml", "simulated.yaml", "litecoind.yaml", "dev.yaml"];
    for name in shipped {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let password = |name: &str| (name == "LITECOIND_PASSWORD").then(|| "secret".to_owned());
        let settings = read(&text, &password);
        assert!(settings.is_ok(), "{name}: {settings:?}");
    }
}

#[test]
fn every_fault_is_named_with_its_line_and_the_nearest_word() {
    let text = "\
database:
  ulr: sqlite:///x.sqlite
web: { bind: 0.0.0.0:80, session_hours: long }
service:
  logging: { level: loud }
  broadcast_period: 0
coins:
  btc:
    confirmation_count: 20
    max_confirmation_count: 3
    minimum_send: 0.5
    backend: { class: bitcoin, url: http://ada:hunter2@127.0.0.1:8332/ }
  lct:
    backend: { class: simulated }
  doge:
    broadcast: { prepared: sometimes }
evnets: {}
";
    assert_eq!(
        faults(text),
        [
            "line 2: database.ulr: there is no such key; did you mean \"url\"?",
            "line 3: web.bind: 0.0.0.0:80 can be reached from other machines; bind to 127.0.0.1, or set web.public_url \
             to the https:// address of the proxy before Coffer",
            "line 3: web.session_hours: expected a whole number from 1 to 720, found text",
            "line 5: service.logging.level: expected error, warn, info, debug or trace",
            "line 6: service.broadcast_period: expected a whole number from 1 to 86400",
            "line 10: coins.btc.max_confirmation_count: expected at least confirmation_count, which is 20",
            "line 11: coins.btc.minimum_send: expected an amount in quotes, such as \"0.00100000\", found a number with a point",
            "line 12: coins.btc.backend.class: expected bitcoind, simulated, null or blockio; did you mean \"bitcoind\"?",
            "line 13: coins.lct: Coffer knows btc, ltc, doge or aby; describe another coin with a section model; \
             did you mean \"ltc\"?",
            "line 15: coins.doge.backend: a coin needs a backend, such as { class: simulated }",
            "line 16: coins.doge.broadcast.prepared: expected auto or never",
            "line 17: evnets: there is no such key; did you mean \"events\"?",
        ]
    );
}

#[test]
fn wrong_kinds_are_told_without_repeating_values() {
    for (text, expected) in [
        ("web: hunter2", "line 1: web: expected keys with values, found text"),
        ("database: { url: [hunter2] }", "line 1: database.url: expected text, found a list"),
        (
            "database: { url: 'mysql://a:hunter2@h/d' }",
            "line 1: database.url: expected sqlite:///coffer.sqlite or",
        ),
        ("database: { migrate: maybe }", "line 1: database.migrate: expected true or false, found text"),
        (
            "coins: { btc: { backend: { class: bitcoind, url: 'ftp://a:hunter2@h' } } }",
            "line 1: coins.btc.backend.url: expected a url such as http://",
        ),
        (
            "coins: { btc: { testnet: true, network: main, backend: { class: null } } }",
            "line 1: coins.btc.testnet",
        ),
        (
            "coins: { doge: { network: signet, backend: { class: null } } }",
            "line 1: coins.doge: doge has no network",
        ),
        (
            "coins: { btc: { backend: { class: 'null', url: x } } }",
            "line 1: coins.btc.backend.url: there is no such key",
        ),
        ("events: { my_app: { class: http } }", "line 1: events.my_app.url: where are events posted to"),
        (
            "events: { my_app: { url: 'http://127.0.0.1' } }",
            "line 1: events.my_app.class: a handler needs a class",
        ),
        (
            "events: { my_app: { class: htpp } }",
            "line 1: events.my_app.class: expected http, script or in_process; did you mean \"http\"?",
        ),
        (
            "events: { my_app: { class: http, url: 'http://10.0.0.7/' } }",
            "line 1: events.my_app.url: 10.0.0.7 is an address of a private network; set allow_private: true",
        ),
        (
            "events: { my_app: { class: http, url: 'http://a:hunter2@127.0.0.1/' } }",
            "line 1: events.my_app.url: a url with user and password",
        ),
        (
            "events: { my_app: { class: http, url: 'http://127.0.0.1', secret: 'whsec_hunter2!' } }",
            "line 1: events.my_app.secret: this secret can't sign: after whsec_ base64 is expected",
        ),
        ("events: { my_app: { class: script } }", "line 1: events.my_app.script: expected the shell command"),
        (
            "events: { my_app: { class: script, script: x, urll: y } }",
            "line 1: events.my_app.urll: there is no such key",
        ),
        (
            "events: { my_app: { class: script, script: x, timeout: 3600 } }",
            "line 1: events.my_app.timeout: expected a whole number from 1 to 60",
        ),
        ("a: [", "line"),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.starts_with(expected)), "{text}: {found:?}");
        assert!(!found.join("").contains("hunter2"), "{found:?}");
    }
}

#[test]
fn secrets_come_from_environment_and_files() {
    let file = std::env::temp_dir().join(format!("coffer-secret-{}", std::process::id()));
    std::fs::write(&file, "http://ada:from-file@127.0.0.1:9332/\n").unwrap();
    let text = format!(
        "database: {{ url: 'postgresql://ada:${{PASSWORD}}@db/coffer' }}\n\
         web: {{ session_hours: '${{HOURS}}' }}\n\
         coins: {{ ltc: {{ backend: {{ class: bitcoind, url_file: {} }} }} }}",
        file.display()
    );
    let environment = |name: &str| match name {
        "PASSWORD" => Some("from-environment".to_owned()),
        "HOURS" => Some("3".to_owned()),
        _ => None,
    };
    let settings = read(&text, &environment);
    std::fs::remove_file(&file).unwrap();
    let settings = settings.unwrap();
    assert_eq!(settings.database.url.reveal(), "postgresql://ada:from-environment@db/coffer");
    assert_eq!(settings.web.session_hours, 3);
    let shown = format!("{settings:?}");
    assert!(!shown.contains("from-environment") && !shown.contains("from-file"), "{shown}");
    assert!(
        matches!(&settings.coins[0].backend, BackendSettings::Bitcoind { url, .. } if url.reveal().ends_with("9332/"))
    );

    let missing = faults("database: { url: 'postgresql://ada:${NOT_THERE}@db/coffer' }");
    assert_eq!(missing, ["line 1: database.url: the environment has no variable NOT_THERE"]);
}

#[test]
fn a_described_coin_needs_no_code() {
    let text = "\
coins:
  examplecoin:
    model: { name: Examplecoin, decimals: 6, main: { p2pkh: 30, p2sh: 22, bech32: null } }
    minimum_send: '0.020000'
    confirmation_count: 20
    backend: { class: null }
";
    let settings = read(text, &no_environment).unwrap();
    let coin = &settings.coins[0];
    assert_eq!(
        (coin.spec.coin.ticker(), coin.spec.coin.decimals(), &*coin.spec.name),
        ("examplecoin", 6, "Examplecoin")
    );
    assert_eq!((coin.spec.confirmation_count, coin.spec.max_confirmation_count), (20, 20));
    assert_eq!((coin.spec.minimum_send, coin.backend.class()), (20_000, BackendClass::Null));

    let wrong = faults(
        "coins: { Example: { model: { decimals: 9, test: { p2pkh: 300 } }, backend: { class: null } } }",
    );
    assert_eq!(wrong.len(), 6, "{wrong:#?}");
}

#[test]
fn the_old_word_for_the_test_network_works() {
    let settings =
        read("coins: { btc: { testnet: true, backend: { class: simulated } } }", &no_environment).unwrap();
    assert_eq!(settings.coins[0].spec.network, Network::Test);
}

#[test]
fn simulated_coins_are_never_on_the_main_network() {
    let settings = read("coins: { btc: { backend: { class: simulated } } }", &no_environment).unwrap();
    assert_eq!(settings.coins[0].spec.network, Network::Regtest);
    let wrong = faults("coins: { btc: { network: main, backend: { class: simulated } } }");
    assert!(wrong[0].starts_with("line 1: coins.btc.network: the simulated backend plays"), "{wrong:?}");
}

#[test]
fn the_coin_replaces_as_its_nodes_do_unless_told_otherwise() {
    let replaceable = |coin: &str| {
        read(&format!("coins: {{ {coin} }}"), &no_environment).unwrap().coins[0].spec.replaceable
    };
    assert!(replaceable("btc: { backend: { class: null } }"));
    assert!(!replaceable("ltc: { backend: { class: null } }"));
    assert!(replaceable("ltc: { backend: { class: simulated } }"));
    assert!(replaceable("ltc: { broadcast: { replaceable: true }, backend: { class: null } }"));
    assert!(!replaceable("ltc: { broadcast: { replaceable: false }, backend: { class: simulated } }"));
    assert_eq!(
        faults("coins: { btc: { broadcast: { replaceable: maybe }, backend: { class: null } } }"),
        ["line 1: coins.btc.broadcast.replaceable: expected true or false, found text"]
    );
}
