//! Confirmations of a closed broadcast as the network tells them, and the fee if that became known or changed.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{NetworkTransactionId, NetworkTransactionState, Time};
use async_trait::async_trait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub state: NetworkTransactionState,
    pub changed: bool,
}

/// closed, settled and conflicted follow the confirmations, down as well as up.
#[derive(Clone, Debug)]
pub struct ConfirmBroadcast {
    pub broadcast: NetworkTransactionId,
    pub confirmations: i64,
    pub block: Option<String>,
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

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Confirmed, LedgerError> {
        todo!("lands within the hour")
    }
}
