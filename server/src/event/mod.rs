//! Telling others: numbered events, handed to the application's handlers. `number.rs` gives the numbers, `outbox.rs` keeps
//! who still has to hear of what, `order.rs` says who waits for whom; `http.rs`, `script.rs` and `in_process.rs` hand
//! over. Knows no rules of money; `job/deliver.rs` runs all this.

mod destination;
pub mod feed;
mod http;
mod in_process;
mod number;
mod order;
mod outbox;
mod redeliver;
mod register;
mod schedule;
mod script;
mod signature;

pub use destination::fault as destination_fault;
pub use http::{Http, HttpSettings};
pub use in_process::{Callback, Callbacks, InProcess};
pub use number::{NUMBERED_AT_ONCE, number};
pub(crate) use order::OUTBOX_LOCK;
pub(crate) use outbox::stop;
pub use outbox::{Due, RecordAttempts, Recorded, Tried, due};
pub use redeliver::{REDELIVERED_AT_ONCE, Redeliver};
pub use register::{RegisterHandlers, TakeHandlerLease};
pub use schedule::{PATIENCE_SECONDS, next_delay_seconds};
pub use script::{Script, ScriptSettings};
pub use signature::{SigningKey, SigningKeyError};

use crate::clock::Clock;
use crate::config::{HandlerKind, HandlerSettings};
use app::model::{AttemptOutcome, HandlerClass, Time};
use async_trait::async_trait;
use std::sync::Arc;

/// Characters of an answer that are kept: enough to see what went wrong, and what the database's own check allows.
pub const ANSWER_MAX: usize = 1_000;

/// A numbered event, as handlers and feed hand it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub sequence: i64,
    pub name: String,
    /// JSON.
    pub data: String,
    pub created_at: Time,
}

crate::record!(Event { sequence, name, data, created_at });

/// How handing over ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: AttemptOutcome,
    /// In words: the status, the exit code, or what went wrong.
    pub detail: String,
    /// How the answer begins, at most `ANSWER_MAX` characters.
    pub text: String,
}

impl Answer {
    pub fn new(outcome: AttemptOutcome, detail: impl Into<String>, text: &str) -> Self {
        Self { outcome, detail: cut(&detail.into()), text: cut(text) }
    }
}

/// What both databases keep: no NUL, and no more than is allowed.
fn cut(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(ANSWER_MAX).collect()
}

/// One way to tell the application.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Hands one event over and waits for the answer, within a limit of its own.
    async fn hand_over(&self, event: &Event) -> Answer;
}

/// A handler under its name of the configuration.
#[derive(Clone)]
pub struct Named {
    pub name: String,
    pub class: HandlerClass,
    pub handler: Arc<dyn Handler>,
}

/// Opens every handler of the configuration; the error is a fault of it. `installation` names this database in the ids
/// of events, so that two of them can share an endpoint.
pub fn open(
    settings: &[HandlerSettings],
    callbacks: &Callbacks,
    installation: &str,
    clock: &Clock,
) -> Result<Vec<Named>, String> {
    settings
        .iter()
        .map(|one| {
            let handler: Result<Arc<dyn Handler>, String> = match &one.kind {
                HandlerKind::Http(http) => {
                    Http::new(http, installation, clock).map(|http| Arc::new(http) as _)
                }
                HandlerKind::Script(script) => Ok(Arc::new(Script::new(script.clone()))),
                HandlerKind::InProcess { callback } => {
                    callbacks.get(callback).map(|callback| Arc::new(InProcess(callback)) as _)
                }
            };
            let handler = handler.map_err(|problem| format!("events.{}: {problem}", one.name))?;
            Ok(Named { name: one.name.clone(), class: one.kind.class(), handler })
        })
        .collect()
}
