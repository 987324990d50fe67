//! Confirmations: every network transaction that is not settled is asked about, and what changed is booked.

use super::observe::observe;
use super::{CoinJobs, Pass};
use crate::ledger::read;
use app::model::NetworkTransactionId;

/// Read in steps, so that a long list doesn't hold a view of the books open while daemons answer.
const STEP: i64 = 500;

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    jobs.fit()?;
    let spec = &jobs.coin.spec;
    let (mut asked, mut changed, mut unknown) = (0, 0, 0);
    let mut after = NetworkTransactionId(0);
    loop {
        let mut open = jobs.context.db.read().await?;
        let step =
            read::followed(&mut open.tx(), spec.coin, spec.max_confirmation_count, after, STEP).await?;
        drop(open);
        let Some(last) = step.last() else { break };
        after = last.id;
        for followed in step {
            asked += 1;
            match observe(jobs, &followed.txid).await? {
                Some(true) => changed += 1,
                Some(false) => {}
                None => unknown += 1,
            }
        }
    }
    Ok(match unknown {
        0 => format!("{asked} asked, {changed} changed"),
        _ => format!("{asked} asked, {changed} changed, {unknown} unknown to the backend"),
    })
}
