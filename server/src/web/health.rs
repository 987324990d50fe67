//! For load balancers and their like: the process lives; it can serve.

use crate::db::Db;
use axum::extract::State;
use axum::http::StatusCode;
use std::time::Duration;

/// A database that needs longer for one row can't serve pages either.
const PATIENCE: Duration = Duration::from_secs(3);

#[allow(clippy::unused_async, reason = "handlers are async")]
pub async fn healthz() -> &'static str {
    "ok\n"
}

pub async fn readyz(State(db): State<Db>) -> (StatusCode, String) {
    match reason_against(&db).await {
        None => (StatusCode::OK, "ok\n".into()),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

/// Why this process can't serve now.
pub async fn reason_against(db: &Db) -> Option<&'static str> {
    let answered = tokio::time::timeout(PATIENCE, async { db.read().await.is_ok() }).await;
    if answered != Ok(true) {
        return Some("the database doesn't answer");
    }
    let migrated = tokio::time::timeout(PATIENCE, db.is_migrated()).await;
    if migrated == Ok(true) {
        None
    } else {
        Some("the schema isn't up to date: run `coffer initialize-database`")
    }
}
