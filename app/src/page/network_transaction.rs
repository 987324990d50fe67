//! One network transaction: a deposit's story, facts and transactions. A broadcast has its own page, which this leads to.

use super::network_transactions::confirmed;
use super::{Content, Visit};
use crate::desk::Answer;
use crate::model::{
    NetworkTransactionId, NetworkTransactionRow, NetworkTransactionType, Time, Topic, TransactionRow,
};
use crate::part::state::of_network;
use crate::part::transactions::Transactions;
use crate::part::{Amt, Nothing, Show, Timeline, When, Whole};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let id: NetworkTransactionId = visit.id("network transaction")?;
    let detail = visit.desk.network_transaction(id).await?;
    let row = &detail.network_transaction;
    let title = format!("Network transaction {id}");
    if row.kind == NetworkTransactionType::Broadcast {
        return Ok(Content::elsewhere(format!("/broadcasts/{id}")));
    }
    let body = view! {
        <div class="head"><div><h1>{title.clone()}" "{of_network(row.state)}</h1><p>{format!("A {} of {}", row.kind, row.coin)}</p></div></div>
        <p class="amount-of"><Amt of=row.amount coin=true/></p>
        <div class="split broad">
            <section aria-labelledby="story">
                <div class="title"><h2 id="story">"What happened"</h2></div>
                <Timeline steps=detail.story/>
            </section>
            <section aria-labelledby="facts">
                <div class="title"><h2 id="facts">"Facts"</h2></div>
                {facts(row)}
            </section>
        </div>
        {transactions(detail.transactions, visit.frame.now)}
    };
    Ok(Content::new(title, body)
        .within("/network-transactions", "Network transactions")
        .live(&[Topic::Books]))
}

fn facts(row: &NetworkTransactionRow) -> AnyView {
    let confirmations = match confirmed(row) {
        said if said.is_empty() => "not known yet".to_owned(),
        said => said,
    };
    view! {
        <dl>
            <div><dt>"Type, coin"</dt><dd>{format!("{}, {}", row.kind, row.coin)}</dd></div>
            <div><dt>"State"</dt><dd>{row.state.to_string()}</dd></div>
            {row.txid.clone().map(|txid| view! { <div><dt>"Txid"</dt><dd><Whole text=txid/></dd></div> })}
            <div><dt>"Confirmations"</dt><dd>{confirmations}</dd></div>
            {row.block.clone().map(|block| view! { <div><dt>"Block"</dt><dd><Whole text=block/></dd></div> })}
            {(!row.live).then(|| view! { <div><dt>"Counts"</dt><dd>"no: it is in no mempool, or another that spends the same counts in its place"</dd></div> })}
            <div><dt>"Seen"</dt><dd><When at=row.created_at show=Show::Full/></dd></div>
            <div><dt>"Last change"</dt><dd><When at=row.updated_at show=Show::Full/></dd></div>
            {row.settled_at.map(|at| view! { <div><dt>"Settled"</dt><dd><When at=at show=Show::Full/></dd></div> })}
        </dl>
    }
    .into_any()
}

fn transactions(rows: Vec<TransactionRow>, now: Time) -> AnyView {
    let list = if rows.is_empty() {
        view! { <Nothing title="No transaction."><p>"It pays no address that credits an account."</p></Nothing> }
            .into_any()
    } else {
        view! { <Transactions rows=rows now=now caption="Its transactions, oldest first"/> }.into_any()
    };
    view! {
        <section aria-labelledby="transactions">
            <div class="title"><h2 id="transactions">"Its transactions"</h2></div>
            {list}
        </section>
    }
    .into_any()
}
