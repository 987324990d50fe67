//! All wallets, by coin, with what they hold in all.

use super::{Content, Query, Refused, Visit};
use crate::action::CreateWallet;
use crate::desk::Answer;
use crate::model::{Amount, Coin, CoinRow, Time, Topic, WalletRow};
use crate::part::state::Mark;
use crate::part::{Amt, Icon, Nothing, Show, When, grouped};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let wallets = visit.desk.wallets().await?;
    let coins = visit.desk.overview().await?.coins;
    let operate = visit.may_operate();
    let refused = Refused::of(&visit.query).map(|refused| refused.view());
    let list = if wallets.is_empty() {
        view! { <Nothing title="No wallets yet."><p>"Create the first one beneath."</p></Nothing> }.into_any()
    } else {
        table(&wallets, visit.frame.now)
    };
    let form = operate.then(|| view! {
        <section class="measure" aria-labelledby="new">
            <h2 id="new">"New wallet"</h2>
            <NewWallet coins=coins query=visit.query.clone() stacked=false/>
            <p class="block"><small>"A name is unique within its coin. If the wallet is there already, it opens."</small></p>
        </section>
    });
    let body = view! {
        <div class="head">
            <div><h1>"Wallets"</h1><p>"A wallet is a named book of one coin. What its accounts hold adds up to its balance."</p></div>
            {operate.then(|| view! { <div class="acts"><a class="button primary" href="#new">"New wallet"</a></div> })}
        </div>
        {refused}
        {list}
        {form}
    };
    Ok(Content::new("Wallets", body).live(&[Topic::Books]))
}

fn table(wallets: &[WalletRow], now: Time) -> AnyView {
    let mut coins: Vec<Coin> = wallets.iter().map(|wallet| wallet.coin).collect();
    coins.dedup();
    let bodies = coins.into_iter().map(|coin| {
        let rows: Vec<_> = wallets.iter().filter(|wallet| wallet.coin == coin).collect();
        let lines = rows.iter().map(|row| wallet_row(row, now)).collect_view();
        view! { <tbody>{lines}{total(coin, &rows)}</tbody> }
    });
    view! {
        <table class="rows">
            <caption class="only-read">"Wallets by coin"</caption>
            <thead><tr>
                <th scope="col">"Wallet"</th><th scope="col">"Broadcasts"</th><th scope="col" class="n wide">"Accounts"</th><th scope="col" class="n">"Unconfirmed in"</th>
                <th scope="col" class="n">"Pending out"</th><th scope="col" class="n">"Balance"<span class="coin"></span></th><th scope="col" class="n wide">"Last change"</th>
            </tr></thead>
            {bodies.collect_view()}
        </table>
    }
    .into_any()
}

fn wallet_row(row: &WalletRow, now: Time) -> AnyView {
    view! {
        <tr class=row.broken_broadcast.map(|_| "risk") data-key=row.id.to_string()>
            <th scope="row" class="at-tl"><a href=format!("/wallets/{}", row.id)><strong>{row.name.clone()}</strong></a></th>
            <td class="at-bl">{broadcasting(row)}</td>
            <td class="n at-br wide" data-name="Accounts">{grouped(row.account_count)}</td>
            <td class="n at-row" data-name="Unconfirmed in"><Amt of=row.unconfirmed padded=true/></td>
            <td class="n at-row" data-name="Pending out"><Amt of=row.pending padded=true/></td>
            <td class="n at-tr"><Amt of=row.balance coin=true padded=true/></td>
            <td class="n at-none wide"><When at=row.updated_at show=Show::for_list(now, std::iter::once(row.updated_at))/></td>
        </tr>
    }
    .into_any()
}

/// Whether its broadcasts open, and where to look if one waits for a person.
pub fn broadcasting(row: &WalletRow) -> AnyView {
    match (row.broken_broadcast, row.paused_at) {
        (Some(id), _) => view! { <a class="state risk" href=format!("/broadcasts/{id}")><Icon name="risk"/>"broken broadcast"</a> }.into_any(),
        (None, Some(_)) => view! { <Mark icon="off" tone="wait" word="paused"/> }.into_any(),
        (None, None) => view! { <Mark icon="out" word="broadcasting"/> }.into_any(),
    }
}

/// Nothing where a sum is wider than an amount can be.
fn total(coin: Coin, rows: &[&WalletRow]) -> Option<AnyView> {
    let sum = |of: fn(&WalletRow) -> Amount| Amount::sum(coin, rows.iter().map(|row| of(row))).ok();
    let (unconfirmed, pending, balance) =
        (sum(|row| row.unconfirmed)?, sum(|row| row.pending)?, sum(|row| row.balance)?);
    let accounts: i64 = rows.iter().map(|row| row.account_count).sum();
    (rows.len() > 1).then(|| {
        view! {
            <tr class="total" data-key=format!("total {coin}")>
                <th scope="row" class="at-tl">{format!("{coin} in all")}</th><td class="at-none"></td><td class="n at-none wide">{grouped(accounts)}</td>
                <td class="n at-row" data-name="Unconfirmed in"><Amt of=unconfirmed padded=true/></td>
                <td class="n at-row" data-name="Pending out"><Amt of=pending padded=true/></td>
                <td class="n at-tr"><Amt of=balance coin=true padded=true/></td><td class="at-none wide"></td>
            </tr>
        }
        .into_any()
    })
}

/// `stacked`: field under field, as in the first steps.
#[component]
pub fn NewWallet(coins: Vec<CoinRow>, query: Query, stacked: bool) -> impl IntoView {
    let chosen = query.get("coin").to_owned();
    let error = Refused::of_field(&query, "name");
    let options = coins.iter().map(|row| {
        let ticker = row.coin.to_string();
        view! { <option value=ticker.clone() selected=ticker == chosen>{ticker.clone()}</option> }
    });
    let (form, with) = if stacked { ("block", "field") } else { ("acts block", "with") };
    view! {
        <form class=form method="post" action=CreateWallet::url() aria-label="New wallet">
            <input type="hidden" name="from" value=query.path().to_owned()/>
            <div class=with><label for="coin">"Coin"</label><select id="coin" name="coin">{options.collect_view()}</select></div>
            <div class=with><label for="name">"Name"</label>
                <input type="text" id="name" name="name" value=query.get("name").to_owned() maxlength="255" autocomplete="off" required
                    autofocus=error.is_some() aria-invalid=error.is_some().then_some("true") aria-describedby=error.is_some().then_some("name-error")/></div>
            <button type="submit" class="primary">"Create wallet"</button>
        </form>
        {error.map(|error| view! { <p class="error" id="name-error"><Icon name="note"/>{error}</p> })}
    }
}
