//! Events as HTTP posts, in the form that `cryptoassets.core` 0.2 sends and its listeners read; with a secret also signed as
//! Standard Webhooks does. Only 200 counts as received.

use super::destination::Resolver;
use super::{ANSWER_MAX, Answer, Event, Handler, SigningKey};
use crate::clock::Clock;
use crate::config::Secret;
use app::model::AttemptOutcome;
use async_trait::async_trait;
use reqwest::{Client, Response, StatusCode, header, redirect, retry};
use std::sync::Arc;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Of an answer this much is read at most: far more than anyone says, and nobody fills our memory.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Connections that are kept for the next event: as many as are used at once.
const IDLE_CONNECTIONS: usize = 8;
/// Shorter than what servers usually keep idle connections for, so that none is used as it closes.
const IDLE: Duration = Duration::from_secs(4);

#[derive(Clone, Debug)]
pub struct HttpSettings {
    pub url: Url,
    pub secret: Option<Secret>,
    pub allow_private: bool,
    pub timeout: Duration,
}

pub struct Http {
    url: Url,
    key: Option<SigningKey>,
    client: Client,
    installation: String,
    clock: Clock,
}

impl Http {
    pub fn new(settings: &HttpSettings, installation: &str, clock: &Clock) -> Result<Self, String> {
        let key = settings.secret.as_ref().map(|secret| SigningKey::parse(secret.reveal()));
        // Another part of the process may have installed it first: either is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder();
        // Without TLS no certificates: machines that have none could make no client at all.
        let builder = if settings.url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let client = builder
            // A proxy would connect for us, to whatever it resolves.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .dns_resolver(Arc::new(Resolver { allow_private: settings.allow_private }))
            .timeout(settings.timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .user_agent(concat!("Coffer/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            url: settings.url.clone(),
            key: key.transpose().map_err(|error| format!("secret: {error}"))?,
            client,
            installation: installation.to_owned(),
            clock: clock.clone(),
        })
    }
}

#[async_trait]
impl Handler for Http {
    async fn hand_over(&self, event: &Event) -> Answer {
        // `xdata` is `data` once more, as cryptoassets.core sends it.
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("event_name", &event.name)
            .append_pair("data", &event.data)
            .append_pair("xdata", &event.data)
            .finish();
        // The same at every attempt, by which a listener knows a repetition.
        let id = format!("{}-{}", self.installation, event.sequence);
        let timestamp = self.clock.now().0 / 1_000_000;
        let mut request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp.to_string());
        if let Some(key) = &self.key {
            request = request.header("webhook-signature", key.sign(&id, timestamp, &body));
        }
        match request.body(body).send().await {
            Ok(response) => judge(response).await,
            Err(error) if error.is_timeout() => {
                Answer::new(AttemptOutcome::TimedOut, "no answer in time", "")
            }
            Err(error) => Answer::new(AttemptOutcome::Unreachable, innermost(&error), ""),
        }
    }
}

async fn judge(mut response: Response) -> Answer {
    let status = response.status();
    let mut text = Vec::new();
    // What comes after the status decides nothing; a body that breaks off is kept as far as it came.
    while let Ok(Some(chunk)) = response.chunk().await {
        text.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - text.len())]);
        if text.len() >= ANSWER_BYTES_MAX {
            break;
        }
    }
    let text: String = String::from_utf8_lossy(&text).chars().take(ANSWER_MAX).collect();
    let outcome = if status == StatusCode::OK { AttemptOutcome::Received } else { AttemptOutcome::Refused };
    Answer::new(outcome, format!("status {}", status.as_u16()), &text)
}

/// The cause beneath, which says more than that a request failed, and has no url.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
