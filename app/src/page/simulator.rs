//! The simulated network's own page: pay from outside, mine, order failures. Only where a coin is simulated.

use super::{Content, Refused, Visit};
use crate::action::{
    SimulatedFail, SimulatedMine, SimulatedPay, SimulatedReorganise, SimulatedRestart, SimulatedSpend,
};
use crate::desk::{Answer, AppError};
use crate::model::SimulatorRow;
use crate::part::{Hidden, Notice, Whole, count, grouped};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const CALLS: [(&str, &str); 11] = [
    ("send_prepared", "send a broadcast"),
    ("send_many", "send a broadcast in one call"),
    ("sent_since", "list what was sent"),
    ("uptime", "tell how long it has run"),
    ("sign", "sign a broadcast"),
    ("unspent", "list what can be spent"),
    ("transaction", "look up a txid"),
    ("since", "list what was received"),
    ("new_address", "make an address"),
    ("totals", "tell the hot wallet’s balance"),
    ("every_call", "every call: the backend is away"),
];
const WAYS: [(&str, &str); 7] = [
    ("refused", "refused: certainly not done"),
    ("unavailable", "unavailable: connection refused"),
    ("lost_reply", "lost reply: done, and nobody hears of it"),
    ("not_delivered", "not delivered: lost on the way"),
    ("late", "late: done seconds after the caller gave up"),
    ("late:60", "very late: done a minute after"),
    ("garbled", "garbled: done, and the reply makes no sense"),
];

pub async fn show(visit: Visit) -> Answer<Content> {
    let simulators = visit.desk.simulators().await?;
    if simulators.is_empty() {
        return Err(AppError::NotFound("page"));
    }
    let query = &visit.query;
    let operate = visit.may_operate();
    let coins = simulators.iter().map(|row| coin(row, query, operate)).collect_view();
    let body = view! {
        <div class="head"><div><h1>"Simulator"</h1><p>"A small network inside Coffer. Its coins have no value; what it does, real networks do too."</p></div></div>
        {Refused::of(query).map(|refused| refused.view())}
        {query.some("paid").filter(|txid| txid.len() == 64 && txid.bytes().all(|b| b.is_ascii_hexdigit())).map(|txid| view! {
            <div role="status"><Notice tone="done" icon="done" title="Paid from outside"><p>"Txid "<Whole text=txid/></p></Notice></div>
        })}
        {coins}
    };
    Ok(Content::new("Simulator", body))
}

fn coin(row: &SimulatorRow, query: &super::Query, operate: bool) -> AnyView {
    let ticker = row.coin.to_string();
    let clock = if row.block_seconds > 0 {
        format!("a block every {} s", row.block_seconds)
    } else {
        "blocks only on command".into()
    };
    let failures = if row.failures.is_empty() { "none ordered".into() } else { row.failures.join("; ") };
    let forms = operate.then(|| {
        view! {
            <div class="choices">{pay(&ticker, query)}{mine(&ticker)}{fail(&ticker)}</div>
            <div class="choices block">{spend(&ticker)}{reorganise(&ticker)}{restart(&ticker)}</div>
        }
    });
    view! {
        <section aria-labelledby=format!("sim-{ticker}")>
            <div class="title"><h2 id=format!("sim-{ticker}")>{ticker.clone()}</h2><p>{clock}</p></div>
            <dl class="tiles">
                <div><dt>"Height"</dt><dd>{grouped(row.height)}</dd><dd>"blocks mined"</dd></div>
                <div><dt>"Memory pool"</dt><dd>{grouped(row.mempool)}</dd><dd>{count(row.mempool, "transaction waits", "transactions wait").replace(&format!("{} ", grouped(row.mempool)), "")}</dd></div>
                <div><dt>"Failures to come"</dt><dd>{grouped(i64::try_from(row.failures.len()).unwrap_or(0))}</dd><dd>{failures}</dd></div>
            </dl>
            {forms}
        </section>
    }
    .into_any()
}

