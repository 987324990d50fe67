//! The jobs' passes one by one, in an order that the caller chooses: for simulations, where a seed decides who runs
//! when and who dies in between. People's installations use `run`.

use super::{CoinJobs, Context, JobError, audit, backend, broadcast, confirm, observe, scan};
use crate::coins::CoinService;
use std::sync::Arc;

/// One runner of one coin.
pub struct Steps(CoinJobs);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Lease,
    Backend,
    Scan,
    Confirm,
    Broadcast,
    Audit,
}

impl Steps {
    pub fn new(context: &Context, coin: &Arc<CoinService>) -> Self {
        Self(CoinJobs::new(context, coin))
    }

    /// What it did, in words. As the loops of `run`, it does nothing without the coin's lease.
    pub async fn take(&self, step: Step) -> Result<String, JobError> {
        let jobs = &self.0;
        if step != Step::Lease {
            jobs.lease.epoch(jobs.context.clock.now())?;
        }
        match step {
            Step::Lease => {
                let held = jobs.lease.renew(&jobs.context, &jobs.coin).await?;
                if held { Ok("has the lease".into()) } else { Err(JobError::LeaseLost) }
            }
            Step::Backend => backend::pass(jobs).await,
            Step::Scan => scan::pass(jobs).await,
            Step::Confirm => confirm::pass(jobs).await,
            Step::Broadcast => broadcast::pass(jobs).await,
            Step::Audit => audit::pass(jobs).await,
        }
    }

    /// As a wallet notification of this txid would: no lease is needed for it.
    pub async fn notified(&self, txid: &str) -> Result<Option<bool>, JobError> {
        observe::observe(&self.0, txid).await
    }
}
