//! The desk's part about what the application is told: events as they were numbered, handlers, deliveries, and delivering
//! again.

mod delivery;
mod handler;
mod numbered;
mod redeliver;

use super::PersonalDesk;
use app::desk::{Answer, Events};
use app::model::{
    DeliveryDetail, DeliveryFilter, DeliveryRow, EventDetail, EventFilter, EventRow, HandlerRow, Page,
    Paging, Redelivered, Redelivery,
};
use async_trait::async_trait;

#[async_trait]
impl Events for PersonalDesk {
    async fn events(&self, filter: &EventFilter, paging: Paging) -> Answer<Page<EventRow>> {
        numbered::list(self, filter, &paging).await
    }
    async fn events_after(&self, sequence: i64, filter: &EventFilter, limit: i64) -> Answer<Vec<EventRow>> {
        numbered::after(self, sequence, filter, limit).await
    }
    async fn event(&self, sequence: i64) -> Answer<EventDetail> {
        numbered::one(self, sequence).await
    }
    async fn newest_event(&self) -> Answer<i64> {
        numbered::newest(self).await
    }

    async fn handlers(&self) -> Answer<Vec<HandlerRow>> {
        handler::list(self).await
    }
    async fn deliveries(&self, filter: &DeliveryFilter, paging: Paging) -> Answer<Page<DeliveryRow>> {
        delivery::list(self, filter, &paging).await
    }
    async fn delivery_details(
        &self,
        filter: &DeliveryFilter,
        paging: Paging,
    ) -> Answer<Page<DeliveryDetail>> {
        delivery::details(self, filter, &paging).await
    }
    async fn delivery(&self, id: i64) -> Answer<DeliveryDetail> {
        delivery::one(self, id).await
    }
    async fn redeliver(&self, which: &Redelivery) -> Answer<Redelivered> {
        redeliver::redeliver(self, which).await
    }
}
