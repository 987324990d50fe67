//! Paying an address: a transfer when it is one of the same wallet, else debited at once and left `pending`
//! for the next broadcast.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AccountId, Amount, Time, TransactionId, TransactionState};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub transaction: TransactionId,
    /// `internal` or `pending`.
    #[serde(with = "super::once::state_word")]
    pub state: TransactionState,
}

/// The caller has checked the address for coin and network.
#[derive(Clone, Debug)]
pub struct Send {
    pub from: AccountId,
    /// Canonical spelling.
    pub to_address: String,
    pub amount: Amount,
    pub label: String,
    /// Over the network even to an address of the same wallet.
    pub force_external: bool,
    /// The coin's; not asked of transfers.
    pub minimum_send: Amount,
    pub now: Time,
}

#[async_trait]
impl Change for Send {
    type Output = Sent;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "send"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Sent, LedgerError> {
        todo!("lands within the hour")
    }
}
