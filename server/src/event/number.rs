//! Numbering: events that were committed get their sequence, gapless, and each handler its delivery, in one database
//! transaction. On PostgreSQL an event may be committed after one with a higher id, which is why the id is no place in a
//! feed. Several processes may try at once: the head is the one row that all must change from what they read.

use super::order::{BEHIND, OUTBOX_LOCK};
use crate::db::{Change, Db, DbError, Tx, places, query, query_owned};
use app::model::Time;
use async_trait::async_trait;

/// Events numbered in one database transaction: some hundred writes, so that nobody waits for it.
pub const NUMBERED_AT_ONCE: i64 = 200;

/// Numbers the oldest events that have no number, some of them at most; answers how many. Where another process was
/// faster it is none, and that is well.
pub async fn number(db: &Db, now: Time) -> Result<usize, DbError> {
    let mut read = db.read().await?;
    let tx = &mut read.tx();
    let sql = "SELECT id FROM event WHERE sequence IS NULL ORDER BY id LIMIT $1";
    let events: Vec<(i64,)> = query(sql).bind(NUMBERED_AT_ONCE).all(tx).await?;
    if events.is_empty() {
        return Ok(0);
    }
    let (sequence,) = query("SELECT sequence FROM event_head").one(tx).await?;
    // Read beforehand and not by the change: on PostgreSQL it would otherwise stand in the way of those who insert.
    drop(read);
    let count = events.len();
    let events = events.into_iter().map(|(id,)| id).collect();
    match db.write(Number { sequence, events, now }).await {
        Ok(()) => Ok(count),
        Err(DbError::NotOne(_)) => Ok(0),
        Err(problem) => Err(problem),
    }
}

struct Number {
    /// The head that it goes on from.
    sequence: i64,
    events: Vec<i64>,
    now: Time,
}

#[async_trait]
impl Change for Number {
    type Output = ();
    type Error = DbError;

    fn name(&self) -> &'static str {
        "number_events"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![OUTBOX_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let count = self.events.len();
        let (from, to) = (self.sequence, self.sequence + i64::try_from(count).unwrap_or(i64::MAX));
        let rows = (0..count)
            .map(|row| format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", 2 * row + 1, 2 * row + 2));
        let numbered = query_owned(format!(
            "UPDATE event SET sequence = n.column2 FROM (VALUES {}) AS n WHERE event.id = n.column1 AND event.sequence IS NULL",
            rows.collect::<Vec<_>>().join(", ")
        ));
        let pairs = self.events.iter().zip(from + 1..);
        let numbered =
            pairs.fold(numbered, |numbered, (event, sequence)| numbered.bind(*event).bind(sequence));
        let changed = numbered.run(tx).await?;
        if usize::try_from(changed) != Ok(count) {
            return Err(DbError::NotOne(changed));
        }
        self.deliver(tx, from, to).await?;
        let head = "UPDATE event_head SET sequence = $1 WHERE sequence = $2";
        query(head).bind(to).bind(from).run_one(tx).await
    }
}

impl Number {
    /// One delivery of each event for each handler, due at once unless an earlier one of the same is pending.
    async fn deliver(&self, tx: &mut Tx<'_>, from: i64, to: i64) -> Result<(), DbError> {
        let ids = places(2, self.events.len());
        let insert = query_owned(format!(
            "INSERT INTO delivery (handler, sequence, coin, network_transaction, \"transaction\", state, created_at)
             SELECT h.name, e.sequence, e.coin, e.network_transaction, e.\"transaction\", 'pending', $1
             FROM event e CROSS JOIN handler h WHERE e.id IN ({ids}) AND h.gone_at IS NULL ORDER BY e.sequence, h.name"
        ));
        let insert = insert.bind(self.now);
        self.events.iter().fold(insert, |insert, event| insert.bind(*event)).run(tx).await?;
        query_owned(format!(
            "UPDATE delivery AS d SET due_at = $3 WHERE d.sequence > $1 AND d.sequence <= $2
                 AND d.state = 'pending' AND d.due_at IS NULL AND NOT {BEHIND}"
        ))
        .bind(from)
        .bind(to)
        .bind(self.now)
        .run(tx)
        .await?;
        Ok(())
    }
}
