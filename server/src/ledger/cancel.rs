//! Taking back a pending transaction: the opposite entry, state `cancelled`.

use super::broadcast::Broadcast;
use super::entry::{Floor, Movement, book};
use super::row::{WALLET_OF_TRANSACTION, after, wallets};
use super::{LedgerError, name};
use crate::db::{Change, Tx, query};
use crate::record;
use app::model::{
    AccountId, NetworkTransactionId, NetworkTransactionState, Time, TransactionEvent, TransactionId,
    TransactionState,
};
use async_trait::async_trait;

/// Only while it is in no broadcast or in one that is merely `collected`, which it then leaves.
#[derive(Clone, Debug)]
pub struct CancelTransaction {
    pub transaction: TransactionId,
    pub reason: String,
    pub now: Time,
}

struct Pending {
    state: TransactionState,
    amount: i64,
    sending_account: Option<AccountId>,
    network_transaction: Option<NetworkTransactionId>,
}

record!(Pending { state, amount, sending_account, network_transaction });

#[async_trait]
impl Change for CancelTransaction {
    type Output = TransactionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "cancel_transaction"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_TRANSACTION, self.transaction).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        let unknown = LedgerError::UnknownTransaction(self.transaction);
        let document: Pending = query(
            "SELECT state, amount, sending_account, network_transaction FROM \"transaction\" WHERE id = $1",
        )
        .bind(self.transaction)
        .optional(tx)
        .await?
        .ok_or(unknown)?;
        let cancelled = after(document.state, TransactionEvent::Cancelled)?;
        let broadcast = match document.network_transaction {
            Some(id) => Some(Broadcast::load(tx, id).await?),
            None => None,
        };
        if let Some(broadcast) = &broadcast {
            broadcast.must_be(&[NetworkTransactionState::Collected])?;
            broadcast.certainly_never_left(tx).await?;
        }
        query(
            "UPDATE \"transaction\" SET state = $3, reason = $4, network_transaction = NULL
             WHERE id = $1 AND state = $2",
        )
        .bind(self.transaction)
        .bind(document.state)
        .bind(cancelled)
        .bind(name::label(&self.reason)?)
        .run_one(tx)
        .await?;
        let account =
            document.sending_account.ok_or_else(|| LedgerError::wrong_state(document.state.as_str()))?;
        let back =
            Movement { account, transaction: self.transaction, units: document.amount, floor: Floor::None };
        book(tx, vec![back], self.now).await?;
        if let Some(broadcast) = broadcast {
            broadcast.sum_outputs(tx, self.now).await?;
        }
        Ok(self.transaction)
    }
}
