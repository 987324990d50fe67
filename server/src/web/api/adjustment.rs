//! Books against hot wallet: compared on order, and corrected by an admin.

use super::Api;
use super::problem::Refusal;
use super::read::{Body, Caller, Key, Named, NoBody};
use super::said::{Said, done};
use crate::answer::{Problem, Reconciliation, Transaction};
use app::model::{AccountId, AdjustmentDraft};
use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(reconcile))
}

/// This keeps what it answers by itself.
pub fn kept() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(adjust))
}

/// Compare the books with the backend now
///
/// Refused with `wrong_state` while a broadcast is under way, or the books move meanwhile.
#[utoipa::path(post, path = "/coins/{coin}/reconcile", tag = "operation", params(("coin" = String, Path)),
    responses((status = 200, description = "The comparison", body = Reconciliation)),
    extensions(("x-codes" = json!(["wrong_state", "backend_unavailable"]))), security(("bearer" = ["vet"])))]
async fn reconcile(caller: Caller, Named(coin): Named<String>, _: NoBody) -> Said<Reconciliation> {
    Ok(Json(caller.reconcile(&coin).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    #[schema(example = 7)]
    account: i64,
    /// Added to the account; with a minus taken from it. Where it books a foreign spend, the spend says which.
    #[schema(example = "-0.10", pattern = r"^-?[0-9]{0,11}(\.[0-9]{1,8})?$")]
    amount: String,
    /// All that explains the entry; 1 to 255 characters.
    #[schema(example = "Paid by hand from the hot wallet.", min_length = 1, max_length = 255)]
    reason: String,
    /// The foreign spend that it books, by its txid: a debit of exactly what left the hot wallet. The coin then sends again.
    #[serde(default)]
    network_transaction: Option<String>,
}

/// Correct an account
#[utoipa::path(post, path = "/coins/{coin}/adjustments", tag = "operation", params(("coin" = String, Path)), request_body = Adjustment,
    responses((status = 201, description = "The transaction, `adjustment`", body = Transaction)),
    extensions(("x-codes" = json!(["bad_amount", "not_enough_account_balance", "wrong_state", "account_barred"]))),
    security(("bearer" = ["admin"])))]
async fn adjust(
    caller: Caller,
    Named(coin): Named<String>,
    key: Option<Key>,
    Body(adjustment): Body<Adjustment>,
) -> Result<Response, Refusal> {
    let account = caller.account(AccountId(adjustment.account)).await?;
    if account.coin.ticker() != coin {
        return Err(Problem::field(
            "account",
            format!("It is an account of {}, not of {coin}.", account.coin),
        )
        .into());
    }
    let (minus, amount) = match adjustment.amount.strip_prefix('-') {
        Some(amount) => (true, amount),
        None => (false, adjustment.amount.as_str()),
    };
    let spend = match &adjustment.network_transaction {
        Some(txid) => Some(caller.foreign_spend_of(&coin, txid).await?),
        None => None,
    };
    // A foreign spend has its own direction; else the sign says it.
    let credit = spend.as_ref().map_or(!minus, |spend| spend.amount.units < 0);
    let foreign_spend = spend.map(|spend| spend.id);
    let draft = AdjustmentDraft {
        account: adjustment.account.to_string(),
        amount: amount.to_owned(),
        credit,
        reason: adjustment.reason,
        foreign_spend,
    };
    let key = key.map(|key| key.0);
    Ok(done(StatusCode::CREATED, caller.adjust(&draft, key.as_deref()).await?))
}
