//! Events, newest first, by name: what the application was told and is being told.

use super::{Content, Query, Visit};
use crate::desk::Answer;
use crate::model::{EventFilter, EventName, EventRow, FieldError, Page, Topic};
use crate::part::filter as field;
use crate::part::{Nothing, Pager, Show, When};
use leptos::prelude::*;

const PATH: &str = "/events";
const TABS: [(&str, &str); 9] = [
    ("", "All"),
    ("txupdate", "txupdate"),
    ("deposit_reversed", "deposit_reversed"),
    ("account_negative", "account_negative"),
    ("broadcast_broken", "broadcast_broken"),
    ("foreign_spend", "foreign_spend"),
    ("balance_mismatch", "balance_mismatch"),
    ("backend_down", "backend_down"),
    ("backend_up", "backend_up"),
];

pub async fn show(visit: Visit) -> Answer<Content> {
    let (filter, faults) = filter(&visit.query);
    let page = visit.desk.events(&filter, visit.query.paging()).await?;
    let body = view! {
        <div class="head"><div><h1>"Events"</h1><p>"What the application is told, in the order of its numbers."</p></div>
            <div class="acts"><a class="button" href="/deliveries">"Deliveries"</a></div></div>
        {field::tabs(PATH, &visit.query, "name", "By name", &TABS)}
        {field::said(&faults)}
        {faults.is_empty().then(|| list(page, &visit))}
    };
    Ok(Content::new("Events", body).live(&[Topic::Events]))
}

/// What the URL asks for. A word that is no name is a fault: a filter that is ignored would lie.
fn filter(query: &Query) -> (EventFilter, Vec<FieldError>) {
    let Some(word) = query.some("name") else { return (EventFilter::default(), Vec::new()) };
    if let Ok(name) = word.parse::<EventName>() {
        return (EventFilter { name: Some(name) }, Vec::new());
    }
    let fault = FieldError { field: "name", message: "There is no event of this name.".into() };
    (EventFilter::default(), vec![fault])
}

fn list(page: Page<EventRow>, visit: &Visit) -> AnyView {
    if page.items.is_empty() && field::narrows(&visit.query) {
        return view! { <Nothing title="No event."><p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p></Nothing> }.into_any();
    }
    if page.items.is_empty() {
        return view! { <Nothing title="No event yet."><p>"One is told as soon as a deposit arrives or a broadcast is seen by the network. A helper gives it its number: "<code>"coffer serve"</code>" or "<code>"coffer helper"</code>"."</p></Nothing> }.into_any();
    }
    let show = Show::for_list(visit.frame.now, page.items.iter().map(|row| row.created_at));
    let rows = page.items.iter().map(|row| event_row(row, show)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Events, newest first"</caption>
            <thead><tr>
                <th scope="col">"Number"</th><th scope="col">"Name"</th><th scope="col">"About"</th><th scope="col">"Data"</th>
                <th scope="col" class="n">"Time"<span data-zone>" (UTC)"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager path=PATH.to_owned() query=visit.query.clone() newer=page.newer older=page.older/>
    }
    .into_any()
}

fn event_row(row: &EventRow, show: Show) -> AnyView {
    view! {
        <tr data-key=row.sequence.to_string()>
            <th scope="row" class="at-tm fit"><a href=format!("/events/{}", row.sequence)>{row.sequence.to_string()}</a></th>
            <td class="at-tl fit">{row.name.as_str()}</td>
            <td class="at-bl">{about(row)}</td>
            <td class="at-row"><span class="soft">{facts(row)}</span></td>
            <td class="n at-tr"><When at=row.created_at show=show/></td>
        </tr>
    }
    .into_any()
}

/// What it concerns, as links.
pub fn about(row: &EventRow) -> AnyView {
    match (row.transaction, row.network_transaction) {
        (Some(transaction), _) => view! { {format!("{}, ", row.coin)}<a href=format!("/transactions/{transaction}")>{format!("transaction {transaction}")}</a> }.into_any(),
        (None, Some(id)) => view! { {format!("{}, ", row.coin)}<a href=format!("/network-transactions/{id}")>{format!("network transaction {id}")}</a> }.into_any(),
        (None, None) => row.coin.clone().into_any(),
    }
}

/// What else its data say, in a line.
fn facts(row: &EventRow) -> String {
    let Ok(serde_json::Value::Object(data)) = serde_json::from_str(&row.data) else { return String::new() };
    // What stands in the other columns, or is too long for a line.
    let elsewhere = ["coin_name", "transaction", "network_transaction", "txid", "address", "account"];
    let said = data.iter().filter(|(key, value)| !elsewhere.contains(&key.as_str()) && !value.is_null());
    let said = said.map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{} {value}", key.replace('_', " "))
    });
    said.collect::<Vec<_>>().join(", ")
}
