//! Addresses of all accounts, and those outside that were paid: a filter and keyset paging, all of it in the URL.

use super::{Content, Query, Visit, filter};
use crate::desk::{Answer, AppError};
use crate::model::{AddressFilter, AddressKind, AddressRow, Page, Sort, Topic, WalletRow};
use crate::part::filter as field;
use crate::part::{Amt, Download, Id, Nothing, Pager, Show, When};
use leptos::prelude::*;

const PATH: &str = "/addresses";
const TABS: [(&str, &str); 3] = [("", "In use"), ("1", "Archived"), ("all", "All")];

pub async fn show(visit: Visit) -> Answer<Content> {
    let wallets = visit.desk.wallets().await?;
    let (filter, mut faults) = filter::addresses(&visit.query);
    let page = match visit.desk.all_addresses(&filter, visit.query.paging()).await {
        Ok(page) => Some(page),
        Err(AppError::Invalid(refused)) => {
            faults.extend(refused);
            None
        }
        Err(error) => return Err(error),
    };
    let body = view! {
        <div class="head"><div><h1>"Addresses"</h1><p>"Receiving ones belong to an account. External ones are destinations outside. A new one is made on its account’s page."</p></div>
            <div class="acts"><Download path="/addresses.csv" query=visit.query.clone()/></div></div>
        {field::tabs(PATH, &visit.query, "archived", "In use or archived", &TABS)}
        {form(&visit.query, &wallets)}
        {field::said(&faults)}
        {page.filter(|_| faults.is_empty()).map(|page| list(page, &filter, &visit))}
    };
    Ok(Content::new("Addresses", body).live(&[Topic::Books]))
}

fn form(query: &Query, wallets: &[WalletRow]) -> AnyView {
    let kinds = AddressKind::ALL.iter().map(|kind| (kind.to_string(), kind.to_string()));
    let fields = view! {
        {field::select("kind", "Kind", kinds, query)}
        {field::coin(wallets, query)}
        {field::wallet(wallets, query)}
        {field::text("account", "Account contains", query)}
        {field::text("label", "Label contains", query)}
        {field::text("address", "Address begins", query)}
    };
    field::form(PATH, query, &["archived", "sort"], fields.into_any())
}

fn list(page: Page<AddressRow>, filter: &AddressFilter, visit: &Visit) -> AnyView {
    let query = &visit.query;
    let further = field::look_further(PATH, query, page.older.as_ref(), page.items.len());
    if page.items.is_empty() {
        let text = if field::narrows(query) {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"The first one is made on an account’s page, under "<a href="/wallets">"Wallets"</a>"."</p> }
                .into_any()
        };
        return view! { <Nothing title="No address.">{text}{further}</Nothing> }.into_any();
    }
    let show = Show::for_list(visit.frame.now, page.items.iter().map(|row| row.created_at));
    let rows = page.items.iter().map(|row| address_row(row, show)).collect_view();
    let made = view! { "Made"<span data-zone>" (UTC)"</span> }.into_any();
    let made = field::sorting(PATH, query, made, "n wide", (Sort::Newest, Sort::Oldest));
    let caption = if filter.oldest_first { "Addresses, oldest first" } else { "Addresses, newest first" };
    view! {
        <table class="rows">
            <caption class="only-read">{caption}</caption>
            <thead><tr>
                <th scope="col">"Address"</th><th scope="col">"Kind"</th><th scope="col">"Account"</th><th scope="col">"Label"</th>
                <th scope="col" class="n">"Received"<span class="coin"></span></th>{made}
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {further}
        <Pager path=PATH.to_owned() query=query.clone() newer=page.newer older=page.older sorted=filter.oldest_first/>
    }
    .into_any()
}

fn address_row(row: &AddressRow, show: Show) -> AnyView {
    let account = row
        .account
        .zip(row.account_name.clone())
        .map(|(id, name)| view! { <a href=format!("/accounts/{id}")>{name}</a> });
    let archived = row.archived_at.is_some();
    let receiving = row.kind == AddressKind::Receiving;
    view! {
        <tr class=if archived { "off" } else { "" } data-key=row.id.to_string()>
            <th scope="row" class="at-row"><Id text=row.address.clone() href=format!("/addresses/{}", row.id) long=true/></th>
            <td class="at-tl fit soft">{row.kind.to_string()}{archived.then_some(", archived")}</td>
            <td class="at-bl">{account}</td>
            <td class="at-none">{row.label.clone()}</td>
            <td class="n at-br">{receiving.then(|| view! { <Amt of=row.balance coin=true padded=true/> })}</td>
            <td class="n at-none wide fit"><When at=row.created_at show=show/></td>
        </tr>
    }
    .into_any()
}
