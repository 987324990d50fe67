//! Network transactions, deposits and broadcasts together, newest first: a filter and keyset paging in the URL.

use super::{Content, Query, Visit, filter};
use crate::desk::{Answer, AppError};
use crate::model::{
    NetworkTransactionFilter, NetworkTransactionRow, NetworkTransactionState as Network,
    NetworkTransactionType, Page, Sort, Topic, WalletRow,
};
use crate::part::filter as field;
use crate::part::state::{confirmations, of_network};
use crate::part::{Amt, Download, Id, Nothing, Pager, Show, When, grouped};
use leptos::prelude::*;

const PATH: &str = "/network-transactions";
const TABS: [(&str, &str); 3] = [("", "All"), ("deposit", "deposit"), ("broadcast", "broadcast")];

pub async fn show(visit: Visit) -> Answer<Content> {
    let wallets = visit.desk.wallets().await?;
    let (filter, mut faults) = filter::network_transactions(&visit.query);
    let page = match visit.desk.network_transactions(&filter, visit.query.paging()).await {
        Ok(page) => Some(page),
        Err(AppError::Invalid(refused)) => {
            faults.extend(refused);
            None
        }
        Err(error) => return Err(error),
    };
    let body = view! {
        <div class="head"><div><h1>"Network transactions"</h1><p>"What the coins’ networks have that concerns the books: a deposit pays addresses of ours, a broadcast carries sends."</p></div>
            <div class="acts"><Download path="/network-transactions.csv" query=visit.query.clone()/></div></div>
        {field::tabs(PATH, &visit.query, "type", "By type", &TABS)}
        {form(&visit.query, &wallets)}
        {field::said(&faults)}
        {page.filter(|_| faults.is_empty()).map(|page| list(page, &filter, &visit))}
    };
    Ok(Content::new("Network transactions", body).live(&[Topic::Books]))
}

fn form(query: &Query, wallets: &[WalletRow]) -> AnyView {
    let kinds = NetworkTransactionType::ALL.iter().map(|kind| (kind.to_string(), kind.to_string()));
    let states = Network::ALL.iter().map(|state| (state.to_string(), state.to_string()));
    let fields = view! {
        {field::select("type", "Type", kinds, query)}
        {field::select("state", "State", states, query)}
        {field::coin(wallets, query)}
        {field::text("txid", "Txid begins", query)}
    };
    field::form(PATH, query, &["sort"], fields.into_any())
}

fn list(page: Page<NetworkTransactionRow>, filter: &NetworkTransactionFilter, visit: &Visit) -> AnyView {
    let query = &visit.query;
    let further = field::look_further(PATH, query, page.older.as_ref(), page.items.len());
    if page.items.is_empty() {
        let text = if field::narrows(query) {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"The first deposit or send stands here."</p> }.into_any()
        };
        return view! { <Nothing title="No network transaction.">{text}{further}</Nothing> }.into_any();
    }
    let show = Show::for_list(visit.frame.now, page.items.iter().map(|row| row.created_at));
    let rows = page.items.iter().map(|row| network_row(row, show)).collect_view();
    let time = view! { "Time"<span data-zone>" (UTC)"</span> }.into_any();
    let time = field::sorting(PATH, query, time, "", (Sort::Newest, Sort::Oldest));
    let caption = if filter.oldest_first {
        "Network transactions, oldest first"
    } else {
        "Network transactions, newest first"
    };
    view! {
        <table class="rows">
            <caption class="only-read">{caption}</caption>
            <thead><tr>
                {time}<th scope="col">"State"</th><th scope="col">"Type"</th><th scope="col">"Txid"</th>
                <th scope="col" class="n">"Conf."</th><th scope="col" class="n wide">"Transactions"</th><th scope="col" class="n">"Amount"<span class="coin"></span></th>
                <th scope="col" class="n wide">"Id"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {further}
        <Pager path=PATH.to_owned() query=query.clone() newer=page.newer older=page.older sorted=filter.oldest_first/>
    }
    .into_any()
}

/// A broadcast's own page says more.
pub fn href(row: &NetworkTransactionRow) -> String {
    match row.kind {
        NetworkTransactionType::Deposit => format!("/network-transactions/{}", row.id),
        NetworkTransactionType::Broadcast => format!("/broadcasts/{}", row.id),
    }
}

pub fn confirmed(row: &NetworkTransactionRow) -> String {
    confirmations(row.confirmations, row.confirmation_count, row.max_confirmation_count)
}

fn network_row(row: &NetworkTransactionRow, show: Show) -> AnyView {
    let class = match row.state {
        Network::Broken => "risk",
        Network::Conflicted if row.kind == NetworkTransactionType::Broadcast => "risk",
        Network::Cancelled | Network::Abandoned => "off",
        _ => "",
    };
    let txid = row.txid.clone().map(|txid| view! { <Id text=txid href=href(row) long=true/> });
    view! {
        <tr class=class data-key=row.id.to_string()>
            <td class="at-br fit"><When at=row.created_at show=show/></td>
            <td class="at-tl fit">{of_network(row.state)}</td>
            <td class="at-bl">{row.kind.to_string()}</td>
            <td class="at-row">{txid}</td>
            <td class="n at-tm">{confirmed(row)}</td>
            <td class="n at-none wide">{grouped(row.transaction_count)}</td>
            <td class="n at-tr"><Amt of=row.amount coin=true padded=true/></td>
            <td class="n at-none wide fit"><a href=href(row)>{row.id.to_string()}</a></td>
        </tr>
    }
    .into_any()
}
