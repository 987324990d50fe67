//! The addresses of one account, newest first, and a new one with its QR code.

use super::account::{new_address, within};
use super::{Content, Query, Refused, Visit};
use crate::action::ImportAddress;
use crate::desk::Answer;
use crate::model::{AccountRow, AddressRow, Page, Topic};
use crate::part::payment::payment;
use crate::part::{Amt, Field, Hidden, Id, Key, Nothing, Notice, Pager, Show, When};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let account = visit.desk.account(visit.id("account")?).await?;
    let archived = visit.query.get("archived") == "1";
    let page = visit.desk.addresses(account.id, archived, visit.query.paging()).await?;
    let operate = visit.may_operate();
    let made = page.items.iter().find(|row| row.address == visit.query.get("made")).cloned();
    let shown = made.clone().or_else(|| page.items.first().cloned()).filter(|_| !archived);
    let now = visit.frame.now;
    let path = format!("/accounts/{}/addresses", account.id);
    let title = match (&made, &shown) {
        (Some(_), _) => "New address",
        (None, Some(_)) => "Newest address",
        (None, None) => "Receive",
    };
    let aside = view! {
        <aside>
            <section aria-labelledby="receive">
                <div class="title"><h2 id="receive">{title}</h2></div>
                {shown.map(|row| payment(&row, now, &path, &visit.query))}
                {operate.then(|| new_address(&account, visit.desk.new_key(), &visit.query))}
                {operate.then(|| import(&account, visit.desk.new_key(), &visit.query))}
            </section>
        </aside>
    };
    let body = view! {
        <div class="head"><div><h1>{format!("Addresses of {}", account.name)}</h1><p>{format!("Wallet {}, {}", account.wallet_name, account.coin)}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {made.map(|row| {
            let said = format!("It receives for {} from now on, labelled “{}”.", account.name, row.label);
            view! { <div role="status"><Notice tone="done" icon="done" title="A new address"><p>{said}</p></Notice></div> }
        })}
        <nav class="tabs" aria-label="Addresses"><ul>
            <li><a href=path.clone() aria-current=(!archived).then_some("page")>"In use"</a></li>
            <li><a href=format!("{path}?archived=1") aria-current=archived.then_some("page")>"Archived"</a></li>
        </ul></nav>
        <div class="split">
            <div>{list(&account, page, archived, operate, &visit)}</div>
            {(!account.network_fees).then_some(aside)}
        </div>
    };
    let content =
        within(Content::new(format!("Addresses of {}", account.name), body), &account).live(&[Topic::Books]);
    Ok(content.within(format!("/accounts/{}", account.id), account.name.clone()))
}

/// What another program made in the hot wallet, or a request of Coffer's that never came back.
fn import(account: &AccountRow, key: String, query: &Query) -> AnyView {
    let (address, label) = (query.get("address").to_owned(), query.get("import_label").to_owned());
    let open = !address.is_empty();
    view! {
        <details class="block" open=open><summary>"Import an address"</summary>
            <form class="block" method="post" action=ImportAddress::url()>
                <Key key=key/>
                <Hidden name="account" value=account.id.to_string()/>
                <Field name="address" label="Address" value=address error=Refused::of_field(query, "imported_address")
                    hint="One that the hot wallet has the key of. What it receives from now on is credited to this account."/>
                <Field name="import_label" label="Label" value=label max_length=255 hint="For your own search."/>
                <div class="acts"><button type="submit">"Import it"</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn list(
    account: &AccountRow,
    page: Page<AddressRow>,
    archived: bool,
    operate: bool,
    visit: &Visit,
) -> AnyView {
    if page.items.is_empty() {
        let title = if archived { "No archived address." } else { "No address yet." };
        return view! { <Nothing title=title><p>"An address receives for its account at once, and as long as it stands."</p></Nothing> }.into_any();
    }
    let show = Show::for_list(visit.frame.now, page.items.iter().map(|row| row.created_at));
    let rows = page.items.iter().map(|row| address_row(row, show, operate && !archived)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Addresses, newest first"</caption>
            <thead><tr>
                <th scope="col">"Address"</th><th scope="col">"Label"</th><th scope="col" class="n">{format!("Received, {}", account.coin)}</th>
                <th scope="col" class="n wide">"Made"<span data-zone>" (UTC)"</span></th><th scope="col"><span class="only-read">"Act"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager path=format!("/accounts/{}/addresses", account.id) query=visit.query.clone() newer=page.newer older=page.older/>
    }
    .into_any()
}

fn address_row(row: &AddressRow, show: Show, archivable: bool) -> AnyView {
    let archive = archivable.then(|| view! {
        <a class="button small" href=format!("/addresses/{}#archive", row.id)>"Archive"<span class="only-read">{format!(" {}", row.address)}</span></a>
    });
    view! {
        <tr data-key=row.id.to_string()>
            <td class="at-row"><Id text=row.address.clone() href=format!("/addresses/{}", row.id) long=true/></td>
            <td class="at-bl">{row.label.clone()}</td>
            <td class="n at-br"><Amt of=row.balance/></td>
            <td class="n at-none wide"><When at=row.created_at show=show/></td>
            <td class="n at-cr">{archive}</td>
        </tr>
    }
    .into_any()
}
