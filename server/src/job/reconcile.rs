//! Books against backend: read while nothing moves, told when two readings agree.

use super::{CoinJobs, JobError};
use crate::clock::Clock;
use crate::coins::CoinService;
use crate::db::Db;
use crate::ledger::{RecordReconciliation, Sums};

/// What one quiet moment showed.
pub(super) struct Reading {
    pub backend_total: i64,
    /// Unconfirmed payments from outside, minor units.
    pub untrusted_pending: i64,
    pub sums: Sums,
    pub height: i64,
    pub block: String,
}

/// `None`: a broadcast is under way, a block came or the books moved meanwhile; later then.
pub(super) async fn read(jobs: &CoinJobs) -> Result<Option<Reading>, JobError> {
    jobs.fit()?;
    compare(&jobs.context.db, &jobs.coin).await
}

/// Once, outside of the running jobs. Answers whether it could be compared.
pub async fn reconcile_once(db: &Db, coin: &CoinService, clock: &Clock) -> Result<bool, JobError> {
    if let Some(why) = coin.spec.unfit(&coin.backend.node().await?) {
        return Err(JobError::Retry(why));
    }
    let Some(reading) = compare(db, coin).await? else { return Ok(false) };
    db.write(reading.record(coin, clock)).await?;
    Ok(true)
}

async fn compare(db: &Db, service: &CoinService) -> Result<Option<Reading>, JobError> {
    let coin = service.spec.coin;
    let sums = async || -> Result<Sums, JobError> {
        let mut open = db.read().await?;
        Ok(Sums::read(&mut open.tx(), coin).await?)
    };
    let before = sums().await?;
    if before.busy > 0 {
        return Ok(None);
    }
    let backend = &service.backend;
    let node = backend.node().await?;
    let totals = backend.totals().await?;
    let after = backend.node().await?;
    if node.best_block != after.best_block || sums().await? != before {
        return Ok(None);
    }
    let total =
        i128::from(totals.trusted) + i128::from(totals.untrusted_pending) + i128::from(totals.immature);
    let backend_total = i64::try_from(total)
        .map_err(|_| JobError::GiveUp("the backend holds more than can be counted".into()))?;
    Ok(Some(Reading {
        backend_total,
        untrusted_pending: totals.untrusted_pending,
        sums: before,
        height: node.height,
        block: node.best_block,
    }))
}

impl Reading {
    fn record(self, service: &CoinService, clock: &Clock) -> RecordReconciliation {
        let Self { backend_total, sums, height, block, .. } = self;
        RecordReconciliation { coin: service.spec.coin, backend_total, sums, height, block, now: clock.now() }
    }
}

/// Answers the difference in words for the jobs page, empty where there is nothing to say.
pub(super) async fn reconcile(jobs: &CoinJobs) -> Result<String, JobError> {
    let Some(reading) = read(jobs).await? else { return Ok(String::new()) };
    let coin = jobs.coin.spec.coin;
    let record = reading.record(&jobs.coin, &jobs.context.clock);
    let (difference, agreed) = jobs.context.db.write(record).await?;
    Ok(match (difference, agreed) {
        (0, _) => ", books and backend agree".into(),
        (_, 1) => String::new(),
        _ => format!(", books and backend differ by {}", app::model::Amount::new(coin, difference)),
    })
}
