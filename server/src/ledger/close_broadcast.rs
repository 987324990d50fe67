//! The network has it: transactions become `broadcasted`, the fee is booked.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AttemptId, NetworkTransactionId, Time};
use async_trait::async_trait;

/// open → closed. Closed already with the same txid is no error.
#[derive(Clone, Debug)]
pub struct CloseBroadcast {
    pub broadcast: NetworkTransactionId,
    pub txid: String,
    /// Minor units; that of the version with this txid when it isn't given.
    pub fee: Option<i64>,
    pub attempt: Option<AttemptId>,
    pub now: Time,
}

#[async_trait]
impl Change for CloseBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "close_broadcast"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
