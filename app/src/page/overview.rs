//! The first page: what waits for a person, the coins with their backends, and the newest deposits. Without a wallet
//! it is the first steps instead.

use super::wallets::NewWallet;
use super::{Content, Visit};
use crate::desk::Answer;
use crate::model::{
    Amount, BackendRow, BackendState, CoinRow, Need, Overview, ReconciliationRow, Time, Topic,
};
use crate::part::time::stretch;
use crate::part::transactions::Deposits;
use crate::part::{Amt, Icon, Nothing, Show, When, count, grouped, state};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let overview = visit.desk.overview().await?;
    if overview.wallet_count == 0 {
        return Ok(Content::new("Welcome", welcome(&visit, &overview)));
    }
    let now = visit.frame.now;
    let body = view! {
        {banner(visit.frame.simulated)}
        <div class="head"><div><h1>"Overview"</h1><p>{summary(&overview)}</p></div></div>
        {needs(&overview.needs, now)}
        {coins(&overview.coins, now)}
        {last_day(&overview, now)}
        {deposits(overview, now)}
    };
    Ok(Content::new("Overview", body).live(&[Topic::Books, Topic::Coins]))
}

pub fn banner(simulated: bool) -> Option<impl IntoView> {
    simulated.then(|| view! {
        <div class="banner"><p><strong>"Simulated network."</strong>" These coins are made inside Coffer and have no value. "
            <a href="/simulator">"Open the simulator"</a>" to pay an address, mine blocks or make a call fail."</p></div>
    })
}

/// What is known of books against hot wallets, in one sentence; nothing is said where it wasn't compared.
fn summary(overview: &Overview) -> AnyView {
    let what = format!(
        "{}, {}. ",
        count(as_count(overview.coins.len()), "coin", "coins"),
        count(overview.wallet_count, "wallet", "wallets")
    );
    let found: Vec<_> = overview.coins.iter().map(|coin| (coin.coin, difference(coin))).collect();
    let differing: Vec<String> = found
        .iter()
        .filter(|(_, difference)| difference.is_some_and(|sum| !sum.is_zero()))
        .map(|(coin, _)| coin.to_string())
        .collect();
    let verdict = if !differing.is_empty() {
        format!("Books and hot wallet differ for {}.", differing.join(", "))
    } else if found.iter().all(|(_, difference)| difference.is_some()) {
        "Books and hot wallets agree.".into()
    } else {
        "Books and hot wallets are compared when no broadcast is under way.".into()
    };
    let audited =
        overview.audited_at.map(|at| view! { " The books were audited " <When at=at show=Show::Clock/> "." });
    let compared =
        overview.coins.iter().filter_map(|coin| coin.reconciliation.as_ref()).map(|row| row.read_at);
    let compared =
        compared.min().map(|at| view! { " They were compared " <When at=at show=Show::Clock/> "." });
    view! { {what + &verdict}{compared}{audited} }.into_any()
}

/// What two readings in a row have found.
fn difference(row: &CoinRow) -> Option<Amount> {
    row.reconciliation.as_ref().and_then(ReconciliationRow::settled)
}

fn as_count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn needs(needs: &[Need], now: Time) -> Option<impl IntoView + use<>> {
    (!needs.is_empty()).then(|| {
        view! {
            <section aria-labelledby="needs">
                <div class="title"><h2 id="needs">"Needs you"</h2><p>"Gravest first"</p></div>
                <ul class="needs">{needs.iter().map(|need| need_line(need, now)).collect_view()}</ul>
            </section>
        }
    })
}

fn need_line(need: &Need, now: Time) -> AnyView {
    let icon = if need.risk { "risk" } else { "wait" };
    let since =
        need.since.map(|at| view! { "since " <When at=at show=Show::for_list(now, std::iter::once(at))/> });
    view! {
        <li class=need.risk.then_some("risk")>
            <Icon name=icon/><p><strong>{need.what.clone()}</strong>{format!(" {}", need.detail)}</p>
            <span class="soft">{since}</span><a class="button small" href=need.href.clone()>{need.act.clone()}</a>
        </li>
    }
    .into_any()
}

