//! Short funds, or a culprit to find: a collected broadcast keeps its oldest transactions.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{NetworkTransactionId, Time};
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

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
