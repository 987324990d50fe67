//! One account: what it holds, its history as a ledger with Out and In, and where it receives.

use super::{Content, Query, Refused, Visit, link};
use crate::action::CreateAddress;
use crate::desk::Answer;
use crate::model::{
    AccountRow, AddressRow, BalanceOverTime, HistoryRow, Page, Paging, Span, Time, Topic,
    TransactionState as State, Waiting,
};
use crate::part::chart::BalanceChart;
use crate::part::payment::payment;
use crate::part::transactions::{confirmed, name};
use crate::part::{Amt, Hidden, Icon, Key, Nothing, Notice, Pager, Plain, Show, When, state};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let account = visit.desk.account(visit.id("account")?).await?;
    let history = visit.desk.history(account.id, visit.query.paging()).await?;
    let waiting = visit.desk.waiting(account.id).await?;
    let balances = visit.desk.balance_over_time(account.id, Span::of(visit.query.get("range"))).await?;
    let newest = Paging { limit: Some(1), ..Paging::default() };
    let address = if account.network_fees {
        None
    } else {
        visit.desk.addresses(account.id, false, newest).await?.items.pop()
    };
    let operate = visit.may_operate();
    let receive = (!account.network_fees).then(|| {
        let key = operate.then(|| visit.desk.new_key());
        receive(&account, address, key, &visit.query, visit.frame.now)
    });
    let body = view! {
        <div class="head">
            <div><h1>{account.name.clone()}</h1><p>{format!("Account of wallet {}, {}", account.wallet_name, account.coin)}</p></div>
            {operate.then(|| acts(&account))}
        </div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {barred(&account)}
        {tiles(&account, waiting)}
        <div class="split">
            <div>{history_section(&account, history, &visit.query, visit.frame.now)}</div>
            <aside>{chart(&account, balances, &visit.query)}{receive}</aside>
        </div>
    };
    Ok(within(Content::new(account.name.clone(), body), &account).live(&[Topic::Books]))
}

/// The crumbs of whatever belongs to an account's wallet.
pub fn within(content: Content, account: &AccountRow) -> Content {
    let wallet = format!("{}, {}", account.wallet_name, account.coin);
    content.within("/wallets", "Wallets").within(format!("/wallets/{}", account.wallet), wallet)
}

fn acts(account: &AccountRow) -> AnyView {
    let path = |verb: &str| format!("/accounts/{}/{verb}", account.id);
    if account.network_fees {
        return ().into_any();
    }
    // What is barred isn't offered.
    let out = account.barred_at.is_none().then(|| {
        view! { <a class="button primary" href=path("send")>"Send"</a><a class="button" href=path("transfer")>"Transfer"</a> }
    });
    view! { <div class="acts">{out}<a class="button" href="#receive">"New address"</a></div> }.into_any()
}

fn barred(account: &AccountRow) -> Option<impl IntoView + use<>> {
    let balance = account.balance;
    account.barred_at.map(|at| view! {
        <Notice tone="risk" icon="risk" title="Debits of this account are barred">
            <p>"Since "<When at=at show=Show::Full/>": a deposit that it had spent was reversed, and it stands at "<Plain of=balance/>". What it receives counts; once it holds zero or more, it sends again."</p>
        </Notice>
    })
}

fn tiles(account: &AccountRow, waiting: Waiting) -> AnyView {
    let said = match (account.network_fees, account.barred_at) {
        (true, _) => "paid to the network, negative until funded",
        (false, Some(_)) => "nothing can be sent",
        (false, None) => "can be sent now",
    };
    view! {
        <dl class="tiles">
            <div><dt>"Balance"</dt><dd><Amt of=account.balance coin=true/></dd><dd>{said}</dd></div>
            <div><dt>"Unconfirmed in"</dt><dd><Amt of=account.unconfirmed coin=true/></dd><dd>{waiting.deposits_said()}</dd></div>
            <div><dt>"Pending out"</dt><dd><Amt of=account.pending coin=true/></dd><dd>{waiting.sends_said()}</dd></div>
        </dl>
    }
    .into_any()
}

fn chart(account: &AccountRow, balances: BalanceOverTime, query: &Query) -> AnyView {
    let title = format!("Balance, last {}", balances.span.said());
    let path = format!("/accounts/{}", account.id);
    let to = Span::ALL.map(|span| {
        let kept = query.pairs().filter(|(name, _)| *name != "range");
        (span, link(&path, kept.chain([("range", span.as_str())])) + "#chart")
    });
    view! {
        <section aria-labelledby="chart">
            <div class="title"><h2 id="chart">{title}</h2></div>
            <BalanceChart history=balances to=to.to_vec()/>
        </section>
    }
    .into_any()
}

