//! One broadcast: what it carries, the attempts to send it, the inputs it spends, and its story.

use super::{Content, Visit};
use crate::desk::Answer;
use crate::model::{
    Amount, AttemptRow, BroadcastDetail, BroadcastRow, InputRow, NetworkTransactionState as Network, Time,
    TransactionRow,
};
use crate::part::transactions::name;
use crate::part::{Amt, Id, Notice, Plain, Show, Timeline, When, Whole, count, state};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let detail = visit.desk.broadcast(visit.id("broadcast")?).await?;
    let BroadcastDetail { broadcast: row, transactions, attempts, inputs, story } = detail;
    let title = format!("Broadcast {}", row.id);
    let body = view! {
        <div class="head"><div><h1>{title.clone()}" "{state::of_network(row.state)}</h1>
            <p>{format!("{}, wallet ", row.coin)}<a href=format!("/wallets/{}", row.wallet)>{row.wallet_name.clone()}</a></p></div></div>
        {warning(&row)}
        <p class="amount-of"><Amt of=row.amount coin=true/></p>
        <p class="soft">{format!("to {}.{}", count(row.output_count, "address", "addresses"), confirmed(&row))}</p>
        <div class="split broad">
            <section aria-labelledby="story">
                <div class="title"><h2 id="story">"What happened"</h2></div>
                <Timeline steps=story/>
            </section>
            <section aria-labelledby="facts"><div class="title"><h2 id="facts">"Facts"</h2></div>{facts(&row)}</section>
        </div>
        {carried(&row, &transactions)}
        {attempts_section(&attempts, visit.frame.now)}
        {inputs_section(&row, &inputs)}
    };
    Ok(Content::new(title, body).within("/broadcasts", "Broadcasts"))
}

fn warning(row: &BroadcastRow) -> Option<AnyView> {
    let retry = row.retry_at.map(|at| view! { " It is tried again at "<When at=at show=Show::Full/>"." });
    match (row.state, &row.last_error) {
        (Network::Broken, _) => Some(
            view! {
                <Notice tone="risk" icon="risk" title=format!("Nobody knows if {} {} left", row.amount, row.coin)>
                    <p>"It was handed to the backend and no answer came by its deadline. The accounts are already debited."{retry}</p>
                </Notice>
            }
            .into_any(),
        ),
        (Network::Collected | Network::Prepared | Network::Open | Network::Cancelling, Some(error)) => {
            let error = format!("{}.", error.trim_end_matches('.'));
            Some(view! { <Notice tone="wait" icon="wait" title="Not on its way yet"><p>{error}{retry}</p></Notice> }.into_any())
        }
        _ => None,
    }
}

fn confirmed(row: &BroadcastRow) -> String {
    match state::confirmations(row.confirmations, row.confirmation_count, row.max_confirmation_count).as_str()
    {
        "" => String::new(),
        "conflicted" => " It is conflicted.".into(),
        "1" => " 1 confirmation.".into(),
        confirmations => format!(" {confirmations} confirmations."),
    }
}

fn facts(row: &BroadcastRow) -> AnyView {
    let moment = |word: &'static str, at: Option<Time>| {
        at.map(|at| view! { <div><dt>{word}</dt><dd><When at=at show=Show::Full/></dd></div> })
    };
    view! {
        <dl>
            <div><dt>"State"</dt><dd>{row.state.to_string()}</dd></div>
            {row.txid.clone().map(|txid| view! { <div><dt>"Txid"</dt><dd><Whole text=txid/></dd></div> })}
            {row.fee.map(|fee| view! { <div><dt>"Network fee"</dt><dd><Plain of=fee/>" for the broadcast"</dd></div> })}
            {moment("Created", Some(row.created_at))}
            {moment("Opened", row.opened_at)}
            {moment("Closed", row.closed_at)}
            {row.last_error.clone().map(|error| view! { <div><dt>"Last error"</dt><dd>{error}</dd></div> })}
        </dl>
    }
    .into_any()
}

