//! Pending transactions of a wallet join one new broadcast.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Coin, NetworkTransactionId, Time, WalletId};
use async_trait::async_trait;

/// `None` when nothing is pending or the wallet is paused. Oldest first, at most `max_outputs` addresses.
#[derive(Clone, Debug)]
pub struct Collect {
    pub coin: Coin,
    pub wallet: WalletId,
    pub max_outputs: usize,
    /// Minor units that the hot wallet can pay out now: of the pending ones the oldest that fit are taken.
    pub available: i64,
    pub now: Time,
}

#[async_trait]
impl Change for Collect {
    type Output = Option<NetworkTransactionId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "collect"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Option<NetworkTransactionId>, LedgerError> {
        todo!("lands within the hour")
    }
}