fn coins(coins: &[CoinRow], now: Time) -> impl IntoView + use<> {
    let rows = coins.iter().map(|row| coin_row(row, now)).collect_view();
    view! {
        <section aria-labelledby="coins">
            <div class="title"><h2 id="coins">"Coins"</h2><p>"Hot wallet = books + unconfirmed in + pending out"</p></div>
            <table class="rows">
                <thead><tr>
                    <th scope="col">"Coin"</th><th scope="col">"Backend"</th><th scope="col" class="n">"Height, newest block"</th><th scope="col" class="n">"Hot wallet"</th>
                    <th scope="col" class="n">"Books"</th><th scope="col" class="n wide">"Unconfirmed in"</th><th scope="col" class="n wider">"Pending out"</th>
                    <th scope="col" class="n wide">"Unfunded fees"</th><th scope="col" class="n">"Difference"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn coin_row(row: &CoinRow, now: Time) -> AnyView {
    let backend = &row.backend;
    let unknown = || view! { <span class="soft">"unknown"</span> }.into_any();
    let hot =
        backend.hot_wallet_balance.map_or_else(unknown, |of| view! { <Amt of=of padded=true/> }.into_any());
    let books = row.books.map_or_else(unknown, |of| view! { <Amt of=of padded=true/> }.into_any());
    let sum = difference(row);
    let shown = sum.map_or_else(
        || view! { <span class="soft">"not compared"</span> }.into_any(),
        |of| {
            view! { <a href=format!("/reconciliations/{}", row.coin)><Amt of=of padded=true/></a> }.into_any()
        },
    );
    let differs = sum.is_some_and(|sum| !sum.is_zero());
    let height = backend.height.map_or_else(unknown, |height| grouped(height).into_any());
    view! {
        <tr class=differs.then_some("risk") data-key=row.coin.to_string()>
            <th scope="row" class="at-tl fit"><strong>{row.coin.to_string()}</strong>" "<span class="soft">{network(row)}</span></th>
            <td class="at-tr">{backend_cell(row)}</td>
            <td class="n at-row" data-name="Height">{height}<br/><small data-quiet>{tip(backend, now)}</small></td>
            <td class="n at-row" data-name="Hot wallet">{hot}</td>
            <td class="n at-row" data-name="Books">{books}</td>
            <td class="n at-none wide"><Amt of=row.unconfirmed padded=true/></td>
            <td class="n at-row wider" data-name="Pending out"><Amt of=row.pending padded=true/></td>
            <td class="n at-none wide"><Amt of=row.unfunded_fees padded=true/></td>
            <td class="n at-row" data-name="Difference">{shown}</td>
        </tr>
    }
    .into_any()
}

/// How far the node is behind the blocks that it knows of, and how old its newest is: a node that hears of no block
/// knows of none that it lacks.
fn tip(backend: &BackendRow, now: Time) -> String {
    let age = backend
        .tip_at
        .map_or_else(|| "age unknown".into(), |at| format!("{} old", stretch(now.seconds_since(at))));
    match backend.lag {
        None => format!("{age}, lag unknown"),
        Some(0) => age,
        Some(lag) => format!("{age}, {} behind", count(lag, "block", "blocks")),
    }
}

/// The main network goes without saying.
fn network(row: &CoinRow) -> String {
    match (row.simulated, row.network.as_str()) {
        (true, _) => "simulated".into(),
        (false, "main") => String::new(),
        (false, network) => network.into(),
    }
}

fn backend_cell(row: &CoinRow) -> AnyView {
    let backend = &row.backend;
    let trouble = matches!(backend.state, BackendState::Down | BackendState::Unfit).then(|| {
        let since = backend.since.map(|at| view! { " since " <When at=at show=Show::Full/> });
        let why = backend.last_error.clone().map(|why| view! { <br/><small>{why}</small> });
        view! { {since}{why} }
    });
    view! { {state::of_backend(backend.state)}{trouble} }.into_any()
}

fn last_day(overview: &Overview, now: Time) -> impl IntoView + use<> {
    let unconfirmed = overview
        .coins
        .iter()
        .filter(|coin| !coin.unconfirmed.is_zero())
        .map(|coin| coin.coin.to_string())
        .collect::<Vec<_>>();
    let unconfirmed = if unconfirmed.is_empty() {
        "none unconfirmed".into()
    } else {
        format!("some unconfirmed: {}", unconfirmed.join(", "))
    };
    let oldest = overview.oldest_pending.map_or_else(
        || view! { <dd>"none"</dd><dd>"nothing waits"</dd> }.into_any(),
        |(id, at)| view! { <dd data-quiet>{stretch(now.seconds_since(at))}</dd><dd>"transaction "<a href=format!("/transactions/{id}")>{id.to_string()}</a></dd> }.into_any(),
    );
    let least = overview.counted_in_part.then_some("at least ");
    view! {
        <section aria-labelledby="today">
            <div class="title"><h2 id="today">"Last 24 hours"</h2></div>
            <dl class="tiles">
                <div><dt>"Deposits"</dt><dd>{least}{grouped(overview.deposit_count)}</dd><dd>{unconfirmed}</dd></div>
                <div><dt>"Sends"</dt><dd>{least}{grouped(overview.send_count)}</dd><dd>{format!("{} pending", grouped(overview.pending_count))}</dd></div>
                <div><dt>"Oldest pending"</dt>{oldest}</div>
            </dl>
        </section>
    }
}

fn deposits(overview: Overview, now: Time) -> impl IntoView {
    let rows = overview.deposits;
    let list = if rows.is_empty() {
        view! {
            <Nothing title="No deposit yet."><p>"It shows here as soon as the backend sees a payment to one of our addresses. Make one on an "
                <a href="/wallets">"account’s page"</a>"."</p></Nothing>
        }
        .into_any()
    } else {
        view! { <Deposits rows=rows now=now/> }.into_any()
    };
    view! {
        <section aria-labelledby="deposits">
            <div class="title"><h2 id="deposits">"Deposits"</h2><p><a href="/transactions?state=credited">"All credited"</a></p></div>
            {list}
        </section>
    }
}

fn welcome(visit: &Visit, overview: &Overview) -> AnyView {
    let up: Vec<_> = overview.coins.iter().filter(|coin| coin.backend.state == BackendState::Up).collect();
    let all_up = !up.is_empty() && up.len() == overview.coins.len();
    let heights = overview.coins.iter().map(coin_said).collect::<Vec<_>>().join(" ");
    let confirmations = overview
        .coins
        .iter()
        .map(|coin| format!("{} for {}", coin.confirmation_count, coin.coin))
        .collect::<Vec<_>>()
        .join(", ");
    let create = if visit.may_operate() {
        view! { <NewWallet coins=overview.coins.clone() query=visit.query.clone() stacked=true/> }.into_any()
    } else {
        view! { <p>"It needs the role operator or admin."</p> }.into_any()
    };
    view! {
        {banner(visit.frame.simulated)}
        <div class="head"><div><h1>"Welcome to Coffer"</h1><p>"No wallets yet. Four steps to the first deposit."</p></div></div>
        <ol class="steps measure">
            <li class=all_up.then_some("done")><h2>{if all_up { "Coins are connected" } else { "Connect the coins" }}</h2><p>{heights}</p></li>
            <li><h2 id="first">"Create the first wallet"</h2><p>"A wallet is a named book of one coin, with many accounts."</p>{create}</li>
            <li class="later"><h2>"Create an account and an address"</h2><p>"An account is an owner’s balance; its addresses receive."</p></li>
            <li class="later"><h2>"Receive a first deposit"</h2>
                <p>{format!("It shows on the overview once the backend sees it, and counts after its confirmations: {confirmations}.")}</p></li>
        </ol>
    }
    .into_any()
}

fn coin_said(row: &CoinRow) -> String {
    match (row.backend.state, row.backend.height) {
        (BackendState::Up, Some(height)) => format!("{} answers: height {}.", row.coin, grouped(height)),
        (BackendState::Up, None) => format!("{} answers.", row.coin),
        (BackendState::Unknown, _) => format!("{} was not asked yet.", row.coin),
        (state, _) => format!("{} is {state}.", row.coin),
    }
}
