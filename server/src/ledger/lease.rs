//! One runner of jobs per coin.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Coin, Time};
use async_trait::async_trait;

/// Answers the epoch: the same when the holder renews, one more for a new holder, `None` while another holds it.
#[derive(Clone, Debug)]
pub struct TakeLease {
    pub coin: Coin,
    pub runner: String,
    pub expires_at: Time,
    pub now: Time,
}

#[async_trait]
impl Change for TakeLease {
    type Output = Option<i64>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "take_lease"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Option<i64>, LedgerError> {
        todo!("lands within the hour")
    }
}
