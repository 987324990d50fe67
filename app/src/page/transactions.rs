//! All transactions: tabs, a filter, an order and keyset paging, all of it in the URL (`filter.rs` reads it).

use super::{Content, Query, Visit, filter};
use crate::desk::{Answer, AppError};
use crate::model::{
    Page, Sort, Topic, TransactionFilter, TransactionKind, TransactionRow, TransactionState, WalletRow,
};
use crate::part::filter as field;
use crate::part::transactions::Transactions;
use crate::part::{Download, Nothing, Pager};
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
    let (filter, mut faults) = filter::transactions(&visit.query);
    let page = match visit.desk.transactions(&filter, visit.query.paging()).await {
        Ok(page) => Some(page),
        Err(AppError::Invalid(refused)) => {
            faults.extend(refused);
            None
        }
        Err(error) => return Err(error),
    };
    let body = view! {
        <div class="head"><div><h1>"Transactions"</h1></div>
            <div class="acts"><Download path="/transactions.csv" query=visit.query.clone()/></div></div>
        {field::tabs(PATH, &visit.query, "state", "By state", &TABS)}
        {form(&visit.query, &wallets)}
        {field::said(&faults)}
        {page.filter(|_| faults.is_empty()).map(|page| list(page, &filter, &visit))}
    };
    Ok(Content::new("Transactions", body).live(&[Topic::Books]))
}

fn form(query: &Query, wallets: &[WalletRow]) -> AnyView {
    let states = TransactionState::ALL.iter().map(|state| (state.to_string(), state.to_string()));
    let kinds = TransactionKind::ALL.iter().map(|kind| (kind.to_string(), kind.to_string()));
    let fields = view! {
        {field::select("state", "State", states, query)}
        {field::select("type", "Type", kinds, query)}
        {field::coin(wallets, query)}
        {field::wallet(wallets, query)}
        {field::text("account", "Account contains", query)}
        {field::text("label", "Label contains", query)}
        {field::amounts(query)}
        {field::days(query)}
        {field::text("address", "Address begins", query)}
        {field::text("txid", "Txid begins", query)}
    };
    field::form(PATH, query, &["sort"], fields.into_any())
}

fn list(page: Page<TransactionRow>, filter: &TransactionFilter, visit: &Visit) -> AnyView {
    let query = &visit.query;
    let further = field::look_further(PATH, query, page.older.as_ref(), page.items.len());
    if page.items.is_empty() {
        let text = if further.is_some() {
            view! { <p>"Nothing fits this filter among the rows that were looked through."</p> }.into_any()
        } else if field::narrows(query) {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"Deposits, transfers and sends stand here as soon as there are any."</p> }.into_any()
        };
        return view! { <Nothing title="No transaction.">{text}{further}</Nothing> }.into_any();
    }
    let time = view! { "Time"<span data-zone>" (UTC)"</span> }.into_any();
    let time = field::sorting(PATH, query, time, "", (Sort::Newest, Sort::Oldest));
    // Amounts of two coins can't be compared.
    let amount = filter.coin.is_some().then(|| {
        let word = view! { "Amount" }.into_any();
        field::sorting(PATH, query, word, "n", (Sort::Largest, Sort::Smallest))
    });
    let caption = match filter.sort {
        Sort::Newest => "Transactions, newest first",
        Sort::Oldest => "Transactions, oldest first",
        Sort::Largest => "Transactions, largest first",
        Sort::Smallest => "Transactions, smallest first",
    };
    view! {
        <Transactions rows=page.items now=visit.frame.now time=Some(time) amount=amount caption=caption/>
        {further}
        <Pager path=PATH.to_owned() query=query.clone() newer=page.newer older=page.older sorted=filter.sort != Sort::Newest/>
    }
    .into_any()
}
