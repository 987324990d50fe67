//! A broadcast that is lost for good: something else spent its anchor, as deep as we follow.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::charge_fee::charge_fee;
use super::decision::Decision;
use super::release::{give_back, let_go};
use super::row::{WALLET_OF_BROADCAST, after, wallets};
use super::txupdate::Update;
use super::vetting::Facts;
use crate::db::{Change, Tx, query};
use app::model::{
    Act, NetworkTransactionId, NetworkTransactionState as State, Time, TransactionEvent, TransactionState,
};
use async_trait::async_trait;

/// Its transactions fail and the money is back, or they are pending again and join the next broadcast (`renew`).
#[derive(Clone, Debug)]
pub struct LoseBroadcast {
    pub broadcast: NetworkTransactionId,
    pub renew: bool,
    pub max_confirmation_count: i64,
    pub decision: Decision,
    pub now: Time,
}

#[async_trait]
impl Change for LoseBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "lose_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        let act = if self.renew { Act::Renew } else { Act::Fail };
        Facts::load(tx, self.broadcast).await?.may(act, false, self.max_confirmation_count, self.now)?;
        self.decision.keep(tx, &broadcast, act, None, self.now).await?;
        let_go(tx, &broadcast, self.now).await?;
        if !broadcast.is_paid_back(tx).await? {
            // It paid nobody, so the network charged nothing.
            charge_fee(tx, &broadcast, 0, self.now).await?;
        }
        if !self.renew {
            return give_back(tx, &broadcast, &self.decision.reason, self.now).await;
        }
        let pending = after(TransactionState::Broadcasted, TransactionEvent::PendingAgain)?;
        query(
            "UPDATE \"transaction\" SET state = $2, network_transaction = NULL
             WHERE network_transaction = $1 AND state IN ('pending', 'broadcasted')",
        )
        .bind(self.broadcast)
        .bind(pending)
        .run(tx)
        .await?;
        query("DELETE FROM broadcast_output WHERE broadcast = $1").bind(self.broadcast).run(tx).await?;
        broadcast.set_state(tx, State::Cancelled, self.now).await
    }
}

/// open → conflicted: a foreign transaction with `depth` confirmations spent the anchor before any version got in.
#[derive(Clone, Debug)]
pub struct ConflictBroadcast {
    pub broadcast: NetworkTransactionId,
    pub depth: i64,
    pub now: Time,
}

#[async_trait]
impl Change for ConflictBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "conflict_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[State::Open])?;
        query("UPDATE network_transaction SET confirmations = $2, retry_at = NULL WHERE id = $1")
            .bind(self.broadcast)
            .bind(-self.depth)
            .run_one(tx)
            .await?;
        broadcast.set_state(tx, State::Conflicted, self.now).await?;
        self.tell(tx, &broadcast).await
    }
}

impl ConflictBroadcast {
    /// By the txid that the newest payment has, since none of them got in.
    async fn tell(&self, tx: &mut Tx<'_>, broadcast: &Broadcast) -> Result<(), LedgerError> {
        let (txid,): (String,) = query(
            "SELECT txid FROM broadcast_version WHERE broadcast = $1 AND kind = 'payment' ORDER BY number DESC LIMIT 1",
        )
        .bind(self.broadcast)
        .one(tx)
        .await?;
        let update = Update {
            coin: broadcast.coin()?,
            network_transaction: self.broadcast,
            transaction_type: "broadcast",
            txid: &txid,
            confirmations: -self.depth,
            now: self.now,
        };
        update.tell(tx, None).await
    }
}
