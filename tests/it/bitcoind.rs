//! The bitcoind backend against a real daemon.

use serde_json::{Value, json};
use server::network::bitcoind::{Bitcoind, BitcoindSettings};
use server::network::{Backend, BackendError, CoinSpec, Network, OutPoint, Output, SendOutcome, Unspent};
use server::notify::Notification;
use server::notify::http::HttpNotify;
use std::net::Ipv4Addr;
use std::time::Duration;
use tests::litecoind::{HOT, Litecoind, OUTSIDE, Options, TwoNodes, eventually};

const LTC: i64 = 100_000_000;
const LIMIT: Duration = Duration::from_secs(30);

fn spec() -> CoinSpec {
    CoinSpec::stock("ltc", Network::Regtest).unwrap()
}

fn backend(settings: &BitcoindSettings) -> Bitcoind {
    Bitcoind::new(settings, spec()).unwrap()
}

/// A daemon whose outside wallet has money, and Coffer's backend, connected.
async fn funded() -> (Litecoind, Bitcoind) {
    let daemon = Litecoind::start().await.unwrap();
    daemon.mine_funded().await.unwrap();
    let backend = backend(&daemon.settings(HOT));
    backend.connect().await.unwrap();
    (daemon, backend)
}

/// Pays the hot wallet and confirms it; the hot wallet's outputs.
async fn with_money(daemon: &Litecoind, backend: &Bitcoind, amounts: &[&str]) -> Vec<Unspent> {
    for amount in amounts {
        let address = backend.new_address("deposit").await.unwrap();
        daemon.pay(&address, amount).await.unwrap();
    }
    daemon.mine(1).await.unwrap();
    backend.unspent().await.unwrap()
}

/// Signs a payment of `amount` to `address` out of all `inputs`, change back, 10,000 minor units as fee.
async fn signed(backend: &Bitcoind, inputs: &[Unspent], address: &str, amount: i64) -> Vec<u8> {
    let total: i64 = inputs.iter().map(|input| input.amount).sum();
    let outputs = [
        Output { address: address.into(), amount },
        Output { address: backend.change_address().await.unwrap(), amount: total - amount - 10_000 },
    ];
    backend.sign(inputs, &outputs).await.unwrap()
}

#[tokio::test]
async fn connecting_finds_chain_genesis_and_what_the_daemon_can_do() {
    let daemon = Litecoind::start().await.unwrap();
    let backend = backend(&daemon.settings(HOT));
    assert!(!backend.can_prepare(), "known only after connect");
    let fresh = backend.connect().await.unwrap();
    assert_eq!((fresh.chain.as_str(), fresh.height), ("regtest", 0));
    assert_eq!(Some(&fresh.genesis), spec().genesis.as_ref());
    assert!(fresh.initial_download, "a chain that is years old is still downloading");
    assert!(spec().unfit(&fresh).is_some());
    assert!(backend.can_prepare());

    let hashes = daemon.mine(1).await.unwrap();
    let node = backend.node().await.unwrap();
    assert_eq!((node.height, &node.best_block, node.lag), (1, &hashes[0], Some(0)));
    assert_eq!(spec().unfit(&node), None);
}

#[tokio::test]
async fn a_daemon_of_another_chain_is_unfit() {
    let (daemon, _) = funded().await;
    let other = CoinSpec::stock("btc", Network::Regtest).unwrap();
    let backend = Bitcoind::new(&daemon.settings(HOT), other.clone()).unwrap();
    let node = backend.connect().await.unwrap();
    let reason = other.unfit(&node).unwrap();
    assert!(reason.contains("isn't that of Bitcoin"), "{reason}");
    // Nor does it hand out addresses that its coin can't read.
    assert!(backend.new_address("x").await.is_err());
}

#[tokio::test]
async fn new_addresses_are_canonical_and_owned() {
    let (daemon, backend) = funded().await;
    for label in ["", "*", "Größe \"1\" / §", &"x".repeat(255)] {
        let address = backend.new_address(label).await.unwrap();
        assert_eq!(spec().versions.canonical(&address), Ok(address.clone()));
        assert!(backend.owns(&address).await.unwrap());
    }
    assert!(backend.owns(&backend.change_address().await.unwrap()).await.unwrap());
    let foreign = daemon.new_address(OUTSIDE).await.unwrap();
    assert!(!backend.owns(&foreign).await.unwrap());
}

