//! The application is done with a deposit: retries of its events stop. A time, not a state: it never blocks crediting.

use super::LedgerError;
use super::row::{WALLET_OF_TRANSACTION, wallets};
use crate::db::{Change, Tx, query};
use crate::event;
use app::model::{Time, TransactionId, TransactionState as State};
use async_trait::async_trait;

/// Deposits only; again is no error, and the first time stays.
#[derive(Clone, Debug)]
pub struct MarkProcessed {
    pub transaction: TransactionId,
    pub now: Time,
}

#[async_trait]
impl Change for MarkProcessed {
    type Output = TransactionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "mark_processed"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        let mut all = wallets(tx, WALLET_OF_TRANSACTION, self.transaction).await?;
        all.push(event::OUTBOX_LOCK);
        Ok(all)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        let sql = "SELECT state FROM \"transaction\" WHERE id = $1";
        let found: Option<(State,)> = query(sql).bind(self.transaction).optional(tx).await?;
        let (state,) = found.ok_or(LedgerError::UnknownTransaction(self.transaction))?;
        if !matches!(state, State::Incoming | State::Credited | State::Reversed) {
            return Err(LedgerError::wrong_state(state.as_str()));
        }
        query("UPDATE \"transaction\" SET processed_at = COALESCE(processed_at, $2) WHERE id = $1")
            .bind(self.transaction)
            .bind(self.now)
            .run_one(tx)
            .await?;
        event::stop(tx, self.transaction, self.now).await?;
        Ok(self.transaction)
    }
}
