//! The configuration as this process has read it, key by key. What is a secret is said to be set and nothing more; of a
//! url only what finds the host is shown, since user, password, path and query may each hold one.

use super::may_look;
use crate::config::{
    BackendSettings, CoinSettings, HandlerKind, HandlerSettings, LogFormat, Origin, Prepared, Secret,
    Settings, WalletNotify,
};
use crate::desk::PersonalDesk;
use app::desk::Answer;
use app::model::{Amount, LoadedSettings, Setting, SettingSection, SettingValue};
use std::fmt::Display;
use std::time::Duration;
use url::Url;

pub async fn loaded(desk: &PersonalDesk) -> Answer<LoadedSettings> {
    may_look(desk, "settings.read").await?;
    let shared = &desk.shared;
    Ok(LoadedSettings {
        version: env!("CARGO_PKG_VERSION"),
        database: if shared.db.is_sqlite() { "SQLite" } else { "PostgreSQL" },
        migrated: shared.db.is_migrated().await,
        file: shared.settings.origin.file().map(|file| file.display().to_string()),
        sections: sections(&shared.settings),
    })
}

fn sections(settings: &Settings) -> Vec<SettingSection> {
    let mut all = vec![database(settings), web(settings), service(settings), status_server(settings)];
    all.extend(settings.coins.iter().flat_map(|coin| coin_sections(coin, &settings.origin)));
    all.extend(settings.events.iter().map(|handler| handler_section(handler, &settings.origin)));
    all
}

/// One section while it is filled.
struct Filling<'a> {
    origin: &'a Origin,
    section: SettingSection,
}

impl<'a> Filling<'a> {
    fn new(origin: &'a Origin, path: impl Into<String>) -> Self {
        Self { origin, section: SettingSection { path: path.into(), settings: Vec::new() } }
    }

    fn value(mut self, key: &'static str, value: SettingValue) -> Self {
        let set = self.origin.is_set(&format!("{}.{key}", self.section.path));
        self.section.settings.push(Setting { key, value, set });
        self
    }

    fn says(self, key: &'static str, value: impl Display) -> Self {
        self.value(key, SettingValue::Text(value.to_string()))
    }

    fn perhaps(self, key: &'static str, value: Option<impl Display>) -> Self {
        let value = value.map_or(SettingValue::NotSet, |value| SettingValue::Text(value.to_string()));
        self.value(key, value)
    }

    fn seconds(self, key: &'static str, value: Duration) -> Self {
        self.says(key, format!("{} s", value.as_secs()))
    }
}

fn yes(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn database(settings: &Settings) -> SettingSection {
    let database = &settings.database;
    let url = match &database.file {
        Some(file) => SettingValue::Text(format!("SQLite, {}", file.display())),
        // The path names the database; all else that a url may carry can be a secret.
        None => place(&database.url, true),
    };
    Filling::new(&settings.origin, "database")
        .value("url", url)
        .says("migrate", yes(database.migrate))
        .says("transaction_retries", database.transaction_retries)
        .section
}

/// Scheme, host and port of a url, perhaps its path.
fn place(url: &Secret, with_path: bool) -> SettingValue {
    let Ok(url) = Url::parse(url.reveal()) else { return SettingValue::Hidden };
    let Some(host) = url.host_str() else { return SettingValue::Hidden };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let path = if with_path { url.path() } else { "/" };
    let more = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.path() != path && url.path() != "/";
    let hidden = if more { " (the rest is set, hidden)" } else { "" };
    SettingValue::Text(format!("{}://{host}{port}{path}{hidden}", url.scheme()))
}

fn web(settings: &Settings) -> SettingSection {
    let web = &settings.web;
    let public_url = web.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    Filling::new(&settings.origin, "web")
        .says("bind", web.bind)
        .perhaps("public_url", public_url)
        .says("session_hours", web.session_hours)
        .perhaps("step_up_minutes", web.step_up_minutes)
        .says("token_requests_per_minute", web.token_requests_per_minute)
        .section
}

fn service(settings: &Settings) -> SettingSection {
    let service = &settings.service;
    let format = match service.logging.format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    };
    Filling::new(&settings.origin, "service")
        .seconds("broadcast_period", service.broadcast_period)
        .seconds("confirmation_period", service.confirmation_period)
        .seconds("audit_period", service.audit_period)
        .seconds("shutdown_seconds", service.shutdown)
        .says("logging.level", service.logging.level.to_string().to_lowercase())
        .says("logging.format", format)
        .section
}

fn status_server(settings: &Settings) -> SettingSection {
    let bind = settings.status_server;
    Filling::new(&settings.origin, "status_server")
        .perhaps("ip", bind.map(|bind| bind.ip()))
        .perhaps("port", bind.map(|bind| bind.port()))
        .section
}

fn coin_sections(settings: &CoinSettings, origin: &Origin) -> Vec<SettingSection> {
    let (spec, coin) = (&settings.spec, settings.spec.coin);
    let path = format!("coins.{}", coin.ticker());
    let amount = |units| format!("{} {coin}", Amount::new(coin, units));
    let prepared = match settings.prepared {
        Prepared::Auto => "auto",
        Prepared::Never => "never",
    };
    let limits = Filling::new(origin, &path)
        .says("network", spec.network.as_str())
        .says("confirmation_count", spec.confirmation_count)
        .says("max_confirmation_count", spec.max_confirmation_count)
        .says("minimum_send", amount(spec.minimum_send))
        .perhaps("low_hot_wallet", spec.low_hot_wallet.map(amount));
    let broadcast = Filling::new(origin, format!("{path}.broadcast"))
        .says("max_outputs", spec.max_outputs)
        .says("prepared", prepared)
        .says("replaceable", yes(spec.replaceable))
        .says("fee_target_blocks", spec.fee_target_blocks)
        .says("fee_rate_max", format!("{} per kB", amount(spec.fee_rate_max)));
    vec![limits.section, broadcast.section, backend(&settings.backend, origin, &format!("{path}.backend"))]
}