#[tokio::test]
async fn every_address_type_of_the_daemon_is_read_as_the_daemon_reads_it() {
    let (daemon, _) = funded().await;
    let versions = spec().versions;
    for kind in ["legacy", "p2sh-segwit", "bech32"] {
        let address = daemon.wallet(OUTSIDE, "getnewaddress", json!(["", kind])).await.unwrap();
        let address = address.as_str().unwrap();
        let info = daemon.wallet(OUTSIDE, "getaddressinfo", json!([address])).await.unwrap();
        let script = hex_of(&versions.script(address).unwrap());
        assert_eq!(info["scriptPubKey"].as_str(), Some(script.as_str()), "{kind}");
        assert_eq!(versions.canonical(address).as_deref(), Ok(address), "{kind}");
    }
    let two = "2MxFajLApXpYk4VodBSZSt7rw8y4ryABkfA";
    let ours = versions.canonical(two).unwrap();
    let theirs = daemon.wallet(OUTSIDE, "getaddressinfo", json!([two])).await.unwrap();
    assert_eq!(theirs["address"].as_str(), Some(ours.as_str()), "the other spelling of a script hash");
}

fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::test]
async fn a_deposit_is_seen_unconfirmed_and_confirmed_to_the_minor_unit() {
    let (daemon, backend) = funded().await;
    for (amount, units) in
        [("0.00010001", 10_001), ("0.29000000", 29_000_000), ("12.34567891", 1_234_567_891)]
    {
        let address = backend.new_address("deposit").await.unwrap();
        let txid = daemon.pay(&address, amount).await.unwrap();
        let seen = backend.transaction(&txid).await.unwrap().unwrap();
        assert_eq!((seen.confirmations, seen.in_mempool, seen.block.is_none()), (0, Some(true), true));
        assert_eq!((seen.received.len(), seen.received[0].amount), (1, units));
        assert_eq!(seen.received[0].address, address);
        assert_eq!((seen.coinbase, seen.spends_ours, seen.fee), (false, false, None));
        let block = daemon.mine(1).await.unwrap().remove(0);
        let mined = backend.transaction(&txid).await.unwrap().unwrap();
        assert_eq!((mined.confirmations, mined.block, mined.in_mempool), (1, Some(block), None));
    }
    assert_eq!(backend.totals().await.unwrap().trusted, 10_001 + 29_000_000 + 1_234_567_891);
    assert_eq!(backend.transaction(&"00".repeat(32)).await.unwrap(), None);
}

#[tokio::test]
async fn a_coinbase_is_told_and_counts_as_immature() {
    let (daemon, backend) = funded().await;
    let address = backend.new_address("mine").await.unwrap();
    let block = daemon.rpc("generatetoaddress", json!([1, address])).await.unwrap();
    let block = daemon.rpc("getblock", json!([block[0]])).await.unwrap();
    let coinbase = backend.transaction(block["tx"][0].as_str().unwrap()).await.unwrap().unwrap();
    assert!(coinbase.coinbase && coinbase.received.len() == 1);
    let totals = backend.totals().await.unwrap();
    assert_eq!((totals.trusted, totals.immature), (0, coinbase.received[0].amount));
    assert_eq!(backend.unspent().await.unwrap(), []);
}

#[tokio::test]
async fn since_brings_all_then_only_what_may_have_changed() {
    let (daemon, backend) = funded().await;
    let address = backend.new_address("a").await.unwrap();
    let first = daemon.pay(&address, "1").await.unwrap();
    daemon.mine(10).await.unwrap();
    let all = backend.since(None, 3).await.unwrap();
    assert_eq!(all.txids, std::slice::from_ref(&first));
    let cursor = all.cursor.unwrap();
    let deep = daemon.rpc("getblockhash", json!([daemon.height().await.unwrap() - 2])).await.unwrap();
    assert_eq!(Some(cursor.as_str()), deep.as_str(), "three confirmations deep");

    let second = daemon.pay(&address, "2").await.unwrap();
    let news = backend.since(Some(&cursor), 3).await.unwrap();
    assert_eq!(news.txids, std::slice::from_ref(&second), "the first lies deeper than the cursor");
    daemon.mine(1).await.unwrap();
    assert_eq!(backend.since(news.cursor.as_deref(), 3).await.unwrap().txids, std::slice::from_ref(&second));

    // A cursor of another chain: everything again.
    let mut again = backend.since(Some(&"ab".repeat(32)), 3).await.unwrap().txids;
    again.sort();
    let mut both = [first, second];
    both.sort();
    assert_eq!(again, both);
    // Deeper than the chain is long: no cursor, or the first block; everything is asked next time.
    let shallow = backend.since(None, 100_000).await.unwrap();
    let next = backend.since(shallow.cursor.as_deref(), 3).await.unwrap();
    assert_eq!(next.txids.len(), 2);
}

