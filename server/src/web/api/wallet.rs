//! Wallets: named books of one coin.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Named, NoBody, Paged};
use super::said::{List, Said, made};
use crate::answer::Wallet;
use app::model::WalletId;
use axum::Json;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(broadcast))
}

/// All wallets
#[utoipa::path(get, path = "/wallets", tag = "wallets", params(Paged),
    responses((status = 200, description = "Newest first", body = List<Wallet>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Paged>) -> Said<List<Wallet>> {
    Ok(List::of(caller.all_wallets(asked.paging()?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWallet {
    #[schema(example = "btc")]
    coin: String,
    /// 1 to 255 characters, unique within the coin; trimmed.
    #[schema(example = "shop", min_length = 1, max_length = 255)]
    name: String,
}

/// Get or create a wallet by name
#[utoipa::path(post, path = "/wallets", tag = "wallets", request_body = NewWallet,
    responses((status = 201, description = "Made", body = Wallet), (status = 200, description = "It was there", body = Wallet)),
    security(("bearer" = ["receive"])))]
async fn create(caller: Caller, Body(new): Body<NewWallet>) -> Result<Response, Refusal> {
    let created = caller.create_wallet(&new.coin, &new.name).await?;
    Ok(made(&created, Wallet::from(caller.wallet(created.id).await?)))
}

/// One wallet
#[utoipa::path(get, path = "/wallets/{id}", tag = "wallets", params(("id" = i64, Path)),
    responses((status = 200, description = "The wallet", body = Wallet)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(id): Named<WalletId>, _: Asked<super::read::Nothing>) -> Said<Wallet> {
    Ok(Json(caller.wallet(id).await?.into()))
}

/// Hold the wallet's broadcasts back
///
/// No broadcast of it is collected or opened until it is resumed.
#[utoipa::path(post, path = "/wallets/{id}/pause", tag = "wallets", params(("id" = i64, Path)),
    responses((status = 200, description = "The wallet", body = Wallet)), security(("bearer" = ["vet"])))]
async fn pause(caller: Caller, Named(id): Named<WalletId>, _: NoBody) -> Said<Wallet> {
    caller.pause_wallet(id).await?;
    Ok(Json(caller.wallet(id).await?.into()))
}

/// Let the wallet's broadcasts go on
#[utoipa::path(post, path = "/wallets/{id}/resume", tag = "wallets", params(("id" = i64, Path)),
    responses((status = 200, description = "The wallet", body = Wallet)), security(("bearer" = ["vet"])))]
async fn resume(caller: Caller, Named(id): Named<WalletId>, _: NoBody) -> Said<Wallet> {
    caller.resume_wallet(id).await?;
    Ok(Json(caller.wallet(id).await?.into()))
}

/// Broadcast what is pending now
///
/// What backs off is tried again; the broadcast job goes over the wallet within a second or so.
#[utoipa::path(post, path = "/wallets/{id}/broadcast", tag = "wallets", params(("id" = i64, Path)),
    responses((status = 200, description = "The wallet", body = Wallet)), security(("bearer" = ["vet"])))]
async fn broadcast(caller: Caller, Named(id): Named<WalletId>, _: NoBody) -> Said<Wallet> {
    caller.broadcast_now(id).await?;
    Ok(Json(caller.wallet(id).await?.into()))
}
