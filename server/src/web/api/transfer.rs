//! Moving money: transfers between accounts of one wallet, batches of them, sends to addresses.

use super::Api;
use super::problem::Refusal;
use super::read::{Body, Caller, Key};
use super::said::done;
use crate::answer::{BatchResults, Transaction};
use app::model::{AccountId, SendDraft, TransferOrder};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// These keep what they answer by themselves.
pub fn kept() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(transfer)).routes(routes!(batch)).routes(routes!(send))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    #[schema(example = 7)]
    from_account: i64,
    #[schema(example = 8)]
    to_account: i64,
    #[schema(example = "0.10", pattern = r"^[0-9]{0,11}(\.[0-9]{1,8})?$")]
    amount: String,
    #[schema(example = "rent", max_length = 255)]
    #[serde(default)]
    label: Option<String>,
    /// Lets the sending account fall below zero, down to its overdraft. Needs the scope `admin`.
    #[serde(default)]
    allow_negative: bool,
}

impl From<Transfer> for TransferOrder {
    fn from(transfer: Transfer) -> Self {
        Self {
            from: AccountId(transfer.from_account),
            to: AccountId(transfer.to_account),
            amount: transfer.amount,
            label: transfer.label.unwrap_or_default(),
            allow_negative: transfer.allow_negative,
        }
    }
}

/// Transfer between two accounts of one wallet
///
/// Instant, off-chain.
#[utoipa::path(post, path = "/transfers", tag = "money", request_body = Transfer,
    responses((status = 201, description = "The transaction, `internal`", body = Transaction)),
    extensions(("x-key-required" = json!(true)), ("x-codes" = json!(["bad_amount", "not_found", "not_enough_account_balance",
        "same_account", "different_wallet", "account_barred", "network_fees_reserved"]))),
    security(("bearer" = ["send"])))]
async fn transfer(
    caller: Caller,
    Key(key): Key,
    Body(transfer): Body<Transfer>,
) -> Result<Response, Refusal> {
    Ok(done(StatusCode::CREATED, caller.transfer(&transfer.into(), &key).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    #[schema(min_items = 1, max_items = 1000)]
    transfers: Vec<Transfer>,
    /// All or none; else each for itself.
    #[serde(default)]
    atomic: bool,
}

/// Several transfers at once
///
/// At most 1,000, carried out in order. `atomic`: all or none, and the refusal says in `index` which it was; else each for
/// itself, and each has its result.
#[utoipa::path(post, path = "/transfers/batch", tag = "money", request_body = Batch,
    responses((status = 200, description = "A transaction or a problem for each, in order", body = BatchResults)),
    extensions(("x-key-required" = json!(true)), ("x-codes" = json!(["bad_amount", "not_found", "not_enough_account_balance",
        "same_account", "different_wallet", "account_barred", "network_fees_reserved"]))),
    security(("bearer" = ["send"])))]
async fn batch(caller: Caller, Key(key): Key, Body(batch): Body<Batch>) -> Result<Response, Refusal> {
    let orders: Vec<TransferOrder> = batch.transfers.into_iter().map(Into::into).collect();
    Ok(done(StatusCode::OK, caller.transfer_batch(&orders, batch.atomic, &key).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    #[schema(example = 7)]
    from_account: i64,
    #[schema(example = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    to_address: String,
    #[schema(example = "0.10", pattern = r"^[0-9]{0,11}(\.[0-9]{1,8})?$")]
    amount: String,
    #[schema(example = "invoice 2026-117", max_length = 255)]
    #[serde(default)]
    label: Option<String>,
    /// Over the network even to an address of the same wallet.
    #[serde(default)]
    force_external: bool,
}

/// Send to an address
///
/// Debited at once. To a receiving address of the same wallet it is a transfer, state `internal`; else `pending` until the
/// next broadcast. Answers at once also when the network is down.
#[utoipa::path(post, path = "/sends", tag = "money", request_body = Send,
    responses((status = 201, description = "The transaction, `internal` or `pending`", body = Transaction)),
    extensions(("x-key-required" = json!(true)), ("x-codes" = json!(["bad_amount", "bad_address", "not_found",
        "not_enough_account_balance", "same_account", "below_minimum", "account_barred", "network_fees_reserved"]))),
    security(("bearer" = ["send"])))]
async fn send(caller: Caller, Key(key): Key, Body(send): Body<Send>) -> Result<Response, Refusal> {
    let draft = SendDraft {
        to_address: send.to_address,
        amount: send.amount,
        label: send.label.unwrap_or_default(),
        force_external: send.force_external,
    };
    Ok(done(StatusCode::CREATED, caller.send(AccountId(send.from_account), &draft, &key).await?))
}
