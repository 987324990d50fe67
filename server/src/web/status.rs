//! The status server: on its own address, on loopback, read-only plain text for whoever stands before the machine.
//! It has no sign-in, so it shows health and jobs and nothing of anybody's money.

use super::health::{self, reason_against};
use crate::db::{Db, DbError, query};
use crate::record;
use app::model::Time;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use std::fmt::Write as _;

pub fn router(db: Db) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .with_state(db)
}

struct Backend {
    coin: String,
    class: String,
    state: String,
    since: Time,
    height: Option<i64>,
    as_of: Option<Time>,
    last_error: Option<String>,
}

record!(Backend { coin, class, state, since, height, as_of, last_error });

struct Job {
    name: String,
    coin: String,
    state: String,
    last_finished_at: Option<Time>,
    last_result: Option<String>,
    last_error: Option<String>,
}

record!(Job { name, coin, state, last_finished_at, last_result, last_error });

async fn overview(State(db): State<Db>) -> (StatusCode, String) {
    if let Some(reason) = reason_against(&db).await {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"));
    }
    match describe(&db).await {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

async fn describe(db: &Db) -> Result<String, DbError> {
    let mut read = db.read().await?;
    let tx = &mut read.tx();
    let mut text = format!("Coffer {}\n\nBackends\n", env!("CARGO_PKG_VERSION"));
    let sql = "SELECT coin, class, state, since, height, as_of, last_error FROM backend ORDER BY coin";
    for row in query(sql).all::<Backend>(tx).await? {
        let height = row.height.map_or_else(|| "-".into(), |height| height.to_string());
        let since = row.since.date_and_clock();
        let _ = writeln!(
            text,
            "{} {} {} since {since}, height {height}, asked {}{}",
            row.coin,
            row.class,
            row.state,
            moment(row.as_of),
            reason(row.last_error.as_deref())
        );
    }
    text += "\nJobs\n";
    let sql =
        "SELECT name, coin, state, last_finished_at, last_result, last_error FROM job ORDER BY coin, name";
    for row in query(sql).all::<Job>(tx).await? {
        let result = row.last_result.as_deref().unwrap_or("-");
        let _ = writeln!(
            text,
            "{} {} {}, last {}: {result}{}",
            row.coin,
            row.name,
            row.state,
            moment(row.last_finished_at),
            reason(row.last_error.as_deref())
        );
    }
    Ok(text)
}

fn moment(at: Option<Time>) -> String {
    at.map_or_else(|| "never".into(), Time::date_and_clock)
}

fn reason(error: Option<&str>) -> String {
    error.map_or_else(String::new, |error| format!(" ({error})"))
}
