//! The JSON API: `/api/v1`, for programs that show a token. It stands on the desk, as pages do, and adds nothing to what
//! the desk allows. One file per noun; each names its calls to `routes`, from which router and document are both made, so
//! that they can't part. No session and no cookie works here. Start at `router`; `bearer` is what every call passes first.

mod account;
mod address;
mod adjustment;
mod audit;
mod bearer;
mod broadcast;
mod coin;
mod document;
mod event;
mod feed;
mod job;
mod key;
mod limit;
mod network_transaction;
mod page;
mod problem;
mod read;
mod said;
mod simulated;
mod token;
mod transaction;
mod transfer;
mod user;
mod wallet;

pub use document::Document;
pub use page::of as shown;
pub use problem::timed_out;

use super::Web;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

/// A thousand transfers with long labels are half of it.
const BODY_BYTES: usize = 1024 * 1024;

/// What the guards of the API share.
#[derive(Clone)]
struct Api {
    web: Web,
    document: Arc<Document>,
    limits: Arc<limit::Limits>,
    under_way: Arc<key::UnderWay>,
    /// Places of open feeds.
    feeds: Arc<Semaphore>,
}

/// All calls, and the document that was made from them.
fn calls() -> (OpenApiRouter<Api>, OpenApiRouter<Api>) {
    // These keep what they answer beside the key by themselves, in their own database transactions.
    let keeping = OpenApiRouter::new()
        .merge(address::kept())
        .merge(adjustment::kept())
        .merge(transaction::kept())
        .merge(transfer::kept());
    let others = OpenApiRouter::new()
        .merge(account::routes())
        .merge(address::routes())
        .merge(adjustment::routes())
        .merge(audit::routes())
        .merge(broadcast::routes())
        .merge(coin::routes())
        .merge(event::routes())
        .merge(feed::routes())
        .merge(job::routes())
        .merge(network_transaction::routes())
        .merge(simulated::routes())
        .merge(token::routes())
        .merge(transaction::routes())
        .merge(user::routes())
        .merge(wallet::routes());
    (keeping, others)
}

/// The document alone, for the page that shows it.
pub fn document() -> Document {
    let (keeping, others) = calls();
    let whole = OpenApiRouter::with_openapi(document::begin()).nest(PREFIX, keeping.merge(others));
    Document::new(whole.into_openapi())
}

const PREFIX: &str = "/api/v1";

pub fn router(web: &Web, document: Arc<Document>) -> Router {
    let api = Api {
        web: web.clone(),
        limits: Arc::new(limit::Limits::new(web.shared.settings.web.token_requests_per_minute)),
        under_way: Arc::default(),
        feeds: Arc::new(Semaphore::new(feed::FEEDS_MAX)),
        document: document.clone(),
    };
    let (keeping, others) = calls();
    let others = others.layer(from_fn_with_state(api.clone(), key::keep));
    let (calls, _) = keeping.merge(others).split_for_parts();
    let calls = Router::new()
        .nest(PREFIX, calls)
        .route("/api/{*rest}", any(problem::not_found))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(api.clone(), key::begin))
        .layer(from_fn_with_state(api.clone(), bearer::bring))
        .layer(from_fn_with_state(api.clone(), bearer::tell))
        .with_state(api);
    let text: Arc<str> = document.json().into();
    let served = move || {
        let text = text.clone();
        async move {
            ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.to_string()).into_response()
        }
    };
    let public = Router::new()
        .route("/api/openapi.json", get(served))
        .method_not_allowed_fallback(problem::method_not_allowed);
    calls.merge(public).layer(from_fn(problem::as_problem))
}
