//! What is due for a handler, and what became of it. Every attempt is kept; a crash between handing over and this means that
//! the same event is handed over once more, under the same id.

use super::order::{Finished, OUTBOX_LOCK, release};
use super::{Answer, Event, next_delay_seconds};
use crate::db::{Change, Db, DbError, FromRow, Row, Tx, query};
use app::model::{AttemptOutcome, Time, TransactionId};
use async_trait::async_trait;

/// A delivery to try now.
#[derive(Clone, Debug)]
pub struct Due {
    pub id: i64,
    pub event: Event,
}

impl FromRow for Due {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { id: row.get("id")?, event: Event::from_row(row)? })
    }
}

/// Those that wait longest first, at most `limit`.
pub async fn due(db: &Db, handler: &str, now: Time, limit: i64) -> Result<Vec<Due>, DbError> {
    let mut read = db.read().await?;
    query(
        "SELECT d.id, e.sequence, e.name, e.data, e.created_at FROM delivery d JOIN event e ON e.sequence = d.sequence
         WHERE d.handler = $1 AND d.state = 'pending' AND d.due_at <= $2 ORDER BY d.due_at, d.sequence LIMIT $3",
    )
    .bind(handler)
    .bind(now)
    .bind(limit)
    .all(&mut read.tx())
    .await
}

/// One attempt, as it ended.
#[derive(Clone, Debug)]
pub struct Tried {
    pub delivery: i64,
    pub answer: Answer,
    pub started_at: Time,
    pub duration_ms: i64,
}

/// Keeps attempts to one handler and what follows from each.
#[derive(Clone, Debug)]
pub struct RecordAttempts {
    pub handler: String,
    pub tried: Vec<Tried>,
    pub now: Time,
}

/// What became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    pub received: usize,
    pub failed: usize,
    pub parked: usize,
}

struct Known {
    finished: Finished,
    name: String,
    state: String,
    attempts: i64,
    failures: i64,
    first_failed_at: Option<Time>,
    processed: bool,
}

impl FromRow for Known {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            finished: Finished::from_row(row)?,
            name: row.get("name")?,
            state: row.get("state")?,
            attempts: row.get("attempts")?,
            failures: row.get("failures")?,
            first_failed_at: row.get("first_failed_at")?,
            processed: row.get("processed")?,
        })
    }
}

#[async_trait]
impl Change for RecordAttempts {
    type Output = Recorded;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "record_attempts"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![OUTBOX_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Recorded, DbError> {
        let mut recorded = Recorded::default();
        for tried in &self.tried {
            let known = known(tx, tried.delivery).await?;
            keep(tx, tried, known.attempts + 1).await?;
            if tried.answer.outcome == AttemptOutcome::Received {
                recorded.received += 1;
                self.finish(tx, tried, &known, "received").await?;
            } else {
                recorded.failed += 1;
                recorded.parked += usize::from(self.fail(tx, tried, &known).await?);
            }
        }
        self.note(tx).await?;
        Ok(recorded)
    }
}

impl RecordAttempts {
    /// It may have ended meanwhile by an order or by another process: its attempts are counted all the same.
    async fn finish(
        &self,
        tx: &mut Tx<'_>,
        tried: &Tried,
        known: &Known,
        state: &'static str,
    ) -> Result<(), DbError> {
        let received = state == "received";
        query(
            "UPDATE delivery SET attempts = attempts + 1, state = $2, due_at = NULL, finished_at = $3,
                 failures = failures + CASE WHEN $4 THEN 0 ELSE 1 END,
                 last_error = CASE WHEN $4 THEN NULL ELSE $5 END
             WHERE id = $1",
        )
        .bind(tried.delivery)
        .bind(state)
        .bind(self.now)
        .bind(received)
        .bind(&tried.answer.detail)
        .run_one(tx)
        .await?;
        release(tx, &known.finished, self.now).await
    }

