//! The configuration file as typed settings. Reading it touches nothing but the file, the environment and the files
//! of secrets; all faults come back at once. Start at `read`; `coin.rs` has the coins, `section.rs` the reader.

mod coin;
mod database;
mod event;
mod line;
mod origin;
mod secret;
mod section;
mod word;

pub use coin::{BackendSettings, CoinSettings, Prepared, WalletNotify};
pub use database::DatabaseSettings;
pub use event::{HandlerKind, HandlerSettings};
pub use origin::Origin;
pub use secret::Secret;
pub use section::{Environment, Fault};

use section::{Reader, Section};
use serde_yaml::Value;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Where the file is looked for when nobody names it.
const PLACES: [&str; 2] = ["coffer.yaml", "/etc/coffer/coffer.yaml"];
/// A day is the longest period that still makes sense for a job or a wait.
const DAY_SECONDS: i64 = 86_400;
/// Longer ago, a password says little about who sits there now.
const DAY_MINUTES: i64 = 1_440;
/// A hundred a second: more than a busy shop asks, and less than would keep others waiting.
const TOKEN_REQUESTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(6_000).expect("it isn't zero");

#[derive(Clone, Debug)]
pub struct Settings {
    pub database: DatabaseSettings,
    pub web: WebSettings,
    pub service: ServiceSettings,
    /// Off when `None`.
    pub status_server: Option<SocketAddr>,
    pub coins: Vec<CoinSettings>,
    /// Who is told of events.
    pub events: Vec<HandlerSettings>,
    /// `coffer demo`.
    pub demo: bool,
    pub origin: Origin,
}

#[derive(Clone, Debug)]
pub struct WebSettings {
    pub bind: SocketAddr,
    /// What people type, where a proxy stands before Coffer.
    pub public_url: Option<Url>,
    pub session_hours: i64,
    /// Sending asks for the password or a code that isn't older than this; never, when `None`.
    pub step_up_minutes: Option<i64>,
    /// Calls of the API that one token may make in a minute.
    pub token_requests_per_minute: NonZeroU32,
}

impl WebSettings {
    /// Whether cookies may travel over TLS only.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

#[derive(Clone, Debug)]
pub struct ServiceSettings {
    pub broadcast_period: Duration,
    pub confirmation_period: Duration,
    pub audit_period: Duration,
    /// How long work in flight may take after SIGTERM.
    pub shutdown: Duration,
    pub logging: Logging,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    pub level: tracing::Level,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Why there are no settings: the file can't be had, or says what can't be.
#[derive(Debug)]
pub struct ConfigError {
    pub file: PathBuf,
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        write!(f, "{}: {count} {noun}", self.file.display())?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Reads the file that is named, or the first of the usual places.
pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    let file = match file {
        Some(file) => file.to_owned(),
        None => {
            PLACES.iter().map(PathBuf::from).find(|place| place.exists()).unwrap_or_else(|| PLACES[0].into())
        }
    };
    let text = std::fs::read_to_string(&file).map_err(|error| ConfigError {
        file: file.clone(),
        faults: vec![Fault { path: String::new(), line: None, message: unreadable(&error) }],
    })?;
    match read(&text, &environment) {
        Ok(settings) => Ok(Settings { origin: settings.origin.of_file(file), ..settings }),
        Err(faults) => Err(ConfigError { file, faults }),
    }
}

fn unreadable(error: &std::io::Error) -> String {
    format!("the configuration can't be read ({error}); name it with --config FILE, or try `coffer demo`")
}

#[allow(clippy::disallowed_methods, reason = "the configuration is what reads the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Settings from YAML text, or every fault in it.
pub fn read(text: &str, environment: Environment<'_>) -> Result<Settings, Vec<Fault>> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map(|location| location.line());
        vec![Fault { path: String::new(), line, message: format!("this isn't YAML: {error}") }]
    })?;
    let reader = Reader::new(text, environment);
    let root = Section::new(&reader, Vec::new(), Some(&value));
    let mut settings = Settings {
        database: database::read(&root.section("database")),
        web: read_web(&root.section("web")),
        service: read_service(&root.section("service")),
        status_server: read_status_server(&root.section("status_server")),
        coins: coin::read_all(&root.section("coins")),
        events: event::read_all(&root.section("events")),
        demo: false,
        origin: Origin::default(),
    };
    root.finish();
    settings.origin = reader.origin();
    let faults = reader.into_faults();
    if faults.is_empty() { Ok(settings) } else { Err(faults) }
}

fn read_web(section: &Section<'_>) -> WebSettings {
    let bind = section.parsed("bind", "an address with port, such as 127.0.0.1:8080");
    let bind = bind.unwrap_or(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 8080));
    let public_url: Option<Url> = section.parsed("public_url", "a url, such as https://coffer.example");
    if let Some(url) = &public_url
        && (!matches!(url.scheme(), "http" | "https") || url.path() != "/" || url.query().is_some())
    {
        section.fault("public_url", "expected https:// and a host, without a path");
    }
    let secure = public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !bind.ip().is_loopback() && !secure {
        section.fault(
            "bind",
            format!("{bind} can be reached from other machines; bind to 127.0.0.1, or set web.public_url to the https:// address of the proxy before Coffer"),
        );
    }
    let session_hours = section.whole("session_hours", 1..=720).unwrap_or(12);
    let step_up_minutes = section.whole("step_up_minutes", 1..=DAY_MINUTES);
    let token_requests_per_minute = section
        .whole("token_requests_per_minute", 1..=1_000_000)
        .and_then(|count| u32::try_from(count).ok())
        .and_then(NonZeroU32::new)
        .unwrap_or(TOKEN_REQUESTS_PER_MINUTE);
    section.finish();
    WebSettings { bind, public_url, session_hours, step_up_minutes, token_requests_per_minute }
}

fn read_service(section: &Section<'_>) -> ServiceSettings {
    let logging = section.section("logging");
    let levels = [
        ("error", tracing::Level::ERROR),
        ("warn", tracing::Level::WARN),
        ("info", tracing::Level::INFO),
        ("debug", tracing::Level::DEBUG),
        ("trace", tracing::Level::TRACE),
    ];
    let level = logging.word("level", &levels).unwrap_or(tracing::Level::INFO);
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = logging.word("format", &formats).unwrap_or(LogFormat::Text);
    logging.finish();
    let settings = ServiceSettings {
        broadcast_period: seconds(section, "broadcast_period", 30),
        confirmation_period: seconds(section, "confirmation_period", 60),
        audit_period: seconds(section, "audit_period", 300),
        shutdown: seconds(section, "shutdown_seconds", 45),
        logging: Logging { level, format },
    };
    section.finish();
    settings
}

fn seconds(section: &Section<'_>, key: &str, default: u64) -> Duration {
    let seconds = section.whole(key, 1..=DAY_SECONDS).and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or(default))
}

fn read_status_server(section: &Section<'_>) -> Option<SocketAddr> {
    if section.is_empty() {
        return None;
    }
    let ip: IpAddr = section.parsed("ip", "an IP address").unwrap_or(Ipv4Addr::LOCALHOST.into());
    if !ip.is_loopback() {
        section.fault("ip", "the status server has no sign-in; it listens on loopback alone (127.0.0.1)");
    }
    let port = port(section, "port", 18_881);
    section.finish();
    Some(SocketAddr::new(ip, port))
}

fn port(section: &Section<'_>, key: &str, default: u16) -> u16 {
    section.whole(key, 1..=65_535).and_then(|port| u16::try_from(port).ok()).unwrap_or(default)
}

#[cfg(test)]
mod tests;
