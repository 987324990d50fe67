//! Gives events their numbers, five times a second where there are new ones. It serves all coins, so that no coin's lease covers
//! it: every process that runs jobs tries, and the head lets one of them win.

use super::record::Record;
use super::run::back_off;
use super::{Context, JobError};
use crate::event::{NUMBERED_AT_ONCE, number};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub(super) const NAME: &str = "number_events";
/// How long an event stands without a number at most, where nothing fails. Looking costs one read of an index that is empty.
const PERIOD: Duration = Duration::from_millis(200);

/// `wake`: each handler's loop, which has something to do after new numbers.
pub(super) async fn keep(context: Context, asked: Arc<Notify>, wake: Vec<Arc<Notify>>) {
    let mut stop = context.stop.clone();
    let record = Record { context: &context, name: NAME, coin: "" };
    let (mut wait, mut failures, mut announced) = (Duration::ZERO, 0, false);
    loop {
        let asked = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = asked.notified() => true,
            () = tokio::time::sleep(wait) => false,
        };
        if !announced {
            announced = record.announce().await.is_ok();
        }
        let result = pass(&context).await;
        if matches!(result, Ok(1..)) {
            for wake in &wake {
                wake.notify_one();
            }
        }
        let recovered = failures > 0 && result.is_ok();
        failures = if result.is_err() { failures + 1 } else { 0 };
        wait = if failures > 0 { back_off(failures) } else { PERIOD };
        // Five times a second it isn't worth a commit: only trouble, its end, and what a person asked for.
        if !(asked || recovered || result.is_err()) {
            continue;
        }
        if let Err(error) = &result {
            tracing::warn!(job = NAME, %error, "a job failed");
        }
        let told = result.map(|count| format!("{count} events got their numbers"));
        if asked && let Err(error) = record.started(context.clock.now()).await {
            tracing::warn!(job = NAME, %error, "the job's start could not be recorded");
        }
        record.ended(&told, wait).await;
    }
}

pub(super) async fn pass(context: &Context) -> Result<usize, JobError> {
    let most = usize::try_from(NUMBERED_AT_ONCE).unwrap_or(usize::MAX);
    let mut all = 0;
    loop {
        let count = number(&context.db, context.clock.now()).await?;
        all += count;
        if count < most {
            return Ok(all);
        }
    }
}
