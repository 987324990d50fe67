//! Numbered events in order, for whoever keeps a place of their own: the feed of the API. Readers pull; nothing is kept for
//! them here, so that a slow one costs nobody anything.

use super::Event;
use crate::db::{Db, DbError, query};
use std::time::Duration;

/// Events read at once: some hundred kilobytes at most.
pub const READ_AT_ONCE: i64 = 200;
/// Between two looks while nothing is new: a fifth of the second within which news should arrive.
pub const LOOK: Duration = Duration::from_millis(200);

/// The events after this sequence, at most `limit`, in order and without a gap.
pub async fn after(db: &Db, sequence: i64, limit: i64) -> Result<Vec<Event>, DbError> {
    let mut read = db.read().await?;
    query("SELECT sequence, name, data, created_at FROM event WHERE sequence > $1 ORDER BY sequence LIMIT $2")
        .bind(sequence)
        .bind(limit)
        .all(&mut read.tx())
        .await
}

/// The number that was given last; 0 before the first.
pub async fn newest(db: &Db) -> Result<i64, DbError> {
    let (sequence,) =
        query("SELECT sequence FROM event_head").one::<(i64,)>(&mut db.read().await?.tx()).await?;
    Ok(sequence)
}
