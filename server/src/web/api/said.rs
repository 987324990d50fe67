//! Answers as they leave: JSON of the nouns in `answer`, lists with their cursor, and what was kept beside a key.

use super::problem::Refusal;
use app::model::{Created, Done, Page, Paging};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub type Said<T> = Result<Json<T>, Refusal>;

pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// One page, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T: ToSchema> {
    pub items: Vec<T>,
    /// For `after`: where the list goes on. Null at its end. A page may have few rows or none and still go on, where a
    /// filter has to look far.
    pub next: Option<String>,
}

impl<T: ToSchema> List<T> {
    pub fn of<Row>(page: Page<Row>) -> Json<Self>
    where
        T: From<Row>,
    {
        Json(Self { items: page.items.into_iter().map(Into::into).collect(), next: page.older })
    }

    /// Of rows that are all read at once, since there are never many.
    pub fn cut<Row>(rows: Vec<Row>, paging: &Paging) -> Result<Json<Self>, Refusal>
    where
        T: From<Row>,
    {
        let from: usize = match &paging.after {
            Some(cursor) => usize::from_str_radix(cursor, 16).map_err(|_| bad_cursor())?,
            None => 0,
        };
        let limit = paging.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50);
        let next = (rows.len() > from.saturating_add(limit)).then(|| format!("{:x}", from + limit));
        let items = rows.into_iter().skip(from).take(limit).map(Into::into).collect();
        Ok(Json(Self { items, next }))
    }
}

fn bad_cursor() -> Refusal {
    Refusal::new("bad_cursor", "This list gave no such cursor. Begin at its start.")
}

/// Get-or-create: 201 when it was made, 200 when it was there.
pub fn made<Id, T: Serialize>(created: &Created<Id>, answer: T) -> Response {
    let status = if created.created { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(answer)).into_response()
}

/// What was written out in the order's own database transaction, now or when its key was used first.
pub fn done(status: StatusCode, done: Done) -> Response {
    kept(status, done.body, done.again)
}

pub fn kept(status: StatusCode, body: String, again: bool) -> Response {
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (status, json, body).into_response();
    if again {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
