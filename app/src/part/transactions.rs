//! Rows of transactions, as the list of all and the overview's deposits show them.

use super::state::{confirmations, of_transaction, row_class};
use super::{Amt, Id, Show, When};
use crate::model::{AccountRef, Time, TransactionRow, TransactionState as State};
use leptos::prelude::*;

/// A transaction's name in a list: its label, else what it is.
pub fn name(row: &TransactionRow) -> String {
    if row.label.is_empty() { format!("Transaction {}", row.id) } else { row.label.clone() }
}

pub fn confirmed(row: &TransactionRow) -> String {
    confirmations(row.confirmations, row.confirmation_count, row.max_confirmation_count)
}

/// Deposits have no sending account; their other side is the network.
pub fn is_deposit(row: &TransactionRow) -> bool {
    matches!(row.state, State::Incoming | State::Credited | State::Reversed)
}

fn account(account: &AccountRef) -> AnyView {
    view! { <a href=format!("/accounts/{}", account.id)>{account.name.clone()}</a> }.into_any()
}

fn from(row: &TransactionRow) -> AnyView {
    match &row.sending {
        Some(sending) => view! { <td class="at-cl" data-name="from">{account(sending)}</td> }.into_any(),
        None => view! { <td class="at-none soft">"outside"</td> }.into_any(),
    }
}

fn to(row: &TransactionRow) -> AnyView {
    match (&row.receiving, &row.address) {
        (Some(receiving), _) => {
            let place = if row.sending.is_some() { "at-cr" } else { "at-cl" };
            view! { <td class=place data-name="to">{account(receiving)}</td> }.into_any()
        }
        (None, Some(address)) => {
            view! { <td class="at-cr" data-name="to"><Id text=address.clone()/></td> }.into_any()
        }
        (None, None) => {
            let word = if row.state == State::NetworkFee { "network" } else { "outside" };
            view! { <td class="at-none soft">{word}</td> }.into_any()
        }
    }
}

/// The page of a transaction's network transaction.
pub fn network_path(row: &TransactionRow) -> Option<String> {
    let noun = if is_deposit(row) { "network-transactions" } else { "broadcasts" };
    row.network_transaction.map(|id| format!("/{noun}/{id}"))
}

/// Where the money meets the network: a txid, a broadcast, or the broadcast to come.
fn network(row: &TransactionRow) -> AnyView {
    match (&row.txid, network_path(row)) {
        (Some(txid), Some(href)) => view! { <Id text=txid.clone() href=href/> }.into_any(),
        (Some(txid), None) => view! { <Id text=txid.clone()/> }.into_any(),
        (None, Some(href)) => {
            view! { <a href=href>{format!("broadcast {}", row.network_transaction.map_or(0, |id| id.0))}</a> }
                .into_any()
        }
        (None, None) if row.state == State::Pending => "next broadcast".into_any(),
        (None, None) => ().into_any(),
    }
}

/// `time` and `amount`: heads that sort, where the list can be sorted.
#[component]
pub fn Transactions(
    rows: Vec<TransactionRow>,
    now: Time,
    #[prop(optional_no_strip)] time: Option<AnyView>,
    #[prop(optional_no_strip)] amount: Option<AnyView>,
    #[prop(default = "Transactions, newest first")] caption: &'static str,
) -> impl IntoView {
    let show = Show::for_list(now, rows.iter().map(|row| row.created_at));
    let rows = rows.into_iter().map(|row| transaction(&row, show)).collect_view();
    let time = time
        .unwrap_or_else(|| view! { <th scope="col">"Time"<span data-zone>" (UTC)"</span></th> }.into_any());
    let amount = amount.unwrap_or_else(|| {
        view! { <th scope="col" class="n">"Amount"<span class="coin"></span></th> }.into_any()
    });
    view! {
        <table class="rows">
            <caption class="only-read">{caption}</caption>
            <thead><tr>
                {time}<th scope="col">"State"</th><th scope="col">"From"</th>
                <th scope="col">"To"</th><th scope="col">"Label"</th><th scope="col" class="wide">"Network"</th><th scope="col" class="n">"Conf."</th>
                {amount}<th scope="col" class="n wide">"Id"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn transaction(row: &TransactionRow, show: Show) -> AnyView {
    let href = format!("/transactions/{}", row.id);
    view! {
        <tr class=row_class(row) data-key=row.id.to_string()>
            <td class="at-br fit"><When at=row.created_at show=show/></td>
            <td class="at-tl fit">{of_transaction(row)}</td>
            {from(row)}
            {to(row)}
            <td class="at-bl"><a href=href.clone()>{name(row)}</a></td>
            <td class="at-none wide">{network(row)}</td>
            <td class="n at-tm">{confirmed(row)}</td>
            <td class="n at-tr"><Amt of=row.amount coin=true padded=true/></td>
            <td class="n at-none wide fit"><a href=href>{row.id.to_string()}</a></td>
        </tr>
    }
    .into_any()
}

/// Deposits alone: to whom, by which txid.
#[component]
pub fn Deposits(rows: Vec<TransactionRow>, now: Time) -> impl IntoView {
    let show = Show::for_list(now, rows.iter().map(|row| row.created_at));
    let rows = rows.into_iter().map(|row| deposit(&row, show)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Deposits, newest first"</caption>
            <thead><tr>
                <th scope="col">"Time"<span data-zone>" (UTC)"</span></th><th scope="col">"State"</th><th scope="col">"Account"</th><th scope="col">"Label"</th>
                <th scope="col" class="wide">"Txid"</th><th scope="col" class="n">"Conf."</th><th scope="col" class="n">"Amount"<span class="coin"></span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn deposit(row: &TransactionRow, show: Show) -> AnyView {
    let receiving = row.receiving.as_ref().or(row.sending.as_ref()).map(account);
    view! {
        <tr class=row_class(row) data-key=row.id.to_string()>
            <td class="at-br fit"><When at=row.created_at show=show/></td>
            <td class="at-tl fit">{of_transaction(row)}</td>
            <td class="at-bl">{receiving}" "<span class="soft wide">{row.wallet_name.clone()}</span></td>
            <td class="at-none"><a href=format!("/transactions/{}", row.id)>{name(row)}</a></td>
            <td class="at-none wide">{network(row)}</td>
            <td class="n at-tm">{confirmed(row)}</td>
            <td class="n at-tr"><Amt of=row.amount coin=true padded=true/></td>
        </tr>
    }
    .into_any()
}
