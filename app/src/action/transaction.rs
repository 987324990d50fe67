//! Orders that move money: transfer, send, cancel.

use super::{Form, id, lead, must_be_confirmed, response};
use crate::desk::{Answer, AppError, Desk, desk};
use crate::model::{AccountId, Amount, Done, SendDraft, TransferDraft, TransferOrder};
use crate::page::review::KEY;
use crate::page::{send as send_page, transfer as transfer_page};
use leptos::prelude::*;

fn page_of(done: Done) -> String {
    format!("/transactions/{}", done.id)
}

#[server(prefix = "/act", endpoint = "transfer")]
pub async fn transfer(
    account: String,
    to_account: String,
    amount: String,
    #[server(default)] label: String,
    idempotency_key: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let draft = TransferDraft { to_account, amount, label };
    let answer = async {
        let (from, to) = (id(&account, "account")?, id(&draft.to_account, "account")?);
        let order = TransferOrder::new(from, to, &draft.amount, &draft.label);
        desk?.transfer(&order, &idempotency_key).await
    };
    let answer = answer.await;
    let review = transfer_page::path_of(account.trim(), &draft, true);
    lead(&response, answer, &Form::at(review).with(KEY, &idempotency_key), page_of);
    Ok(())
}

#[server(name = SendFrom, prefix = "/act", endpoint = "send")]
pub async fn send(
    account: String,
    to_address: String,
    amount: String,
    #[server(default)] label: String,
    #[server(default)] force_external: String,
    #[server(default)] typed: String,
    idempotency_key: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let draft = SendDraft { to_address, amount, label, force_external: !force_external.is_empty() };
    let answer = async {
        let (from, desk) = (id(&account, "account")?, desk?);
        check_typed(desk.as_ref(), from, &draft, &typed).await?;
        desk.send(from, &draft, &idempotency_key).await
    };
    let answer = answer.await;
    let review = send_page::path_of(account.trim(), &draft, true);
    lead(&response, answer, &Form::at(review).with(KEY, &idempotency_key), page_of);
    Ok(())
}

/// Where the review asked for the amount once more, what was typed must be the same amount, however it is spelt.
/// A review that is refused by now decides nothing: the order itself may be a repetition that acted already.
async fn check_typed(desk: &dyn Desk, from: AccountId, draft: &SendDraft, typed: &str) -> Answer<()> {
    let review = match desk.review_send(from, draft).await {
        Ok(review) if send_page::asks_amount(&review) => review,
        Ok(_) | Err(AppError::Invalid(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    match Amount::parse(review.amount.coin, typed) {
        Ok(amount) if amount == review.amount => Ok(()),
        _ => Err(AppError::refused("typed_differs", "The typed amount isn’t the amount of this send.")),
    }
}

#[server(prefix = "/act", endpoint = "cancel_transaction")]
pub async fn cancel_transaction(
    transaction: String,
    reason: String,
    #[server(default)] confirmed: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let path = format!("/transactions/{}", transaction.trim());
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.cancel_transaction(id(&transaction, "transaction")?, &reason, None).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(&path).with("reason", &reason), |_| path.clone());
    Ok(())
}

#[server(prefix = "/act", endpoint = "mark_processed")]
pub async fn mark_processed(
    transaction: String,
    #[server(default)] confirmed: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let path = format!("/transactions/{}", transaction.trim());
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.mark_processed(id(&transaction, "transaction")?).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(&path), |()| path.clone());
    Ok(())
}
