//! What waits for a person because the application wasn't told.

use super::need::SHOWN_MAX;
use crate::db::{DbError, Tx, query};
use crate::record;
use app::model::{HandlerRow, Need, Time};

/// So long without any answer somebody should know; what restarts is back before.
const UNREACHABLE_SECONDS: i64 = 600;

struct Waiting {
    handler: String,
    count: i64,
    since: Option<Time>,
}

record!(Waiting { handler, count, since });

/// "1 delivery", "1 000 deliveries or more": nothing is counted further.
fn deliveries(count: i64) -> String {
    match count {
        1 => "1 delivery".into(),
        count if count >= HandlerRow::COUNTED_MAX => format!("{count} deliveries or more"),
        count => format!("{count} deliveries"),
    }
}

/// In this state, by handler, counted no further than is said.
async fn waiting(tx: &mut Tx<'_>, state: &str, gone: bool) -> Result<Vec<Waiting>, DbError> {
    query(
        "SELECT h.name AS handler,
            (SELECT COUNT(*) FROM (SELECT d.id FROM delivery d WHERE d.handler = h.name AND d.state = $1 LIMIT $2) AS counted) AS count,
            (SELECT COALESCE(d.finished_at, d.created_at) FROM delivery d WHERE d.handler = h.name AND d.state = $1
                ORDER BY d.id LIMIT 1) AS since
         FROM handler h WHERE (h.gone_at IS NOT NULL) = $3
            AND EXISTS (SELECT 1 FROM delivery d WHERE d.handler = h.name AND d.state = $1)
         ORDER BY h.name LIMIT $4",
    )
    .bind(state)
    .bind(HandlerRow::COUNTED_MAX)
    .bind(gone)
    .bind(SHOWN_MAX)
    .all(tx)
    .await
}

fn href(handler: &str, state: &str) -> String {
    app::page::link("/deliveries", [("handler", handler), ("state", state)])
}

/// Tried for three days, and not received.
pub async fn parked(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows = waiting(tx, "parked", false).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("{} to {} parked.", deliveries(row.count), row.handler),
            detail: "The application took these events at no try of three days. Later ones pass.".into(),
            since: row.since,
            href: href(&row.handler, "parked"),
            act: "Look".into(),
        })
        .collect())
}

struct Away {
    name: String,
    since: Time,
    last_error: Option<String>,
}

record!(Away { name, since, last_error });

pub async fn unreachable(tx: &mut Tx<'_>, now: Time) -> Result<Vec<Need>, DbError> {
    let rows: Vec<Away> = query(
        "SELECT name, unreachable_since AS since, last_error FROM handler
         WHERE gone_at IS NULL AND unreachable_since <= $1 ORDER BY name LIMIT $2",
    )
    .bind(now.plus_seconds(-UNREACHABLE_SECONDS))
    .bind(SHOWN_MAX)
    .all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("The handler {} doesn't answer.", row.name),
            detail: format!("Its events wait: {}.", row.last_error.unwrap_or_else(|| "no answer".into())),
            since: Some(row.since),
            href: href(&row.name, "pending"),
            act: "Look".into(),
        })
        .collect())
}

/// Nobody delivers what waits for a handler that the configuration lost.
pub async fn gone(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows = waiting(tx, "pending", true).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: false,
            what: format!("{} to {} wait for nobody.", deliveries(row.count), row.handler),
            detail: "The configuration doesn't name this handler any more.".into(),
            since: row.since,
            href: href(&row.handler, "pending"),
            act: "Look".into(),
        })
        .collect())
}
