//! Events on their way out: opens the handlers of the configuration, and runs the loop that numbers and one loop for each
//! handler. `Outbox` does the same one after the other, when its caller says.

use super::deliver::{Queue, deliver};
use super::run::back_off;
use super::{Context, JobError, lease, number};
use crate::event::{self, Named, RegisterHandlers};
use crate::ledger::Installation;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Until told to stop; ends before only where a loop died, which ends the process.
pub(super) async fn run(context: Context, asked: Arc<Notify>) {
    let Some(handlers) = open(&context).await else { return };
    let (mut loops, mut wakes) = (JoinSet::new(), Vec::new());
    for handler in handlers {
        let wake = Arc::new(Notify::new());
        wakes.push(wake.clone());
        loops.spawn(deliver(context.clone(), handler, wake));
    }
    loops.spawn(number::keep(context.clone(), asked, wakes));
    while let Some(ended) = loops.join_next().await {
        if let Err(error) = &ended {
            tracing::error!(%error, "a loop that tells of events died");
        }
        if ended.is_err() || !*context.stop.borrow() {
            return;
        }
    }
}

/// As soon as the database answers. `None`: told to stop meanwhile, or they can't be opened at all.
async fn open(context: &Context) -> Option<Vec<Named>> {
    let mut stop = context.stop.clone();
    let mut failures = 0;
    loop {
        match handlers(context).await {
            Ok(handlers) => return Some(handlers),
            Err(JobError::Retry(problem)) => tracing::warn!(problem, "nobody can be told of events yet"),
            Err(problem) => {
                tracing::error!(%problem, "nobody can be told of events");
                return None;
            }
        }
        failures += 1;
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return None,
            () = tokio::time::sleep(back_off(failures)) => {}
        }
    }
}

/// All handlers of one process, for tests where a clock that stands still decides what is due.
pub struct Outbox {
    context: Context,
    queues: Vec<(Arc<lease::Lease>, String, Queue)>,
}

impl Outbox {
    pub async fn open(context: &Context) -> Result<Self, JobError> {
        let queues = handlers(context).await?.into_iter().map(|handler| {
            let (lease, name) = (Arc::new(lease::Lease::default()), handler.name.clone());
            (lease.clone(), name, Queue::new(context.clone(), handler, lease))
        });
        Ok(Self { queues: queues.collect(), context: context.clone() })
    }

    /// Numbers what is new, and delivers until nothing is due; a handler whose lease another process holds is left to it.
    pub async fn pass(&mut self) -> Result<(), JobError> {
        number::pass(&self.context).await?;
        for (lease, name, queue) in &mut self.queues {
            if lease.renew_handler(&self.context, name).await? {
                queue.drain().await?;
            }
        }
        Ok(())
    }
}

/// The handlers of the configuration, opened and known to the database.
async fn handlers(context: &Context) -> Result<Vec<Named>, JobError> {
    let fresh = context.db.random_id();
    let installation = context.db.write(Installation { fresh }).await?;
    let handlers = event::open(&context.events, &context.callbacks, &installation, &context.clock)
        .map_err(JobError::GiveUp)?;
    let names = handlers.iter().map(|handler| (handler.name.clone(), handler.class.as_str().to_owned()));
    context.db.write(RegisterHandlers { handlers: names.collect(), now: context.clock.now() }).await?;
    Ok(handlers)
}
