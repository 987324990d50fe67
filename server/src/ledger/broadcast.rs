//! What the verbs of broadcasts share: the row, its outputs, and who may leave it.

use super::LedgerError;
use crate::db::{Tx, query};
use crate::record;
use app::model::{
    Coin, NetworkTransactionId, NetworkTransactionState, Time, TransactionEvent, TransactionState, WalletId,
};

pub(super) struct Broadcast {
    pub id: NetworkTransactionId,
    pub wallet: WalletId,
    pub state: NetworkTransactionState,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    pub block: Option<String>,
    /// In neither mempool nor block.
    pub missing: bool,
    coin: String,
    decimals: i64,
}

record!(Broadcast { id, wallet, state, txid, confirmations, block, missing, coin, decimals });

impl Broadcast {
    pub async fn load(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<Self, LedgerError> {
        query(
            "SELECT n.id, n.wallet, n.state, n.txid, n.confirmations, n.block,
                 n.missing_since IS NOT NULL AS missing, c.coin, c.decimals
             FROM network_transaction n JOIN coin c ON c.coin = n.coin
             WHERE n.id = $1 AND n.type = 'broadcast'",
        )
        .bind(id)
        .optional(tx)
        .await?
        .ok_or(LedgerError::UnknownBroadcast(id))
    }

    pub fn coin(&self) -> Result<Coin, LedgerError> {
        super::row::coin_of(&self.coin, self.decimals).map_err(LedgerError::from)
    }

    pub fn must_be(&self, states: &[NetworkTransactionState]) -> Result<(), LedgerError> {
        if states.contains(&self.state) { Ok(()) } else { Err(LedgerError::wrong_state(self.state.as_str())) }
    }

    /// No attempt of it may have left: one that was refused has certainly not.
    pub async fn certainly_never_left(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let (attempts,): (i64,) = query(
            "SELECT COUNT(*) FROM attempt WHERE broadcast = $1 AND (outcome IS NULL OR outcome <> 'refused')",
        )
        .bind(self.id)
        .one(tx)
        .await?;
        if attempts == 0 { Ok(()) } else { Err(LedgerError::wrong_state("attempted")) }
    }

    /// Whether the version that counts pays us back instead of the recipients.
    pub async fn is_paid_back(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let found = query(
            "SELECT number FROM broadcast_version WHERE broadcast = $1 AND txid = $2 AND kind = 'cancel'",
        );
        Ok(found.bind(self.id).bind(self.txid.as_deref()).optional::<(i64,)>(tx).await?.is_some())
    }

    /// Single winner: it is still in the state that was read.
    pub async fn set_state(
        &self,
        tx: &mut Tx<'_>,
        state: NetworkTransactionState,
        now: Time,
    ) -> Result<(), LedgerError> {
        query("UPDATE network_transaction SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2")
            .bind(self.id)
            .bind(self.state)
            .bind(state)
            .bind(now)
            .run_one(tx)
            .await?;
        Ok(())
    }

    /// After transactions joined or left: one output an address again. Without any it is cancelled.
    pub async fn sum_outputs(&self, tx: &mut Tx<'_>, now: Time) -> Result<(), LedgerError> {
        query("DELETE FROM broadcast_output WHERE broadcast = $1").bind(self.id).run(tx).await?;
        let outputs = query(
            "INSERT INTO broadcast_output (coin, broadcast, address, amount)
             SELECT coin, network_transaction, address, CAST(SUM(amount) AS BIGINT)
             FROM \"transaction\" WHERE network_transaction = $1 AND state = $2
             GROUP BY coin, network_transaction, address ORDER BY MIN(id)",
        )
        .bind(self.id)
        .bind(TransactionState::Pending)
        .run(tx)
        .await?;
        if outputs == 0 {
            return self.set_state(tx, NetworkTransactionState::Cancelled, now).await;
        }
        // What a job has read of it is old now.
        self.set_state(tx, self.state, now).await
    }

    /// All its pending transactions take `event`; at least one must.
    pub async fn advance(&self, tx: &mut Tx<'_>, event: TransactionEvent) -> Result<(), LedgerError> {
        let from = TransactionState::Pending;
        let to = super::row::after(from, event)?;
        let changed =
            query("UPDATE \"transaction\" SET state = $3 WHERE network_transaction = $1 AND state = $2")
                .bind(self.id)
                .bind(from)
                .bind(to)
                .run(tx)
                .await?;
        if changed == 0 {
            return Err(LedgerError::Contradiction(format!("Broadcast {} carries nothing.", self.id)));
        }
        Ok(())
    }
}
