//! The handlers that the configuration names, and those that it named once.

use crate::db::{DbError, Tx, query};
use crate::desk::{PersonalDesk, error};
use crate::record;
use app::desk::Answer;
use app::model::{DeliveryState, HandlerClass, HandlerRow, Time};

struct Known {
    name: String,
    class: HandlerClass,
    gone_at: Option<Time>,
    last_received_at: Option<Time>,
    last_error: Option<String>,
    last_error_at: Option<Time>,
    unreachable_since: Option<Time>,
}

record!(Known { name, class, gone_at, last_received_at, last_error, last_error_at, unreachable_since });

/// More than a configuration may have, so that those that are gone are seen too.
const LISTED: i64 = 200;

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<HandlerRow>> {
    let mut read = desk.read().await?;
    rows(&mut read.tx()).await.map_err(error::from_db)
}

async fn rows(tx: &mut Tx<'_>) -> Result<Vec<HandlerRow>, DbError> {
    let known: Vec<Known> = query(
        "SELECT name, class, gone_at, last_received_at, last_error, last_error_at, unreachable_since FROM handler
         ORDER BY CASE WHEN gone_at IS NULL THEN 0 ELSE 1 END, name LIMIT $1",
    )
    .bind(LISTED)
    .all(tx)
    .await?;
    let mut rows = Vec::with_capacity(known.len());
    for handler in known {
        let oldest: Option<(Time,)> = query(
            "SELECT created_at FROM delivery WHERE handler = $1 AND state = 'pending' ORDER BY id LIMIT 1",
        )
        .bind(&handler.name)
        .optional(tx)
        .await?;
        rows.push(HandlerRow {
            pending: count(tx, &handler.name, DeliveryState::Pending).await?,
            parked: count(tx, &handler.name, DeliveryState::Parked).await?,
            oldest_pending_at: oldest.map(|(at,)| at),
            name: handler.name,
            class: handler.class,
            gone_at: handler.gone_at,
            last_received_at: handler.last_received_at,
            last_error: handler.last_error,
            last_error_at: handler.last_error_at,
            unreachable_since: handler.unreachable_since,
        });
    }
    Ok(rows)
}

/// No further than pages say.
async fn count(tx: &mut Tx<'_>, handler: &str, state: DeliveryState) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM (SELECT id FROM delivery WHERE handler = $1 AND state = $2 LIMIT $3) AS counted";
    let (count,) =
        query(sql).bind(handler).bind(state).bind(HandlerRow::COUNTED_MAX).one::<(i64,)>(tx).await?;
    Ok(count)
}
