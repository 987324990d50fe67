//! Confirmations of a closed broadcast as the network tells them, and the fee if that became known or changed.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::charge_fee::charge_fee;
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::txupdate::Update;
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, NetworkTransactionState as State, Time};
use async_trait::async_trait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub state: State,
    pub changed: bool,
}

/// The version that counts may be another than before: the one that was mined. closed, settled and conflicted follow the confirmations, down as well as up.
#[derive(Clone, Debug)]
pub struct ConfirmBroadcast {
    pub broadcast: NetworkTransactionId,
    /// Of the version that counts.
    pub txid: String,
    /// Negative when conflicted.
    pub confirmations: i64,
    pub block: Option<String>,
    /// It is in neither mempool nor block, although the backend's wallet knows it.
    pub missing: bool,
    /// Minor units.
    pub fee: Option<i64>,
    pub max_confirmation_count: i64,
    pub now: Time,
}

#[async_trait]
impl Change for ConfirmBroadcast {
    type Output = Confirmed;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "confirm_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Confirmed, LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[State::Closed, State::Settled, State::Conflicted])?;
        let charged = match self.fee {
            Some(fee) => charge_fee(tx, &broadcast, fee, self.now).await?,
            None => false,
        };
        let state = self.state();
        let same = broadcast.txid.as_deref() == Some(&self.txid)
            && broadcast.missing == self.missing
            && broadcast.state == state
            && broadcast.confirmations == Some(self.confirmations)
            && broadcast.block == self.block;
        if !same {
            query(
                "UPDATE network_transaction SET state = $3, confirmations = $4, block = $5, updated_at = $6,
                     txid = $7, missing_since = CASE WHEN $8 THEN COALESCE(missing_since, $6) ELSE NULL END,
                     settled_at = CASE WHEN $3 = 'settled' THEN COALESCE(settled_at, $6) ELSE NULL END
                 WHERE id = $1 AND state = $2",
            )
            .bind(self.broadcast)
            .bind(broadcast.state)
            .bind(state)
            .bind(self.confirmations)
            .bind(self.block.as_deref())
            .bind(self.now)
            .bind(&self.txid)
            .bind(self.missing)
            .run_one(tx)
            .await?;
            self.tell(tx, &broadcast).await?;
        }
        Ok(Confirmed { state, changed: charged || !same })
    }
}

impl ConfirmBroadcast {
    /// Of the payments that it carries. Where the version that pays us back was mined, it is the payments' own
    /// version that has the negative confirmations.
    async fn tell(&self, tx: &mut Tx<'_>, before: &Broadcast) -> Result<(), LedgerError> {
        if before.confirmations == Some(self.confirmations) && before.txid.as_deref() == Some(&self.txid) {
            return Ok(());
        }
        let beaten: Option<(String,)> = query(
            "SELECT v.txid FROM broadcast_version v WHERE v.broadcast = $1 AND v.kind = 'payment' AND EXISTS
                 (SELECT 1 FROM broadcast_version c WHERE c.broadcast = $1 AND c.txid = $2 AND c.kind = 'cancel')
             ORDER BY v.number DESC LIMIT 1",
        )
        .bind(self.broadcast)
        .bind(&self.txid)
        .optional(tx)
        .await?;
        let update = Update {
            coin: before.coin()?,
            network_transaction: self.broadcast,
            transaction_type: "broadcast",
            txid: beaten.as_ref().map_or(&self.txid, |(txid,)| txid),
            confirmations: self.confirmations,
            now: self.now,
        };
        update.tell(tx, None).await
    }

    fn state(&self) -> State {
        match self.confirmations {
            ..=-1 => State::Conflicted,
            confirmations if confirmations >= self.max_confirmation_count => State::Settled,
            _ => State::Closed,
        }
    }
}
