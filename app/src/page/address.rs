//! One address: how to pay it, whose it is, what it received at so many confirmations, its transactions, archiving.

use super::{Content, Refused, Visit, link};
use crate::action::ArchiveAddress;
use crate::desk::{Answer, AppError};
use crate::model::{AddressDetail, AddressId, AddressKind, FieldError, Time, Topic};
use crate::part::qr::{Qr, payment_text};
use crate::part::transactions::Transactions;
use crate::part::{Amt, Hidden, Icon, Nothing, Notice, Show, When, Whole, fault};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let id: AddressId = visit.id("address")?;
    let asked = visit.query.some("confirmations");
    let (detail, faults) = match visit.desk.address(id, asked.as_deref()).await {
        // What was typed is no number of confirmations: the coin's own count then, and why.
        Err(AppError::Invalid(faults)) => (visit.desk.address(id, None).await?, faults),
        other => (other?, Vec::new()),
    };
    let title = format!("Address {id}");
    let receiving = detail.address.kind == AddressKind::Receiving;
    let aside = receiving.then(|| pay(&detail, visit.may_operate(), !visit.query.get("refused").is_empty()));
    let layout = if receiving { "split" } else { "block" };
    let archived = detail.address.archived_at;
    let body = view! {
        <div class="head"><div><h1>{title.clone()}</h1><p>{detail.address.label.clone()}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {archived.map(|at| view! {
            <Notice icon="note" title="Archived"><p>"Since "<When at=at show=Show::Full/>" it is in no list of addresses in use. Money that still arrives is credited."</p></Notice>
        })}
        <div class=layout>
            <div>
                {facts(&detail)}
                {receiving.then(|| received(&detail, &visit, &faults))}
            </div>
            {aside}
        </div>
        {transactions(detail, visit.frame.now)}
    };
    Ok(Content::new(title, body).within("/addresses", "Addresses").live(&[Topic::Books]))
}

fn facts(detail: &AddressDetail) -> AnyView {
    let row = &detail.address;
    let account = row.account.zip(row.account_name.clone()).map(|(id, name)| {
        view! { <div><dt>"Account"</dt><dd><a href=format!("/accounts/{id}")>{name}</a></dd></div> }
    });
    let wallet = detail.wallet.clone().map(|(id, name)| {
        view! { <div><dt>"Wallet"</dt><dd><a href=format!("/wallets/{id}")>{name}</a></dd></div> }
    });
    view! {
        <dl>
            <div><dt>"Address"</dt><dd><Whole text=row.address.clone()/></dd></div>
            <div><dt>"Kind, coin"</dt><dd>{format!("{}, {}", row.kind, row.coin)}</dd></div>
            {account}{wallet}
            {(!row.label.is_empty()).then(|| view! { <div><dt>"Label"</dt><dd>{row.label.clone()}</dd></div> })}
            <div><dt>{if row.account.is_some() { "Made" } else { "First paid" }}</dt><dd><When at=row.created_at show=Show::Full/></dd></div>
        </dl>
    }
    .into_any()
}

/// Credited is the books' word; received is the network's, at any number of confirmations.
fn received(detail: &AddressDetail, visit: &Visit, faults: &[FieldError]) -> AnyView {
    let error = fault(faults, "confirmations");
    let typed = visit.query.some("confirmations").filter(|_| error.is_some());
    let typed = typed.unwrap_or_else(|| detail.received_at.to_string());
    let amount = match detail.received {
        Some(amount) => view! { <Amt of=amount coin=true/> }.into_any(),
        None => "more than an amount can be".into_any(),
    };
    let noun = if detail.received_at == 1 { "confirmation" } else { "confirmations" };
    let hint = format!(
        "{} credits a deposit of this coin; followed up to {}.",
        detail.confirmation_count, detail.max_confirmation_count
    );
    let credited = detail.address.balance;
    view! {
        <section aria-labelledby="received">
            <div class="title"><h2 id="received">"Received"</h2></div>
            <dl class="tiles">
                <div><dt>"Credited"</dt><dd><Amt of=credited coin=true/></dd><dd>"counts towards the account’s balance"</dd></div>
                <div><dt>{format!("At {} {noun}", detail.received_at)}</dt><dd>{amount}</dd><dd>"as the network has it, with at least so many"</dd></div>
            </dl>
            <form class="block short" method="get" action=format!("/addresses/{}", detail.address.id)>
                <label for="confirmations">"Confirmations"</label>
                <p class="soft" id="confirmations-hint"><small>{hint}</small></p>
                <div class="with">
                    <input type="text" id="confirmations" name="confirmations" value=typed inputmode="numeric" autocomplete="off"
                        aria-describedby=if error.is_some() { "confirmations-hint confirmations-error" } else { "confirmations-hint" }
                        aria-invalid=error.is_some().then_some("true")/>
                    <button type="submit">"Show"</button>
                </div>
                {error.map(|error| view! { <p class="error" id="confirmations-error"><Icon name="note"/>{error}</p> })}
            </form>
        </section>
    }
    .into_any()
}

fn transactions(detail: AddressDetail, now: Time) -> AnyView {
    let all = link("/transactions", [("address", detail.address.address.as_str())]);
    let more = detail.more_transactions.then(|| view! { <a href=all>"All transactions"</a> });
    let list = if detail.transactions.is_empty() {
        view! { <Nothing title="No transaction yet."><p>"A deposit stands here as soon as the network has it."</p></Nothing> }.into_any()
    } else {
        view! { <Transactions rows=detail.transactions now=now/> }.into_any()
    };
    view! {
        <section aria-labelledby="transactions">
            <div class="title"><h2 id="transactions">"Transactions"</h2>{more}</div>
            {list}
        </section>
    }
    .into_any()
}

/// `refused`: archiving was, a moment ago.
fn pay(detail: &AddressDetail, operate: bool, refused: bool) -> AnyView {
    let row = &detail.address;
    let text = payment_text(row.coin.ticker(), &row.address);
    let archive = (operate && row.archived_at.is_none()).then(|| view! {
        <details class="block" id="archive" open=refused><summary>"Archive this address"</summary>
            <form class="block" method="post" action=ArchiveAddress::url()>
                <Hidden name="address" value=row.id.to_string()/>
                <p><small>"It leaves the lists of addresses in use, and it can’t be taken back. Money that still arrives on it is credited all the same."</small></p>
                <div class="field block"><label><input type="checkbox" name="confirmed" value="1" required/>"Archive it"</label></div>
                <button type="submit">{format!("Archive address {}", row.id)}</button>
            </form>
        </details>
    });
    view! {
        <aside>
            <section aria-labelledby="pay">
                <div class="title"><h2 id="pay">"Receive"</h2></div>
                <div class="ruled"><Qr text=text.clone()/></div>
                <p class="block"><small>"Payment text"</small></p>
                <p><Whole text=text/></p>
                {archive}
            </section>
        </aside>
    }
    .into_any()
}
