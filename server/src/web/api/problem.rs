//! Refusals as they leave: `application/problem+json`, whatever refused. Codes and their statuses stand in
//! `answer::CODES`.

use crate::answer::Problem;
use app::desk::AppError;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Seconds after which trying again may do, where the database or a backend is away.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("5");

/// Why a call was not carried out. Boxed, since every handler hands it on.
#[derive(Debug)]
pub struct Refusal(Box<Problem>);

impl Refusal {
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self(Box::new(error.into()))
    }
}

/// Beside a refused answer, for who tells the audit log.
#[derive(Clone, Copy, Debug)]
pub struct RefusedFor(pub &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = self.0;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, TRY_AGAIN);
            }
            _ => {}
        }
        response.extensions_mut().insert(RefusedFor(problem.code));
        response
    }
}

pub async fn not_found() -> Refusal {
    Refusal::new("not_found", "The API has no such path. What it has stands in /api/openapi.json.")
}

pub async fn method_not_allowed(method: Method) -> Refusal {
    Refusal::new("method_not_allowed", format!("This path doesn't take {method}."))
}

/// In place of an answer that took too long.
pub fn timed_out() -> Response {
    let detail = "This took too long. Repeat it with the same Idempotency-Key, or look whether it was done.";
    Refusal::new("timed_out", detail).into_response()
}

/// Whatever the framework refuses by itself, such as a path that isn't UTF-8, is told as a problem too.
pub async fn as_problem(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    match status {
        StatusCode::NOT_FOUND => not_found().await.into_response(),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new("too_large", "A body has at most 1 MiB.").into_response()
        }
        status if status.is_client_error() => {
            Refusal::new("bad_request", "The request can't be read.").into_response()
        }
        _ => {
            tracing::error!(%status, "the API answered what it has no words for");
            Refusal::new("internal", "Something went wrong in Coffer.").into_response()
        }
    }
}
