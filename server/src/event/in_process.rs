//! Events to a function of this very process, for those who build Coffer into a program of their own. Functions are known
//! by the name that the configuration gives; `coffer` itself brings `log` alone.

use super::{Answer, Event, Handler};
use app::model::AttemptOutcome;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A function that hangs must not keep its queue for ever; the longest that another handler may take.
const LIMIT: Duration = Duration::from_mins(1);

/// Called with each event, perhaps more than once. An error is a failed attempt, and says why.
pub type Callback =
    Arc<dyn Fn(Event) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// What handlers of the class `in_process` may name.
#[derive(Clone)]
pub struct Callbacks(BTreeMap<String, Callback>);

impl Default for Callbacks {
    fn default() -> Self {
        Self(BTreeMap::new()).with("log", |event: Event| async move {
            tracing::info!(sequence = event.sequence, name = event.name, data = event.data, "an event");
            Ok(())
        })
    }
}

impl Callbacks {
    #[must_use]
    pub fn with<F, Called>(mut self, name: &str, callback: F) -> Self
    where
        F: Fn(Event) -> Called + Send + Sync + 'static,
        Called: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.0.insert(name.to_owned(), Arc::new(move |event| Box::pin(callback(event))));
        self
    }

    pub fn get(&self, name: &str) -> Result<Callback, String> {
        let names = || self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| format!("nothing is registered as \"{name}\"; there is {}", names()))
    }
}

pub struct InProcess(pub Callback);

#[async_trait]
impl Handler for InProcess {
    async fn hand_over(&self, event: &Event) -> Answer {
        // In a task of its own, so that one that panics is a failed attempt and nothing more.
        let called = tokio::spawn((self.0)(event.clone()));
        let stop = called.abort_handle();
        match tokio::time::timeout(LIMIT, called).await {
            Ok(Ok(Ok(()))) => Answer::new(AttemptOutcome::Received, "done", ""),
            Ok(Ok(Err(problem))) => Answer::new(AttemptOutcome::Refused, problem, ""),
            Ok(Err(_)) => Answer::new(AttemptOutcome::Refused, "it panicked", ""),
            Err(_) => {
                stop.abort();
                Answer::new(AttemptOutcome::TimedOut, "no answer in time", "")
            }
        }
    }
}
