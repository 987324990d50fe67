//! What the application is told: numbered events, the handlers that they go to, and the deliveries between.

use super::{NetworkTransactionId, Time, TransactionId};

states! {
    EventName {
        TxUpdate = "txupdate",
        BroadcastBroken = "broadcast_broken",
        DepositReversed = "deposit_reversed",
        ForeignSpend = "foreign_spend",
        AccountNegative = "account_negative",
        BalanceMismatch = "balance_mismatch",
        BackendDown = "backend_down",
        BackendUp = "backend_up",
    }
}

states! {
    /// How a handler is told.
    HandlerClass {
        Http = "http",
        Script = "script",
        InProcess = "in_process",
    }
}

states! {
    DeliveryState {
        /// On its way, or waiting for another try.
        Pending = "pending",
        Received = "received",
        /// Not received in three days of tries: it waits for a person.
        Parked = "parked",
        /// The application is done with the transaction.
        Stopped = "stopped",
    }
}

states! {
    /// How one try to hand an event over ended.
    AttemptOutcome {
        Received = "received",
        /// There was an answer, and it wasn't that.
        Refused = "refused",
        Unreachable = "unreachable",
        TimedOut = "timed_out",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub sequence: i64,
    pub name: EventName,
    pub coin: String,
    pub network_transaction: Option<NetworkTransactionId>,
    pub transaction: Option<TransactionId>,
    /// JSON, as handlers get it.
    pub data: String,
    pub created_at: Time,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryRow {
    pub id: i64,
    pub handler: String,
    pub sequence: i64,
    pub name: EventName,
    pub coin: String,
    pub state: DeliveryState,
    /// Nobody delivers: no configuration names the handler.
    pub handler_gone: bool,
    /// The next try; `None` while an earlier event of the same transaction is pending.
    pub due_at: Option<Time>,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryAttemptRow {
    pub number: i64,
    pub started_at: Time,
    pub duration_ms: i64,
    pub outcome: AttemptOutcome,
    pub detail: String,
    /// How the answer begins.
    pub answer: String,
}

/// A delivery with its newest attempts, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryDetail {
    pub delivery: DeliveryRow,
    pub attempts: Vec<DeliveryAttemptRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct EventDetail {
    pub event: EventRow,
    pub deliveries: Vec<DeliveryDetail>,
}

/// A handler and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct HandlerRow {
    pub name: String,
    pub class: HandlerClass,
    pub gone_at: Option<Time>,
    /// Counted up to `COUNTED_MAX`: more than that is only said to be more.
    pub pending: i64,
    pub parked: i64,
    pub oldest_pending_at: Option<Time>,
    pub last_received_at: Option<Time>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Time>,
    pub unreachable_since: Option<Time>,
}

impl HandlerRow {
    /// Nothing is counted further.
    pub const COUNTED_MAX: i64 = 1_000;
}

/// What the list of events is narrowed to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    pub name: Option<EventName>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeliveryFilter {
    pub handler: Option<String>,
    pub state: Option<DeliveryState>,
}

/// What is delivered again.
#[derive(Clone, Debug, PartialEq)]
pub enum Redelivery {
    One(i64),
    /// All of this handler after that event.
    Since {
        handler: String,
        after: i64,
    },
    /// All of this handler that are parked, or failed and wait for another try.
    Failed {
        handler: String,
    },
}

/// What an order delivered again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redelivered {
    pub count: i64,
    /// The last event of them: where an order that met its bound goes on.
    pub up_to: i64,
}
