//! One runner of jobs per coin. The epoch grows with every new holder; what an old one still writes is refused.

use super::LedgerError;
use crate::db::{Change, Tx, query};
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

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, LedgerError> {
        let taken: Option<(i64,)> = query(
            "INSERT INTO lease (coin, runner, epoch, expires_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (coin) DO UPDATE SET
                 epoch = CASE WHEN lease.runner = excluded.runner THEN lease.epoch ELSE lease.epoch + 1 END,
                 runner = excluded.runner, expires_at = excluded.expires_at
             WHERE lease.runner = excluded.runner OR lease.expires_at <= $4
             RETURNING epoch",
        )
        .bind(self.coin.ticker())
        .bind(&self.runner)
        .bind(self.expires_at)
        .bind(self.now)
        .optional(tx)
        .await?;
        Ok(taken.map(|(epoch,)| epoch))
    }
}

/// Refuses a runner that doesn't hold the coin's lease, in the database transaction of what it wants to write.
pub(super) async fn must_hold(
    tx: &mut Tx<'_>,
    coin: Coin,
    runner: &str,
    epoch: i64,
    now: Time,
) -> Result<(), LedgerError> {
    if super::read::holds_lease(tx, coin, runner, epoch, now).await? {
        Ok(())
    } else {
        Err(LedgerError::LeaseLost)
    }
}
