//! How somebody is asked to pay: an address as QR code and payment URI, and a small form that puts an amount and a
//! label into both. Nothing is kept: the URL has it all.

use super::form::Field;
use super::qr::{Qr, payment_uri};
use super::{Hidden, Show, When, Whole};
use crate::model::{AddressRow, Amount, Time};
use crate::page::Query;
use leptos::prelude::*;

/// Longer ones make a QR code that no telephone reads.
const LABEL_MAX: u32 = 100;

/// QR code, address, label and payment URI of one address. `path`: of the page that it stands on.
pub fn payment(row: &AddressRow, now: Time, path: &str, query: &Query) -> AnyView {
    let typed = query.get("ask_amount");
    let amount = (!typed.is_empty()).then(|| Amount::parse(row.coin, typed));
    let (amount, fault) = match amount {
        Some(Ok(amount)) => (Some(amount), None),
        Some(Err(problem)) => (None, Some(problem.to_string())),
        None => (None, None),
    };
    let label: String = query.get("ask_label").chars().take(LABEL_MAX as usize).collect();
    let uri = payment_uri(row.coin.ticker(), &row.address, amount, &label);
    // What the page shows besides stays as it is.
    let kept = query.pairs().filter(|(name, _)| ["range", "made", "archived"].contains(name));
    let kept = kept
        .map(|(name, value)| view! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> });
    let asked = fault.is_some() || amount.is_some() || !label.is_empty();
    view! {
        <div class="ruled"><Qr text=uri.clone()/></div>
        <p class="block"><Whole text=row.address.clone()/></p>
        <p><small>{format!("Label: {}. Made ", row.label)}<When at=row.created_at show=Show::for_list(now, std::iter::once(row.created_at))/>"."</small></p>
        <details class="block" open=asked><summary>"Payment URI"</summary>
            <p><Whole text=uri/></p>
            <form class="block" method="get" action=format!("{path}#receive")>
                {kept.collect_view()}
                <Hidden name="ask" value="1"/>
                <Field name="ask_amount" label="Ask for an amount" value=typed.to_owned() error=fault unit=row.coin.to_string() amount=true/>
                <Field name="ask_label" label="Who is paid" value=label max_length=LABEL_MAX hint="What the payer’s wallet shows beside the address."/>
                <div class="acts"><button type="submit">"Put it into the code"</button></div>
            </form>
        </details>
    }
    .into_any()
}
