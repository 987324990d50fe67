//! Account to account of one wallet: instant, off-chain.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AccountId, Amount, Time, TransactionId};
use async_trait::async_trait;

/// State `internal` from the start.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub from: AccountId,
    pub to: AccountId,
    pub amount: Amount,
    pub label: String,
    /// Lets the sending account fall below zero, down to its `overdraft` limit.
    pub allow_negative: bool,
    pub now: Time,
}

#[async_trait]
impl Change for Transfer {
    type Output = TransactionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "transfer"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        todo!("lands within the hour")
    }
}