fn backend(settings: &BackendSettings, origin: &Origin, path: &str) -> SettingSection {
    let filling = Filling::new(origin, path).says("class", settings.class().as_str());
    match settings {
        BackendSettings::Bitcoind { url, wallet, account, cookie_file, timeout, walletnotify } => {
            let (class, bind) = match walletnotify {
                Some(WalletNotify::Http { bind }) => (Some("http"), Some(*bind)),
                Some(WalletNotify::Poll) => (Some("poll"), None),
                None => (None, None),
            };
            filling
                .value("url", place(url, false))
                .perhaps("cookie_file", cookie_file.as_ref().map(|file| file.display().to_string()))
                .perhaps("wallet", wallet.as_ref())
                .says("account", account)
                .seconds("timeout", *timeout)
                .perhaps("walletnotify.class", class)
                .perhaps("walletnotify.ip", bind.map(|bind| bind.ip()))
                .perhaps("walletnotify.port", bind.map(|bind| bind.port()))
                .section
        }
        BackendSettings::Simulated { block_seconds } => {
            filling.seconds("block_seconds", Duration::from_secs((*block_seconds).into())).section
        }
        BackendSettings::Null => filling.section,
    }
}

/// A script may have a secret among its words, and a url in its path.
fn handler_section(settings: &HandlerSettings, origin: &Origin) -> SettingSection {
    let filling = Filling::new(origin, format!("events.{}", settings.name));
    let filling = filling.says("class", settings.kind.class().as_str());
    match &settings.kind {
        HandlerKind::Http(http) => {
            let secret = if http.secret.is_some() { SettingValue::Hidden } else { SettingValue::NotSet };
            filling
                .value("url", place(&Secret::new(http.url.as_str()), false))
                .value("secret", secret)
                .says("allow_private", yes(http.allow_private))
                .seconds("timeout", http.timeout)
                .section
        }
        HandlerKind::Script(script) => {
            filling
                .value("script", SettingValue::Hidden)
                .says("log_output", yes(script.log_output))
                .seconds("timeout", script.timeout)
                .section
        }
        HandlerKind::InProcess { callback } => filling.says("callback", callback).section,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const WHOLE: &str = "
database: { url: 'postgresql://dba:hunter2@db.example:5433/books?password=hunter3&sslkey=/hunter4', migrate: false }
web: { bind: 127.0.0.1:9090, public_url: 'https://hunter5:hunter6@coffer.example' }
status_server: { port: 18882 }
coins:
  btc:
    confirmation_count: 4
    backend:
      class: bitcoind
      url: https://hunter7:hunter8@node.example:8332/hunter9?key=hunter10
      walletnotify: { class: http, port: 28883 }
  ltc: { backend: { class: simulated } }
  doge: { backend: { class: 'null' } }
events:
  app: { class: http, url: 'https://app.example/hunter11?key=hunter12', secret: 'hunter13 and hunter14' }
  shell: { class: script, script: 'curl hunter15' }
  library: { class: in_process, callback: log }
";

    fn read(text: &str) -> Settings {
        config::read(text, &|_| None).unwrap()
    }

    fn all(settings: &Settings) -> Vec<(String, SettingValue, bool)> {
        let each = |section: SettingSection| {
            let path = section.path;
            section
                .settings
                .into_iter()
                .map(move |setting| (format!("{path}.{}", setting.key), setting.value, setting.set))
        };
        sections(settings).into_iter().flat_map(each).collect()
    }

    #[test]
    fn nothing_of_a_secret_is_told() {
        let settings = read(WHOLE);
        let told = format!("{:?}", all(&settings));
        assert!(!told.contains("hunter") && !told.contains("dba"), "{told}");
        for place in
            ["postgresql://db.example:5433/books", "https://node.example:8332/", "https://coffer.example"]
        {
            assert!(told.contains(place), "{told}");
        }
    }

    #[test]
    fn what_the_file_says_is_told_apart_from_defaults() {
        let settings = read(WHOLE);
        let all = all(&settings);
        let set = |path: &str| all.iter().find(|(key, ..)| key == path).map(|(.., set)| *set);
        for path in [
            "database.url",
            "web.bind",
            "coins.btc.confirmation_count",
            "coins.btc.backend.walletnotify.port",
        ] {
            assert_eq!(set(path), Some(true), "{path}");
        }
        for path in [
            "web.session_hours",
            "web.step_up_minutes",
            "web.token_requests_per_minute",
            "coins.btc.backend.timeout",
            "coins.ltc.confirmation_count",
            "service.audit_period",
        ] {
            assert_eq!(set(path), Some(false), "{path}");
        }
    }

    /// A key that is added to the configuration has to be added here.
    #[test]
    fn every_key_of_the_configuration_is_told() {
        let settings = read(WHOLE);
        let told: Vec<String> = all(&settings).into_iter().map(|(path, ..)| path).collect();
        let elsewhere = |path: &str| {
            // `testnet` is another spelling of the network; a described coin is described on its own page.
            path.ends_with(".testnet") || path.contains(".model")
        };
        let missing: Vec<&str> = settings
            .origin
            .keys()
            .filter(|path| !elsewhere(path) && !told.iter().any(|told| told == path))
            .collect();
        assert!(missing.is_empty(), "the settings page doesn't tell {missing:?}");
    }
}
