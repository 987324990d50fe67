//! The simulated network's own controls, for tests and demos. Coins of another backend answer `not_found`.

use super::Api;
use super::read::{Body, Caller, Named};
use super::said::Said;
use app::desk::AppError;
use app::model::SimulatorRow;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(pay))
        .routes(routes!(mine))
        .routes(routes!(reorganise))
        .routes(routes!(fail))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    address: String,
    #[schema(example = "0.50", pattern = r"^[0-9]{0,11}(\.[0-9]{1,8})?$")]
    amount: String,
}

/// A payment that was made
#[derive(Serialize, ToSchema)]
pub struct Paid {
    txid: String,
}

/// Pay an address from outside
#[utoipa::path(post, path = "/coins/{coin}/simulated/pay", tag = "simulated", params(("coin" = String, Path)), request_body = Payment,
    responses((status = 200, description = "The payment", body = Paid)),
    extensions(("x-codes" = json!(["bad_amount", "bad_address", "backend_unavailable", "wrong_state"]))), security(("bearer" = ["vet"])))]
async fn pay(caller: Caller, Named(coin): Named<String>, Body(payment): Body<Payment>) -> Said<Paid> {
    let txid = caller.simulated_pay(&coin, &payment.address, &payment.amount).await?;
    Ok(Json(Paid { txid }))
}

/// How a simulated network stands
#[derive(Serialize, ToSchema)]
pub struct SimulatedNetwork {
    coin: String,
    height: i64,
    /// Transactions that wait to be mined.
    mempool: i64,
    /// Seconds between blocks by the clock, 0 when only on command.
    block_seconds: i64,
    /// Failures that were ordered and not used up, in words.
    failures: Vec<String>,
}

impl From<SimulatorRow> for SimulatedNetwork {
    fn from(row: SimulatorRow) -> Self {
        let SimulatorRow { coin, height, mempool, block_seconds, failures } = row;
        Self { coin: coin.to_string(), height, mempool, block_seconds, failures }
    }
}

async fn standing(caller: &Caller, coin: &str) -> Said<SimulatedNetwork> {
    let all = caller.simulators().await?;
    let found = all.into_iter().find(|network| network.coin.ticker() == coin);
    Ok(Json(found.ok_or(AppError::NotFound("simulated network"))?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mining {
    #[schema(example = 1, minimum = 1, maximum = 1000)]
    blocks: u32,
}

/// Mine blocks
#[utoipa::path(post, path = "/coins/{coin}/simulated/mine", tag = "simulated", params(("coin" = String, Path)), request_body = Mining,
    responses((status = 200, description = "How the network stands then", body = SimulatedNetwork)),
    extensions(("x-codes" = json!(["backend_unavailable", "wrong_state"]))), security(("bearer" = ["vet"])))]
async fn mine(
    caller: Caller,
    Named(coin): Named<String>,
    Body(mining): Body<Mining>,
) -> Said<SimulatedNetwork> {
    caller.simulated_mine(&coin, mining.blocks).await?;
    standing(&caller, &coin).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reorganisation {
    #[schema(example = 2, minimum = 1, maximum = 1000)]
    depth: u32,
    /// A payment from outside whose inputs the other branch spends elsewhere.
    #[serde(default)]
    txid: Option<String>,
}

/// Have the newest blocks lose to another branch
#[utoipa::path(post, path = "/coins/{coin}/simulated/reorg", tag = "simulated", params(("coin" = String, Path)), request_body = Reorganisation,
    responses((status = 200, description = "How the network stands then", body = SimulatedNetwork)),
    extensions(("x-codes" = json!(["backend_unavailable", "wrong_state"]))), security(("bearer" = ["vet"])))]
async fn reorganise(
    caller: Caller,
    Named(coin): Named<String>,
    Body(asked): Body<Reorganisation>,
) -> Said<SimulatedNetwork> {
    caller.simulated_reorganise(&coin, asked.depth, &asked.txid.unwrap_or_default()).await?;
    standing(&caller, &coin).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureOrder {
    /// A call of the backend (`send_prepared`, `transaction`, …), or `every_call`.
    #[schema(example = "send_prepared")]
    call: String,
    /// `refused`, `refused:CODE`, `unavailable`, `lost_reply`, `not_delivered`, `late:SECONDS`, `garbled`, `hang:SECONDS`.
    #[schema(example = "lost_reply")]
    how: String,
    /// How often; 0 takes the order back.
    #[schema(example = 1, minimum = 0, maximum = 1000)]
    times: u32,
}

/// Have calls of the backend fail
#[utoipa::path(post, path = "/coins/{coin}/simulated/fail", tag = "simulated", params(("coin" = String, Path)), request_body = FailureOrder,
    responses((status = 200, description = "How the network stands then", body = SimulatedNetwork)),
    extensions(("x-codes" = json!(["backend_unavailable", "wrong_state"]))), security(("bearer" = ["vet"])))]
async fn fail(
    caller: Caller,
    Named(coin): Named<String>,
    Body(order): Body<FailureOrder>,
) -> Said<SimulatedNetwork> {
    caller.simulated_fail(&coin, &order.call, &order.how, order.times).await?;
    standing(&caller, &coin).await
}
