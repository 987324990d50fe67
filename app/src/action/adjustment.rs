//! Bringing the books in line with the hot wallet: an admin's order.

use super::{Form, lead, must_be_confirmed, response};
use crate::desk::desk;
use crate::model::AdjustmentDraft;
use leptos::prelude::*;

/// `way`: `credit` or `debit`; `from`: the page of the form. From a foreign spend's page that spend is booked.
#[server(prefix = "/act", endpoint = "adjust")]
pub async fn adjust(
    account: String,
    amount: String,
    way: String,
    reason: String,
    #[server(default)] confirmed: String,
    from: String,
    idempotency_key: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let draft = AdjustmentDraft {
        account,
        amount,
        credit: way == "credit",
        reason,
        foreign_spend: from.strip_prefix("/foreign-spends/").and_then(|id| id.trim().parse().ok()),
    };
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.adjust(&draft, Some(&idempotency_key)).await
    };
    let answer = answer.await;
    let form = Form::at(crate::page::local_path(&from))
        .with("account", &draft.account)
        .with("amount", &draft.amount)
        .with("way", &way)
        .with("reason", &draft.reason);
    lead(&response, answer, &form, |done| format!("/transactions/{}", done.id));
    Ok(())
}
