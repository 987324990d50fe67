//! Accounts: owners' balances within a wallet.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Named, Nothing, paging};
use super::said::{List, Said, made};
use crate::answer::Account;
use app::model::{AccountFilter, AccountId, WalletId};
use axum::Json;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(of_wallet, create)).routes(routes!(list)).routes(routes!(one))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfWallet {
    /// The whole name.
    name: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A wallet's accounts
#[utoipa::path(get, path = "/wallets/{id}/accounts", tag = "accounts", params(("id" = i64, Path), OfWallet),
    responses((status = 200, description = "Newest first", body = List<Account>)), security(("bearer" = ["read"])))]
async fn of_wallet(
    caller: Caller,
    Named(wallet): Named<WalletId>,
    Asked(asked): Asked<OfWallet>,
) -> Said<List<Account>> {
    let paging = paging(asked.limit, asked.after)?;
    caller.wallet(wallet).await?;
    let filter = AccountFilter { wallet: Some(wallet), name: asked.name, ..AccountFilter::default() };
    Ok(List::of(caller.all_accounts(&filter, paging).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// 1 to 255 characters, unique within the wallet; trimmed. `Network fees` is reserved.
    #[schema(example = "alice", min_length = 1, max_length = 255)]
    name: String,
}

/// Get or create an account by name
#[utoipa::path(post, path = "/wallets/{id}/accounts", tag = "accounts", params(("id" = i64, Path)), request_body = NewAccount,
    responses((status = 201, description = "Made", body = Account), (status = 200, description = "It was there", body = Account)),
    extensions(("x-codes" = json!(["network_fees_reserved"]))), security(("bearer" = ["receive"])))]
async fn create(
    caller: Caller,
    Named(wallet): Named<WalletId>,
    Body(new): Body<NewAccount>,
) -> Result<Response, Refusal> {
    let created = caller.create_account(wallet, &new.name).await?;
    Ok(made(&created, Account::from(caller.account(created.id).await?)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// A wallet's id.
    wallet: Option<i64>,
    /// The whole name.
    name: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// All accounts
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(Listed),
    responses((status = 200, description = "Newest first", body = List<Account>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<Account>> {
    let filter = AccountFilter { coin: asked.coin, wallet: asked.wallet.map(WalletId), name: asked.name };
    Ok(List::of(caller.all_accounts(&filter, paging(asked.limit, asked.after)?).await?))
}

/// One account
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, description = "The account", body = Account)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(id): Named<AccountId>, _: Asked<Nothing>) -> Said<Account> {
    Ok(Json(caller.account(id).await?.into()))
}
