//! `Idempotency-Key`: read and bounded for every call, taken by one request at a time, and what was answered kept beside
//! it. Orders about money keep their answers in their own database transactions (`desk/keep.rs`); `keep` is for the
//! others, whose repetition is harmless anyhow.

use super::bearer::Bearer;
use super::problem::Refusal;
use super::read::Key;
use super::{Api, BODY_BYTES, said};
use crate::desk;
use crate::ledger::{ClaimKey, SettleKey};
use app::model::Time;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

const KEY_MAX: usize = 255;
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Keys of requests that this process is carrying out.
#[derive(Default)]
pub struct UnderWay(Mutex<HashSet<(String, String)>>);

/// Held while its request runs.
struct Turn {
    under_way: Arc<UnderWay>,
    key: (String, String),
}

impl UnderWay {
    fn take(self: &Arc<Self>, owner: &str, key: &str) -> Option<Turn> {
        let key = (owner.to_owned(), key.to_owned());
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        taken.then(|| Turn { under_way: self.clone(), key })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Reads body and key of whatever changes something.
pub async fn begin(State(api): State<Api>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES).await else {
        return Refusal::new("too_large", "A body has at most 1 MiB.").into_response();
    };
    let mut turn = None;
    if parts.method == Method::POST && parts.headers.contains_key(HEADER) {
        let Some(key) = read(&parts.headers) else {
            let detail = "An Idempotency-Key has 1 to 255 printable characters, and stands there once.";
            return Refusal::new("idempotency_key_required", detail).into_response();
        };
        if let Some(bearer) = parts.extensions.get::<Bearer>() {
            turn = api.under_way.take(&bearer.owner, &key);
            if turn.is_none() {
                return in_progress().into_response();
            }
        }
        parts.extensions.insert(Key(key));
    }
    parts.extensions.insert(Read(body.clone()));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    drop(turn);
    response
}

fn read(headers: &axum::http::HeaderMap) -> Option<String> {
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let key = value.to_str().ok()?.trim();
    let printable = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (printable && (1..=KEY_MAX).contains(&key.len())).then(|| key.to_owned())
}

fn in_progress() -> Refusal {
    Refusal::new(
        "in_progress",
        "The first request with this key is still being carried out. Ask again in a while.",
    )
}

/// The body as it came, for the fingerprint.
#[derive(Clone)]
struct Read(Bytes);

/// What stands beside the key of an order that moves no money.
#[derive(Serialize, Deserialize)]
struct Answered {
    status: u16,
    body: String,
}

/// Keeps what was answered for a day; where a broadcast was decided about, for ever.
pub async fn keep(State(api): State<Api>, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(Key(key)), Some(bearer), Some(Read(body))) =
        (extensions.get::<Key>().cloned(), extensions.get::<Bearer>().cloned(), extensions.get::<Read>())
    else {
        return next.run(request).await;
    };
    let path = request.uri().path().to_owned();
    let fingerprint = fingerprint(request.method(), &path, body);
    let (db, now) = (&api.web.shared.db, api.web.shared.clock.now());
    let claim = ClaimKey { owner: bearer.owner.clone(), key: key.clone(), fingerprint, now };
    match db.write(claim).await {
        Ok(None) => {}
        Ok(Some(result)) => return replay(&result),
        Err(refusal) => return Refusal::from(desk::from_ledger(refusal)).into_response(),
    }
    let (response, answered) = answer(next.run(request).await).await;
    settle(&api, &bearer.owner, &key, now, answered, path.contains("/broadcasts/")).await;
    response
}

fn replay(result: &str) -> Response {
    match serde_json::from_str::<Answered>(result) {
        Ok(answered) => {
            let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
            said::kept(status, answered.body, true)
        }
        Err(problem) => Refusal::from(desk::internal(&problem)).into_response(),
    }
}

/// The answer, and what is kept of it: nothing of a refusal.
async fn answer(response: Response) -> (Response, Option<String>) {
    if !response.status().is_success() {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let bytes = match axum::body::to_bytes(body, BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(problem) => return (Refusal::from(desk::internal(&problem)).into_response(), None),
    };
    let status = parts.status.as_u16();
    let body = without_secret(&bytes);
    let answered = serde_json::to_string(&Answered { status, body }).ok();
    (Response::from_parts(parts, Body::from(bytes)), answered)
}

/// A secret is shown once: a repetition answers all but it.
fn without_secret(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match serde_json::from_str(&text) {
        Ok(Value::Object(mut fields)) if fields.contains_key("secret") => {
            fields.insert("secret".into(), Value::Null);
            Value::Object(fields).to_string()
        }
        _ => text,
    }
}

async fn settle(
    api: &Api,
    owner: &str,
    key: &str,
    claimed_at: Time,
    result: Option<String>,
    moved_money: bool,
) {
    let settle = SettleKey { owner: owner.to_owned(), key: key.to_owned(), claimed_at, result, moved_money };
    if let Err(problem) = api.web.shared.db.write(settle).await {
        // It runs out by itself, and repeating such an order does no harm.
        tracing::warn!(%problem, "what was answered could not be kept beside its key");
    }
}

/// Method, path and body, the same however amounts and fields are written.
fn fingerprint(method: &Method, path: &str, body: &[u8]) -> String {
    let body = serde_json::from_slice(body).map_or_else(
        |_| String::from_utf8_lossy(body).trim().to_owned(),
        |mut value| {
            even_out(&mut value);
            value.to_string()
        },
    );
    format!("{method} {path} {}", hex::encode(Sha256::digest(body)))
}

/// `0.1` equals `0.10`. A password leaves no trace, not even a hash that could be guessed at.
fn even_out(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("password");
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(text) if name == "amount" => *text = evened(text),
                    other => even_out(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(even_out),
        _ => {}
    }
}

fn evened(amount: &str) -> String {
    let amount = amount.trim();
    if !amount.contains('.') {
        return amount.to_owned();
    }
    amount.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> String {
        fingerprint(&Method::POST, "/api/v1/x", body.as_bytes())
    }

    #[test]
    fn the_same_request_has_one_fingerprint_however_it_is_written() {
        let one = of(r#"{"amount": "0.1", "label": "a"}"#);
        assert_eq!(one, of(r#"{ "label":"a", "amount":"0.10" }"#));
        assert_ne!(one, of(r#"{"amount": "0.11", "label": "a"}"#));
        assert_ne!(one, of(r#"{"amount": "0.1", "label": "b"}"#));
        assert_eq!(of(r#"[{"amount": "1.00"}]"#), of(r#"[{"amount": "1"}]"#));
        assert_eq!(of(r#"{"name":"ada","password":"one"}"#), of(r#"{"name":"ada","password":"two"}"#));
    }

    #[test]
    fn a_key_is_taken_by_one_at_a_time() {
        let under_way = Arc::new(UnderWay::default());
        let turn = under_way.take("token shop", "k");
        assert!(turn.is_some() && under_way.take("token shop", "k").is_none());
        assert!(under_way.take("token other", "k").is_some());
        drop(turn);
        assert!(under_way.take("token shop", "k").is_some());
    }

    #[test]
    fn a_secret_is_not_kept() {
        assert_eq!(without_secret(br#"{"id":1,"secret":"coffer_x"}"#), r#"{"id":1,"secret":null}"#);
    }
}
