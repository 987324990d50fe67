//! One wallet: what it holds, its accounts, and whether its broadcasts open.

use super::wallets::broadcasting;
use super::{Content, Query, Refused, Visit};
use crate::action::{BroadcastNow, CreateAccount, PauseWallet, ResumeWallet};
use crate::desk::Answer;
use crate::model::{AccountRow, Page, Time, Topic, WalletRow};
use crate::part::{Amt, Hidden, Icon, Nothing, Notice, Pager, Show, When, count};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let wallet = visit.desk.wallet(visit.id("wallet")?).await?;
    let accounts = visit.desk.accounts(wallet.id, visit.query.paging()).await?;
    let operate = visit.may_operate();
    let now = visit.frame.now;
    let body = view! {
        <div class="head">
            <div><h1>{wallet.name.clone()}{broadcasting(&wallet)}</h1><p>{format!("Wallet of {}, {}", wallet.coin, count(wallet.account_count, "account", "accounts"))}</p></div>
            <div class="acts">
                {operate.then(|| broadcast_now(&wallet))}
                {operate.then(|| pause_or_resume(&wallet))}
                <a class="button" href=format!("/transactions?wallet={}", wallet.id)>"Transactions"</a>
                <a class="button" href="/broadcasts">"Broadcasts"</a>
            </div>
        </div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {(!visit.query.get("asked").is_empty()).then(|| view! {
            <div role="status"><Notice icon="wait" title="Broadcast now is asked for"><p>"The broadcast job starts within seconds."</p></Notice></div>
        })}
        {paused(&wallet)}
        <dl class="tiles">
            <div><dt>"Balance"</dt><dd><Amt of=wallet.balance coin=true/></dd><dd>"sum of its accounts"</dd></div>
            <div><dt>"Unconfirmed in"</dt><dd><Amt of=wallet.unconfirmed coin=true/></dd><dd>"not counted yet"</dd></div>
            <div><dt>"Pending out"</dt><dd><Amt of=wallet.pending coin=true/></dd><dd>"debited, not broadcasted yet"</dd></div>
        </dl>
        {accounts_section(&wallet, accounts, &visit.query, now)}
        {operate.then(|| new_account(&wallet, &visit.query))}
    };
    Ok(Content::new(format!("{}, {}", wallet.name, wallet.coin), body)
        .within("/wallets", "Wallets")
        .live(&[Topic::Books]))
}

/// While something waits, and nothing holds it.
fn broadcast_now(wallet: &WalletRow) -> Option<AnyView> {
    (wallet.paused_at.is_none() && !wallet.pending.is_zero()).then(|| {
        view! { <form method="post" action=BroadcastNow::url()><Hidden name="wallet" value=wallet.id.to_string()/><button type="submit">"Broadcast now"</button></form> }.into_any()
    })
}

fn pause_or_resume(wallet: &WalletRow) -> AnyView {
    let (action, word) = match wallet.paused_at {
        None => (PauseWallet::url(), "Pause broadcasts"),
        Some(_) => (ResumeWallet::url(), "Resume broadcasts"),
    };
    view! { <form method="post" action=action><Hidden name="wallet" value=wallet.id.to_string()/><button type="submit">{word}</button></form> }.into_any()
}

fn paused(wallet: &WalletRow) -> Option<impl IntoView + use<>> {
    wallet.paused_at.map(|at| view! {
        <Notice tone="wait" icon="off" title="Broadcasts of this wallet are paused">
            <p>"Since "<When at=at show=Show::Full/>" no broadcast of it opens. Sends are debited and wait as pending; deposits are credited as ever."</p>
        </Notice>
    })
}

fn accounts_section(wallet: &WalletRow, page: Page<AccountRow>, query: &Query, now: Time) -> AnyView {
    let coin = wallet.coin;
    let list = if page.items.is_empty() {
        view! { <Nothing title="No accounts yet."><p>"An account is an owner’s balance; its addresses receive. Create the first one beneath."</p></Nothing> }.into_any()
    } else {
        let rows = page.items.iter().map(|row| account_row(row, now)).collect_view();
        view! {
            <table class="rows">
                <caption class="only-read">"Accounts by name"</caption>
                <thead><tr>
                    <th scope="col">"Account"</th><th scope="col" class="n">"Unconfirmed in"</th><th scope="col" class="n">"Pending out"</th>
                    <th scope="col" class="n">{format!("Balance, {coin}")}</th><th scope="col" class="n wide">"Last change"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let path = format!("/wallets/{}", wallet.id);
    view! {
        <section aria-labelledby="accounts">
            <div class="title"><h2 id="accounts">"Accounts"</h2></div>
            {list}
            <Pager path=path query=query.clone() newer=page.newer older=page.older anchor="#accounts"/>
        </section>
    }
    .into_any()
}

fn account_row(row: &AccountRow, now: Time) -> AnyView {
    view! {
        <tr data-key=row.id.to_string()>
            <th scope="row" class="at-tl"><a href=format!("/accounts/{}", row.id)><strong>{row.name.clone()}</strong></a></th>
            <td class="n at-row" data-name="Unconfirmed in"><Amt of=row.unconfirmed/></td>
            <td class="n at-row" data-name="Pending out"><Amt of=row.pending/></td>
            <td class="n at-tr"><Amt of=row.balance/></td>
            <td class="n at-none wide"><When at=row.updated_at show=Show::for_list(now, std::iter::once(row.updated_at))/></td>
        </tr>
    }
    .into_any()
}

fn new_account(wallet: &WalletRow, query: &Query) -> AnyView {
    let error = Refused::of_field(query, "name");
    view! {
        <section class="measure" aria-labelledby="new">
            <h2 id="new">"New account"</h2>
            <form class="acts block" method="post" action=CreateAccount::url()>
                <Hidden name="wallet" value=wallet.id.to_string()/>
                <div class="with"><label for="name">"Name"</label>
                    <input type="text" id="name" name="name" value=query.get("name").to_owned() maxlength="255" autocomplete="off" required
                        autofocus=error.is_some() aria-invalid=error.is_some().then_some("true") aria-describedby=error.is_some().then_some("name-error")/></div>
                <button type="submit" class="primary">"Create account"</button>
            </form>
            {error.map(|error| view! { <p class="error" id="name-error"><Icon name="note"/>{error}</p> })}
            <p class="block"><small>"A name is unique within its wallet. If the account is there already, it opens."</small></p>
        </section>
    }
    .into_any()
}
