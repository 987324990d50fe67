//! Coins, their backends, what an address is to one, what a broadcast costs, the receive scan.

use super::Api;
use super::read::{Asked, Body, Caller, Named, NoBody, Nothing, Paged};
use super::said::{List, Said};
use crate::answer::{AddressChecked, CoinAnswer, Estimate, JobAnswer};
use app::desk::AppError;
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(validate_address))
        .routes(routes!(fee_estimate))
        .routes(routes!(scan))
}

/// All coins
#[utoipa::path(get, path = "/coins", tag = "coins", params(Paged),
    responses((status = 200, description = "In the order of the configuration", body = List<CoinAnswer>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Paged>) -> Said<List<CoinAnswer>> {
    let paging = asked.paging()?;
    List::cut(caller.coins().await?, &paging)
}

/// One coin
#[utoipa::path(get, path = "/coins/{coin}", tag = "coins", params(("coin" = String, Path)),
    responses((status = 200, description = "The coin", body = CoinAnswer)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(coin): Named<String>, _: Asked<Nothing>) -> Said<CoinAnswer> {
    Ok(Json(caller.coin(&coin).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressToValidate {
    #[schema(example = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    address: String,
}

/// Check an address for coin and network
#[utoipa::path(post, path = "/coins/{coin}/validate-address", tag = "coins", params(("coin" = String, Path)), request_body = AddressToValidate,
    responses((status = 200, description = "What it is", body = AddressChecked)), security(("bearer" = ["read"])))]
async fn validate_address(
    caller: Caller,
    Named(coin): Named<String>,
    Body(asked): Body<AddressToValidate>,
) -> Said<AddressChecked> {
    Ok(Json(caller.check_address(&coin, &asked.address).await?.into()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Target {
    /// Confirmed within so many blocks; the coin's own target when not said.
    #[param(minimum = 1, maximum = 1008)]
    target_blocks: Option<u32>,
}

/// What a broadcast would be charged now
///
/// Asks the backend.
#[utoipa::path(get, path = "/coins/{coin}/fee-estimate", tag = "coins", params(("coin" = String, Path), Target),
    responses((status = 200, description = "Per 1,000 virtual bytes", body = Estimate)),
    extensions(("x-codes" = json!(["backend_unavailable"]))), security(("bearer" = ["read"])))]
async fn fee_estimate(
    caller: Caller,
    Named(coin): Named<String>,
    Asked(asked): Asked<Target>,
) -> Said<Estimate> {
    Ok(Json(caller.estimate_fee(&coin, asked.target_blocks).await?.into()))
}

/// Scan for received transactions now
///
/// Asks the scan job, which compares all that the backend knows; safe while running. Answers the job.
#[utoipa::path(post, path = "/coins/{coin}/scan", tag = "coins", params(("coin" = String, Path)),
    responses((status = 200, description = "The job", body = JobAnswer)), security(("bearer" = ["vet"])))]
async fn scan(caller: Caller, Named(coin): Named<String>, _: NoBody) -> Said<JobAnswer> {
    caller.run_job("scan", &coin).await?;
    super::job::of(&caller, "scan", &coin).await?.map(Json).ok_or_else(|| AppError::NotFound("job").into())
}