#[tokio::test]
async fn since_tells_what_a_reorganisation_took_away() {
    let (daemon, backend) = funded().await;
    let address = backend.new_address("a").await.unwrap();
    let txid = daemon.pay(&address, "1").await.unwrap();
    daemon.mine(2).await.unwrap();
    let cursor = backend.since(None, 1).await.unwrap().cursor;
    daemon.unmine(2).await.unwrap();
    let orphaned = backend.since(cursor.as_deref(), 1).await.unwrap();
    assert_eq!(orphaned.txids, std::slice::from_ref(&txid));
    assert_eq!(backend.transaction(&txid).await.unwrap().unwrap().confirmations, 0);
    daemon.mine(3).await.unwrap();
    assert_eq!(
        backend.since(orphaned.cursor.as_deref(), 1).await.unwrap().txids,
        std::slice::from_ref(&txid)
    );
    assert_eq!(backend.transaction(&txid).await.unwrap().unwrap().confirmations, 3);
}

#[tokio::test]
async fn a_double_spent_deposit_has_negative_confirmations_and_names_its_rival() {
    let (daemon, backend) = funded().await;
    let address = backend.new_address("a").await.unwrap();
    let txid = daemon.pay(&address, "1").await.unwrap();
    let raw = daemon.wallet(OUTSIDE, "gettransaction", json!([txid])).await.unwrap();
    let decoded = daemon.rpc("decoderawtransaction", json!([raw["hex"]])).await.unwrap();
    let input = json!({ "txid": decoded["vin"][0]["txid"], "vout": decoded["vin"][0]["vout"] });
    // The rival spends the same input to the outside, and goes into a block without the mempool's consent.
    let home = daemon.new_address(OUTSIDE).await.unwrap();
    let rival = daemon.rpc("createrawtransaction", json!([[input], { home.clone(): "49" }])).await.unwrap();
    let rival = daemon.wallet(OUTSIDE, "signrawtransactionwithwallet", json!([rival])).await.unwrap();
    daemon.rpc("generateblock", json!([home, [rival["hex"]]])).await.unwrap();
    daemon.mine(3).await.unwrap();
    let lost = backend.transaction(&txid).await.unwrap().unwrap();
    assert_eq!((lost.confirmations, lost.in_mempool), (-4, Some(false)));
    assert_eq!(backend.totals().await.unwrap(), server::network::Totals::default());
}

#[tokio::test]
async fn a_prepared_transaction_spends_and_pays_exactly_what_was_ordered() {
    let (daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["1.5", "0.5", "3"]).await;
    let amounts: Vec<i64> = unspent.iter().map(|output| output.amount).collect();
    assert_eq!(amounts, [3 * LTC, 150_000_000, 50_000_000], "largest first");
    assert!(unspent.iter().all(|output| output.confirmations == 1 && output.address.is_some()));

    let inputs = &unspent[..2];
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&backend, inputs, &address, 333_333_333).await;
    let decoded = backend.decode(&raw).unwrap();
    assert_eq!(decoded.inputs.len(), 2);
    assert!(inputs.iter().all(|input| decoded.inputs.contains(&input.outpoint)));
    assert!(decoded.outputs.contains(&(Some(address), 333_333_333)));
    let paid: i64 = decoded.outputs.iter().map(|output| output.1).sum();
    assert_eq!(4 * LTC + 50_000_000 - paid, 10_000, "the rest is the fee");
    let theirs = daemon.rpc("decoderawtransaction", json!([hex_of(&raw)])).await.unwrap();
    assert_eq!(theirs["txid"].as_str(), Some(decoded.txid.as_str()));
    assert_eq!(theirs["vsize"].as_i64(), Some(decoded.virtual_size));
    assert_eq!(backend.transaction(&decoded.txid).await.unwrap(), None, "nothing has left");

    let sent = backend.send_prepared(&raw).await;
    assert_eq!(sent, SendOutcome::Sent { txid: decoded.txid.clone() });
    let ours = backend.transaction(&decoded.txid).await.unwrap().unwrap();
    assert_eq!((ours.fee, ours.spends_ours, ours.in_mempool), (Some(10_000), true, Some(true)));
    assert_eq!(ours.received, [], "change is no deposit");
}

