//! The part of the desk about what the application is told: numbered events, and their deliveries to its handlers.

use super::Answer;
use crate::model::{
    DeliveryDetail, DeliveryFilter, DeliveryRow, EventDetail, EventFilter, EventRow, HandlerRow, Page,
    Paging, Redelivered, Redelivery,
};
use async_trait::async_trait;

#[async_trait]
pub trait Events: Send + Sync {
    /// Newest first.
    async fn events(&self, filter: &EventFilter, paging: Paging) -> Answer<Page<EventRow>>;
    /// Those after this sequence, in order, without a gap where no filter is given; at most `limit`.
    async fn events_after(&self, sequence: i64, filter: &EventFilter, limit: i64) -> Answer<Vec<EventRow>>;
    async fn event(&self, sequence: i64) -> Answer<EventDetail>;
    /// The number that was given last; 0 before the first.
    async fn newest_event(&self) -> Answer<i64>;

    /// Handlers that the configuration names, then those that are gone.
    async fn handlers(&self) -> Answer<Vec<HandlerRow>>;
    /// Newest first.
    async fn deliveries(&self, filter: &DeliveryFilter, paging: Paging) -> Answer<Page<DeliveryRow>>;
    /// The list, each with its newest attempts.
    async fn delivery_details(&self, filter: &DeliveryFilter, paging: Paging)
    -> Answer<Page<DeliveryDetail>>;
    async fn delivery(&self, id: i64) -> Answer<DeliveryDetail>;
    /// In the order of their events, under the same ids; at most so many at once that it takes seconds.
    async fn redeliver(&self, which: &Redelivery) -> Answer<Redelivered>;
}
