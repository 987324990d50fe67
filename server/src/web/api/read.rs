//! Requests as they are read: ids in paths, queries, bodies. What isn't known is refused by name; nothing is guessed.

use super::problem::Refusal;
use crate::answer::Problem;
use app::desk::Desk;
use app::model::{Paging, Time};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Query, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::convert::Infallible;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;
use utoipa::IntoParams;

/// The desk of this request's token. `bearer` has put it beside the request.
pub struct Caller(Arc<dyn Desk>);

impl Caller {
    pub fn new(desk: Arc<dyn Desk>) -> Self {
        Self(desk)
    }
}

impl Clone for Caller {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Deref for Caller {
    type Target = dyn Desk;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| app::desk::AppError::Unauthorized.into())
    }
}

/// The first word of the path that stands for something: an id, or a name.
pub struct Named<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let not_there = || Refusal::new("not_found", "There is nothing of this name or number.");
        let words = RawPathParams::from_request_parts(parts, state).await.map_err(|_| not_there())?;
        let word = words.iter().next().map(|(_, word)| word).ok_or_else(not_there)?;
        word.parse().map(Self).map_err(|_| not_there())
    }
}

/// The query; keys that a call doesn't know are refused.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let asked = Query::<T>::try_from_uri(&parts.uri);
        let Query(asked) = asked.map_err(|problem| {
            let why =
                std::error::Error::source(&problem).map_or_else(|| problem.to_string(), ToString::to_string);
            Refusal::new("bad_request", format!("The query can't be read: {why}."))
        })?;
        // No text of the books holds one, and PostgreSQL takes none.
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Refusal::new("bad_request", "The query holds a character that no text has (NUL)."));
        }
        Ok(Self(asked))
    }
}

/// A call without a query of its own.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A body in JSON.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(
                "bad_request",
                "The body has to be JSON: Content-Type: application/json.",
            ));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| Refusal::new("too_large", "A body has at most 1 MiB."))?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let unreadable = |problem: serde_json::Error| {
        let text = problem.to_string();
        let refusal = Problem::new("bad_request", format!("The body can't be read: {text}."));
        Refusal::from(refusal)
    };
    let value: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
    // Read as a struct, a list would pass for the fields in their order.
    if !value.is_object() || has_list_in_list(&value) {
        return Err(Refusal::new("bad_request", "The body has to be an object of named fields."));
    }
    if has_nul(&value) {
        return Err(Refusal::new("bad_request", "The body holds a character that no text has (NUL)."));
    }
    // From the text once more, so that the fault is told with its line.
    serde_json::from_slice(bytes).map_err(unreadable)
}

fn has_list_in_list(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.is_array() || has_list_in_list(item)),
        Value::Object(fields) => fields.values().any(has_list_in_list),
        _ => false,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// A call without a body: none, or an empty object, is read.
pub struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| Refusal::new("too_large", "A body has at most 1 MiB."))?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self);
        }
        read::<Nothing>(&bytes).map(|_| Self)
    }
}

/// `Idempotency-Key`, as `key::begin` has read it.
#[derive(Clone, Debug)]
pub struct Key(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Refusal::new(
                "idempotency_key_required",
                "Send the header Idempotency-Key: 1 to 255 printable characters, new for each order.",
            )
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Key {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Rows of a page, as `paging::limit` has them.
const LIMITS: std::ops::RangeInclusive<i64> = 1..=200;

pub fn paging(limit: Option<i64>, after: Option<String>) -> Result<Paging, Refusal> {
    if limit.is_some_and(|limit| !LIMITS.contains(&limit)) {
        let message = format!("limit: write a whole number from {} to {}.", LIMITS.start(), LIMITS.end());
        return Err(Problem::field("limit", message).into());
    }
    Ok(Paging { limit, after, before: None })
}

/// What a list is asked by where nothing narrows it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

impl Paged {
    pub fn paging(self) -> Result<Paging, Refusal> {
        paging(self.limit, self.after)
    }
}

/// A word of a closed list, such as a state.
pub fn word<T: FromStr>(field: &str, text: Option<String>, words: &[&str]) -> Result<Option<T>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let read = text.parse().map(Some);
    read.map_err(|_| Problem::field(field, format!("{field}: write one of {}.", words.join(", "))).into())
}

/// A moment in RFC 3339.
pub fn moment(field: &str, text: Option<String>) -> Result<Option<Time>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let read = Time::parse_rfc3339(&text).map(Some);
    read.ok_or_else(|| {
        Problem::field(field, format!("{field}: write a moment such as 2026-11-22T14:20:07Z.")).into()
    })
}