#[tokio::test]
async fn sending_the_same_bytes_again_is_harmless() {
    let (daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["2"]).await;
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&backend, &unspent, &address, LTC).await;
    let txid = backend.decode(&raw).unwrap().txid;
    for _ in 0..3 {
        assert_eq!(backend.send_prepared(&raw).await, SendOutcome::Sent { txid: txid.clone() });
    }
    daemon.mine(1).await.unwrap();
    // Mined: an error, which decides nothing; the txid does.
    let again = backend.send_prepared(&raw).await;
    assert!(matches!(&again, SendOutcome::Unknown { reason } if reason.contains("-27")), "{again:?}");
    assert_eq!(backend.transaction(&txid).await.unwrap().unwrap().confirmations, 1);
    let received = daemon.wallet(OUTSIDE, "getreceivedbyaddress", json!([address])).await.unwrap();
    assert_eq!(received.to_string(), "1.00000000");
}

#[tokio::test]
async fn spent_inputs_leave_the_outcome_unknown_and_the_txid_answers() {
    let (daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["2"]).await;
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let kept = signed(&backend, &unspent, &address, LTC).await;
    let rival = signed(&backend, &unspent, &address, LTC / 2).await;
    assert!(matches!(backend.send_prepared(&rival).await, SendOutcome::Sent { .. }));
    daemon.mine(1).await.unwrap();
    let outcome = backend.send_prepared(&kept).await;
    assert!(matches!(&outcome, SendOutcome::Unknown { reason } if reason.contains("-25")), "{outcome:?}");
    let kept = backend.decode(&kept).unwrap().txid;
    assert_eq!(backend.transaction(&kept).await.unwrap(), None);
    // What the wallet can't sign for is told, not sent.
    let change = backend.change_address().await.unwrap();
    let missing = backend.sign(&unspent, &[Output { address: change, amount: LTC }]).await;
    assert!(matches!(missing, Err(BackendError::Refused { .. })), "{missing:?}");
}

#[tokio::test]
async fn amounts_are_exact_from_one_minor_unit_to_all_coins() {
    let (_daemon, backend) = funded().await;
    let address = backend.new_address("x").await.unwrap();
    let other = backend.change_address().await.unwrap();
    let input = Unspent {
        outpoint: OutPoint { txid: "11".repeat(32), vout: 0 },
        amount: 0,
        confirmations: 1,
        address: None,
    };
    for amount in [1, 7, 99_999_999, 2_099_999_997_690_001, 8_399_999_999_999_999] {
        // Such money doesn't exist, so signing refuses; what counts is that the order reached the daemon whole.
        let outputs =
            [Output { address: address.clone(), amount }, Output { address: other.clone(), amount: 1 }];
        let refused = backend.sign(std::slice::from_ref(&input), &outputs).await;
        assert!(matches!(&refused, Err(BackendError::Refused { code: -4, .. })), "{refused:?}");
    }
    let twice = [Output { address: address.clone(), amount: 1 }, Output { address, amount: 2 }];
    assert!(matches!(backend.sign(&[input], &twice).await, Err(BackendError::Refused { code: -8, .. })));
}

#[tokio::test]
async fn locked_outputs_are_not_offered_and_locking_twice_is_harmless() {
    let (daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["1", "2"]).await;
    let first = std::slice::from_ref(&unspent[0].outpoint);
    backend.lock(first).await.unwrap();
    backend.lock(first).await.unwrap();
    let gone = OutPoint { txid: "11".repeat(32), vout: 0 };
    backend.lock(&[gone, unspent[1].outpoint.clone()]).await.unwrap();
    assert_eq!(backend.unspent().await.unwrap(), [], "what is gone keeps no other from being locked");
    let all: Vec<OutPoint> = unspent.iter().map(|output| output.outpoint.clone()).collect();
    backend.lock(&all).await.unwrap();
    assert_eq!(backend.unspent().await.unwrap(), []);
    backend.unlock(first).await.unwrap();
    backend.unlock(first).await.unwrap();
    assert_eq!(backend.unspent().await.unwrap(), unspent[..1]);
    backend.lock(first).await.unwrap();
    // Locked money still signs: the lock is for others.
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&backend, &unspent, &address, LTC).await;
    assert!(matches!(backend.send_prepared(&raw).await, SendOutcome::Sent { .. }));
}

