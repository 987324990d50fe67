//! Keeps the audit log's chain: seals what was written, and verifies all of it again and again. It serves all coins, so
//! that no coin's lease covers it: every process that runs jobs does it, and the chain's head lets one of them win.

use super::record::Record;
use super::run::back_off;
use super::{Context, JobError};
use crate::audit_log::{SEALED_AT_ONCE, Verified, seal, verified_at, verify_some};
use app::model::Time;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub(super) const NAME: &str = "audit_log";
/// How long a row stands unsealed at most, where nothing fails. Looking costs one read of an index that is empty.
const PERIOD: Duration = Duration::from_secs(2);
/// Between the steps of one verification, so that a long log never keeps a machine busy.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn keep(context: Context, wake: Arc<Notify>) {
    let mut stop = context.stop.clone();
    let record = Record { context: &context, name: NAME, coin: "" };
    let (mut wait, mut failures, mut announced) = (Duration::ZERO, 0, false);
    let mut keeper = Keeper { context: &context, verified_at: None, under_way: false };
    loop {
        let asked = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = wake.notified() => true,
            () = tokio::time::sleep(wait) => false,
        };
        if !announced {
            announced = record.announce().await.is_ok();
        }
        let result = keeper.pass(&record, asked).await;
        wait = match &result {
            Ok(_) if keeper.under_way => PAUSE,
            Ok(_) => PERIOD,
            Err(_) => back_off(failures + 1),
        };
        let recovered = failures > 0 && result.is_ok();
        failures = if result.is_err() { failures + 1 } else { 0 };
        let result = match result {
            Ok(Some(done)) => Ok(done),
            Ok(None) if recovered => Ok("works again".into()),
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(job = NAME, %error, "a job failed");
                Err(error)
            }
        };
        let next = if result.is_ok() { context.periods.audit } else { wait };
        record.ended(&result, next).await;
    }
}

struct Keeper<'a> {
    context: &'a Context,
    /// When this process last came to the end of the chain, or to its fault.
    verified_at: Option<Time>,
    /// A verification has begun and isn't at its end.
    under_way: bool,
}

impl Keeper<'_> {
    /// What a verification found when it came to its end; `None` where there is nothing to tell.
    async fn pass(&mut self, record: &Record<'_>, asked: bool) -> Result<Option<String>, JobError> {
        let db = &self.context.db;
        // A chain that was tampered with may keep this from going on; it is verified all the same.
        let sealed = self.seal_all().await;
        if !self.under_way {
            if !asked && !self.is_due().await? {
                return sealed.map(|()| None);
            }
            record.started(self.context.clock.now()).await?;
        }
        let verified = verify_some(db, self.context.clock.now()).await?;
        self.under_way = matches!(verified, Verified::So { .. });
        if self.under_way {
            return Ok(None);
        }
        self.verified_at = Some(self.context.clock.now());
        let told = tell(&verified);
        match sealed {
            Err(problem) if !matches!(verified, Verified::Broken(_)) => Err(problem),
            _ => Ok(Some(told)),
        }
    }

    async fn seal_all(&self) -> Result<(), JobError> {
        let most = usize::try_from(SEALED_AT_ONCE).unwrap_or(usize::MAX);
        while seal(&self.context.db).await? == most {}
        Ok(())
    }

    /// Not where another process has done it meanwhile.
    async fn is_due(&self) -> Result<bool, JobError> {
        let now = self.context.clock.now();
        let last = verified_at(&self.context.db).await?.max(self.verified_at);
        let period = i64::try_from(self.context.periods.audit.as_secs()).unwrap_or(i64::MAX);
        Ok(last.is_none_or(|last| now.seconds_since(last) >= period))
    }
}

/// The newest hash goes to the log, which is often kept elsewhere than the database: whoever makes the whole chain anew
/// doesn't make that.
fn tell(verified: &Verified) -> String {
    match verified {
        Verified::Whole { sequence: 0, .. } => "nothing is sealed yet".into(),
        Verified::Whole { sequence, hash } => {
            tracing::info!(sequence, hash, "the audit log is whole");
            format!("whole up to row {sequence}")
        }
        Verified::So { far } => format!("whole up to row {far} so far"),
        Verified::Broken(fault) => {
            tracing::error!(fault, "the audit log is broken");
            format!("broken: {fault}")
        }
    }
}
