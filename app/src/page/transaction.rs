//! One transaction: its amount, its story, its facts, and cancelling while that can be done.

use super::{Content, Query, Refused, Visit};
use crate::action::{CancelTransaction, MarkProcessed};
use crate::desk::Answer;
use crate::model::{
    NetworkTransactionState as Network, Role, Topic, TransactionRow, TransactionState as State,
};
use crate::part::transactions::{confirmed, is_deposit, network_path};
use crate::part::{Amt, Hidden, Show, Timeline, When, Whole, state};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let row = visit.desk.transaction(visit.id("transaction")?).await?;
    let story = visit.desk.story(row.id).await?;
    let title = format!("Transaction {}", row.id);
    let body = view! {
        <div class="head"><div><h1>{title.clone()}" "{state::of_transaction(&row)}</h1><p>{row.label.clone()}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        <p class="amount-of"><Amt of=row.amount coin=true/></p>
        <p class="soft">{way(&row)}</p>
        <div class="split broad">
            <section aria-labelledby="story">
                <div class="title"><h2 id="story">"What happened"</h2></div>
                <Timeline steps=story/>
            </section>
            <section aria-labelledby="facts">
                <div class="title"><h2 id="facts">"Facts"</h2></div>
                {facts(&row)}
                {cancel(&row, visit.frame.role, &visit.query)}
                {processed(&row, &visit)}
            </section>
        </div>
    };
    Ok(Content::new(title, body).within("/transactions", "Transactions").live(&[Topic::Books]))
}

/// From where to where, and how certain, in one sentence.
fn way(row: &TransactionRow) -> AnyView {
    let link = |account: &crate::model::AccountRef| view! { <a href=format!("/accounts/{}", account.id)>{account.name.clone()}</a> };
    let from = row.sending.as_ref().map_or_else(|| "outside".into_any(), |account| link(account).into_any());
    let to = match (&row.receiving, &row.address) {
        (Some(account), _) => link(account).into_any(),
        (None, Some(_)) => "an address outside".into_any(),
        (None, None) if row.state == State::NetworkFee => "the network".into_any(),
        (None, None) => "outside".into_any(),
    };
    let confirmed = confirmed(row);
    let confirmed = match confirmed.as_str() {
        "" => String::new(),
        "conflicted" => " The network transaction is conflicted.".into(),
        "1" => " 1 confirmation.".into(),
        count => format!(" {count} confirmations."),
    };
    view! { "from "{from}" to "{to}{format!(".{confirmed}")} }.into_any()
}

fn facts(row: &TransactionRow) -> AnyView {
    let account = |word: &'static str, account: &crate::model::AccountRef| {
        view! { <div><dt>{word}</dt><dd><a href=format!("/accounts/{}", account.id)>{account.name.clone()}</a></dd></div> }
    };
    let network = row.network_transaction.zip(row.network_state).map(|(id, state)| {
        let what = view! { <a href=network_path(row).unwrap_or_default()>{id.to_string()}</a>{format!(", {state}")} };
        view! { <div><dt>{if is_deposit(row) { "Deposit" } else { "Broadcast" }}</dt><dd>{what}</dd></div> }
    });
    let moment = |word: &'static str, at: Option<crate::model::Time>| {
        at.map(|at| view! { <div><dt>{word}</dt><dd><When at=at show=Show::Full/></dd></div> })
    };
    view! {
        <dl>
            <div><dt>"State"</dt><dd>{row.state.to_string()}</dd></div>
            <div><dt>"Coin, wallet"</dt><dd>{format!("{}, ", row.amount.coin)}<a href=format!("/wallets/{}", row.wallet)>{row.wallet_name.clone()}</a></dd></div>
            {row.sending.as_ref().map(|of| account("Sending account", of))}
            {row.receiving.as_ref().map(|of| account("Receiving account", of))}
            {row.address.clone().map(|address| view! { <div><dt>"Address"</dt><dd><Whole text=address/></dd></div> })}
            {row.txid.clone().map(|txid| view! { <div><dt>"Txid"</dt><dd><Whole text=txid/></dd></div> })}
            {network}
            {(!row.label.is_empty()).then(|| view! { <div><dt>"Label"</dt><dd>{row.label.clone()}</dd></div> })}
            {row.reason.clone().map(|reason| view! { <div><dt>"Reason"</dt><dd>{reason}</dd></div> })}
            {moment("Created", Some(row.created_at))}
            {moment("Credited", row.credited_at)}
            {moment("Processed", row.processed_at)}
        </dl>
    }
    .into_any()
}

/// Offered while its broadcast wasn't opened; the desk decides when it is pressed.
fn cancel(row: &TransactionRow, role: Role, query: &Query) -> Option<AnyView> {
    if row.state != State::Pending {
        return None;
    }
    if !matches!(row.network_state, None | Some(Network::Collected | Network::Prepared)) {
        return Some(
            view! { <p class="block"><small>"It can’t be cancelled: its broadcast was opened."</small></p> }
                .into_any(),
        );
    }
    let back = row.sending.as_ref().map_or("the account", |account| account.name.as_str()).to_owned();
    role.may(Role::Operator).then(|| {
        view! {
            <details class="block" open=!query.get("refused").is_empty()><summary>"Cancel this transaction"</summary>
                <form class="sheet block" method="post" action=CancelTransaction::url()>
                    <Hidden name="transaction" value=row.id.to_string()/>
                    <p>{format!("{} {} goes back to {back} at once, and nothing is sent. It can’t be taken back; a new send can be made.", row.amount, row.amount.coin)}</p>
                    <div class="field block"><label for="reason">"Reason"</label><p class="hint" id="reason-hint">"Kept with your name."</p>
                        <input type="text" id="reason" name="reason" maxlength="255" value=query.get("reason").to_owned() autocomplete="off" aria-describedby="reason-hint" required/></div>
                    <div class="field"><label><input type="checkbox" name="confirmed" value="1" required/>"Cancel it"</label></div>
                    <div class="acts"><button type="submit">{format!("Cancel transaction {}", row.id)}</button></div>
                </form>
            </details>
        }
        .into_any()
    })
}

/// What its application says by itself, where one is connected; a person says it in its place.
fn processed(row: &TransactionRow, visit: &Visit) -> Option<AnyView> {
    let open = is_deposit(row) && row.processed_at.is_none() && visit.may_operate();
    open.then(|| {
        view! {
            <details class="block" open=!visit.query.get("refused").is_empty()><summary>"Mark this deposit as processed"</summary>
                <form class="sheet block" method="post" action=MarkProcessed::url()>
                    <Hidden name="transaction" value=row.id.to_string()/>
                    <p>"The application is done with it: what it wasn’t told yet of this transaction isn’t tried again. Crediting stays as it is. It can’t be taken back; single events can be redelivered."</p>
                    <div class="field block"><label><input type="checkbox" name="confirmed" value="1" required/>"Mark it"</label></div>
                    <div class="acts"><button type="submit">{format!("Mark transaction {} as processed", row.id)}</button></div>
                </form>
            </details>
        }
        .into_any()
    })
}
