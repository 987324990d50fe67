//! All transactions: tabs, a filter and keyset paging, all of it in the URL.

use super::{Content, Query, Visit, link};
use crate::desk::{Answer, AppError};
use crate::model::{
    FieldError, Page, Time, Topic, TransactionFilter, TransactionRow, TransactionState, WalletRow,
};
use crate::part::transactions::Transactions;
use crate::part::{Download, Icon, Nothing, Pager};
use leptos::prelude::*;

const PATH: &str = "/transactions";
const TABS: [(&str, &str); 6] = [
    ("", "All"),
    ("incoming", "incoming"),
    ("credited", "credited"),
    ("pending", "pending"),
    ("broadcasted", "broadcasted"),
    ("reversed", "reversed"),
];

pub async fn show(visit: Visit) -> Answer<Content> {
    let wallets = visit.desk.wallets().await?;
    let (filter, mut faults) = filter(&visit.query);
    let page = match visit.desk.transactions(&filter, visit.query.paging()).await {
        Ok(page) => Some(page),
        Err(AppError::Invalid(refused)) => {
            faults.extend(refused);
            None
        }
        Err(error) => return Err(error),
    };
    let filtered = visit.query.pairs().any(|(name, _)| !["before", "after"].contains(&name));
    let body = view! {
        <div class="head"><div><h1>"Transactions"</h1></div>
            <div class="acts"><Download path="/transactions.csv" query=visit.query.clone()/></div></div>
        {tabs(&visit.query)}
        {form(&visit.query, &wallets)}
        {said(&faults)}
        {page.filter(|_| faults.is_empty()).map(|page| list(page, &visit, filtered))}
    };
    Ok(Content::new("Transactions", body).live(&[Topic::Books]))
}

/// What the URL asks for. A word that is no state, id or day is a fault: a filter that is ignored would lie.
pub fn filter(query: &Query) -> (TransactionFilter, Vec<FieldError>) {
    let mut faults = Vec::new();
    let mut fault =
        |field: &'static str, message: &str| faults.push(FieldError { field, message: message.into() });
    let state = query.some("state").and_then(|word| {
        word.parse::<TransactionState>().map_err(|()| fault("state", "There is no such state.")).ok()
    });
    let wallet = query
        .some("wallet")
        .and_then(|id| id.parse().map_err(|_| fault("wallet", "A wallet is chosen by its id.")).ok());
    let mut day = |name: &'static str| {
        query.some(name).and_then(|day| {
            Time::parse_date(&day).or_else(|| {
                fault(name, "A day is written as 2026-11-22.");
                None
            })
        })
    };
    let (from, to) = (day("from"), day("to"));
    let filter = TransactionFilter {
        state,
        coin: query.some("coin"),
        wallet,
        account: None,
        account_name: query.some("account"),
        label: query.some("label"),
        address: query.some("address"),
        txid: query.some("txid"),
        min_amount: query.some("min_amount"),
        max_amount: query.some("max_amount"),
        from,
        // The last day is meant whole.
        to: to.map(|day| day.plus_seconds(86_400)),
    };
    (filter, faults)
}

fn tabs(query: &Query) -> AnyView {
    let chosen = query.get("state");
    let kept = |state| {
        link(
            PATH,
            query
                .pairs()
                .filter(|(name, _)| !["state", "before", "after"].contains(name))
                .chain([("state", state)]),
        )
    };
    let tabs = TABS.iter().map(|(state, word)| view! { <li><a href=kept(state) aria-current=(*state == chosen).then_some("page")>{*word}</a></li> });
    view! { <nav class="tabs" aria-label="By state"><ul>{tabs.collect_view()}</ul></nav> }.into_any()
}

fn said(faults: &[FieldError]) -> Option<AnyView> {
    (!faults.is_empty()).then(|| {
        let lines = faults.iter().map(|fault| view! { <p class="error"><Icon name="note"/>{format!("{}: {}", fault.field.replace('_', " "), fault.message)}</p> });
        view! { <div class="block" role="alert">{lines.collect_view()}</div> }.into_any()
    })
}

fn form(query: &Query, wallets: &[WalletRow]) -> AnyView {
    let states = TransactionState::ALL.iter().map(|state| (state.to_string(), state.to_string()));
    let mut coins: Vec<_> = wallets.iter().map(|wallet| wallet.coin.to_string()).collect();
    coins.sort();
    coins.dedup();
    let coins = coins.into_iter().map(|coin| (coin.clone(), coin));
    let books =
        wallets.iter().map(|wallet| (wallet.id.to_string(), format!("{}, {}", wallet.name, wallet.coin)));
    let narrowed = query.pairs().any(|(name, _)| !["before", "after", "state"].contains(&name));
    view! {
        <details class="fold" open=narrowed><summary>"Filter"</summary>
            <form class="filter" method="get" action=PATH>
                {select("state", "State", states.collect(), query)}
                {select("coin", "Coin", coins.collect(), query)}
                {select("wallet", "Wallet", books.collect(), query)}
                {text("account", "Account contains", query)}
                {text("label", "Label contains", query)}
                {text("address", "Address", query)}
                {text("txid", "Txid", query)}
                <fieldset class="range"><legend>"Amount"</legend><div>
                    {bare("min_amount", "Amount from", "text", query)}<span>"to"</span>{bare("max_amount", "Amount to", "text", query)}</div></fieldset>
                <fieldset class="range"><legend>"Day (UTC)"</legend><div>
                    {bare("from", "From day", "date", query)}<span>"to"</span>{bare("to", "To day", "date", query)}</div></fieldset>
                <div class="acts"><button type="submit" class="primary">"Filter"</button><a class="button" href=PATH>"Clear"</a></div>
            </form>
        </details>
    }
    .into_any()
}

fn select(name: &'static str, label: &'static str, options: Vec<(String, String)>, query: &Query) -> AnyView {
    let chosen = query.get(name).to_owned();
    let id = format!("f-{name}");
    let options = options
        .into_iter()
        .map(|(value, word)| view! { <option value=value.clone() selected=value == chosen>{word}</option> });
    view! {
        <div><label for=id.clone()>{label}</label><select id=id name=name><option value="">"any"</option>{options.collect_view()}</select></div>
    }
    .into_any()
}

fn text(name: &'static str, label: &'static str, query: &Query) -> AnyView {
    let id = format!("f-{name}");
    view! { <div><label for=id.clone()>{label}</label><input type="text" id=id name=name value=query.get(name).to_owned() autocomplete="off" spellcheck="false"/></div> }
        .into_any()
}

fn bare(name: &'static str, label: &'static str, kind: &'static str, query: &Query) -> AnyView {
    let mode = (kind == "text").then_some("decimal");
    view! { <input type=kind name=name value=query.get(name).to_owned() aria-label=label inputmode=mode autocomplete="off"/> }.into_any()
}

fn list(page: Page<TransactionRow>, visit: &Visit, filtered: bool) -> AnyView {
    if page.items.is_empty() {
        let text = if filtered {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"Deposits, transfers and sends stand here as soon as there are any."</p> }.into_any()
        };
        return view! { <Nothing title="No transaction.">{text}</Nothing> }.into_any();
    }
    view! {
        <Transactions rows=page.items now=visit.frame.now/>
        <Pager path=PATH.to_owned() query=visit.query.clone() newer=page.newer older=page.older/>
    }
    .into_any()
}
