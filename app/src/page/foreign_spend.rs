//! A transaction that spent from the hot wallet and that no broadcast knows: what it took, and the adjustment that books it.

use super::adjustment::{self, Booking};
use super::{Content, Refused, Visit};
use crate::desk::Answer;
use crate::model::{Amount, ForeignSpendRow};
use crate::part::{Amt, Notice, Show, When, Whole};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let row = visit.desk.foreign_spend(visit.id("foreign spend")?).await?;
    let booking = if row.gone_at.is_none() && row.adjustment.is_none() && !row.amount.is_zero() {
        let amount = Amount::new(row.coin, row.amount.units.saturating_abs());
        let from = format!("/foreign-spends/{}", row.id);
        let booking = Booking {
            coin: row.coin,
            amount,
            credit: row.amount.units < 0,
            foreign_spend: Some(row.id),
            from: &from,
        };
        let form = adjustment::section(&visit, booking).await?;
        Some(
            view! { <section aria-labelledby="book"><div class="title"><h2 id="book">"Book it"</h2></div>{form}</section> },
        )
    } else {
        None
    };
    let title = format!("Foreign spend {}", row.id);
    let body = view! {
        <div class="head"><div><h1>{title.clone()}</h1><p>{format!("{}, seen by its backend", row.coin)}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {notice(&row)}
        <p class="amount-of"><Amt of=row.amount coin=true/></p>
        <p class="soft">"left the hot wallet, fee included"</p>
        <section aria-labelledby="facts"><div class="title"><h2 id="facts">"Facts"</h2></div>{facts(&row)}</section>
        {booking}
    };
    Ok(Content::new(title, body).within("/", "Overview"))
}

fn notice(row: &ForeignSpendRow) -> AnyView {
    if let Some(transaction) = row.adjustment {
        return view! { <Notice tone="done" icon="done" title="It is booked"><p>"By "<a href=format!("/transactions/{transaction}")>{format!("transaction {transaction}")}</a>"."</p></Notice> }
            .into_any();
    }
    if let Some(at) = row.gone_at {
        return view! { <Notice icon="note" title="Nothing left after all"><p>"Since "<When at=at show=Show::Full/>" the network no longer has it: conflicted for good, or abandoned. There is nothing to book."</p></Notice> }
            .into_any();
    }
    view! {
        <Notice tone="risk" icon="risk" title=format!("{} sends nothing until this is booked", row.coin)>
            <p>"A transaction spends from the hot wallet and no broadcast of Coffer made it: somebody used the wallet directly, or its keys are elsewhere too. Find out who, then book it to the account that it belongs to."</p>
        </Notice>
    }
    .into_any()
}

fn facts(row: &ForeignSpendRow) -> AnyView {
    let confirmations =
        if row.confirmations < 0 { "conflicted".into() } else { row.confirmations.to_string() };
    view! {
        <dl>
            <div><dt>"Coin"</dt><dd>{row.coin.to_string()}</dd></div>
            <div><dt>"Txid"</dt><dd><Whole text=row.txid.clone()/></dd></div>
            <div><dt>"Confirmations"</dt><dd>{confirmations}</dd></div>
            <div><dt>"Seen"</dt><dd><When at=row.seen_at show=Show::Full/></dd></div>
        </dl>
    }
    .into_any()
}
