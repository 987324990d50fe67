//! The receive scan: everything that the backend's wallet knows is compared with the books, from the cursor on.
//! Safe while running and when repeated: each transaction is booked by the same idempotent step as a notification.

use super::observe::observe;
use super::{CoinJobs, Context, JobError, Pass};
use crate::coins::CoinService;
use crate::ledger::{StoreCursor, read};
use std::sync::Arc;

/// What was compared, and what of it was new or different.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Scanned {
    pub compared: usize,
    pub changed: usize,
}

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    let Scanned { compared, changed } = scan(jobs).await?;
    let balance = super::reconcile::reconcile(jobs).await?;
    Ok(format!("{compared} compared, {changed} changed{balance}"))
}

/// One scan outside the running jobs, for the command line: connects, checks the node, compares.
pub async fn scan_once(context: &Context, coin: &Arc<CoinService>) -> Result<Scanned, JobError> {
    let jobs = CoinJobs::new(context, coin);
    super::backend::pass(&jobs).await?;
    scan(&jobs).await
}

pub(super) async fn scan(jobs: &CoinJobs) -> Result<Scanned, JobError> {
    jobs.fit()?;
    let spec = &jobs.coin.spec;
    let mut open = jobs.context.db.read().await?;
    let from = read::cursor(&mut open.tx(), spec.coin).await?;
    drop(open);
    let depth = u32::try_from(spec.max_confirmation_count).unwrap_or(u32::MAX);
    let since = jobs.coin.backend.since(from.cursor.as_deref(), depth).await?;
    let mut scanned = Scanned::default();
    for txid in &since.txids {
        scanned.compared += 1;
        if observe(jobs, txid).await? == Some(true) {
            scanned.changed += 1;
        }
    }
    // The cursor moves only after what it stands for is booked, and not at all when an added address reset it meanwhile.
    let now = jobs.context.clock.now();
    let store = StoreCursor { coin: spec.coin, cursor: since.cursor, read_at: from.updated_at, now };
    if !jobs.context.db.write(store).await? {
        jobs.wake.scan.notify_one();
    }
    Ok(scanned)
}
