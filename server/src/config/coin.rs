//! The coins of the configuration: stock ones by their ticker, others by `model`; limits; and each one's backend.

use super::section::{Section, one_of};
use super::{Secret, port, word};
use crate::network::coin::AddressVersions;
use crate::network::{BackendClass, CoinSpec, Network};
use app::model::Coin;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// One coin as configured.
#[derive(Clone, Debug)]
pub struct CoinSettings {
    pub spec: CoinSpec,
    pub prepared: Prepared,
    pub backend: BackendSettings,
}

/// Whether broadcasts are built, signed and stored before they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// Where the backend can.
    Auto,
    Never,
}

#[derive(Clone, Debug)]
pub enum BackendSettings {
    Bitcoind {
        /// With user and password.
        url: Secret,
        wallet: Option<String>,
        account: String,
        cookie_file: Option<PathBuf>,
        timeout: Duration,
        walletnotify: Option<WalletNotify>,
    },
    Simulated {
        /// Seconds between blocks; 0: only on command.
        block_seconds: u32,
    },
    Null,
}

impl BackendSettings {
    pub fn class(&self) -> BackendClass {
        match self {
            Self::Bitcoind { .. } => BackendClass::Bitcoind,
            Self::Simulated { .. } => BackendClass::Simulated,
            Self::Null => BackendClass::Null,
        }
    }
}

/// How we are told of new transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalletNotify {
    /// POST form `txid=…`.
    Http { bind: SocketAddr },
    /// The scan looks, nobody tells.
    Poll,
}

const NETWORKS: [(&str, Network); 4] = [
    ("main", Network::Main),
    ("test", Network::Test),
    ("signet", Network::Signet),
    ("regtest", Network::Regtest),
];

/// Minor units per 1,000 vbytes when a described coin's backend has no estimate, and the dust below which change is
/// left to the fee: bitcoin's relay rules, which its derivates began with.
const DESCRIBED_FEE_RATE: i64 = 10_000;
const DESCRIBED_DUST: i64 = 5_460;

pub fn read_all(coins: &Section<'_>) -> Vec<CoinSettings> {
    let entries = coins.entries();
    entries
        .into_iter()
        .filter_map(|(ticker, value)| {
            read(&ticker, &Section::new(coins.reader, coins.at(&ticker), Some(value)))
        })
        .collect()
}

fn read(ticker: &str, section: &Section<'_>) -> Option<CoinSettings> {
    let network = read_network(section);
    let model = section.section("model");
    let spec =
        if model.is_empty() { stock(ticker, network, section) } else { described(ticker, network, &model) };
    // A coin that can't be named still has its other keys checked, with bitcoin's decimals.
    let known = spec.is_some();
    let mut spec = spec.or_else(|| CoinSpec::stock("btc", Network::Main))?;
    read_limits(section, &mut spec);
    // The simulated network replaces whatever coin it plays.
    spec.replaceable |= simulated(section);
    let prepared = read_broadcast(&section.section("broadcast"), &mut spec);
    let backend = read_backend(&section.section("backend"));
    section.finish();
    known.then_some(CoinSettings { spec, prepared, backend: backend? })
}

fn read_network(section: &Section<'_>) -> Network {
    let network = section.word("network", &NETWORKS);
    let testnet = section.flag("testnet");
    if network.is_some() && testnet.is_some() {
        section.fault("testnet", "the network is named already; leave testnet out");
    }
    let simulated = simulated(section);
    if simulated && network == Some(Network::Main) {
        section.fault(
            "network",
            "the simulated backend plays test, signet or regtest, never main: its money isn't real",
        );
    }
    network.unwrap_or(match testnet {
        Some(true) => Network::Test,
        _ if simulated => Network::Regtest,
        _ => Network::Main,
    })
}

fn simulated(section: &Section<'_>) -> bool {
    section.peek("backend", "class").is_some_and(|class| class == "simulated")
}

fn stock(ticker: &str, network: Network, section: &Section<'_>) -> Option<CoinSpec> {
    let spec = CoinSpec::stock(ticker, network);
    if spec.is_none() {
        let mut message = if CoinSpec::STOCK.contains(&ticker) {
            format!("{ticker} has no network \"{}\"", network.as_str())
        } else {
            format!("Coffer knows {}; describe another coin with a section model", one_of(&CoinSpec::STOCK))
        };
        if let Some(near) = word::nearest(ticker, CoinSpec::STOCK).filter(|near| *near != ticker) {
            message += &format!("; did you mean \"{near}\"?");
        }
        section.reader.fault(&section.path, message);
    }
    spec
}

