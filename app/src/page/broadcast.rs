//! One broadcast: what it carries, the attempts to send it, the inputs it spends, and its story.

use super::{Content, Refused, Visit, vetting};
use crate::desk::Answer;
use crate::model::{
    Amount, AttemptRow, BroadcastDetail, BroadcastRow, DecisionRow, InputRow,
    NetworkTransactionState as Network, Time, Topic, TransactionRow, Verdict, VersionRow, Vetting,
};
use crate::part::transactions::name;
use crate::part::{Amt, Id, Notice, Plain, Show, Timeline, When, Whole, count, state};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let detail = visit.desk.broadcast(visit.id("broadcast")?).await?;
    let BroadcastDetail { broadcast: row, transactions, attempts, inputs, story, vetting, .. } = detail;
    let title = format!("Broadcast {}", row.id);
    // What a person must decide stands first; elsewhere it is one thing among others.
    let waits = matches!(row.state, Network::Broken | Network::Conflicted);
    let body = view! {
        <div class="head"><div><h1>{title.clone()}" "{state::of_network(row.state)}</h1>
            <p>{format!("{}, wallet ", row.coin)}<a href=format!("/wallets/{}", row.wallet)>{row.wallet_name.clone()}</a></p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {warning(&row, &vetting)}
        {if waits { vetted(&row, &vetting, &visit) } else { amount(&row) }}
        <div class="split broad">
            <section aria-labelledby="story">
                <div class="title"><h2 id="story">"What happened"</h2></div>
                <Timeline steps=story/>
            </section>
            <section aria-labelledby="facts"><div class="title"><h2 id="facts">"Facts"</h2></div>{facts(&row)}</section>
        </div>
        {carried(&row, &transactions)}
        {(!waits).then(|| vetted(&row, &vetting, &visit))}
        {attempts_section(&attempts, visit.frame.now)}
        {versions_section(&row, &vetting.versions, visit.frame.now)}
        {inputs_section(&row, &inputs)}
    };
    Ok(Content::new(title, body).within("/broadcasts", "Broadcasts").live(&[Topic::Books]))
}

fn vetted(row: &BroadcastRow, vetting: &Vetting, visit: &Visit) -> AnyView {
    let section = vetting::section(row, vetting, visit);
    view! { {section}{decisions_section(&vetting.decisions, visit.frame.now)} }.into_any()
}

fn amount(row: &BroadcastRow) -> AnyView {
    let to = format!("to {}.{}", count(row.output_count, "address", "addresses"), confirmed(row));
    view! { <p class="amount-of"><Amt of=row.amount coin=true/></p><p class="soft">{to}</p> }.into_any()
}

fn warning(row: &BroadcastRow, vetting: &Vetting) -> Option<AnyView> {
    let retry = row.retry_at.map(|at| view! { " It is tried again at "<When at=at show=Show::Full/>"." });
    match (row.state, &row.last_error) {
        (Network::Broken, _) => Some(broken(row, vetting)),
        (Network::Conflicted, _) => Some(
            view! {
                <Notice tone="risk" icon="risk" title=format!("{} {} didn’t arrive", row.amount, row.coin)>
                    <p>"Another transaction spent the same inputs. The accounts are debited; when it is lost for good, fail or renew it."</p>
                </Notice>
            }
            .into_any(),
        ),
        (Network::Closed, _) => row.missing_since.map(missing),
        (Network::Collected | Network::Prepared | Network::Open | Network::Cancelling, Some(error)) => {
            let error = format!("{}.", error.trim_end_matches('.'));
            Some(view! { <Notice tone="wait" icon="wait" title="Not on its way yet"><p>{error}{retry}</p></Notice> }.into_any())
        }
        _ => None,
    }
}

fn broken(row: &BroadcastRow, vetting: &Vetting) -> AnyView {
    let opened = row.opened_at.map(|at| view! { " at "<When at=at show=Show::Full/> });
    let then = if vetting.one_shot { " Read the evidence, then close, reopen or cancel it." } else { "" };
    view! {
        <Notice tone="risk" icon="risk" title=format!("Nobody knows if {} {} left", row.amount, row.coin)>
            <p>"It was handed to the backend"{opened}" and no answer came by its deadline. The accounts are already debited."{then}</p>
        </Notice>
    }
    .into_any()
}

fn missing(since: Time) -> AnyView {
    view! {
        <Notice tone="wait" icon="wait" title="In neither memory pool nor block">
            <p>"Since "<When at=since show=Show::Full/>" the backend shows it in neither. The same signed bytes are sent again, which pays once."</p>
        </Notice>
    }
    .into_any()
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

fn versions_section(row: &BroadcastRow, versions: &[VersionRow], now: Time) -> Option<AnyView> {
    let show = Show::for_list(now, versions.iter().map(|version| version.created_at));
    let rows = versions.iter().map(|version| {
        let kind = match (version.cancels, version.erased) {
            (true, _) => "takes the anchor back to us",
            (false, true) => "pays; its bytes were erased, nothing left",
            (false, false) => "pays",
        };
        let stands = row.txid.as_ref().is_some_and(|txid| *txid == version.txid);
        view! {
            <tr>
                <th scope="row" class="at-tl fit">{format!("Version {}", version.number)}</th>
                <td class="at-tr">{kind}{stands.then_some(", the one that counts")}</td>
                <td class="at-bl"><Id text=version.txid.clone() long=true/></td>
                <td class="n at-br"><When at=version.created_at show=show/></td>
                <td class="n at-row" data-name="Fee"><Amt of=version.fee/></td>
            </tr>
        }
    });
    (!versions.is_empty()).then(|| {
        view! {
            <section aria-labelledby="versions">
                <div class="title"><h2 id="versions">"Signed versions"</h2><p>"Newest first"</p></div>
                <table class="rows">
                    <thead><tr><th scope="col">"Version"</th><th scope="col">"What it does"</th><th scope="col">"Txid"</th>
                        <th scope="col" class="n">"Signed"</th><th scope="col" class="n">{format!("Fee, {}", row.coin)}</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </section>
        }
        .into_any()
    })
}

/// What people decided about it, and on what evidence.
fn decisions_section(decisions: &[DecisionRow], now: Time) -> Option<AnyView> {
    let show = Show::for_list(now, decisions.iter().map(|decision| decision.decided_at));
    let rows = decisions.iter().map(|decision| {
        let verdict = decision.verdict.map_or("none was needed", |verdict| match verdict {
            Verdict::Found => "found",
            Verdict::NotFound => "not found",
            Verdict::CantTell => "can’t tell",
        });
        view! {
            <tr>
                <th scope="row" class="at-tl fit">{decision.act.to_string()}</th>
                <td class="at-tr">{decision.actor.clone()}</td>
                <td class="at-row">{decision.reason.clone()}</td>
                <td class="at-bl" data-name="Evidence">{verdict}</td>
                <td class="at-row">{decision.txid.clone().map(|txid| view! { <Id text=txid/> })}</td>
                <td class="n at-br"><When at=decision.decided_at show=show/></td>
            </tr>
        }
    });
    (!decisions.is_empty()).then(|| {
        view! {
            <section aria-labelledby="decisions">
                <div class="title"><h2 id="decisions">"Decisions"</h2></div>
                <table class="rows">
                    <thead><tr><th scope="col">"Act"</th><th scope="col">"Who"</th><th scope="col">"Reason"</th><th scope="col">"Evidence"</th>
                        <th scope="col">"Txid"</th><th scope="col" class="n">"When"</th></tr></thead>
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
