//! The attempt that is committed before a byte leaves, and what became of it.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AttemptId, NetworkTransactionId, Time, VersionId};
use async_trait::async_trait;

/// prepared or open → open; a closed one is sent again and stays closed. One-shots (`version` none) open when collected.
#[derive(Clone, Debug)]
pub struct OpenBroadcast {
    pub broadcast: NetworkTransactionId,
    pub version: Option<VersionId>,
    pub runner: String,
    pub epoch: i64,
    pub deadline: Time,
    pub best_block: String,
    pub now: Time,
}

#[async_trait]
impl Change for OpenBroadcast {
    type Output = AttemptId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "open_broadcast"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<AttemptId, LedgerError> {
        todo!("lands within the hour")
    }
}

/// Writes the outcome; the broadcast stays as it is. `LeaseLost` when the epoch is no longer the coin's.
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

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
