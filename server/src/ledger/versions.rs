//! Versions that others changed, and versions that nobody takes.

use super::LedgerError;
use super::broadcast::Broadcast;
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, NetworkTransactionState as State, Time};
use async_trait::async_trait;

/// The same inputs and outputs under another txid, as third parties can make of transactions without segwit.
#[derive(Clone, Debug)]
pub struct AdoptVersion {
    pub broadcast: NetworkTransactionId,
    pub txid: String,
    pub now: Time,
}

#[async_trait]
impl Change for AdoptVersion {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "adopt_version"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        query(
            "INSERT INTO broadcast_version (coin, broadcast, number, kind, txid, raw, fee, created_at)
             SELECT coin, broadcast, (SELECT MAX(number) + 1 FROM broadcast_version WHERE broadcast = $1), kind, $2, NULL,
                 fee, $3
             FROM broadcast_version WHERE broadcast = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(broadcast.id)
        .bind(&self.txid)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(())
    }
}

/// Nodes would not take the prepared bytes, and nobody has them: they are erased, and it is collected again.
#[derive(Clone, Debug)]
pub struct EraseVersion {
    pub broadcast: NetworkTransactionId,
    pub trouble: String,
    pub retry_at: Option<Time>,
    pub now: Time,
}

#[async_trait]
impl Change for EraseVersion {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "erase_version"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[State::Prepared])?;
        query("DELETE FROM broadcast_version WHERE broadcast = $1").bind(self.broadcast).run(tx).await?;
        super::release::let_go(tx, &broadcast, self.now).await?;
        query("UPDATE network_transaction SET last_error = $2, retry_at = $3 WHERE id = $1")
            .bind(self.broadcast)
            .bind(&self.trouble)
            .bind(self.retry_at)
            .run_one(tx)
            .await?;
        broadcast.set_state(tx, State::Collected, self.now).await
    }
}
