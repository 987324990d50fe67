//! Addresses: made by the backend, imported, listed, archived.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Key, Named, NoBody, paging};
use super::said::{List, Said, done};
use crate::answer::Address;
use app::model::{AccountId, AddressFilter, AddressId};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(of_account))
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(archive))
}

/// These keep what they answer by themselves.
pub fn kept() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(import))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfAccount {
    /// Archived ones instead of live ones.
    #[serde(default)]
    archived: bool,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// An account's addresses
#[utoipa::path(get, path = "/accounts/{id}/addresses", tag = "addresses", params(("id" = i64, Path), OfAccount),
    responses((status = 200, description = "Newest first", body = List<Address>)), security(("bearer" = ["read"])))]
async fn of_account(
    caller: Caller,
    Named(account): Named<AccountId>,
    Asked(asked): Asked<OfAccount>,
) -> Said<List<Address>> {
    let paging = paging(asked.limit, asked.after)?;
    caller.account(account).await?;
    Ok(List::of(caller.addresses(account, asked.archived, paging).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    /// At most 255 characters. Null: an automatic one.
    #[schema(example = "order 55817", max_length = 255)]
    #[serde(default)]
    label: Option<String>,
}

/// Make a receiving address
///
/// The backend makes it. A failure of the backend leaves nothing behind.
#[utoipa::path(post, path = "/accounts/{id}/addresses", tag = "addresses", params(("id" = i64, Path)), request_body = NewAddress,
    responses((status = 201, description = "The address", body = Address)),
    extensions(("x-key-required" = json!(true)), ("x-codes" = json!(["network_fees_reserved", "backend_unavailable"]))),
    security(("bearer" = ["receive"])))]
async fn create(
    caller: Caller,
    Named(account): Named<AccountId>,
    Key(key): Key,
    Body(new): Body<NewAddress>,
) -> Result<Response, Refusal> {
    let label = new.label.unwrap_or_default();
    Ok(done(StatusCode::CREATED, caller.create_address(account, &label, &key).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    #[schema(example = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    address: String,
    /// At most 255 characters. Null: an automatic one.
    #[schema(max_length = 255)]
    #[serde(default)]
    label: Option<String>,
}

/// Import an address of the hot wallet
///
/// One whose key the backend's wallet has and that the books don't know, or know as external. What it received before is
/// found by the next scan.
#[utoipa::path(post, path = "/accounts/{id}/addresses/import", tag = "addresses", params(("id" = i64, Path)), request_body = Imported,
    responses((status = 201, description = "The address", body = Address)),
    extensions(("x-codes" = json!(["bad_address", "address_exists", "network_fees_reserved", "backend_unavailable"]))),
    security(("bearer" = ["receive"])))]
async fn import(
    caller: Caller,
    Named(account): Named<AccountId>,
    key: Option<Key>,
    Body(imported): Body<Imported>,
) -> Result<Response, Refusal> {
    let (label, key) = (imported.label.unwrap_or_default(), key.map(|key| key.0));
    let imported = caller.import_address(account, &imported.address, &label, key.as_deref()).await?;
    Ok(done(StatusCode::CREATED, imported))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// An account's id.
    account: Option<i64>,
    /// How it begins, or all of it.
    address: Option<String>,
    /// Archived ones instead of live ones.
    #[serde(default)]
    archived: bool,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// All addresses
#[utoipa::path(get, path = "/addresses", tag = "addresses", params(Listed),
    responses((status = 200, description = "Newest first; external ones too", body = List<Address>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<Address>> {
    let filter = AddressFilter {
        coin: asked.coin,
        account: asked.account.map(AccountId),
        address: asked.address,
        archived: Some(asked.archived),
        ..AddressFilter::default()
    };
    Ok(List::of(caller.all_addresses(&filter, paging(asked.limit, asked.after)?).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Confirmed {
    /// Adds `received`: what it received by deposits of at least so many, up to the coin's `max_confirmation_count`.
    confirmations: Option<i64>,
}

/// One address
#[utoipa::path(get, path = "/addresses/{id}", tag = "addresses", params(("id" = i64, Path), Confirmed),
    responses((status = 200, description = "The address", body = Address)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(id): Named<AddressId>, Asked(asked): Asked<Confirmed>) -> Said<Address> {
    let confirmations = asked.confirmations.map(|count| count.to_string());
    let detail = caller.address(id, confirmations.as_deref()).await?;
    Ok(Json(if confirmations.is_some() { Address::with_received(detail) } else { detail.address.into() }))
}

/// Archive an address
///
/// It leaves the lists; money that still arrives on it is credited.
#[utoipa::path(post, path = "/addresses/{id}/archive", tag = "addresses", params(("id" = i64, Path)),
    responses((status = 200, description = "The address", body = Address)), security(("bearer" = ["receive"])))]
async fn archive(caller: Caller, Named(id): Named<AddressId>, _: NoBody) -> Said<Address> {
    caller.archive_address(id).await?;
    Ok(Json(caller.address(id, None).await?.address.into()))
}