fn described(ticker: &str, network: Network, model: &Section<'_>) -> Option<CoinSpec> {
    let name = model.text("name");
    if name.is_none() {
        model.fault("name", "a described coin needs a name");
    }
    let decimals = model.whole("decimals", 0..=8).and_then(|places| u8::try_from(places).ok()).unwrap_or(8);
    let coin = match Coin::new(ticker, decimals) {
        Ok(coin) => Some(coin),
        Err(error) => {
            model.reader.fault(&model.path, error.to_string());
            None
        }
    };
    let mut versions = None;
    for (word, candidate) in NETWORKS {
        let section = model.section(word);
        if candidate == network && section.is_empty() {
            model.fault(word, format!("the coin is on the network {word}; its address versions are missing"));
        }
        let read = read_versions(&section);
        if candidate == network {
            versions = read;
        }
    }
    model.finish();
    Some(CoinSpec {
        coin: coin?,
        name: name?,
        network,
        versions: versions?,
        genesis: None,
        confirmation_count: 3,
        max_confirmation_count: 15,
        minimum_send: DESCRIBED_DUST * 2,
        dust: DESCRIBED_DUST,
        max_outputs: 200,
        fee_target_blocks: 6,
        fee_rate_fallback: DESCRIBED_FEE_RATE,
        fee_rate_max: DESCRIBED_FEE_RATE * 10,
        replaceable: false,
        low_hot_wallet: None,
    })
}

fn read_versions(section: &Section<'_>) -> Option<AddressVersions> {
    if section.is_empty() {
        return None;
    }
    let byte = |key: &str| {
        let version = section.whole(key, 0..=255).and_then(|version| u8::try_from(version).ok());
        if version.is_none() && section.value(key).is_none() {
            section.fault(key, "an address version (0 to 255) is missing");
        }
        version
    };
    let (p2pkh, p2sh) = (byte("p2pkh"), byte("p2sh"));
    let bech32 = section.text("bech32");
    section.finish();
    Some(AddressVersions { p2pkh: p2pkh?, p2sh: vec![p2sh?], bech32 })
}

fn read_limits(section: &Section<'_>, spec: &mut CoinSpec) {
    let count = section.whole("confirmation_count", 1..=10_000);
    let max = section.whole("max_confirmation_count", 1..=10_000);
    spec.confirmation_count = count.unwrap_or(spec.confirmation_count);
    // Where only the first is raised, the second follows it.
    spec.max_confirmation_count = max.unwrap_or(spec.max_confirmation_count.max(spec.confirmation_count));
    if spec.max_confirmation_count < spec.confirmation_count {
        let message = format!("expected at least confirmation_count, which is {}", spec.confirmation_count);
        section.fault("max_confirmation_count", message);
    }
    if let Some(minimum) = section.amount("minimum_send", spec.coin) {
        if minimum < spec.dust {
            let dust = app::model::Amount::new(spec.coin, spec.dust);
            section.fault("minimum_send", format!("expected at least the coin's dust limit, {dust}"));
        }
        spec.minimum_send = minimum;
    }
    spec.low_hot_wallet = section.amount("low_hot_wallet", spec.coin);
}

fn read_broadcast(section: &Section<'_>, spec: &mut CoinSpec) -> Prepared {
    if let Some(outputs) =
        section.whole("max_outputs", 1..=2_000).and_then(|outputs| usize::try_from(outputs).ok())
    {
        spec.max_outputs = outputs;
    }
    if let Some(blocks) =
        section.whole("fee_target_blocks", 1..=1_008).and_then(|blocks| u32::try_from(blocks).ok())
    {
        spec.fee_target_blocks = blocks;
    }
    if let Some(rate) = section.amount("fee_rate_max", spec.coin) {
        if rate == 0 {
            section.fault("fee_rate_max", "expected more than zero: no broadcast could pay its fee");
        }
        spec.fee_rate_max = rate;
        spec.fee_rate_fallback = spec.fee_rate_fallback.min(rate);
    }
    if let Some(replaceable) = section.flag("replaceable") {
        spec.replaceable = replaceable;
    }
    let prepared = section.word("prepared", &[("auto", Prepared::Auto), ("never", Prepared::Never)]);
    section.finish();
    prepared.unwrap_or(Prepared::Auto)
}

