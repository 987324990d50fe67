//! Everything that fits what was typed into the search box, best first, by what it was found as. The island `FindBox`
//! takes the hits out of this page as one types: each is a link of class `hit`, its group a section with a heading.

use super::network_transactions::{confirmed as network_confirmed, href};
use super::{Content, Visit, link};
use crate::desk::Answer;
use crate::model::{Hit, HitGroup, HitGroupKind, Hits};
use crate::part::state::{Mark, of_network, of_transaction};
use crate::part::transactions::name;
use crate::part::{Amt, Id, Nothing, grouped};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let typed = visit.query.get("q").to_owned();
    let hits = if typed.is_empty() { Hits::default() } else { visit.desk.find(&typed).await? };
    let title = if typed.is_empty() { "Find".to_owned() } else { format!("Find “{typed}”") };
    let count: usize = hits.groups.iter().map(|group| group.hits.len()).sum();
    let body = view! {
        <div class="head"><div><h1>{title.clone()}</h1></div></div>
        <div id="hits" data-count=count.to_string()>
            {if count == 0 { nothing(&typed, &hits) } else { found(&hits) }}
        </div>
    };
    Ok(Content::new(title, body))
}

fn found(hits: &Hits) -> AnyView {
    let groups = hits.groups.iter().map(group).collect_view();
    view! { {groups}{within(hits)} }.into_any()
}

fn group(group: &HitGroup) -> AnyView {
    let id = format!("found-{}", group.kind.as_str().to_lowercase().replace(' ', "-"));
    let more = group.more.as_ref().map(|(path, pairs)| {
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        // Address lists begin with those in use; what was found may be archived.
        let all = (*path == "/addresses").then_some(("archived", "all"));
        view! { <a href=link(path, pairs.chain(all))>"All of these"</a> }
    });
    let unlisted = group.cut && group.more.is_none();
    let unlisted = unlisted.then(|| view! { <p>"There are more: write more of it."</p> });
    let labelled = id.clone();
    let hits = group.hits.iter().map(|hit| view! { <li>{one(hit)}</li> }).collect_view();
    view! {
        <section aria-labelledby=labelled>
            <div class="title"><h2 id=id>{group.kind.to_string()}</h2>{more}{unlisted}</div>
            <ul class="hits">{hits}</ul>
        </section>
    }
    .into_any()
}

/// What it is, its name, its state, its amount.
fn one(hit: &Hit) -> AnyView {
    match hit {
        Hit::Transaction(row) => line(
            format!("/transactions/{}", row.id),
            format!("Transaction {}", row.id),
            name(row).into_any(),
            of_transaction(row),
            view! { <Amt of=row.amount coin=true padded=true/> }.into_any(),
        ),
        Hit::Network(row) => {
            let what = match row.kind {
                crate::model::NetworkTransactionType::Deposit => format!("Deposit {}", row.id),
                crate::model::NetworkTransactionType::Broadcast => format!("Broadcast {}", row.id),
            };
            let txid = row.txid.clone().map(|txid| view! { <Id text=txid long=true/> });
            let confirmed = network_confirmed(row);
            let state = view! { {of_network(row.state)}" "<span class="soft">{confirmed}</span> }.into_any();
            let amount = view! { <Amt of=row.amount coin=true padded=true/> }.into_any();
            line(href(row), what, txid.into_any(), state, amount)
        }
        Hit::Address(row) => {
            let mut words = vec![row.label.clone(), row.account_name.clone().unwrap_or_default()];
            words.retain(|word| !word.is_empty());
            let said = words.join(", ");
            let what = view! { <Id text=row.address.clone() long=true/>" "<span class="soft">{said}</span> };
            let state = if row.archived_at.is_some() {
                view! { <Mark icon="off" word="archived"/> }.into_any()
            } else {
                row.kind.to_string().into_any()
            };
            let amount = row.account.is_some();
            let amount = amount.then(|| view! { <Amt of=row.balance coin=true padded=true/> }).into_any();
            line(
                format!("/addresses/{}", row.id),
                format!("Address {}", row.id),
                what.into_any(),
                state,
                amount,
            )
        }
        Hit::Account { id, name, wallet_name, balance } => line(
            format!("/accounts/{id}"),
            format!("Account {id}"),
            view! { {name.clone()}" "<span class="soft">{format!("{wallet_name}, {}", balance.coin)}</span> }
                .into_any(),
            "".into_any(),
            view! { <Amt of=*balance coin=true padded=true/> }.into_any(),
        ),
        Hit::Wallet { id, name, balance } => line(
            format!("/wallets/{id}"),
            format!("Wallet {id}"),
            view! { {name.clone()}" "<span class="soft">{balance.coin.to_string()}</span> }.into_any(),
            "".into_any(),
            view! { <Amt of=*balance coin=true padded=true/> }.into_any(),
        ),
    }
}

fn line(href: String, what: String, name: AnyView, state: AnyView, amount: AnyView) -> AnyView {
    view! {
        <a class="hit" href=href>
            <span class="what">{what}</span><span class="name">{name}</span><span class="is">{state}</span><span class="n">{amount}</span>
        </a>
    }
    .into_any()
}

/// Where labels weren't looked through to the end.
fn within(hits: &Hits) -> Option<AnyView> {
    hits.labels_within.map(|rows| {
        let said = format!(
            "Labels that contain it were looked for among the newest {} transactions; older ones by how they begin. “All of these”, or the filter of ",
            grouped(rows)
        );
        view! { <p class="block soft"><small>{said}<a href="/transactions">"Transactions"</a>", looks further."</small></p> }.into_any()
    })
}

fn nothing(typed: &str, hits: &Hits) -> AnyView {
    let words = view! { <p>"An address or txid by its beginning (4 characters or more), the name of a wallet or account, a label, an id such as 90447 or “broadcast 318”, or an exact amount such as “0.25 btc”."</p> };
    if typed.is_empty() {
        return view! { <Nothing title="Write above what to find.">{words}</Nothing> }.into_any();
    }
    if hits.searched.is_empty() {
        return view! { <Nothing title="That is too short.">
            <p>"Names and labels are looked for from 3 characters on, addresses and txids from 4; an id or an amount may be shorter."</p>
        </Nothing> }
        .into_any();
    }
    let within = within(hits);
    let searched =
        hits.searched.iter().copied().map(HitGroupKind::as_str).collect::<Vec<_>>().join(", ").to_lowercase();
    view! {
        <Nothing title="Nothing fits.">
            <p>{format!("It was looked for as: {searched}.")}</p>
            {within}
            <p>"It can be found by:"</p>
            {words}
        </Nothing>
    }
    .into_any()
}
