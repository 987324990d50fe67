//! The form of an adjustment, on the page of what it books.

use super::{Query, Visit};
use crate::action::Adjust;
use crate::desk::Answer;
use crate::model::{Amount, BookableRow, Coin, Role};
use crate::part::{Field, Hidden, Key};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What is to be booked.
pub struct Booking<'a> {
    pub coin: Coin,
    /// More than zero.
    pub amount: Amount,
    pub credit: bool,
    /// Exactly this spend, by exactly its amount; else amount and direction are the admin's.
    pub foreign_spend: Option<i64>,
    /// Path of the page.
    pub from: &'a str,
}

/// For admins; others read who may.
pub async fn section(visit: &Visit, booking: Booking<'_>) -> Answer<AnyView> {
    if !visit.frame.role.may(Role::Admin) {
        return Ok(
            view! { <p class="block"><small>"Booking it needs the role admin."</small></p> }.into_any()
        );
    }
    let accounts = visit.desk.bookable(booking.coin.ticker()).await?;
    Ok(form(&visit.query, &booking, &accounts, visit.desk.new_key()))
}

fn form(query: &Query, booking: &Booking<'_>, accounts: &[BookableRow], key: String) -> AnyView {
    let what = if booking.foreign_spend.is_some() { fixed(booking) } else { free(query, booking) };
    view! {
        <form class="sheet measure" method="post" action=Adjust::url()>
            <Key key=key/>
            <Hidden name="from" value=booking.from/>
            {what}
            {account_field(query, accounts)}
            <div class="field"><label for="reason">"Reason"</label><p class="hint" id="reason-hint">"It is all that explains the entry. Kept with your name."</p>
                <input type="text" id="reason" name="reason" value=query.get("reason").to_owned() maxlength="110" autocomplete="off" aria-describedby="reason-hint" required/></div>
            <p>"The account’s balance changes at once and its history keeps it. Nothing is sent. Another adjustment can take it back."</p>
            <div class="field block"><label><input type="checkbox" name="confirmed" value="1" required/>"Book it"</label></div>
            <div class="acts"><button type="submit" class="primary">"Book the adjustment"</button></div>
        </form>
    }
    .into_any()
}

/// A spend is booked as it is.
fn fixed(booking: &Booking<'_>) -> AnyView {
    let Booking { amount, credit, .. } = booking;
    let sentence = if *credit {
        format!("{amount} {} is added to the account that you choose.", amount.coin)
    } else {
        format!("{amount} {} is taken from the account that you choose.", amount.coin)
    };
    view! {
        <Hidden name="amount" value=amount.to_string()/><Hidden name="way" value=if *credit { "credit" } else { "debit" }/>
        <p>{sentence}</p>
        <div class="block"></div>
    }
    .into_any()
}

fn free(query: &Query, booking: &Booking<'_>) -> AnyView {
    let amount = query.some("amount").unwrap_or_else(|| booking.amount.to_string());
    let credit = query.some("way").map_or(booking.credit, |way| way == "credit");
    view! {
        <fieldset class="field"><legend>"Direction"</legend>
            <p><label><input type="radio" name="way" value="debit" checked=!credit/>"Take it from the account"</label></p>
            <p><label><input type="radio" name="way" value="credit" checked=credit/>"Add it to the account"</label></p>
        </fieldset>
        <Field name="amount" label="Amount" value=amount unit=booking.coin.to_string() amount=true required=true/>
    }
    .into_any()
}

/// By wallet, in the order of the list.
fn account_field(query: &Query, accounts: &[BookableRow]) -> AnyView {
    let typed = query.get("account").to_owned();
    let groups = accounts.chunk_by(|a, b| a.wallet_name == b.wallet_name).map(|group| {
        let options = group.iter().map(|row| {
            let id = row.account.id.to_string();
            let text = format!("{}: {} {}", row.account.name, row.balance, row.balance.coin);
            view! { <option value=id.clone() selected=id == typed>{text}</option> }
        });
        view! { <optgroup label=group[0].wallet_name.clone()>{options.collect_view()}</optgroup> }
    });
    view! {
        <div class="field"><label for="account">"Account"</label>
            <select id="account" name="account" required><option value="">"choose an account"</option>{groups.collect_view()}</select></div>
    }
    .into_any()
}
