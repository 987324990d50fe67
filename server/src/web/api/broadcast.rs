//! Broadcasts and their vetting: closed, reopened, cancelled, under the same guards as on the page.

use super::Api;
use super::read::{Asked, Body, Caller, Named, Nothing, paging, word};
use super::said::{List, Said};
use crate::answer::Broadcast;
use app::model::{Act, BroadcastFilter, Closing, NetworkTransactionId, NetworkTransactionState, WalletId};
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(close))
        .routes(routes!(reopen))
        .routes(routes!(cancel))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// A wallet's id.
    wallet: Option<i64>,
    /// `collected`, `prepared`, `open`, `broken`, `closed`, `settled`, `conflicted`, `cancelling` or `cancelled`.
    state: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Broadcasts
#[utoipa::path(get, path = "/broadcasts", tag = "network", params(Listed),
    responses((status = 200, description = "Newest first", body = List<Broadcast>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<Broadcast>> {
    let states: Vec<&str> = NetworkTransactionState::ALL.iter().map(|state| state.as_str()).collect();
    let filter = BroadcastFilter {
        coin: asked.coin,
        wallet: asked.wallet.map(WalletId),
        state: word("state", asked.state, &states)?,
        ..BroadcastFilter::default()
    };
    Ok(List::of(caller.broadcast_details(&filter, paging(asked.limit, asked.after)?).await?))
}

/// One broadcast
#[utoipa::path(get, path = "/broadcasts/{id}", tag = "network", params(("id" = i64, Path)),
    responses((status = 200, description = "The broadcast", body = Broadcast)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(id): Named<NetworkTransactionId>, _: Asked<Nothing>) -> Said<Broadcast> {
    Ok(Json(caller.broadcast(id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToClose {
    /// 64 characters.
    #[schema(example = "3a5f…", pattern = "^[0-9A-Fa-f]{64}$")]
    txid: String,
    /// Why, for whoever looks later; 1 to 110 characters.
    #[schema(min_length = 1, max_length = 110)]
    #[serde(default)]
    reason: Option<String>,
    /// Why it was sent although the backend can't show it. Null: only what the backend shows is closed.
    #[schema(min_length = 1, max_length = 110)]
    #[serde(default)]
    override_reason: Option<String>,
}

/// Close a broadcast: the network has it
///
/// The txid is checked against the backend: it exists, pays all outputs, and is no other broadcast's.
#[utoipa::path(post, path = "/broadcasts/{id}/close", tag = "network", params(("id" = i64, Path)), request_body = ToClose,
    responses((status = 200, description = "The broadcast", body = Broadcast)),
    extensions(("x-codes" = json!(["wrong_state", "evidence_forbids", "backend_unavailable"]))), security(("bearer" = ["vet"])))]
async fn close(
    caller: Caller,
    Named(id): Named<NetworkTransactionId>,
    Body(closing): Body<ToClose>,
) -> Said<Broadcast> {
    let closing = Closing {
        txid: closing.txid,
        reason: closing.reason.unwrap_or_else(|| "Closed over the API.".into()),
        override_reason: closing.override_reason.unwrap_or_default(),
    };
    caller.close_broadcast(id, &closing).await?;
    Ok(Json(caller.broadcast(id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// 1 to 110 characters.
    #[schema(example = "The node was restarted from an older copy.", min_length = 1, max_length = 110)]
    reason: String,
}

/// Reopen a broadcast: the network hasn't got it
///
/// Refused while the evidence doesn't say `not_found`.
#[utoipa::path(post, path = "/broadcasts/{id}/reopen", tag = "network", params(("id" = i64, Path)), request_body = Why,
    responses((status = 200, description = "The broadcast", body = Broadcast)),
    extensions(("x-codes" = json!(["wrong_state", "evidence_forbids"]))), security(("bearer" = ["vet"])))]
async fn reopen(
    caller: Caller,
    Named(id): Named<NetworkTransactionId>,
    Body(why): Body<Why>,
) -> Said<Broadcast> {
    caller.vet_broadcast(id, Act::Reopen, &why.reason).await?;
    Ok(Json(caller.broadcast(id).await?.into()))
}

/// Cancel a broadcast
///
/// Never handed over: the money is back at once. Handed over: by a version that takes the anchor back to us.
#[utoipa::path(post, path = "/broadcasts/{id}/cancel", tag = "network", params(("id" = i64, Path)), request_body = Why,
    responses((status = 200, description = "The broadcast", body = Broadcast)),
    extensions(("x-codes" = json!(["wrong_state", "evidence_forbids"]))), security(("bearer" = ["vet"])))]
async fn cancel(
    caller: Caller,
    Named(id): Named<NetworkTransactionId>,
    Body(why): Body<Why>,
) -> Said<Broadcast> {
    caller.vet_broadcast(id, Act::Cancel, &why.reason).await?;
    Ok(Json(caller.broadcast(id).await?.into()))
}