    /// Whether it was parked.
    async fn fail(&self, tx: &mut Tx<'_>, tried: &Tried, known: &Known) -> Result<bool, DbError> {
        if known.state != "pending" {
            let count = query("UPDATE delivery SET attempts = attempts + 1 WHERE id = $1");
            count.bind(tried.delivery).run_one(tx).await?;
            return Ok(false);
        }
        // The application is done with the transaction: what it didn't take at once it doesn't need.
        if known.processed && known.name == "txupdate" {
            self.finish(tx, tried, known, "stopped").await?;
            return Ok(false);
        }
        let first = known.first_failed_at.unwrap_or(self.now);
        let Some(delay) = next_delay_seconds(known.failures + 1, self.now.seconds_since(first)) else {
            self.finish(tx, tried, known, "parked").await?;
            return Ok(true);
        };
        query(
            "UPDATE delivery SET attempts = attempts + 1, failures = failures + 1, first_failed_at = $2, due_at = $3,
                 last_error = $4 WHERE id = $1 AND state = 'pending'",
        )
        .bind(tried.delivery)
        .bind(first)
        .bind(self.now.plus_seconds(delay))
        .bind(&tried.answer.detail)
        .run_one(tx)
        .await?;
        Ok(false)
    }

    /// How the handler stands. One that answers again after it could not be reached is told what waits at once: what was
    /// put off for hours had nothing to do with those events.
    async fn note(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let unreachable = |outcome| matches!(outcome, AttemptOutcome::Unreachable | AttemptOutcome::TimedOut);
        let last = |wanted: &dyn Fn(AttemptOutcome) -> bool| {
            self.tried.iter().rev().find(|tried| wanted(tried.answer.outcome))
        };
        let received = last(&|outcome| outcome == AttemptOutcome::Received);
        let failed = last(&|outcome| outcome != AttemptOutcome::Received);
        let answered = last(&|outcome| !unreachable(outcome)).is_some();
        let back: Option<(String,)> = if answered {
            query("SELECT name FROM handler WHERE name = $1 AND unreachable_since IS NOT NULL")
                .bind(&self.handler)
                .optional(tx)
                .await?
        } else {
            None
        };
        query(
            "UPDATE handler SET last_received_at = COALESCE($2, last_received_at), last_error = COALESCE($3, last_error),
                 last_error_at = COALESCE($4, last_error_at),
                 unreachable_since = CASE WHEN $5 THEN NULL ELSE COALESCE(unreachable_since, $6) END
             WHERE name = $1",
        )
        .bind(&self.handler)
        .bind(received.map(|_| self.now))
        .bind(failed.map(|tried| tried.answer.detail.clone()))
        .bind(failed.map(|_| self.now))
        .bind(answered)
        .bind(self.now)
        .run(tx)
        .await?;
        if back.is_some() {
            query("UPDATE delivery SET due_at = $2 WHERE handler = $1 AND state = 'pending' AND due_at > $2")
                .bind(&self.handler)
                .bind(self.now)
                .run(tx)
                .await?;
        }
        Ok(())
    }
}

async fn known(tx: &mut Tx<'_>, delivery: i64) -> Result<Known, DbError> {
    query(
        "SELECT d.handler, d.coin, d.network_transaction, d.\"transaction\", d.state, d.attempts, d.failures,
             d.first_failed_at, e.name, t.processed_at IS NOT NULL AS processed
         FROM delivery d JOIN event e ON e.sequence = d.sequence
         LEFT JOIN \"transaction\" t ON t.id = d.\"transaction\" WHERE d.id = $1",
    )
    .bind(delivery)
    .one(tx)
    .await
}

async fn keep(tx: &mut Tx<'_>, tried: &Tried, number: i64) -> Result<(), DbError> {
    query(
        "INSERT INTO delivery_attempt (delivery, number, started_at, duration_ms, outcome, detail, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tried.delivery)
    .bind(number)
    .bind(tried.started_at)
    .bind(tried.duration_ms.max(0))
    .bind(tried.answer.outcome)
    .bind(&tried.answer.detail)
    .bind(&tried.answer.text)
    .run_one(tx)
    .await
}

/// The application is done with this transaction (`ledger::MarkProcessed`): the `txupdate`s that still wait end as
/// `stopped`. What takes money back (`deposit_reversed`, `account_negative`) is told all the same: being done with a credit
/// knows nothing of its reversal.
pub(crate) async fn stop(tx: &mut Tx<'_>, transaction: TransactionId, now: Time) -> Result<(), DbError> {
    let stopped: Vec<Finished> = query(
        "UPDATE delivery SET state = 'stopped', due_at = NULL, finished_at = $2
         WHERE \"transaction\" = $1 AND state = 'pending' AND EXISTS
             (SELECT 1 FROM event e WHERE e.sequence = delivery.sequence AND e.name = 'txupdate')
         RETURNING handler, coin, network_transaction, \"transaction\"",
    )
    .bind(transaction)
    .bind(now)
    .all(tx)
    .await?;
    for finished in &stopped {
        release(tx, finished, now).await?;
    }
    Ok(())
}
