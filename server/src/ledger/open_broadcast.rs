//! The attempt that is committed before a byte leaves, and what became of it.

use super::broadcast::Broadcast;
use super::row::{WALLET_OF_ATTEMPT, WALLET_OF_BROADCAST, Wallet, wallets};
use super::{LedgerError, foreign_spend, lease};
use crate::db::{Change, DbError, Tx, query};
use app::model::{AttemptId, NetworkTransactionId, NetworkTransactionState as State, Time, VersionId};
use async_trait::async_trait;

/// prepared or open → open; a closed or cancelling one is sent again and stays so. One-shots (`version` none) open
/// when collected, and are never opened twice.
#[derive(Clone, Debug)]
pub struct OpenBroadcast {
    pub broadcast: NetworkTransactionId,
    pub version: Option<VersionId>,
    /// Of `Installation`, for the comment of a one-shot.
    pub installation: String,
    pub runner: String,
    pub epoch: i64,
    pub deadline: Time,
    pub best_block: String,
    pub now: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub attempt: AttemptId,
    /// What a one-shot carries, so that it is found again: `coffer:DATABASE:BROADCAST:ATTEMPT`.
    pub comment: Option<String>,
}

#[async_trait]
impl Change for OpenBroadcast {
    type Output = Opened;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "open_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Opened, LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        lease::must_hold(tx, broadcast.coin()?, &self.runner, self.epoch, self.now).await?;
        match self.version {
            Some(_) => {
                broadcast.must_be(&[State::Prepared, State::Open, State::Closed, State::Cancelling])?;
            }
            None => broadcast.must_be(&[State::Collected])?,
        }
        let first = matches!(broadcast.state, State::Collected | State::Prepared);
        if first && Wallet::load(tx, broadcast.wallet).await?.paused_at.is_some() {
            return Err(LedgerError::wrong_state("paused"));
        }
        if first {
            foreign_spend::must_be_booked(tx, broadcast.coin()?).await?;
        }
        self.version_is_whole(tx).await?;
        self.finish_overdue(tx).await?;
        let opened = self.insert(tx, &broadcast).await?;
        let state = match broadcast.state {
            State::Closed | State::Cancelling => broadcast.state,
            _ => State::Open,
        };
        broadcast.set_state(tx, state, self.now).await?;
        query(
            "UPDATE network_transaction SET opened_at = COALESCE(opened_at, $2), retry_at = NULL WHERE id = $1",
        )
        .bind(self.broadcast)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(opened)
    }
}

impl OpenBroadcast {
    /// The version is of this broadcast and its bytes were not erased.
    async fn version_is_whole(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Some(version) = self.version else { return Ok(()) };
        let found: Option<(i64,)> = query(
            "SELECT number FROM broadcast_version WHERE id = $1 AND broadcast = $2 AND raw IS NOT NULL",
        )
        .bind(version)
        .bind(self.broadcast)
        .optional(tx)
        .await?;
        found.map(|_| ()).ok_or_else(|| {
            LedgerError::Contradiction(format!("Broadcast {} has no bytes {version}.", self.broadcast))
        })
    }

    /// Nobody opens a one-shot again before its last attempt's deadline; stored bytes may be sent at any time, since
    /// the same bytes pay once. An attempt that its runner never finished is *unknown*.
    async fn finish_overdue(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let under_way: Option<(AttemptId, Time)> = query(
            "SELECT id, deadline FROM attempt WHERE broadcast = $1 AND outcome IS NULL ORDER BY id DESC",
        )
        .bind(self.broadcast)
        .optional(tx)
        .await?;
        let Some((attempt, deadline)) = under_way else { return Ok(()) };
        if self.version.is_none() && deadline > self.now {
            return Err(LedgerError::AttemptUnderWay { deadline });
        }
        query(
            "UPDATE attempt SET outcome = 'unknown', detail = $2, finished_at = $3
             WHERE id = $1 AND outcome IS NULL",
        )
        .bind(attempt)
        .bind("Its runner never said what became of it.")
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(())
    }

    async fn insert(&self, tx: &mut Tx<'_>, broadcast: &Broadcast) -> Result<Opened, LedgerError> {
        let (number,): (i64,) =
            query("SELECT COALESCE(MAX(number), 0) + 1 FROM attempt WHERE broadcast = $1")
                .bind(self.broadcast)
                .one(tx)
                .await?;
        let comment = match self.version {
            Some(_) => None,
            None => Some(format!("coffer:{}:{}:{number}", self.installation, self.broadcast)),
        };
        let (attempt,) = query(
            "INSERT INTO attempt
                 (coin, broadcast, version, number, runner, epoch, deadline, best_block, started_at, comment)
             VALUES ($1, $2, $3, $9, $4, $5, $6, $7, $8, $10) RETURNING id",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(self.broadcast)
        .bind(self.version)
        .bind(&self.runner)
        .bind(self.epoch)
        .bind(self.deadline)
        .bind(&self.best_block)
        .bind(self.now)
        .bind(number)
        .bind(comment.as_deref())
        .one(tx)
        .await?;
        Ok(Opened { attempt, comment })
    }
}

/// Writes the outcome. A one-shot that was refused has certainly not left, and is collected again; else the
/// broadcast's state stays. `LeaseLost` when the epoch is no longer the coin's.
#[derive(Clone, Debug)]
pub struct FinishAttempt {
    pub attempt: AttemptId,
    pub epoch: i64,
    /// `sent`, `refused` or `unknown`.
    pub outcome: &'static str,
    /// For people; kept as the broadcast's last error unless it was sent.
    pub detail: String,
    pub retry_at: Option<Time>,
    pub now: Time,
}

#[async_trait]
impl Change for FinishAttempt {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "finish_attempt"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ATTEMPT, self.attempt).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (outcome, broadcast): (Option<String>, NetworkTransactionId) =
            query("SELECT outcome, broadcast FROM attempt WHERE id = $1")
                .bind(self.attempt)
                .optional(tx)
                .await?
                .ok_or(DbError::NotFound)?;
        if outcome.as_deref() == Some(self.outcome) {
            return Ok(());
        }
        if let Some(outcome) = outcome {
            return Err(LedgerError::wrong_state(&outcome));
        }
        let finished = query(
            "UPDATE attempt SET outcome = $3, detail = $4, finished_at = $5
             WHERE id = $1 AND epoch = $2 AND outcome IS NULL
                 AND EXISTS (SELECT 1 FROM lease WHERE lease.coin = attempt.coin AND lease.epoch = $2)",
        )
        .bind(self.attempt)
        .bind(self.epoch)
        .bind(self.outcome)
        .bind(&self.detail)
        .bind(self.now)
        .run(tx)
        .await?;
        if finished != 1 {
            return Err(LedgerError::LeaseLost);
        }
        if self.outcome == "refused" {
            query(
                "UPDATE network_transaction SET state = 'collected' WHERE id = $1 AND state = 'open' AND NOT EXISTS
                     (SELECT 1 FROM broadcast_version WHERE broadcast = $1)",
            )
            .bind(broadcast)
            .run(tx)
            .await?;
        }
        let problem = (self.outcome != "sent").then_some(self.detail.as_str());
        query("UPDATE network_transaction SET last_error = $2, retry_at = $3, updated_at = $4 WHERE id = $1")
            .bind(broadcast)
            .bind(problem)
            .bind(self.retry_at)
            .bind(self.now)
            .run_one(tx)
            .await?;
        Ok(())
    }
}
