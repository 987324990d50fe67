//! Runs the jobs until told to stop: a loop per coin and job, with period, wake-ups and back-off. A loop that ends
//! by itself is a fault, and ends the process.

use super::record::Record;
use super::{
    CoinJobs, Context, Fitness, JobError, Pass, Wake, audit, audit_log, backend, broadcast, confirm, lease,
    notify, number, outbox, scan,
};
use crate::db::{Execute, query};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Why the jobs can't go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("a helper job died: {0}")]
    Died(String),
    #[error("{0}")]
    Start(String),
}

/// A job that failed is tried again after 1, 2, 4 … seconds, at most this many: what is mended shows within a minute.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);
/// How often 'run now' is looked for, and a coin that another runner has.
const LOOK: Duration = Duration::from_secs(1);
/// How often a backend is asked for its best block, where it doesn't tell by itself.
const BACKEND_PERIOD: Duration = Duration::from_secs(2);
/// A writer asks for its change id within seconds of a lost COMMIT; this many are minutes at the highest load.
const CHANGES_KEPT: i64 = 100_000;
/// Safety net under notifications that got lost.
const SCAN_PERIOD: Duration = Duration::from_mins(1);

pub async fn run(context: Context) -> Result<(), RunError> {
    let coins: Vec<Arc<CoinJobs>> =
        context.coins.iter().map(|coin| Arc::new(CoinJobs::new(&context, coin))).collect();
    let mut tasks = JoinSet::new();
    for jobs in &coins {
        for job in Job::ALL {
            tasks.spawn(repeat(jobs.clone(), *job));
        }
        tasks.spawn(keep_lease(jobs.clone()));
    }
    let wake_audit_log = Arc::new(Notify::new());
    tasks.spawn(audit_log::keep(context.clone(), wake_audit_log.clone()));
    let wake_numbering = Arc::new(Notify::new());
    let asked = vec![(audit_log::NAME, wake_audit_log), (number::NAME, wake_numbering.clone())];
    tasks.spawn(wake_when_asked(context.clone(), coins.clone(), asked));
    tasks.spawn(outbox::run(context.clone(), wake_numbering));
    tasks.spawn(tidy(context.clone()));
    notify::start(&context, &coins, &mut tasks).await?;
    let stop = context.stop.clone();
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(()) if *stop.borrow() => {}
            Ok(()) => return Err(RunError::Died("a loop ended by itself".into())),
            Err(error) => return Err(RunError::Died(error.to_string())),
        }
    }
    give_leases_back(&context).await;
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Job {
    Backend,
    Scan,
    Confirm,
    Broadcast,
    Audit,
}

impl Job {
    const ALL: &[Self] = &[Self::Backend, Self::Scan, Self::Confirm, Self::Broadcast, Self::Audit];

    fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Scan => "scan",
            Self::Confirm => "confirm",
            Self::Broadcast => "broadcast",
            Self::Audit => "audit",
        }
    }

    fn period(self, context: &Context) -> Duration {
        match self {
            Self::Backend => BACKEND_PERIOD,
            Self::Scan => SCAN_PERIOD,
            Self::Confirm => context.periods.confirmation,
            Self::Broadcast => context.periods.broadcast,
            Self::Audit => context.periods.audit,
        }
    }

    fn wake(self, wake: &Wake) -> &Notify {
        match self {
            Self::Backend => &wake.backend,
            Self::Scan => &wake.scan,
            Self::Confirm => &wake.confirm,
            Self::Broadcast => &wake.broadcast,
            Self::Audit => &wake.audit,
        }
    }

    /// All but the books' audit believe what the backend says, and wait until it may be believed.
    fn needs_backend(self) -> bool {
        matches!(self, Self::Scan | Self::Confirm | Self::Broadcast)
    }

    fn pass(self, jobs: &CoinJobs) -> Pin<Box<dyn Future<Output = Pass> + Send + '_>> {
        match self {
            Self::Backend => Box::pin(backend::pass(jobs)),
            Self::Scan => Box::pin(scan::pass(jobs)),
            Self::Confirm => Box::pin(confirm::pass(jobs)),
            Self::Broadcast => Box::pin(broadcast::pass(jobs)),
            Self::Audit => Box::pin(audit::pass(jobs)),
        }
    }
}

