//! Taking a broadcast back: at once while it never left, under the guards of reopening for a broken one-shot, and by
//! a version that pays ourselves for one that was handed over.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::charge_fee::charge_fee;
use super::decision::Decision;
use super::release::{give_back, let_go};
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::vetting::Facts;
use crate::db::{Change, Tx, query};
use app::model::{Act, NetworkTransactionId, NetworkTransactionState as State, Time};
use async_trait::async_trait;

/// → cancelled with the money back, or → cancelling until the network has confirmed the cancelling version.
#[derive(Clone, Debug)]
pub struct CancelBroadcast {
    pub broadcast: NetworkTransactionId,
    pub can_replace: bool,
    pub decision: Decision,
    pub now: Time,
}

#[async_trait]
impl Change for CancelBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "cancel_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        Facts::load(tx, self.broadcast).await?.may(Act::Cancel, self.can_replace, 0, self.now)?;
        self.decision.keep(tx, &broadcast, Act::Cancel, None, self.now).await?;
        if matches!(broadcast.state, State::Open | State::Closed) {
            broadcast.set_state(tx, State::Cancelling, self.now).await?;
            query("UPDATE network_transaction SET retry_at = NULL WHERE id = $1")
                .bind(self.broadcast)
                .run_one(tx)
                .await?;
            return Ok(());
        }
        give_back(tx, &broadcast, &self.decision.reason, self.now).await?;
        let_go(tx, &broadcast, self.now).await?;
        broadcast.set_state(tx, State::Cancelled, self.now).await
    }
}

/// cancelling → cancelled: the cancelling version has the coin's confirmations, so no payment of it can confirm.
#[derive(Clone, Debug)]
pub struct FinishCancel {
    pub broadcast: NetworkTransactionId,
    /// Of the cancelling version.
    pub txid: String,
    pub confirmations: i64,
    pub block: Option<String>,
    /// Minor units.
    pub fee: Option<i64>,
    pub now: Time,
}

#[async_trait]
impl Change for FinishCancel {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "finish_cancel"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[State::Cancelling])?;
        give_back(tx, &broadcast, "Its broadcast was cancelled.", self.now).await?;
        query(
            "UPDATE network_transaction SET state = $3, txid = $4, confirmations = $5, block = $6, updated_at = $7,
                 closed_at = COALESCE(closed_at, $7), last_error = NULL, retry_at = NULL, missing_since = NULL
             WHERE id = $1 AND state = $2",
        )
        .bind(self.broadcast)
        .bind(broadcast.state)
        .bind(State::Cancelled)
        .bind(&self.txid)
        .bind(self.confirmations)
        .bind(self.block.as_deref())
        .bind(self.now)
        .run_one(tx)
        .await?;
        if let Some(fee) = self.fee {
            charge_fee(tx, &broadcast, fee, self.now).await?;
        }
        Ok(())
    }
}
