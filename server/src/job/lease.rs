//! One runner per coin, and one per handler of events. The lease lives in the database with an epoch that grows with every new holder; here is
//! the holder's view of it: what epoch it has, and until when it may act on it.

use super::{Context, JobError};
use crate::coins::CoinService;
use crate::event::TakeHandlerLease;
use crate::ledger::TakeLease;
use app::model::Time;
use std::sync::Mutex;
use std::time::Duration;

/// A killed runner's coin is taken over when its lease runs out; PRODUCT promises 10 s, polling takes up to 2.
const LEASE_SECONDS: i64 = 8;
/// Renewed well before it runs out, so that one slow commit costs nothing.
pub(super) const RENEW: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(crate) struct Lease(Mutex<Option<Held>>);

#[derive(Clone, Copy)]
struct Held {
    epoch: i64,
    expires_at: Time,
}

impl Lease {
    /// Takes or renews it. Answers whether this runner has the coin now.
    pub async fn renew(&self, context: &Context, coin: &CoinService) -> Result<bool, JobError> {
        let now = context.clock.now();
        let expires_at = now.plus_seconds(LEASE_SECONDS);
        let change = TakeLease { coin: coin.spec.coin, runner: context.runner.clone(), expires_at, now };
        let epoch = context.db.write(change).await?;
        self.set(epoch.map(|epoch| Held { epoch, expires_at }));
        Ok(epoch.is_some())
    }

    /// As `renew`, of the one process that delivers to this handler.
    pub async fn renew_handler(&self, context: &Context, handler: &str) -> Result<bool, JobError> {
        let now = context.clock.now();
        let expires_at = now.plus_seconds(LEASE_SECONDS);
        let (handler, runner) = (handler.to_owned(), context.runner.clone());
        let epoch = context.db.write(TakeHandlerLease { handler, runner, expires_at, now }).await?;
        self.set(epoch.map(|epoch| Held { epoch, expires_at }));
        Ok(epoch.is_some())
    }

    /// The epoch while the lease is valid.
    pub fn epoch(&self, now: Time) -> Result<i64, JobError> {
        let held = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.filter(|held| now < held.expires_at).map(|held| held.epoch).ok_or(JobError::LeaseLost)
    }

    fn set(&self, held: Option<Held>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = held;
    }
}
