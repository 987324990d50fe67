//! Deposits and broadcasts together, as transactions of the coins' networks.

use super::Api;
use super::read::{Asked, Caller, Named, Nothing, paging, word};
use super::said::{List, Said};
use crate::answer::NetworkTransaction;
use app::model::{
    NetworkTransactionFilter, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType,
};
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// `deposit` or `broadcast`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    state: Option<String>,
    /// How it begins, or all of it.
    txid: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Network transactions
#[utoipa::path(get, path = "/network-transactions", tag = "network", params(Listed),
    responses((status = 200, description = "Newest first", body = List<NetworkTransaction>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<NetworkTransaction>> {
    let states: Vec<&str> = NetworkTransactionState::ALL.iter().map(|state| state.as_str()).collect();
    let filter = NetworkTransactionFilter {
        coin: asked.coin,
        kind: word::<NetworkTransactionType>("type", asked.kind, &["deposit", "broadcast"])?,
        state: word("state", asked.state, &states)?,
        txid: asked.txid,
        ..NetworkTransactionFilter::default()
    };
    Ok(List::of(caller.network_transaction_details(&filter, paging(asked.limit, asked.after)?).await?))
}

/// One network transaction
#[utoipa::path(get, path = "/network-transactions/{id}", tag = "network", params(("id" = i64, Path)),
    responses((status = 200, description = "The network transaction", body = NetworkTransaction)), security(("bearer" = ["read"])))]
async fn one(
    caller: Caller,
    Named(id): Named<NetworkTransactionId>,
    _: Asked<Nothing>,
) -> Said<NetworkTransaction> {
    Ok(Json(caller.network_transaction(id).await?.into()))
}