fn pay(ticker: &str, query: &super::Query) -> AnyView {
    let here = query.get("coin") == ticker;
    let typed = |name: &str| if here { query.get(name).to_owned() } else { String::new() };
    view! {
        <form method="post" action=SimulatedPay::url() aria-label=format!("Pay an address, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Pay an address"</h3><p class="soft">"As somebody outside would."</p></div>
            <div class="field"><label for=format!("{ticker}-address")>"Address"</label>
                <input type="text" id=format!("{ticker}-address") name="address" value=typed("address") autocomplete="off" spellcheck="false" required/></div>
            <div class="field"><label for=format!("{ticker}-amount")>"Amount"</label><div class="with">
                <input type="text" id=format!("{ticker}-amount") name="amount" value=typed("amount") inputmode="decimal" autocomplete="off" required/><span>{ticker.to_owned()}</span></div></div>
            <div class="acts"><button type="submit">"Pay"</button></div>
        </form>
    }
    .into_any()
}

fn mine(ticker: &str) -> AnyView {
    view! {
        <form method="post" action=SimulatedMine::url() aria-label=format!("Mine blocks, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Mine blocks"</h3><p class="soft">"Confirms what waits in the memory pool."</p></div>
            <div class="field"><label for=format!("{ticker}-blocks")>"Blocks"</label>
                <input type="number" id=format!("{ticker}-blocks") name="blocks" value="1" min="1" max="100" required/></div>
            <div></div>
            <div class="acts"><button type="submit">"Mine"</button></div>
        </form>
    }
    .into_any()
}

fn fail(ticker: &str) -> AnyView {
    let options = |of: &'static [(&str, &str)]| {
        of.iter().map(|(value, word)| view! { <option value=*value>{*word}</option> }).collect_view()
    };
    view! {
        <form method="post" action=SimulatedFail::url() aria-label=format!("Order a failure, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Order a failure"</h3><p class="soft">"The next calls of this kind fail so; 0 times takes it back."</p></div>
            <div class="field"><label for=format!("{ticker}-call")>"Call"</label><select id=format!("{ticker}-call") name="call">{options(&CALLS)}</select></div>
            <div><div class="field"><label for=format!("{ticker}-how")>"How"</label><select id=format!("{ticker}-how") name="how">{options(&WAYS)}</select></div>
                <div class="field"><label for=format!("{ticker}-times")>"Times"</label>
                    <input type="number" id=format!("{ticker}-times") name="times" value="1" min="0" max="1000" required/></div></div>
            <div class="acts"><button type="submit">"Order"</button></div>
        </form>
    }
    .into_any()
}

fn spend(ticker: &str) -> AnyView {
    view! {
        <form method="post" action=SimulatedSpend::url() aria-label=format!("Spend behind Coffer, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Spend behind Coffer"</h3><p class="soft">"As another program with the same hot wallet would."</p></div>
            <div class="field"><label for=format!("{ticker}-spend-address")>"Address"</label>
                <input type="text" id=format!("{ticker}-spend-address") name="address" autocomplete="off" spellcheck="false" required/></div>
            <div class="field"><label for=format!("{ticker}-spend-amount")>"Amount"</label><div class="with">
                <input type="text" id=format!("{ticker}-spend-amount") name="amount" inputmode="decimal" autocomplete="off" required/><span>{ticker.to_owned()}</span></div></div>
            <div class="acts"><button type="submit">"Spend"</button></div>
        </form>
    }
    .into_any()
}

fn reorganise(ticker: &str) -> AnyView {
    view! {
        <form method="post" action=SimulatedReorganise::url() aria-label=format!("Reorganise the chain, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Reorganise the chain"</h3><p class="soft">"The newest blocks lose to a longer, empty branch; what they held waits again."</p></div>
            <div class="field"><label for=format!("{ticker}-depth")>"Blocks"</label>
                <input type="number" id=format!("{ticker}-depth") name="depth" value="1" min="1" max="100" required/></div>
            <div class="field"><label for=format!("{ticker}-double")>"Spend this payment elsewhere"</label><p class="hint" id=format!("{ticker}-double-hint")>"Txid of a payment from outside; empty: none."</p>
                <input type="text" id=format!("{ticker}-double") name="txid" autocomplete="off" spellcheck="false" maxlength="64" aria-describedby=format!("{ticker}-double-hint")/></div>
            <div class="acts"><button type="submit">"Reorganise"</button></div>
        </form>
    }
    .into_any()
}

fn restart(ticker: &str) -> AnyView {
    view! {
        <form method="post" action=SimulatedRestart::url() aria-label=format!("Restart the node, {ticker}")>
            <Hidden name="coin" value=ticker/>
            <div><h3>"Restart the node"</h3><p class="soft">"Calls that were not carried out never will be; its locks are gone."</p></div>
            <div></div><div></div>
            <div class="acts"><button type="submit">"Restart"</button></div>
        </form>
    }
    .into_any()
}
