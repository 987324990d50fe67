//! JSON-RPC over HTTP, as Bitcoin Core and its derivates speak it: one question, one answer, one way to fail.
//! Knows no method by name. Start with `Rpc::call`; `Fault` says how sure we are that nothing happened.

use super::settings::{BitcoindSettings, Endpoint, SettingsError};
use reqwest::{Client, StatusCode, header, redirect, retry};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Largest answer that is read: `listsinceblock` over some 400,000 wallet transactions.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Shorter than the 30 s after which daemons close idle connections, so that none is used as it closes.
const IDLE_SECONDS: u64 = 10;

/// The JSON-RPC code of a method that the daemon hasn't.
pub const NO_SUCH_METHOD: i64 = -32601;

/// Why a call brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody listens there: not a byte left.
    #[error("{0}")]
    NotConnected(String),
    /// The daemon's HTTP server turned the call away before it ran: 401, 403, 404, full work queue.
    #[error("{0}")]
    TurnedAway(String),
    /// An answer of the daemon itself.
    #[error("{message} (error {code})")]
    Error { code: i64, message: String },
    /// Time-outs, cut replies, answers that make no sense: it may have run, or still run.
    #[error("{0}")]
    Unclear(String),
}

pub struct Rpc {
    endpoint: Endpoint,
    /// `user:password`, read from the cookie file again when the daemon has made a new one.
    credentials: Mutex<Option<(String, String)>>,
    reads: Client,
    /// Opens a connection for each call: a reused one may break after the daemon has read the question.
    sends: Client,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error: Option<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    code: i64,
    #[serde(default)]
    message: String,
}

impl Rpc {
    pub fn new(settings: &BitcoindSettings) -> Result<Self, SettingsError> {
        let endpoint = Endpoint::new(settings)?;
        // Another part of the process may have installed it first: either is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = endpoint.url.scheme() == "http";
        let client = |idle: usize| {
            let builder = Client::builder();
            // Without TLS no certificates: machines that have none could make no client at all.
            let builder = if plain { builder.tls_certs_only([]) } else { builder };
            builder
                .no_proxy()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .http1_only()
                .connect_timeout(settings.timeout)
                .timeout(settings.timeout)
                .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
                .pool_max_idle_per_host(idle)
                .build()
                .map_err(|error| SettingsError::Client(error.to_string()))
        };
        Ok(Self {
            credentials: Mutex::new(endpoint.credentials.clone()),
            reads: client(2)?,
            sends: client(0)?,
            endpoint,
        })
    }

    /// Asks, over a connection that may have been used before.
    pub async fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, Fault> {
        self.ask(&self.reads, method, params).await
    }

    /// Orders, over a connection of its own.
    pub async fn send<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, Fault> {
        self.ask(&self.sends, method, params).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        client: &Client,
        method: &str,
        params: Value,
    ) -> Result<T, Fault> {
        let body =
            json!({ "jsonrpc": "1.0", "id": "coffer", "method": method, "params": params }).to_string();
        let used = self.credentials()?;
        let mut reply = self.post(client, body.clone(), used.as_ref()).await?;
        // 401 is answered before anything runs, so asking again with the new cookie repeats nothing.
        if reply.0 == StatusCode::UNAUTHORIZED && self.endpoint.cookie_file.is_some() {
            let fresh = self.read_cookie()?;
            if fresh != used {
                reply = self.post(client, body, fresh.as_ref()).await?;
            }
        }
        let (status, text) = reply;
        self.understand(method, status, &text)
    }

