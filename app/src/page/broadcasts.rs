//! Broadcasts, newest first, by state, coin and wallet.

use super::{Content, Query, Visit, filter};
use crate::desk::Answer;
use crate::model::{
    BroadcastFilter, BroadcastRow, NetworkTransactionState as Network, Page, Sort, Topic, WalletRow,
};
use crate::part::filter as field;
use crate::part::{Amt, Download, Id, Nothing, Notice, Pager, Show, When, count, grouped, state};
use leptos::prelude::*;

const PATH: &str = "/broadcasts";
const TABS: [(&str, &str); 9] = [
    ("", "All"),
    ("collected", "collected"),
    ("prepared", "prepared"),
    ("open", "open"),
    ("broken", "broken"),
    ("closed", "closed"),
    ("settled", "settled"),
    ("conflicted", "conflicted"),
    ("cancelled", "cancelled"),
];

pub async fn show(visit: Visit) -> Answer<Content> {
    let (filter, faults) = filter::broadcasts(&visit.query);
    let wallets = visit.desk.wallets().await?;
    let page = visit.desk.broadcasts(&filter, visit.query.paging()).await?;
    let broken = visit.frame.broken_broadcasts;
    let body = view! {
        <div class="head"><div><h1>"Broadcasts"</h1><p>"Pending transactions of a wallet leave together, outputs summed by address."</p></div>
            <div class="acts"><Download path="/broadcasts.csv" query=visit.query.clone()/></div></div>
        {(broken > 0).then(|| view! {
            <Notice tone="risk" icon="risk" title=count(broken, "broken broadcast", "broken broadcasts")>
                <p>"Opened and not closed by its deadline: nobody knows yet if the network has it. "<a href="/broadcasts?state=broken">"Show what is broken"</a>"."</p>
            </Notice>
        })}
        {field::tabs(PATH, &visit.query, "state", "By state", &TABS)}
        {form(&visit.query, &wallets)}
        {field::said(&faults)}
        {faults.is_empty().then(|| list(page, &filter, &visit))}
    };
    Ok(Content::new("Broadcasts", body).live(&[Topic::Books]))
}

fn form(query: &Query, wallets: &[WalletRow]) -> AnyView {
    let states = TABS.iter().skip(1).map(|(state, word)| ((*state).to_owned(), (*word).to_owned()));
    let states = states.chain([("cancelling".to_owned(), "cancelling".to_owned())]);
    let fields = view! { {field::select("state", "State", states, query)}{field::coin(wallets, query)}{field::wallet(wallets, query)} };
    field::form(PATH, query, &["sort"], fields.into_any())
}

fn list(page: Page<BroadcastRow>, filter: &BroadcastFilter, visit: &Visit) -> AnyView {
    let further = field::look_further(PATH, &visit.query, page.older.as_ref(), page.items.len());
    if page.items.is_empty() && (further.is_some() || field::narrows(&visit.query)) {
        return view! { <Nothing title="No broadcast."><p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p>{further}</Nothing> }.into_any();
    }
    if page.items.is_empty() {
        return view! { <Nothing title="No broadcast."><p>"One is made as soon as a send is pending."</p></Nothing> }.into_any();
    }
    let moments = page.items.iter().flat_map(|row| [row.opened_at, row.closed_at]).flatten();
    let show = Show::for_list(visit.frame.now, moments);
    let rows = page.items.iter().map(|row| broadcast_row(row, show)).collect_view();
    let id = field::sorting(PATH, &visit.query, "Id".into_any(), "", (Sort::Newest, Sort::Oldest));
    let caption = if filter.oldest_first { "Broadcasts, oldest first" } else { "Broadcasts, newest first" };
    view! {
        <table class="rows">
            <caption class="only-read">{caption}</caption>
            <thead><tr>
                {id}<th scope="col">"State"</th><th scope="col">"Wallet"</th><th scope="col" class="n">"Outputs"</th>
                <th scope="col" class="n">"Amount"<span class="coin"></span></th><th scope="col" class="n wide">"Fee"</th>
                <th scope="col" class="n wide">"Opened"</th><th scope="col" class="n">"Closed"</th><th scope="col">"Network"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {further}
        <Pager path=PATH.to_owned() query=visit.query.clone() newer=page.newer older=page.older sorted=filter.oldest_first/>
    }
    .into_any()
}

fn broadcast_row(row: &BroadcastRow, show: Show) -> AnyView {
    let class = match row.state {
        Network::Broken | Network::Conflicted => "risk",
        Network::Cancelled => "off",
        _ => "",
    };
    let href = format!("/broadcasts/{}", row.id);
    let moment = |at: Option<crate::model::Time>| at.map(|at| view! { <When at=at show=show/> });
    view! {
        <tr class=class data-key=row.id.to_string()>
            <th scope="row" class="at-tm fit"><a href=href.clone()>{row.id.to_string()}</a></th>
            <td class="at-tl fit">{state::of_network(row.state)}</td>
            <td class="at-bl"><a href=format!("/wallets/{}", row.wallet)>{row.wallet_name.clone()}</a></td>
            <td class="n at-none">{grouped(row.output_count)}</td>
            <td class="n at-tr"><Amt of=row.amount coin=true padded=true/></td>
            <td class="n at-none wide">{row.fee.map(|fee| view! { <Amt of=fee padded=true/> })}</td>
            <td class="n at-none wide">{moment(row.opened_at)}</td>
            <td class="n at-br">{moment(row.closed_at)}</td>
            <td class="at-row">{network(row, href)}</td>
        </tr>
    }
    .into_any()
}

/// The txid, or why there is none and when it is tried again.
fn network(row: &BroadcastRow, href: String) -> AnyView {
    let again = row.retry_at.map(|at| view! { "Again at "<When at=at show=Show::Clock/>"." });
    match (&row.last_error, &row.txid) {
        (Some(error), _) if row.closed_at.is_none() => {
            view! { <span class="soft">{format!("{}. ", error.trim_end_matches('.'))}{again}</span> }
                .into_any()
        }
        (_, Some(txid)) => view! { <Id text=txid.clone() href=href/> }.into_any(),
        _ => again.into_any(),
    }
}
