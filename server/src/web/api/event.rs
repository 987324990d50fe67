//! Events, their handlers and deliveries; `feed.rs` has the feed.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Named, NoBody, Nothing, paging, word};
use super::said::{List, Said};
use crate::answer::{Delivery, EventAnswer, HandlerAnswer, Problem, RedeliveredAnswer};
use app::model::{DeliveryFilter, DeliveryState, EventFilter, EventName, Redelivery};
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Events of a page when nobody says.
const USUAL: i64 = 50;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(handlers))
        .routes(routes!(deliveries))
        .routes(routes!(delivery))
        .routes(routes!(redeliver))
        .routes(routes!(redeliver_many))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    /// Those after this sequence; from the first when not said.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// `txupdate`, `broadcast_broken`, `deposit_reversed`, `foreign_spend`, `account_negative`, `balance_mismatch`,
    /// `backend_down` or `backend_up`.
    name: Option<String>,
    /// Events of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Events
///
/// In the order of their sequence, without a gap where no name is given. `next` is null where no more are known yet: go on
/// from the last sequence, or wait for more by the feed.
#[utoipa::path(get, path = "/events", tag = "events", params(Listed),
    responses((status = 200, description = "In order", body = List<EventAnswer>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<EventAnswer>> {
    let names: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
    let filter = EventFilter { name: word("name", asked.name, &names)? };
    let limit = paging(asked.limit, None)?.limit.unwrap_or(USUAL);
    let after = sequence(asked.after)?;
    let items = caller.events_after(after, &filter, limit).await?;
    Ok(page(items.into_iter().map(Into::into).collect(), limit))
}

pub(super) fn sequence(asked: Option<i64>) -> Result<i64, Refusal> {
    match asked.unwrap_or(0) {
        sequence @ 0.. => Ok(sequence),
        _ => Err(Problem::field("after", "after: write the sequence of an event, or 0.").into()),
    }
}

/// A full page goes on after its last event.
pub(super) fn page(items: Vec<EventAnswer>, limit: i64) -> Json<List<EventAnswer>> {
    let full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
    let next = items.last().filter(|_| full).map(|event| event.sequence.to_string());
    Json(List { items, next })
}

/// Whom events are delivered to
#[utoipa::path(get, path = "/handlers", tag = "events",
    responses((status = 200, description = "By name; those that are gone last", body = List<HandlerAnswer>)), security(("bearer" = ["read"])))]
async fn handlers(caller: Caller, _: Asked<Nothing>) -> Said<List<HandlerAnswer>> {
    let items = caller.handlers().await?.into_iter().map(Into::into).collect();
    Ok(Json(List { items, next: None }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListedDeliveries {
    /// Its name.
    handler: Option<String>,
    /// `pending`, `received`, `parked` or `stopped`.
    state: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Deliveries
#[utoipa::path(get, path = "/deliveries", tag = "events", params(ListedDeliveries),
    responses((status = 200, description = "Newest first, with their attempts", body = List<Delivery>)), security(("bearer" = ["read"])))]
async fn deliveries(caller: Caller, Asked(asked): Asked<ListedDeliveries>) -> Said<List<Delivery>> {
    let states: Vec<&str> = DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
    let filter = DeliveryFilter { handler: asked.handler, state: word("state", asked.state, &states)? };
    Ok(List::of(caller.delivery_details(&filter, paging(asked.limit, asked.after)?).await?))
}

/// One delivery
#[utoipa::path(get, path = "/deliveries/{id}", tag = "events", params(("id" = i64, Path)),
    responses((status = 200, description = "The delivery with its attempts", body = Delivery)), security(("bearer" = ["read"])))]
async fn delivery(caller: Caller, Named(id): Named<i64>, _: Asked<Nothing>) -> Said<Delivery> {
    Ok(Json(caller.delivery(id).await?.into()))
}

/// Deliver one again
///
/// Under the same id, after what is before it of the same transaction.
#[utoipa::path(post, path = "/deliveries/{id}/redeliver", tag = "events", params(("id" = i64, Path)),
    responses((status = 200, description = "The delivery, `pending`", body = Delivery)),
    extensions(("x-codes" = json!(["handler_gone"]))), security(("bearer" = ["vet"])))]
async fn redeliver(caller: Caller, Named(id): Named<i64>, _: NoBody) -> Said<Delivery> {
    caller.redeliver(&Redelivery::One(id)).await?;
    Ok(Json(caller.delivery(id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Many {
    #[schema(example = "my_app")]
    handler: String,
    /// All after this sequence, also what was received. Null: all that is parked, or failed and waits for another try.
    #[schema(example = 1200, minimum = 0)]
    #[serde(default)]
    after: Option<i64>,
}

/// Deliver many again
#[utoipa::path(post, path = "/deliveries/redeliver", tag = "events", request_body = Many,
    responses((status = 200, description = "How many, in the order of their events", body = RedeliveredAnswer)),
    extensions(("x-codes" = json!(["handler_gone", "not_found"]))), security(("bearer" = ["vet"])))]
async fn redeliver_many(caller: Caller, Body(many): Body<Many>) -> Said<RedeliveredAnswer> {
    let handler = many.handler;
    let which = match many.after {
        Some(after) => Redelivery::Since { handler, after: sequence(Some(after))? },
        None => Redelivery::Failed { handler },
    };
    Ok(Json(caller.redeliver(&which).await?.into()))
}
