//! Short funds, or a culprit to find: a collected broadcast keeps its oldest transactions.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::row::{WALLET_OF_BROADCAST, wallets};
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, NetworkTransactionState, Time, TransactionState};
use async_trait::async_trait;

/// The others are pending in no broadcast again. With `keep` 0 the broadcast is cancelled.
#[derive(Clone, Debug)]
pub struct ReduceBroadcast {
    pub broadcast: NetworkTransactionId,
    pub keep: usize,
    pub now: Time,
}

#[async_trait]
impl Change for ReduceBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "reduce_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[NetworkTransactionState::Collected])?;
        broadcast.certainly_never_left(tx).await?;
        query(
            "UPDATE \"transaction\" SET network_transaction = NULL
             WHERE network_transaction = $1 AND state = $2 AND id NOT IN
                 (SELECT id FROM \"transaction\" WHERE network_transaction = $1 AND state = $2 ORDER BY id LIMIT $3)",
        )
        .bind(self.broadcast)
        .bind(TransactionState::Pending)
        .bind(i64::try_from(self.keep).unwrap_or(i64::MAX))
        .run(tx)
        .await?;
        broadcast.sum_outputs(tx, self.now).await
    }
}
