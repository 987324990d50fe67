//! Pieces of a list's filter: a GET form whose fields are what the URL says, tabs, heads that sort, and what was wrong.

use super::icon::Icon;
use crate::island::DayZone;
use crate::model::{FieldError, Sort, WalletRow};
use crate::page::{Query, link};
use leptos::prelude::*;

/// Where in the list one is; every other filter begins at its start.
const PLACE: [&str; 2] = ["before", "after"];

/// Whether the URL narrows the list; how it is sorted narrows nothing.
pub fn narrows(query: &Query) -> bool {
    query.pairs().any(|(name, _)| !["before", "after", "sort", "zone"].contains(&name))
}

/// The list's path with its filter, this one changed.
pub fn changed(path: &str, query: &Query, name: &str, value: &str) -> String {
    let kept = query.pairs().filter(|(kept, _)| *kept != name && !PLACE.contains(kept));
    link(path, kept.chain([(name, value)]))
}

/// One tab for each value of `name`; `""` is all.
pub fn tabs(
    path: &str,
    query: &Query,
    name: &str,
    label: &'static str,
    tabs: &[(&'static str, &'static str)],
) -> AnyView {
    let chosen = query.get(name);
    let tabs = tabs.iter().map(|(value, word)| {
        view! { <li><a href=changed(path, query, name, value) aria-current=(*value == chosen).then_some("page")>{*word}</a></li> }
    });
    view! { <nav class="tabs" aria-label=label><ul>{tabs.collect_view()}</ul></nav> }.into_any()
}

/// What can't be asked for, above the list that isn't shown then.
pub fn said(faults: &[FieldError]) -> Option<AnyView> {
    (!faults.is_empty()).then(|| {
        let lines = faults.iter().map(|fault| view! { <p class="error"><Icon name="note"/>{format!("{}: {}", fault.field.replace('_', " "), fault.message)}</p> });
        view! { <div class="block" role="alert">{lines.collect_view()}</div> }.into_any()
    })
}

/// The form around `fields`. `kept`: fields of the URL that others set, such as the order.
pub fn form(path: &'static str, query: &Query, kept: &[&'static str], fields: AnyView) -> AnyView {
    // What a tab or a head says needs no open form.
    let typed = query
        .pairs()
        .any(|(name, _)| !["before", "after", "sort", "zone", "state", "type", "archived"].contains(&name));
    let hidden = kept.iter().filter_map(|name| {
        query.some(name).map(|value| view! { <input type="hidden" name=*name value=value/> })
    });
    view! {
        <details class="fold" open=typed><summary>"Filter"</summary>
            <form class="filter" method="get" action=path>
                {fields}
                <div class="acts"><button type="submit" class="primary">"Filter"</button><a class="button" href=path>"Clear"</a></div>
                {hidden.collect_view()}
            </form>
        </details>
    }
    .into_any()
}

pub fn select(
    name: &'static str,
    label: &'static str,
    options: impl IntoIterator<Item = (String, String)>,
    query: &Query,
) -> AnyView {
    choice(name, label, std::iter::once((String::new(), "any".to_owned())).chain(options), query)
}

/// As `select`, where there is no "any".
pub fn choice(
    name: &'static str,
    label: &'static str,
    options: impl IntoIterator<Item = (String, String)>,
    query: &Query,
) -> AnyView {
    let chosen = query.get(name).to_owned();
    let id = format!("f-{name}");
    let options = options
        .into_iter()
        .map(|(value, word)| view! { <option value=value.clone() selected=value == chosen>{word}</option> });
    view! {
        <div><label for=id.clone()>{label}</label><select id=id name=name>{options.collect_view()}</select></div>
    }
    .into_any()
}

/// The coins that have a wallet.
pub fn coin(wallets: &[WalletRow], query: &Query) -> AnyView {
    let mut coins: Vec<_> = wallets.iter().map(|wallet| wallet.coin.to_string()).collect();
    coins.sort();
    coins.dedup();
    select("coin", "Coin", coins.into_iter().map(|coin| (coin.clone(), coin)), query)
}

pub fn wallet(wallets: &[WalletRow], query: &Query) -> AnyView {
    let books =
        wallets.iter().map(|wallet| (wallet.id.to_string(), format!("{}, {}", wallet.name, wallet.coin)));
    select("wallet", "Wallet", books, query)
}

pub fn text(name: &'static str, label: &'static str, query: &Query) -> AnyView {
    let id = format!("f-{name}");
    view! { <div><label for=id.clone()>{label}</label><input type="text" id=id name=name value=query.get(name).to_owned() autocomplete="off" spellcheck="false"/></div> }
        .into_any()
}

pub fn amounts(query: &Query) -> AnyView {
    view! {
        <fieldset class="range"><legend>"Amount"</legend><div>
            {bare("min_amount", "Amount from", "text", query)}<span>"to"</span>{bare("max_amount", "Amount to", "text", query)}</div></fieldset>
    }
    .into_any()
}

/// From day to day. The days are those of the zone that the URL names; without scripts nothing names one, and they are
/// UTC's.
pub fn days(query: &Query) -> AnyView {
    let dated = query.some("from").or_else(|| query.some("to")).is_some();
    let zone = query.some("zone").filter(|_| dated).unwrap_or_default();
    view! {
        <fieldset class="range"><legend>"Day "<DayZone zone=zone dated=dated/></legend><div>
            {bare("from", "From day", "date", query)}<span>"to"</span>{bare("to", "To day", "date", query)}</div></fieldset>
    }
    .into_any()
}

fn bare(name: &'static str, label: &'static str, kind: &'static str, query: &Query) -> AnyView {
    let mode = (kind == "text").then_some("decimal");
    view! { <input type=kind name=name value=query.get(name).to_owned() aria-label=label inputmode=mode autocomplete="off"/> }.into_any()
}

/// A column's head that sorts by it: first downwards, then upwards.
pub fn sorting(
    path: &str,
    query: &Query,
    word: AnyView,
    class: &'static str,
    (down, up): (Sort, Sort),
) -> AnyView {
    let sort = query.get("sort").parse().unwrap_or(Sort::Newest);
    let next = if sort == down { up } else { down };
    let (said, arrow) = match sort {
        sort if sort == down => (Some("descending"), " ↓"),
        sort if sort == up => (Some("ascending"), " ↑"),
        _ => (None, ""),
    };
    // Amounts stand before their coin, and so does their head.
    let over_coin = (class == "n").then(|| view! { <span class="coin"></span> });
    // The usual order needs no word in the URL.
    let value = if next == Sort::Newest { "" } else { next.as_str() };
    view! { <th scope="col" class=class aria-sort=said><a href=changed(path, query, "sort", value)>{word}{arrow}</a>{over_coin}</th> }.into_any()
}

/// Rows of a page: one with fewer and an `older` ended early, since no index serves its filter.
const FULL: usize = 50;

/// Beneath such a page: it isn't known yet what else fits.
pub fn look_further(path: &str, query: &Query, older: Option<&String>, rows: usize) -> Option<AnyView> {
    let older = older.filter(|_| rows < FULL)?;
    let kept = query.pairs().filter(|(kept, _)| !PLACE.contains(kept));
    let href = link(path, kept.chain([("after", older.as_str())]));
    Some(
        view! { <p class="block">"Not all rows were looked through yet. "<a href=href>"Look further"</a>"."</p> }
            .into_any(),
    )
}
