//! Hands events to one handler: what is due, some at once, in the order that `event/order.rs` keeps. Each handler has a loop,
//! a queue and a lease of its own, so that none waits for another's endpoint. What was handed over and not recorded, since
//! the process died between, is handed over again.

use super::run::back_off;
use super::{Context, JobError, lease};
use crate::db::Execute;
use crate::event::{Due, Named, RecordAttempts, Tried, due};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Events that are handed to one handler at once: an endpoint that takes a second then keeps up with eight a second, and an
/// application isn't overrun when it is back after a day.
const AT_ONCE: usize = 8;
/// How often what is due is looked for, beside being woken by new numbers: they may have been given by another process.
const LOOK: Duration = Duration::from_millis(200);
/// What is under way when the process stops has so long to end; what hasn't is handed over again later.
const STOPPING: Duration = Duration::from_secs(10);

/// Until told to stop. `wake`: new events have numbers.
pub(super) async fn deliver(context: Context, handler: Named, wake: Arc<Notify>) {
    let lease = Arc::new(lease::Lease::default());
    let mut loops = JoinSet::new();
    loops.spawn(keep_lease(context.clone(), handler.name.clone(), lease.clone()));
    let mut queue = Queue::new(context, handler, lease);
    queue.run(&wake).await;
    // Ends by itself at the same word; a loop that died must be seen.
    while let Some(ended) = loops.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a handler's lease is kept no longer");
        }
    }
}

async fn keep_lease(context: Context, handler: String, lease: Arc<lease::Lease>) {
    let mut stop = context.stop.clone();
    loop {
        if let Err(error) = lease.renew_handler(&context, &handler).await {
            tracing::warn!(handler, %error, "the handler's lease could not be renewed");
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(lease::RENEW) => {}
        }
    }
}

pub(super) struct Queue {
    context: Context,
    handler: Named,
    lease: Arc<lease::Lease>,
    under_way: JoinSet<Tried>,
    /// Under way, or done and not recorded yet.
    taken: BTreeSet<i64>,
    done: Vec<Tried>,
}

impl Queue {
    pub fn new(context: Context, handler: Named, lease: Arc<lease::Lease>) -> Self {
        let (under_way, taken, done) = (JoinSet::new(), BTreeSet::new(), Vec::new());
        Self { context, handler, lease, under_way, taken, done }
    }

    async fn run(&mut self, wake: &Notify) {
        let mut stop = self.context.stop.clone();
        let (mut wait, mut failures) = (Duration::ZERO, 0);
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                Some(ended) = self.under_way.join_next() => self.take_in(ended),
                () = wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
            wait = match self.pass().await {
                Ok(()) => {
                    failures = 0;
                    LOOK
                }
                Err(JobError::LeaseLost) => LOOK,
                Err(error) => {
                    failures += 1;
                    tracing::warn!(handler = self.handler.name, %error, "events can't be delivered");
                    back_off(failures)
                }
            };
        }
        self.end().await;
    }

    /// Records what has ended, and starts what is due.
    pub async fn pass(&mut self) -> Result<(), JobError> {
        while let Some(ended) = self.under_way.try_join_next() {
            self.take_in(ended);
        }
        self.record().await?;
        self.lease.epoch(self.context.clock.now())?;
        if self.taken.len() >= AT_ONCE {
            return Ok(());
        }
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let due = due(&self.context.db, &self.handler.name, self.context.clock.now(), limit).await?;
        for due in due {
            if self.taken.len() < AT_ONCE && self.taken.insert(due.id) {
                self.start(due);
            }
        }
        Ok(())
    }

    fn start(&mut self, due: Due) {
        let (handler, clock) = (self.handler.handler.clone(), self.context.clock.clone());
        self.under_way.spawn(async move {
            let (started_at, begun) = (clock.now(), tokio::time::Instant::now());
            let answer = handler.hand_over(&due.event).await;
            let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
            Tried { delivery: due.id, answer, started_at, duration_ms }
        });
    }

    fn take_in(&mut self, ended: Result<Tried, tokio::task::JoinError>) {
        match ended {
            Ok(tried) => self.done.push(tried),
            Err(error) => {
                // Nobody knows which of them it was: all that hasn't ended is looked for anew, and handed over again.
                tracing::error!(handler = self.handler.name, %error, "handing an event over died");
                self.under_way.abort_all();
                self.under_way = JoinSet::new();
                self.taken = self.done.iter().map(|tried| tried.delivery).collect();
            }
        }
    }

    async fn record(&mut self) -> Result<(), JobError> {
        if self.done.is_empty() {
            return Ok(());
        }
        let now = self.context.clock.now();
        let attempts = RecordAttempts { handler: self.handler.name.clone(), tried: self.done.clone(), now };
        let recorded = self.context.db.write(attempts).await?;
        for tried in self.done.drain(..) {
            self.taken.remove(&tried.delivery);
        }
        if recorded.parked > 0 {
            tracing::warn!(handler = self.handler.name, count = recorded.parked, "deliveries are parked");
            // The overview says that somebody has to look.
            self.context.db.write(Execute { name: "park_deliveries", queries: Vec::new() }).await?;
        }
        Ok(())
    }

    async fn end(&mut self) {
        let rest = async {
            while let Some(ended) = self.under_way.join_next().await {
                if let Ok(tried) = ended {
                    self.done.push(tried);
                }
            }
        };
        if tokio::time::timeout(STOPPING, rest).await.is_err() {
            tracing::info!(handler = self.handler.name, "events under way are handed over again later");
        }
        if let Err(error) = self.record().await {
            tracing::warn!(handler = self.handler.name, %error, "attempts could not be recorded; they are made again");
        }
    }

    /// Until nothing is due and nothing under way: for those who decide by themselves when it happens.
    pub async fn drain(&mut self) -> Result<(), JobError> {
        loop {
            self.pass().await?;
            match self.under_way.join_next().await {
                Some(ended) => self.take_in(ended),
                None => return Ok(()),
            }
        }
    }
}
