//! Numbered events: a list, what comes after a place in it, and one with its deliveries.

use super::delivery;
use crate::db::{Query, Value, query, query_owned};
use crate::desk::paging::{Keyset, MOST};
use crate::desk::{PersonalDesk, error};
use crate::event::feed;
use crate::record;
use app::desk::{Answer, AppError};
use app::model::{EventDetail, EventFilter, EventRow, Page, Paging};

record!(EventRow { sequence, name, coin, network_transaction, transaction, data, created_at });

const SELECT: &str =
    "SELECT sequence, name, coin, network_transaction, \"transaction\", data, created_at FROM event";

pub async fn list(desk: &PersonalDesk, filter: &EventFilter, paging: &Paging) -> Answer<Page<EventRow>> {
    let keyset = Keyset::<i64>::new(paging)?;
    let (sign, bound) = keyset.bound();
    let rows = read(desk, filter, (sign, bound), keyset.order(), keyset.fetch()).await?;
    Ok(keyset.page(rows, |row: &EventRow| row.sequence))
}

pub async fn after(
    desk: &PersonalDesk,
    sequence: i64,
    filter: &EventFilter,
    limit: i64,
) -> Answer<Vec<EventRow>> {
    read(desk, filter, (">", sequence), "ASC", limit.clamp(1, MOST)).await
}

/// Those with a number alone: a comparison with none is never true.
async fn read(
    desk: &PersonalDesk,
    filter: &EventFilter,
    (sign, bound): (&str, i64),
    order: &str,
    limit: i64,
) -> Answer<Vec<EventRow>> {
    let mut values: Vec<Value> = vec![bound.into(), limit.into()];
    let named = filter.name.map_or("", |name| {
        values.push(name.into());
        " AND name = $3"
    });
    let sql = format!("{SELECT} WHERE sequence {sign} $1{named} ORDER BY sequence {order} LIMIT $2");
    let query = values.into_iter().fold(query_owned(sql), Query::bind);
    let mut read = desk.read().await?;
    query.all(&mut read.tx()).await.map_err(error::from_db)
}

pub async fn one(desk: &PersonalDesk, sequence: i64) -> Answer<EventDetail> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let sql = format!("{SELECT} WHERE sequence = $1");
    let found: Option<EventRow> =
        query_owned(sql).bind(sequence).optional(tx).await.map_err(error::from_db)?;
    let event = found.ok_or(AppError::NotFound("event"))?;
    let ids: Vec<(i64,)> = query("SELECT id FROM delivery WHERE sequence = $1 ORDER BY handler")
        .bind(sequence)
        .all(tx)
        .await
        .map_err(error::from_db)?;
    let mut deliveries = Vec::with_capacity(ids.len());
    for (id,) in ids {
        deliveries.push(delivery::detail(tx, id).await?);
    }
    Ok(EventDetail { event, deliveries })
}

pub async fn newest(desk: &PersonalDesk) -> Answer<i64> {
    desk.actor()?;
    feed::newest(&desk.shared.db).await.map_err(error::from_db)
}