    async fn post(
        &self,
        client: &Client,
        body: String,
        credentials: Option<&(String, String)>,
    ) -> Result<(StatusCode, Vec<u8>), Fault> {
        let mut request = client
            .post(self.endpoint.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        if let Some((user, password)) = credentials {
            request = request.basic_auth(user, Some(password));
        }
        let mut response = request.send().await.map_err(|error| self.no_answer(&error))?;
        let status = response.status();
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.no_answer(&error))? {
            if text.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Fault::Unclear(format!(
                    "{} answered with more than Coffer reads.",
                    self.endpoint.shown
                )));
            }
            text.extend_from_slice(&chunk);
        }
        Ok((status, text))
    }

    /// The error of the HTTP client in our words: its own may show the url.
    fn no_answer(&self, error: &reqwest::Error) -> Fault {
        let shown = &self.endpoint.shown;
        let refused = sources(error)
            .filter_map(|source| source.downcast_ref::<std::io::Error>())
            .any(|source| source.kind() == ErrorKind::ConnectionRefused);
        if refused {
            Fault::NotConnected(format!(
                "Nobody listens at {shown}: the daemon is down, or its port is another."
            ))
        } else if error.is_timeout() {
            Fault::Unclear(format!("{shown} did not answer in time."))
        } else if error.is_connect() {
            Fault::Unclear(format!("No connection to {shown}: {}.", root_cause(error)))
        } else {
            Fault::Unclear(format!("The connection to {shown} broke: {}.", root_cause(error)))
        }
    }

    fn understand<T: DeserializeOwned>(
        &self,
        method: &str,
        status: StatusCode,
        text: &[u8],
    ) -> Result<T, Fault> {
        let shown = &self.endpoint.shown;
        match status {
            StatusCode::UNAUTHORIZED => {
                return Err(Fault::TurnedAway(format!(
                    "{shown} refused the user name or password (HTTP 401)."
                )));
            }
            StatusCode::FORBIDDEN => {
                return Err(Fault::TurnedAway(format!(
                    "{shown} does not let this machine or user call {method} (HTTP 403): see its rpcallowip and rpcwhitelist."
                )));
            }
            _ => {}
        }
        match serde_json::from_slice::<Answer>(text) {
            Ok(Answer { error: Some(error), .. }) => {
                Err(Fault::Error { code: error.code, message: printable(&error.message) })
            }
            Ok(Answer { result, error: None }) if status.is_success() => {
                // A missing result is null: some methods answer nothing.
                let result = result.as_deref().map_or("null", RawValue::get);
                serde_json::from_str(result).map_err(|error| {
                    Fault::Unclear(format!(
                        "{shown} answered {method} in a way that makes no sense: {error}."
                    ))
                })
            }
            _ if status == StatusCode::NOT_FOUND => Err(Fault::TurnedAway(format!(
                "{shown} knows no such path (HTTP 404): is the url a daemon's?"
            ))),
            _ if is_full_queue(status, text) => {
                Err(Fault::TurnedAway(format!("{shown} has too much to do: its work queue is full.")))
            }
            _ => Err(Fault::Unclear(format!(
                "{shown} answered {method} with HTTP {} and no JSON-RPC.",
                status.as_u16()
            ))),
        }
    }

    fn credentials(&self) -> Result<Option<(String, String)>, Fault> {
        let known = self.credentials.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some() || self.endpoint.cookie_file.is_none() { Ok(known) } else { self.read_cookie() }
    }

    /// The daemon writes a new cookie at each start: a line `__cookie__:password`.
    fn read_cookie(&self) -> Result<Option<(String, String)>, Fault> {
        let Some(path) = &self.endpoint.cookie_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Fault::NotConnected(format!(
                "The cookie file {} can't be read: {error}. Is the daemon running?",
                path.display()
            ))
        })?;
        let pair = text.trim().split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()));
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&pair);
        Ok(pair)
    }
}

/// Bitcoin Core answers this with 500 up to 22, 503 since, in plain text.
fn is_full_queue(status: StatusCode, text: &[u8]) -> bool {
    let server_error = matches!(status, StatusCode::INTERNAL_SERVER_ERROR | StatusCode::SERVICE_UNAVAILABLE);
    server_error && String::from_utf8_lossy(text).to_lowercase().contains("work queue depth exceeded")
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    sources(error).skip(1).last().map_or_else(|| "no reason given".into(), ToString::to_string)
}

/// Messages of a daemon are shown to people and written to logs: bounded, one line.
fn printable(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
#[path = "rpc_tests.rs"]
mod tests;