fn carried(row: &BroadcastRow, transactions: &[TransactionRow]) -> AnyView {
    let lines = transactions.iter().map(|transaction| {
        let href = format!("/transactions/{}", transaction.id);
        let from = transaction.sending.as_ref().map(|account| view! { <a href=format!("/accounts/{}", account.id)>{account.name.clone()}</a> });
        view! {
            <tr>
                <td class="at-tl">{from}</td>
                <td class="at-bl">{transaction.address.clone().map(|address| view! { <Id text=address long=true/> })}</td>
                <td class="at-row"><a href=href.clone()>{name(transaction)}</a></td>
                <td class="at-br n"><a href=href>{transaction.id.to_string()}</a></td>
                <td class="n at-tr"><Amt of=transaction.amount/></td>
            </tr>
        }
    });
    view! {
        <section aria-labelledby="carried">
            <div class="title"><h2 id="carried">{count(i64::try_from(transactions.len()).unwrap_or(0), "transaction", "transactions")}</h2></div>
            <table class="rows">
                <thead><tr><th scope="col">"From"</th><th scope="col">"To"</th><th scope="col">"Label"</th><th scope="col" class="n">"Id"</th>
                    <th scope="col" class="n">{format!("Amount, {}", row.coin)}</th></tr></thead>
                <tbody>{lines.collect_view()}</tbody>
                <tfoot><tr><td colspan="4" class="at-tl">"In all"</td><td class="n at-tr"><Amt of=row.amount/></td></tr></tfoot>
            </table>
        </section>
    }
    .into_any()
}

fn attempts_section(attempts: &[AttemptRow], now: Time) -> Option<AnyView> {
    let show = Show::for_list(now, attempts.iter().map(|attempt| attempt.started_at));
    let rows = attempts.iter().map(|attempt| {
        view! {
            <tr>
                <th scope="row" class="at-tl fit">{format!("Attempt {}", attempt.number)}</th>
                <td class="at-tr">{attempt.outcome.clone().unwrap_or_else(|| "no outcome yet".into())}</td>
                <td class="at-row">{attempt.detail.clone()}</td>
                <td class="at-bl soft">{attempt.runner.clone()}</td>
                <td class="n at-br"><When at=attempt.started_at show=show/></td>
                <td class="n at-none wide">{attempt.finished_at.map(|at| view! { <When at=at show=show/> })}</td>
            </tr>
        }
    });
    (!attempts.is_empty()).then(|| {
        view! {
            <section aria-labelledby="attempts">
                <div class="title"><h2 id="attempts">"Attempts"</h2></div>
                <table class="rows">
                    <thead><tr><th scope="col">"Attempt"</th><th scope="col">"Outcome"</th><th scope="col">"Detail"</th><th scope="col">"Runner"</th>
                        <th scope="col" class="n">"Started"</th><th scope="col" class="n wide">"Finished"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </section>
        }
        .into_any()
    })
}

fn inputs_section(row: &BroadcastRow, inputs: &[InputRow]) -> Option<AnyView> {
    let sum = Amount::sum(row.coin, inputs.iter().map(|input| input.amount)).ok();
    let rows = inputs.iter().map(|input| {
        view! {
            <tr>
                <td class="at-tl"><Id text=input.txid.clone() long=true/></td>
                <td class="at-bl" data-name="Output">{input.vout.to_string()}</td>
                <td class="at-br">{if input.anchor { "anchor" } else { "" }}</td>
                <td class="n at-tr"><Amt of=input.amount/></td>
            </tr>
        }
    });
    (!inputs.is_empty()).then(|| {
        view! {
            <section aria-labelledby="inputs">
                <div class="title"><h2 id="inputs">"Inputs"</h2><p>"Every signed version spends the anchor, so at most one can confirm."</p></div>
                <table class="rows">
                    <thead><tr><th scope="col">"Txid"</th><th scope="col">"Output"</th><th scope="col">"Role"</th>
                        <th scope="col" class="n">{format!("Amount, {}", row.coin)}</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                    {sum.map(|sum| view! { <tfoot><tr><td colspan="3" class="at-tl">"In all"</td><td class="n at-tr"><Amt of=sum/></td></tr></tfoot> })}
                </table>
            </section>
        }
        .into_any()
    })
}
