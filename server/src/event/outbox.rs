//! What is due for a handler, and what became of it. Every attempt is kept; a crash between handing over and this means that
//! the same event is handed over once more, under the same id.

use super::order::{Finished, OUTBOX_LOCK, release};
use super::{Answer, Event, next_delay_seconds};
use crate::db::{Change, Db, DbError, FromRow, Row, Tx, places, query, query_owned};
use app::model::{AttemptOutcome, Time, TransactionId};
use async_trait::async_trait;
use std::collections::HashMap;

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
    /// Each of another delivery; a handful.
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
    id: i64,
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
            id: row.get("id")?,
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
        if self.tried.is_empty() {
            return Ok(recorded);
        }
        let known = known(tx, &self.tried).await?;
        let of = |tried: &Tried| known.get(&tried.delivery).ok_or(DbError::NotFound);
        self.keep(tx, &known).await?;
        let (received, failed): (Vec<&Tried>, Vec<&Tried>) =
            self.tried.iter().partition(|tried| tried.answer.outcome == AttemptOutcome::Received);
        recorded.received = received.len();
        self.receive(tx, &received).await?;
        let finished: Vec<Finished> =
            received.iter().map(|tried| Ok(of(tried)?.finished.clone())).collect::<Result<_, DbError>>()?;
        release(tx, &finished, self.now).await?;
        recorded.failed = failed.len();
        for tried in failed {
            recorded.parked += usize::from(self.fail(tx, tried, of(tried)?).await?);
        }
        self.note(tx).await?;
        Ok(recorded)
    }
}

impl RecordAttempts {
    /// They may have ended meanwhile by an order or by another process: the attempts are counted all the same.
    async fn receive(&self, tx: &mut Tx<'_>, received: &[&Tried]) -> Result<(), DbError> {
        if received.is_empty() {
            return Ok(());
        }
        let update = query_owned(format!(
            "UPDATE delivery SET attempts = attempts + 1, state = 'received', due_at = NULL, finished_at = $1,
                 last_error = NULL WHERE id IN ({})",
            places(2, received.len())
        ));
        let update = received.iter().fold(update.bind(self.now), |update, tried| update.bind(tried.delivery));
        update.run(tx).await?;
        Ok(())
    }

    /// `state`: as what a delivery that wasn't received is given up.
    async fn give_up(
        &self,
        tx: &mut Tx<'_>,
        tried: &Tried,
        known: &Known,
        state: &'static str,
    ) -> Result<(), DbError> {
        query(
            "UPDATE delivery SET attempts = attempts + 1, state = $2, due_at = NULL, finished_at = $3,
                 failures = failures + 1, last_error = $4 WHERE id = $1",
        )
        .bind(tried.delivery)
        .bind(state)
        .bind(self.now)
        .bind(&tried.answer.detail)
        .run_one(tx)
        .await?;
        release(tx, std::slice::from_ref(&known.finished), self.now).await
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
            self.give_up(tx, tried, known, "stopped").await?;
            return Ok(false);
        }
        let first = known.first_failed_at.unwrap_or(self.now);
        let Some(delay) = next_delay_seconds(known.failures + 1, self.now.seconds_since(first)) else {
            self.give_up(tx, tried, known, "parked").await?;
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

    /// Each attempt, under its delivery's next number.
    async fn keep(&self, tx: &mut Tx<'_>, known: &HashMap<i64, Known>) -> Result<(), DbError> {
        const COLUMNS: usize = 7;
        let rows = (0..self.tried.len()).map(|row| format!("({})", places(1 + row * COLUMNS, COLUMNS)));
        let mut insert = query_owned(format!(
            "INSERT INTO delivery_attempt (delivery, number, started_at, duration_ms, outcome, detail, answer) VALUES {}",
            rows.collect::<Vec<_>>().join(", ")
        ));
        for tried in &self.tried {
            let known = known.get(&tried.delivery).ok_or(DbError::NotFound)?;
            insert = insert
                .bind(tried.delivery)
                .bind(known.attempts + 1)
                .bind(tried.started_at)
                .bind(tried.duration_ms.max(0))
                .bind(tried.answer.outcome)
                .bind(&tried.answer.detail)
                .bind(&tried.answer.text);
        }
        insert.run(tx).await?;
        Ok(())
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

/// By the deliveries' ids.
async fn known(tx: &mut Tx<'_>, tried: &[Tried]) -> Result<HashMap<i64, Known>, DbError> {
    let select = query_owned(format!(
        "SELECT d.id, d.handler, d.coin, d.network_transaction, d.\"transaction\", d.state, d.attempts, d.failures,
             d.first_failed_at, e.name, t.processed_at IS NOT NULL AS processed
         FROM delivery d JOIN event e ON e.sequence = d.sequence
         LEFT JOIN \"transaction\" t ON t.id = d.\"transaction\" WHERE d.id IN ({})",
        places(1, tried.len())
    ));
    let select = tried.iter().fold(select, |select, tried| select.bind(tried.delivery));
    Ok(select.all::<Known>(tx).await?.into_iter().map(|known| (known.id, known)).collect())
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
    release(tx, &stopped, now).await
}
