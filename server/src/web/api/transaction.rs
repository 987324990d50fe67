//! Transactions: the list with its filters, cancelling, and what the application is done with.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Key, Named, NoBody, Nothing, moment, paging, word};
use super::said::{List, Said, done};
use crate::answer::Transaction;
use app::model::{AccountId, TransactionFilter, TransactionId, TransactionState, WalletId};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(processed))
}

/// This keeps what it answers by itself.
pub fn kept() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(cancel))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// A wallet's id.
    wallet: Option<i64>,
    /// An account's id: what it sent and what it received.
    account: Option<i64>,
    /// `pending`, `broadcasted`, `failed`, `cancelled`, `incoming`, `credited`, `reversed`, `internal`, `network_fee`,
    /// `balance_import` or `adjustment`.
    state: Option<String>,
    /// A part of it.
    label: Option<String>,
    /// How it begins, or all of it.
    address: Option<String>,
    /// How it begins, or all of it.
    txid: Option<String>,
    /// At least so much.
    min_amount: Option<String>,
    /// At most so much.
    max_amount: Option<String>,
    /// Made from this moment on (RFC 3339).
    from: Option<String>,
    /// Made before this moment (RFC 3339).
    to: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Transactions
///
/// Where no index serves a filter, only so many rows are looked at for one page: it may then have few rows or none, and
/// there is more as long as `next` isn't null.
#[utoipa::path(get, path = "/transactions", tag = "transactions", params(Listed),
    responses((status = 200, description = "Newest first", body = List<Transaction>)),
    extensions(("x-codes" = json!(["bad_amount", "bad_address"]))), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<Transaction>> {
    let states: Vec<&str> = TransactionState::ALL.iter().map(|state| state.as_str()).collect();
    let filter = TransactionFilter {
        coin: asked.coin,
        wallet: asked.wallet.map(WalletId),
        account: asked.account.map(AccountId),
        state: word("state", asked.state, &states)?,
        label: asked.label,
        address: asked.address,
        txid: asked.txid,
        min_amount: asked.min_amount,
        max_amount: asked.max_amount,
        from: moment("from", asked.from)?,
        to: moment("to", asked.to)?,
        ..TransactionFilter::default()
    };
    Ok(List::of(caller.transactions(&filter, paging(asked.limit, asked.after)?).await?))
}

/// One transaction
#[utoipa::path(get, path = "/transactions/{id}", tag = "transactions", params(("id" = i64, Path)),
    responses((status = 200, description = "The transaction", body = Transaction)), security(("bearer" = ["read"])))]
async fn one(caller: Caller, Named(id): Named<TransactionId>, _: Asked<Nothing>) -> Said<Transaction> {
    Ok(Json(caller.transaction(id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancelling {
    /// At most 255 characters.
    #[schema(example = "typed wrong", max_length = 255)]
    #[serde(default)]
    reason: Option<String>,
}

/// Cancel a pending transaction
///
/// While no broadcast that carries it has been opened. The money is back at once.
#[utoipa::path(post, path = "/transactions/{id}/cancel", tag = "transactions", params(("id" = i64, Path)), request_body = Cancelling,
    responses((status = 200, description = "The transaction, `cancelled`", body = Transaction)),
    extensions(("x-codes" = json!(["wrong_state"]))), security(("bearer" = ["send"])))]
async fn cancel(
    caller: Caller,
    Named(id): Named<TransactionId>,
    key: Option<Key>,
    Body(cancelling): Body<Cancelling>,
) -> Result<Response, Refusal> {
    let (reason, key) = (cancelling.reason.unwrap_or_default(), key.map(|key| key.0));
    Ok(done(StatusCode::OK, caller.cancel_transaction(id, &reason, key.as_deref()).await?))
}

/// Mark a deposit as processed
///
/// The application is done with it: retries of its events stop. It never blocks crediting; again is no error.
#[utoipa::path(post, path = "/transactions/{id}/processed", tag = "transactions", params(("id" = i64, Path)),
    responses((status = 200, description = "The transaction", body = Transaction)),
    extensions(("x-codes" = json!(["wrong_state"]))), security(("bearer" = ["receive"])))]
async fn processed(caller: Caller, Named(id): Named<TransactionId>, _: NoBody) -> Said<Transaction> {
    caller.mark_processed(id).await?;
    Ok(Json(caller.transaction(id).await?.into()))
}