#[tokio::test]
async fn inputs_say_that_they_may_be_replaced_only_where_the_coin_replaces() {
    let (daemon, plain) = funded().await;
    let replacing = Bitcoind::new(&daemon.settings(HOT), CoinSpec { replaceable: true, ..spec() }).unwrap();
    replacing.connect().await.unwrap();
    assert_eq!((plain.can_replace(), replacing.can_replace()), (false, true));
    let unspent = with_money(&daemon, &plain, &["1"]).await;
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    for (backend, expected) in [(&plain, 0xffff_ffff_u32), (&replacing, 0xffff_fffd)] {
        let raw = signed(backend, &unspent, &address, LTC / 2).await;
        let read = daemon.rpc("decoderawtransaction", json!([hex_of(&raw)])).await.unwrap();
        assert_eq!(read["vin"][0]["sequence"], json!(expected));
    }
}

#[tokio::test]
async fn a_locked_wallet_certainly_sends_nothing_in_one_call() {
    let (daemon, backend) = funded().await;
    with_money(&daemon, &backend, &["1"]).await;
    daemon.wallet(HOT, "encryptwallet", json!(["passphrase"])).await.unwrap();
    let outputs = [Output { address: daemon.new_address(OUTSIDE).await.unwrap(), amount: LTC / 2 }];
    let outcome = backend.send_many(&outputs, "x").await;
    assert!(matches!(outcome, SendOutcome::Refused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn uptime_starts_anew_with_the_daemon() {
    let (mut daemon, backend) = funded().await;
    eventually("a second of uptime", LIMIT, async || Ok(backend.uptime().await? >= Some(3))).await.unwrap();
    daemon.restart().await.unwrap();
    assert!(backend.uptime().await.unwrap() < Some(3));
}

#[tokio::test]
async fn a_fresh_chain_has_no_fee_estimate() {
    let (_daemon, backend) = funded().await;
    assert_eq!(backend.fee_rate(6).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_password_is_told_without_showing_any() {
    let (daemon, _) = funded().await;
    let url = format!("http://coffer:guessed-wrongly@127.0.0.1:{}/", daemon.rpc_port);
    let backend = backend(&BitcoindSettings::new(url));
    let error = backend.connect().await.unwrap_err();
    let BackendError::Unavailable(reason) = &error else { panic!("{error:?}") };
    assert!(reason.contains("401") && !reason.contains("guessed"), "{reason}");
    let outcome = backend.send_prepared(&[]).await;
    assert!(matches!(outcome, SendOutcome::Refused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_missing_or_unnamed_wallet_is_told_with_what_to_do() {
    let (daemon, _) = funded().await;
    let missing = backend(&daemon.settings("no such wallet")).connect().await.unwrap_err();
    assert!(matches!(&missing, BackendError::Refused { code: -18, .. }), "{missing:?}");
    assert!(missing.to_string().contains("loadwallet \"no such wallet\""), "{missing}");
    let unnamed = backend(&BitcoindSettings::new(daemon.url())).connect().await.unwrap_err();
    assert!(matches!(&unnamed, BackendError::Refused { code: -19, .. }), "{unnamed:?}");
    assert!(unnamed.to_string().contains("`wallet`"), "{unnamed}");
}

#[tokio::test]
async fn a_locked_wallet_is_told_when_signing() {
    let (daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["1"]).await;
    daemon.wallet(HOT, "encryptwallet", json!(["passphrase"])).await.unwrap();
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let outputs = [Output { address, amount: LTC - 10_000 }];
    let locked = backend.sign(&unspent, &outputs).await.unwrap_err();
    assert!(locked.to_string().contains("walletpassphrase"), "{locked}");
}

#[tokio::test]
async fn a_killed_daemon_is_unavailable_and_comes_back_with_its_wallet() {
    let (mut daemon, backend) = funded().await;
    let unspent = with_money(&daemon, &backend, &["2"]).await;
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&backend, &unspent, &address, LTC).await;
    daemon.kill();
    let down = backend.node().await.unwrap_err();
    assert!(matches!(down, BackendError::Unavailable(_)), "{down:?}");
    let outcome = backend.send_prepared(&raw).await;
    assert!(matches!(outcome, SendOutcome::Refused { .. }), "nobody listened: {outcome:?}");
    daemon.restart().await.unwrap();
    backend.connect().await.unwrap();
    let outcome = backend.send_prepared(&raw).await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn the_cookie_file_is_read_again_after_a_restart() {
    let options = Options { extra: vec!["-rpccookiefile=cookie".into()], ..Options::default() };
    // With user and password given the daemon writes no cookie; a second user is what `rpcauth` is for, so the
    // file is written here, as a daemon would.
    let daemon = Litecoind::start_with(options).await.unwrap();
    let path = std::env::temp_dir().join(format!("coffer-cookie-{}", std::process::id()));
    let mut settings = daemon.settings(HOT);
    settings.url = format!("http://127.0.0.1:{}/", daemon.rpc_port);
    settings.cookie_file = Some(path.clone());
    let backend = backend(&settings);
    let missing = backend.connect().await.unwrap_err();
    assert!(missing.to_string().contains("cookie file"), "{missing}");
    std::fs::write(&path, "__cookie__:old\n").unwrap();
    assert!(backend.connect().await.unwrap_err().to_string().contains("401"));
    let (user, password) = credentials(&daemon);
    std::fs::write(&path, format!("{user}:{password}\n")).unwrap();
    backend.connect().await.unwrap();
    std::fs::remove_file(path).unwrap();
}

fn credentials(daemon: &Litecoind) -> (String, String) {
    let url = daemon.url();
    let pair = url.strip_prefix("http://").and_then(|rest| rest.split_once('@')).unwrap().0;
    let (user, password) = pair.split_once(':').unwrap();
    (user.into(), password.into())
}

#[tokio::test]
async fn what_is_no_daemon_is_unavailable_and_its_silence_unknown() {
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut settings = BitcoindSettings::new(format!("http://u:p@127.0.0.1:{port}/"));
    settings.timeout = Duration::from_millis(300);
    let silent = backend(&settings);
    assert!(matches!(silent.connect().await, Err(BackendError::Unavailable(_))));
    let (daemon, real) = funded().await;
    let unspent = with_money(&daemon, &real, &["2"]).await;
    let address = daemon.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&real, &unspent, &address, LTC).await;
    let outcome = silent.send_prepared(&raw).await;
    assert!(matches!(outcome, SendOutcome::Unknown { .. }), "it may have arrived: {outcome:?}");
}

#[tokio::test]
async fn two_connected_nodes_agree_and_the_outside_counts_its_own_blocks() {
    let mut nodes = TwoNodes::start(None).await.unwrap();
    let backend = backend(&nodes.hot.settings(HOT));
    assert_eq!(spec().unfit(&backend.connect().await.unwrap()), None);
    assert!(backend.peers().await.unwrap() >= Some(1));
    let address = backend.new_address("deposit").await.unwrap();
    let txid = nodes.pay(&address, "2").await.unwrap();
    assert_eq!(backend.transaction(&txid).await.unwrap().unwrap().in_mempool, Some(true));
    nodes.mine(1).await.unwrap();
    let unspent = backend.unspent().await.unwrap();
    let home = nodes.outside.new_address(OUTSIDE).await.unwrap();
    let raw = signed(&backend, &unspent, &home, LTC).await;
    assert!(matches!(backend.send_prepared(&raw).await, SendOutcome::Sent { .. }));
    nodes.mine(1).await.unwrap();
    nodes.hot.kill();
    nodes.restart_hot().await.unwrap();
    nodes.mine(2).await.unwrap();
    let counted = nodes.outside.wallet(OUTSIDE, "getreceivedbyaddress", json!([home, 3])).await.unwrap();
    assert_eq!(counted, json_number("1.00000000"));
}

fn json_number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_restarted_daemon_is_waited_for() {
    let (mut daemon, backend) = funded().await;
    daemon.stop().await.unwrap();
    daemon.restart().await.unwrap();
    eventually("the backend to be back", LIMIT, async || Ok(backend.connect().await.is_ok())).await.unwrap();
}

#[tokio::test]
async fn walletnotify_brings_the_txid_at_once_and_again_when_mined() {
    let notify = HttpNotify::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let url = format!("http://{}/ltc", notify.address());
    let (sender, mut notifications) = tokio::sync::mpsc::channel(1000);
    tokio::spawn(notify.serve(vec!["ltc".into()], sender, std::future::pending()));
    let nodes = TwoNodes::start(Some(url)).await.unwrap();
    let address = nodes.hot.new_address(HOT).await.unwrap();
    let txid = nodes.outside.pay(&address, "1").await.unwrap();
    let expected = Notification { coin: Some("ltc".into()), txid };
    let first = tokio::time::timeout(Duration::from_secs(10), notifications.recv()).await.unwrap();
    assert_eq!(first.as_ref(), Some(&expected));
    nodes.mine(1).await.unwrap();
    let mined = tokio::time::timeout(Duration::from_secs(10), notifications.recv()).await.unwrap();
    assert_eq!(mined, Some(expected));
}
