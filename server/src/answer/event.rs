//! Events, handlers and deliveries, as the API answers them.

use super::{TimeText, time};
use app::model::{DeliveryAttemptRow, DeliveryDetail, EventRow, HandlerRow, Redelivered};
use serde::Serialize;
use utoipa::ToSchema;

/// What the application is told.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventAnswer {
    /// Gapless and never reused: where to go on from.
    #[schema(example = 7)]
    pub sequence: i64,
    #[schema(example = "txupdate")]
    pub name: &'static str,
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    pub created_at: TimeText,
}

impl From<EventRow> for EventAnswer {
    fn from(row: EventRow) -> Self {
        Self {
            sequence: row.sequence,
            name: row.name.as_str(),
            // Written by ourselves, as an object.
            data: serde_json::from_str(&row.data).unwrap_or_default(),
            created_at: row.created_at.into(),
        }
    }
}

/// One event on its way to one handler.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delivery {
    pub id: i64,
    #[schema(example = "my_app")]
    pub handler: String,
    /// Of the event.
    pub sequence: i64,
    #[schema(example = "txupdate")]
    pub name: &'static str,
    /// `pending`, `received`, `parked` or `stopped`.
    #[schema(example = "received")]
    pub state: &'static str,
    /// The next try; null while an earlier event of the same transaction is pending.
    pub due_at: Option<TimeText>,
    pub last_error: Option<String>,
    /// Of all of them the newest fifty, newest first.
    pub attempts: Vec<DeliveryAttempt>,
    pub attempt_count: i64,
    pub created_at: TimeText,
    pub finished_at: Option<TimeText>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    pub number: i64,
    pub started_at: TimeText,
    pub duration_ms: i64,
    /// `received`, `refused`, `unreachable` or `timed_out`.
    #[schema(example = "refused")]
    pub outcome: &'static str,
    #[schema(example = "status 500")]
    pub detail: String,
    /// How the answer begins.
    pub answer: String,
}

impl From<DeliveryAttemptRow> for DeliveryAttempt {
    fn from(row: DeliveryAttemptRow) -> Self {
        Self {
            number: row.number,
            started_at: row.started_at.into(),
            duration_ms: row.duration_ms,
            outcome: row.outcome.as_str(),
            detail: row.detail,
            answer: row.answer,
        }
    }
}

impl From<DeliveryDetail> for Delivery {
    fn from(detail: DeliveryDetail) -> Self {
        let row = detail.delivery;
        Self {
            id: row.id,
            handler: row.handler,
            sequence: row.sequence,
            name: row.name.as_str(),
            state: row.state.as_str(),
            due_at: time(row.due_at),
            last_error: row.last_error,
            attempts: detail.attempts.into_iter().map(Into::into).collect(),
            attempt_count: row.attempts,
            created_at: row.created_at.into(),
            finished_at: time(row.finished_at),
        }
    }
}

/// Whom events are delivered to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Handler)]
pub struct HandlerAnswer {
    #[schema(example = "my_app")]
    pub name: String,
    /// `http`, `script` or `in_process`.
    #[schema(example = "http")]
    pub class: &'static str,
    /// Since when no configuration names it.
    pub gone_at: Option<TimeText>,
    /// Counted up to 1,000.
    pub pending: i64,
    /// Counted up to 1,000.
    pub parked: i64,
    pub last_received_at: Option<TimeText>,
    pub last_error: Option<String>,
    pub last_error_at: Option<TimeText>,
    /// Since when nobody answers there.
    pub unreachable_since: Option<TimeText>,
}

impl From<HandlerRow> for HandlerAnswer {
    fn from(row: HandlerRow) -> Self {
        Self {
            name: row.name,
            class: row.class.as_str(),
            gone_at: time(row.gone_at),
            pending: row.pending,
            parked: row.parked,
            last_received_at: time(row.last_received_at),
            last_error: row.last_error,
            last_error_at: time(row.last_error_at),
            unreachable_since: time(row.unreachable_since),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Redelivered)]
pub struct RedeliveredAnswer {
    /// How many are on the way again, at most 5,000 at once.
    pub count: i64,
    /// The last event of them: `after` of an order that goes on.
    pub up_to: i64,
}

impl From<Redelivered> for RedeliveredAnswer {
    fn from(done: Redelivered) -> Self {
        Self { count: done.count, up_to: done.up_to }
    }
}
