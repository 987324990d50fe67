//! How a daemon is reached. Secrets live here and nowhere else: no error and no `Debug` shows them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// What the configuration says of one daemon.
#[derive(Clone, PartialEq, Eq)]
pub struct BitcoindSettings {
    /// `http://user:password@host:port/`; user and password may be left out when there is a cookie file.
    pub url: String,
    /// The daemon's wallet, where it has several.
    pub wallet: Option<String>,
    /// On daemons that still have accounts: the one that holds our addresses.
    pub account: String,
    /// For connecting, and for a whole call.
    pub timeout: Duration,
    /// `.cookie` in the daemon's data folder; used instead of a password.
    pub cookie_file: Option<PathBuf>,
}

impl BitcoindSettings {
    /// With the defaults: no wallet name, account `cryptoassets`, 15 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            wallet: None,
            account: "cryptoassets".into(),
            timeout: Duration::from_secs(15),
            cookie_file: None,
        }
    }
}

impl fmt::Debug for BitcoindSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Url::parse(&self.url).map_or_else(|_| "(not a url)".into(), |url| shown(&url));
        f.debug_struct("BitcoindSettings")
            .field("url", &shown)
            .field("wallet", &self.wallet)
            .field("account", &self.account)
            .field("timeout", &self.timeout)
            .field("cookie_file", &self.cookie_file)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("the url of the daemon can't be read: {0}")]
    Url(String),
    #[error("the url of the daemon must begin with http:// or https://")]
    Scheme,
    #[error("the url of the daemon has no user and password, and no cookie file is named")]
    NoCredentials,
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

/// Where calls go, taken apart once.
pub struct Endpoint {
    /// With the wallet's path, without user and password.
    pub url: Url,
    /// For people: host, port, wallet.
    pub shown: String,
    pub credentials: Option<(String, String)>,
    pub cookie_file: Option<PathBuf>,
}

impl Endpoint {
    pub fn new(settings: &BitcoindSettings) -> Result<Self, SettingsError> {
        // The parser's error names the fault, never the text.
        let mut url = Url::parse(&settings.url).map_err(|error| SettingsError::Url(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SettingsError::Scheme);
        }
        let credentials = match (url.username(), url.password()) {
            _ if settings.cookie_file.is_some() => None,
            ("", None) => None,
            (user, password) => Some((unescape(user), unescape(password.unwrap_or_default()))),
        };
        if credentials.is_none() && settings.cookie_file.is_none() {
            return Err(SettingsError::NoCredentials);
        }
        // Can't fail: an http url has a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if let Some(wallet) = &settings.wallet {
            let mut path = url.path_segments_mut().map_err(|()| SettingsError::Scheme)?;
            path.pop_if_empty().push("wallet").push(wallet);
        }
        Ok(Self { shown: shown(&url), url, credentials, cookie_file: settings.cookie_file.clone() })
    }
}

fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// User and password stand percent-encoded in a url.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = match rest {
            [b'%', high, low, ..] => hex::decode([*high, *low]).ok(),
            _ => None,
        };
        if let Some(byte) = escaped {
            bytes.extend(byte);
            rest = &rest[3..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let settings = BitcoindSettings::new("http://alice:s3cret@127.0.0.1:9332/");
        assert!(!format!("{settings:?}").contains("s3cret"));
        let endpoint = Endpoint::new(&settings).unwrap();
        assert_eq!((endpoint.url.as_str(), &*endpoint.shown), ("http://127.0.0.1:9332/", "127.0.0.1:9332"));
        assert_eq!(endpoint.credentials, Some(("alice".into(), "s3cret".into())));
        let bad = Endpoint::new(&BitcoindSettings::new("http://alice:s3cret@127.0.0.1:99999/"));
        assert!(!bad.err().unwrap().to_string().contains("s3cret"));
    }

    #[test]
    fn names_and_passwords_with_odd_characters_arrive_whole() {
        let mut settings = BitcoindSettings::new("http://a%40b:p%3Aw%2F%25@127.0.0.1:9332");
        settings.wallet = Some("hot / cold?".into());
        let endpoint = Endpoint::new(&settings).unwrap();
        assert_eq!(endpoint.credentials, Some(("a@b".into(), "p:w/%".into())));
        assert_eq!(endpoint.url.path(), "/wallet/hot%20%2F%20cold%3F");
    }

    #[test]
    fn a_url_without_any_credentials_is_refused() {
        let error = Endpoint::new(&BitcoindSettings::new("http://127.0.0.1:9332/")).err();
        assert_eq!(error, Some(SettingsError::NoCredentials));
    }
}
