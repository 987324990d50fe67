//! Taking back a pending transaction: the opposite entry, state `cancelled`.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Time, TransactionId};
use async_trait::async_trait;

/// Only while it is in no broadcast or in one that is merely `collected`, which it then leaves.
#[derive(Clone, Debug)]
pub struct CancelTransaction {
    pub transaction: TransactionId,
    pub reason: String,
    pub now: Time,
}

#[async_trait]
impl Change for CancelTransaction {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "cancel_transaction"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