fn read_backend(section: &Section<'_>) -> Option<BackendSettings> {
    if section.is_empty() {
        let message = "a coin needs a backend, such as { class: simulated }";
        section.reader.fault(&section.path, message);
        return None;
    }
    let classes = [
        ("bitcoind", Some(BackendClass::Bitcoind)),
        ("simulated", Some(BackendClass::Simulated)),
        ("null", Some(BackendClass::Null)),
        ("blockio", None),
    ];
    // YAML reads an unquoted null as nothing; here it is a class.
    if section.names_null("class") {
        section.finish();
        return Some(BackendSettings::Null);
    }
    let class = section.word("class", &classes);
    let settings = match class {
        Some(Some(BackendClass::Bitcoind)) => read_bitcoind(section),
        Some(Some(BackendClass::Simulated)) => {
            let seconds =
                section.whole("block_seconds", 0..=86_400).and_then(|seconds| u32::try_from(seconds).ok());
            Some(BackendSettings::Simulated { block_seconds: seconds.unwrap_or(20) })
        }
        Some(Some(BackendClass::Null)) => Some(BackendSettings::Null),
        Some(None) => {
            section.fault(
                "class",
                "this version of Coffer has no blockio backend yet; expected bitcoind, simulated or null",
            );
            return None;
        }
        None => {
            if section.value("class").is_none() {
                section.fault("class", "a backend needs a class: bitcoind, simulated or null");
            }
            return None;
        }
    };
    section.finish();
    settings
}

fn read_bitcoind(section: &Section<'_>) -> Option<BackendSettings> {
    let cookie_file = section.text("cookie_file").map(PathBuf::from);
    let url = section.secret("url");
    match &url {
        None if section.value("url").is_none() && section.value("url_file").is_none() => {
            section.fault("url", "the daemon's url is missing, such as http://user:password@127.0.0.1:8332/");
        }
        None => {}
        Some(url) => {
            if let Some(message) = url_fault(url, cookie_file.is_some()) {
                section.fault("url", message);
            }
        }
    }
    let timeout =
        section.whole("timeout", 1..=600).and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(15);
    let settings = (
        section.text("wallet"),
        section.text("account").unwrap_or_else(|| "cryptoassets".into()),
        read_walletnotify(&section.section("walletnotify")),
    );
    let (wallet, account, walletnotify) = settings;
    Some(BackendSettings::Bitcoind {
        url: url?,
        wallet,
        account,
        cookie_file,
        timeout: Duration::from_secs(timeout),
        walletnotify,
    })
}

/// Never repeats the url: it holds the password.
fn url_fault(url: &Secret, has_cookie: bool) -> Option<&'static str> {
    match Url::parse(url.reveal()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            let no_user = url.username().is_empty() && !has_cookie;
            no_user.then_some("expected user and password in the url, or a cookie_file beside it")
        }
        _ => Some("expected a url such as http://user:password@127.0.0.1:8332/"),
    }
}

fn read_walletnotify(section: &Section<'_>) -> Option<WalletNotify> {
    if section.is_empty() {
        return None;
    }
    let classes = [
        ("http", Some(WalletNotify::Http { bind: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0) })),
        ("poll", Some(WalletNotify::Poll)),
        ("pipe", None),
        ("redis", None),
        ("blockio_websocket", None),
        ("blockio_webhook", None),
    ];
    let class = section.word("class", &classes);
    let notify = match class {
        Some(Some(WalletNotify::Http { .. })) => {
            let ip: IpAddr = section.parsed("ip", "an IP address").unwrap_or(Ipv4Addr::LOCALHOST.into());
            Some(WalletNotify::Http { bind: SocketAddr::new(ip, port(section, "port", 28_882)) })
        }
        Some(Some(poll)) => Some(poll),
        Some(None) => {
            section.fault("class", "this version of Coffer listens by http or poll only");
            return None;
        }
        None => {
            if section.value("class").is_none() {
                section.fault("class", "how are we notified: http or poll");
            }
            return None;
        }
    };
    section.finish();
    notify
}
