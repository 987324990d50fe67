//! Helper jobs: what Coffer does by itself. One pass function each, run again and again by `run` under the coin's
//! lease; the order of a deposit is `notify` or `scan` → `observe`, of a withdrawal `broadcast` → `confirm`.
//! Jobs hold no state that matters: whatever dies is found again in the database.

mod announce;
mod audit;
mod audit_log;
mod backend;
mod broadcast;
mod confirm;
mod deliver;
mod evidence;
mod import;
mod lease;
mod notify;
mod number;
mod observe;
mod one_shot;
mod outbox;
mod prepare;
mod prepared;
mod reconcile;
mod record;
mod run;
mod scan;
mod steps;
mod version;

pub use import::{Imported, import_balance_once};
pub use outbox::Outbox;
pub use reconcile::reconcile_once;
pub use record::ask;
pub use run::{RunError, run};
pub use scan::{Scanned, scan_once};
pub use steps::{Step, Steps};

use crate::clock::Clock;
use crate::coins::CoinService;
use crate::config::HandlerSettings;
use crate::db::{Db, DbError};
use crate::event::Callbacks;
use crate::ledger::LedgerError;
use crate::network::BackendError;
use app::model::Time;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// What the jobs of one process need.
#[derive(Clone)]
pub struct Context {
    pub db: Db,
    pub clock: Clock,
    pub coins: Vec<Arc<CoinService>>,
    /// Who is told of events, and the functions that those of the class `in_process` name.
    pub events: Vec<HandlerSettings>,
    pub callbacks: Callbacks,
    /// Names this process in leases and attempts; differs from every other's.
    pub runner: String,
    pub periods: Periods,
    /// Turns true when the process is to stop: passes under way finish, no new one starts.
    pub stop: watch::Receiver<bool>,
}

/// Time between passes.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    pub broadcast: Duration,
    pub confirmation: Duration,
    pub audit: Duration,
}

/// One coin as its jobs see it: the context, the lease, and whether the backend is fit to be believed.
pub(crate) struct CoinJobs {
    pub context: Context,
    pub coin: Arc<CoinService>,
    pub lease: lease::Lease,
    pub fitness: watch::Sender<Fitness>,
    pub wake: Wake,
    /// The daemon was started anew, and what waits unmined wasn't handed over to it since.
    pub untold: AtomicBool,
}

/// Broadcasts looked at in one pass: far more than are ever under way, yet no memory without end.
pub(crate) const BROADCASTS_MAX: i64 = 1000;

/// Wakes a job before its period is over.
#[derive(Default)]
pub(crate) struct Wake {
    pub broadcast: Notify,
    pub confirm: Notify,
    pub scan: Notify,
    pub backend: Notify,
    pub audit: Notify,
}

/// What the `backend` job found last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fitness {
    /// Not asked yet.
    Unknown,
    Fit {
        best_block: String,
        /// When the daemon was started, where it tells.
        started_at: Option<Time>,
    },
    Unfit(String),
    Down(String),
}

/// Why a pass didn't get through, and what its loop does about it.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Passing trouble: back off and try again.
    #[error("{0}")]
    Retry(String),
    /// Can't get better by itself; shown until a person mends it, tried again at the usual period.
    #[error("{0}")]
    GiveUp(String),
    /// Another runner has the coin now: not a failure.
    #[error("another runner has this coin")]
    LeaseLost,
}

/// A pass answers what it did, in words for the jobs page.
pub(crate) type Pass = Result<String, JobError>;

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<BackendError> for JobError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable(_) | BackendError::Refused { .. } => Self::Retry(error.to_string()),
            BackendError::Unsupported(_) => Self::GiveUp(error.to_string()),
        }
    }
}

impl From<LedgerError> for JobError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::LeaseLost => Self::LeaseLost,
            LedgerError::Db(error) => error.into(),
            other => Self::GiveUp(other.to_string()),
        }
    }
}

impl CoinJobs {
    pub fn new(context: &Context, coin: &Arc<CoinService>) -> Self {
        Self {
            context: context.clone(),
            coin: coin.clone(),
            lease: lease::Lease::default(),
            fitness: watch::Sender::new(Fitness::Unknown),
            wake: Wake::default(),
            untold: AtomicBool::new(false),
        }
    }

    pub fn ticker(&self) -> &str {
        self.coin.spec.coin.ticker()
    }

    /// The best block when the backend may be believed, else why not.
    pub fn fit(&self) -> Result<String, JobError> {
        match &*self.fitness.borrow() {
            Fitness::Fit { best_block, .. } => Ok(best_block.clone()),
            Fitness::Unknown => Err(JobError::Retry("the backend was not reached yet".into())),
            Fitness::Unfit(why) => Err(JobError::Retry(format!("the backend is unfit: {why}"))),
            Fitness::Down(why) => Err(JobError::Retry(format!("the backend is down: {why}"))),
        }
    }
}