fn history_section(account: &AccountRow, page: Page<HistoryRow>, query: &Query, now: Time) -> AnyView {
    let show = Show::for_list(now, page.items.iter().map(|row| row.transaction.created_at));
    let list = if page.items.is_empty() {
        view! { <Nothing title="No movement yet."><p>"A deposit to one of its addresses, or a transfer from another account, stands here."</p></Nothing> }.into_any()
    } else {
        let rows = page.items.iter().map(|row| history_row(account, row, show)).collect_view();
        view! {
            <table class="rows">
                <caption class="only-read">"History, newest first"</caption>
                <thead><tr>
                    <th scope="col">"Time"<span data-zone>" (UTC)"</span></th><th scope="col">"State"</th><th scope="col">"Label"</th><th scope="col" class="n wide">"Conf."</th>
                    <th scope="col" class="n">"Out"</th><th scope="col" class="n">"In"</th><th scope="col" class="n">"Balance"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="history">
            <div class="title"><h2 id="history">"History"</h2>
                <a href=format!("/accounts/{}/history.csv", account.id)>"Download CSV"</a></div>
            {list}
            <Pager path=format!("/accounts/{}", account.id) query=query.clone() newer=page.newer older=page.older anchor="#history"/>
        </section>
    }
    .into_any()
}

fn history_row(account: &AccountRow, row: &HistoryRow, show: Show) -> AnyView {
    let transaction = &row.transaction;
    let out = row.amount.units < 0;
    let amount = if out {
        crate::model::Amount::new(row.amount.coin, row.amount.units.saturating_neg())
    } else {
        row.amount
    };
    let cell = move |here: bool, name: &'static str| {
        if here {
            view! { <td class="n at-tr" data-name=name><Amt of=amount/></td> }.into_any()
        } else {
            view! { <td class="n at-none"></td> }.into_any()
        }
    };
    let balance = match (row.balance_after, transaction.state) {
        // Struck out with its amount it would say that this balance never was.
        (_, State::Cancelled) => view! { <td class="n at-br"></td> }.into_any(),
        (Some(balance), _) => {
            view! { <td class="n at-br" data-name="balance"><Amt of=balance/></td> }.into_any()
        }
        (None, State::Incoming) => {
            view! { <td class="n at-br"><span class="soft">"not counted yet"</span></td> }.into_any()
        }
        (None, _) => view! { <td class="n at-br"></td> }.into_any(),
    };
    view! {
        <tr class=state::row_class(transaction) data-key=transaction.id.to_string()>
            <td class="at-bl fit"><When at=transaction.created_at show=show/></td>
            <td class="at-tl fit">{state::of_transaction(transaction)}</td>
            <td class="at-cl"><a href=format!("/transactions/{}", transaction.id)>{seen_from(account, row)}</a></td>
            <td class="n at-none wide">{confirmed(transaction)}</td>
            {cell(out, "out")}
            {cell(!out, "in")}
            {balance}
        </tr>
    }
    .into_any()
}

/// A transfer without a label is named by its other account.
fn seen_from(account: &AccountRow, row: &HistoryRow) -> String {
    let transaction = &row.transaction;
    let other = |from: bool| if from { transaction.sending.as_ref() } else { transaction.receiving.as_ref() };
    match (transaction.label.is_empty(), other(true), other(false)) {
        (true, Some(from), Some(_)) if from.id != account.id => format!("from {}", from.name),
        (true, Some(_), Some(to)) => format!("to {}", to.name),
        _ => name(transaction),
    }
}

fn receive(
    account: &AccountRow,
    newest: Option<AddressRow>,
    key: Option<String>,
    query: &Query,
    now: Time,
) -> AnyView {
    let shown = match newest {
        Some(address) => payment(&address, now, &format!("/accounts/{}", account.id), query),
        None => {
            view! { <p class="ruled soft">"No address yet. A new one receives for this account at once."</p> }
                .into_any()
        }
    };
    view! {
        <section aria-labelledby="receive">
            <div class="title"><h2 id="receive">"Receive"</h2><a href=format!("/accounts/{}/addresses", account.id)>"All addresses"</a></div>
            {shown}
            {key.map(|key| new_address(account, key, query))}
        </section>
    }
    .into_any()
}

pub fn new_address(account: &AccountRow, key: String, query: &Query) -> AnyView {
    let error = Refused::of_field(query, "label");
    view! {
        <form class="block" method="post" action=CreateAddress::url()>
            <Key key=key/>
            <Hidden name="account" value=account.id.to_string()/>
            <label for="label">"Label of a new address"</label>
            <div class="with">
                <input type="text" id="label" name="label" value=query.get("label").to_owned() placeholder="automatic if empty" maxlength="255"
                    autocomplete="off" aria-invalid=error.is_some().then_some("true") autofocus=error.is_some()
                    aria-describedby=error.is_some().then_some("label-error")/>
                <button type="submit">"New address"</button>
            </div>
            {error.map(|error| view! { <p class="error" id="label-error"><Icon name="note"/>{error}</p> })}
        </form>
    }
    .into_any()
}
