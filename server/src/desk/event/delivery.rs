//! Deliveries as a list, and one with its attempts.

use crate::db::{DbError, FromRow, Query, Row, Tx, Value, query, query_owned};
use crate::desk::paging::Keyset;
use crate::desk::{PersonalDesk, error};
use crate::record;
use app::desk::{Answer, AppError};
use app::model::{DeliveryAttemptRow, DeliveryDetail, DeliveryFilter, DeliveryRow, Page, Paging};

/// Of one delivery, the newest: a schedule of three days makes some twenty, and orders may make more.
const ATTEMPTS_SHOWN: i64 = 50;

impl FromRow for DeliveryRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            handler: row.get("handler")?,
            sequence: row.get("sequence")?,
            name: row.get("name")?,
            coin: row.get("coin")?,
            state: row.get("state")?,
            handler_gone: row.get("handler_gone")?,
            due_at: row.get("due_at")?,
            attempts: row.get("attempts")?,
            last_error: row.get("last_error")?,
            created_at: row.get("created_at")?,
            finished_at: row.get("finished_at")?,
        })
    }
}

record!(DeliveryAttemptRow { number, started_at, duration_ms, outcome, detail, answer });

const SELECT: &str =
    "SELECT d.id, d.handler, d.sequence, e.name, d.coin, d.state, h.gone_at IS NOT NULL AS handler_gone,
    d.due_at, d.attempts, d.last_error, d.created_at, d.finished_at
    FROM delivery d JOIN event e ON e.sequence = d.sequence JOIN handler h ON h.name = d.handler";

pub async fn list(
    desk: &PersonalDesk,
    filter: &DeliveryFilter,
    paging: &Paging,
) -> Answer<Page<DeliveryRow>> {
    page(&mut desk.read().await?.tx(), filter, paging).await
}

/// All of one view.
pub async fn details(
    desk: &PersonalDesk,
    filter: &DeliveryFilter,
    paging: &Paging,
) -> Answer<Page<DeliveryDetail>> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let page = page(tx, filter, paging).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for delivery in page.items {
        let attempts = attempts(tx, delivery.id).await?;
        items.push(DeliveryDetail { delivery, attempts });
    }
    Ok(Page { items, newer: page.newer, older: page.older })
}

async fn page(tx: &mut Tx<'_>, filter: &DeliveryFilter, paging: &Paging) -> Answer<Page<DeliveryRow>> {
    let keyset = Keyset::<i64>::new(paging)?;
    let (sign, bound) = keyset.bound();
    let mut values: Vec<Value> = vec![bound.into(), keyset.fetch().into()];
    let mut narrowed = String::new();
    if let Some(handler) = &filter.handler {
        values.push(handler.into());
        narrowed += &format!(" AND d.handler = ${}", values.len());
    }
    if let Some(state) = filter.state {
        // Written, not bound: as `Condition::word` says.
        narrowed += &format!(" AND d.state = '{}'", state.as_str());
    }
    let order = keyset.order();
    let sql = format!("{SELECT} WHERE d.id {sign} $1{narrowed} ORDER BY d.id {order} LIMIT $2");
    let query = values.into_iter().fold(query_owned(sql), Query::bind);
    let rows = query.all(tx).await.map_err(error::from_db)?;
    Ok(keyset.page(rows, |row: &DeliveryRow| row.id))
}

pub async fn one(desk: &PersonalDesk, id: i64) -> Answer<DeliveryDetail> {
    let mut read = desk.read().await?;
    detail(&mut read.tx(), id).await
}

pub(super) async fn detail(tx: &mut Tx<'_>, id: i64) -> Answer<DeliveryDetail> {
    let sql = format!("{SELECT} WHERE d.id = $1");
    let found = query_owned(sql).bind(id).optional(tx).await.map_err(error::from_db)?;
    let delivery: DeliveryRow = found.ok_or(AppError::NotFound("delivery"))?;
    Ok(DeliveryDetail { attempts: attempts(tx, id).await?, delivery })
}

async fn attempts(tx: &mut Tx<'_>, delivery: i64) -> Answer<Vec<DeliveryAttemptRow>> {
    let newest = query(
        "SELECT number, started_at, duration_ms, outcome, detail, answer FROM delivery_attempt
         WHERE delivery = $1 ORDER BY number DESC LIMIT $2",
    );
    newest.bind(delivery).bind(ATTEMPTS_SHOWN).all(tx).await.map_err(error::from_db)
}