async fn repeat(jobs: Arc<CoinJobs>, job: Job) {
    let mut stop = jobs.context.stop.clone();
    let mut fitness = jobs.fitness.subscribe();
    if job.needs_backend() {
        // Before the first answer there is nothing to do, and nothing to complain of.
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = fitness.wait_for(|fitness| *fitness != Fitness::Unknown) => {}
        }
    }
    let mut wait = Duration::ZERO;
    let mut failures = 0;
    let mut announced = false;
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(wait) => {}
            () = job.wake(&jobs.wake).notified() => {}
            Ok(()) = fitness.changed(), if job.needs_backend() && failures > 0 => {}
        }
        if jobs.lease.epoch(jobs.context.clock.now()).is_err() {
            announced = false;
            wait = LOOK;
            continue;
        }
        let record = Record { context: &jobs.context, name: job.name(), coin: jobs.ticker() };
        if !announced {
            announced = record.announce().await.is_ok();
        }
        let result = run_once(&jobs, job, &record).await;
        failures = if result.is_err() { failures + 1 } else { 0 };
        wait = match &result {
            Ok(_) | Err(JobError::GiveUp(_)) => job.period(&jobs.context),
            Err(JobError::LeaseLost) => LOOK,
            Err(JobError::Retry(_)) => back_off(failures),
        };
        record.ended(&result, wait).await;
    }
}

async fn run_once(jobs: &CoinJobs, job: Job, record: &Record<'_>) -> Pass {
    // The backend's own pass comes every two seconds and changes little: its start isn't worth a commit.
    if job != Job::Backend {
        record.started(jobs.context.clock.now()).await?;
    }
    let result = job.pass(jobs).await;
    match &result {
        Ok(done) => tracing::debug!(job = job.name(), coin = jobs.ticker(), done),
        Err(JobError::LeaseLost) => {
            tracing::info!(job = job.name(), coin = jobs.ticker(), "another runner has this coin");
        }
        Err(error) => tracing::warn!(job = job.name(), coin = jobs.ticker(), %error, "a job failed"),
    }
    result
}

pub(super) fn back_off(failures: u32) -> Duration {
    BACK_OFF_MAX.min(Duration::from_secs(1 << failures.saturating_sub(1).min(6)))
}

async fn keep_lease(jobs: Arc<CoinJobs>) {
    let mut stop = jobs.context.stop.clone();
    loop {
        if let Err(error) = jobs.lease.renew(&jobs.context, &jobs.coin).await {
            tracing::warn!(coin = jobs.ticker(), %error, "the coin's lease could not be renewed");
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(lease::RENEW) => {}
        }
    }
}

/// So that the next process needn't wait for them to run out. Failing is harmless: they run out.
async fn give_leases_back(context: &Context) {
    let give = |sql| query(sql).bind(&context.runner).bind(context.clock.now());
    let queries = vec![
        give("UPDATE lease SET expires_at = $2 WHERE runner = $1"),
        give("UPDATE handler SET expires_at = $2 WHERE runner = $1"),
    ];
    if let Err(error) = context.db.write(Execute { name: "give leases back", queries }).await {
        tracing::debug!(%error, "the leases could not be given back");
    }
}

async fn wake_when_asked(context: Context, coins: Vec<Arc<CoinJobs>>, of_all: Vec<(&str, Arc<Notify>)>) {
    let mut stop = context.stop.clone();
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        for (name, ticker) in asked(&context).await.unwrap_or_default() {
            if let Some((_, wake)) = of_all.iter().find(|(known, _)| *known == name) {
                wake.notify_one();
                continue;
            }
            let job = Job::ALL.iter().find(|job| job.name() == name);
            if let (Some(job), Some(jobs)) = (job, coins.iter().find(|jobs| jobs.ticker() == ticker)) {
                job.wake(&jobs.wake).notify_one();
            }
        }
    }
}

async fn asked(context: &Context) -> Result<Vec<(String, String)>, crate::db::DbError> {
    let mut read = context.db.read().await?;
    query("SELECT name, coin FROM job WHERE run_asked_at IS NOT NULL").all(&mut read.tx()).await
}

/// Rows that only have to be kept for a while. An hour apart: none of them is large.
async fn tidy(context: Context) {
    let mut stop = context.stop.clone();
    loop {
        let now = context.clock.now();
        let day_ago = now.plus_seconds(-86_400);
        let queries = vec![
            query("DELETE FROM session WHERE expires_at < $1").bind(now),
            query("DELETE FROM sign_in_failure WHERE failed_at < $1").bind(day_ago),
            query("DELETE FROM idempotency WHERE NOT moved_money AND created_at < $1").bind(day_ago),
            query("DELETE FROM change WHERE number <= (SELECT MAX(number) FROM change) - $1")
                .bind(CHANGES_KEPT),
        ];
        if let Err(error) = context.db.write(Execute { name: "tidy", queries }).await {
            tracing::warn!(%error, "old rows could not be deleted");
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
        }
    }
}
