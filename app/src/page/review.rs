//! What the reviews of a send and of a transfer share: the order's key is in the URL, so that whoever comes back to a review,
//! by the browser's Back or by a refusal, gives the same order and never a second one.

use super::account::within;
use super::{Content, Visit, link};
use crate::desk::Answer;
use crate::model::AccountRow;
use leptos::prelude::*;

/// The field of a form, and of a URL, that makes of two presses one order.
pub const KEY: &str = "idempotency_key";

/// Asked without a key, the browser is led to the same URL with a new one.
pub fn with_key(visit: &Visit, page: impl FnOnce(&str) -> Content) -> Content {
    match visit.query.get(KEY) {
        "" => {
            let key = visit.desk.new_key();
            Content::elsewhere(link(visit.query.whole(), [(KEY, key.as_str())]))
        }
        key => page(key),
    }
}

/// Shown in place of a review whose order was carried out. `form`: where the same is asked for as another order.
pub async fn carried_out(
    visit: &Visit,
    account: &AccountRow,
    noun: &str,
    form: String,
) -> Answer<Option<Content>> {
    let key = visit.query.get(KEY);
    let made = if key.is_empty() { None } else { visit.desk.made_with(key).await? };
    Ok(made.map(|id| {
        let path = format!("/accounts/{}", account.id);
        let title = format!("This {noun} was made");
        let body = view! {
            <div class="head"><div><h1>{title.clone()}</h1>
                <p>{format!("It is transaction {id}. Coming back to its review makes no second one.")}</p></div></div>
            <div class="acts"><a class="button primary" href=format!("/transactions/{id}")>{format!("Transaction {id}")}</a>
                <a class="button" href=form>{format!("Another {noun} like it")}</a>
                <a class="button" href=path.clone()>"Back to the account"</a></div>
        };
        within(Content::new(title, body), account).within(path, account.name.clone())
    }))
}
