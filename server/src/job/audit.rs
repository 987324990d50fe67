//! The continuous audit of one coin's books. Finds and shows; never repairs.

use super::{CoinJobs, JobError, Pass};
use crate::ledger::{RecordAudit, audit};

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    let coin = jobs.coin.spec.coin;
    let report = audit(&jobs.context.db, coin).await?;
    let found = report.mismatches.len();
    let checked = report.checked;
    let now = jobs.context.clock.now();
    jobs.context.db.write(RecordAudit { coin, mismatches: report.mismatches, now }).await?;
    match found {
        0 => Ok(format!("{checked} checked, all agree")),
        _ => Err(JobError::GiveUp(format!(
            "{found} mismatches among {checked} checked: look before money moves on"
        ))),
    }
}
