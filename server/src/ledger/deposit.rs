//! What the network says of a transaction that pays us: seen, confirmed, conflicted. Credits it once.

use super::LedgerError;
use crate::db::{Change, Tx};
use crate::network::Output;
use app::model::{Coin, NetworkTransactionId, Time, TransactionId};
use async_trait::async_trait;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// `None` when it pays nobody of ours.
    pub network_transaction: Option<NetworkTransactionId>,
    /// Written by this call.
    pub incoming: Vec<TransactionId>,
    /// Credited by this call.
    pub credited: Vec<TransactionId>,
    /// Anything was written.
    pub changed: bool,
    /// It spends our outputs and no broadcast knows it: nothing was booked.
    pub foreign_spend: bool,
    /// A credited deposit of it stands at 0 confirmations or below.
    pub reversal_due: bool,
}

/// Idempotent; confirmations may fall. Only receiving addresses of ours count, archived ones too.
#[derive(Clone, Debug)]
pub struct RecordDeposit {
    pub coin: Coin,
    pub txid: String,
    /// Negative when conflicted.
    pub confirmations: i64,
    pub block: Option<String>,
    pub coinbase: bool,
    pub abandoned: bool,
    /// It spends outputs of our hot wallet: only what a broadcast recorded for an address counts, the rest is change.
    pub spends_ours: bool,
    /// Canonical addresses; outputs to one address are summed.
    pub received: Vec<Output>,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub now: Time,
}

#[async_trait]
impl Change for RecordDeposit {
    type Output = Recorded;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_deposit"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Recorded, LedgerError> {
        todo!("lands within the hour")
    }
}
