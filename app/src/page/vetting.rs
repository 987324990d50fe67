//! Vetting a broadcast: the evidence with its verdict, and the acts side by side, each with what it does, its guard
//! and what must be typed. A part of the broadcast's page; what may be ordered is decided at the desk.

use super::{Query, Visit};
use crate::action::{CloseBroadcast, GatherEvidence, VetBroadcast};
use crate::model::{
    Act, BroadcastRow, Check, Evidence, NetworkTransactionState as Network, Offer, SentRow, Verdict, Vetting,
};
use crate::part::{Hidden, Icon, Id, Show, When, count};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub fn section(row: &BroadcastRow, vetting: &Vetting, visit: &Visit) -> AnyView {
    let operate = visit.may_operate();
    view! { {evidence_section(row, vetting, visit)}{decide(row, vetting, &visit.query, operate)} }.into_any()
}

fn evidence_section(row: &BroadcastRow, vetting: &Vetting, visit: &Visit) -> Option<AnyView> {
    let waits = vetting.one_shot && row.state == Network::Broken;
    if !waits && vetting.evidence.is_none() {
        return None;
    }
    let gather = (waits && visit.may_operate()).then(|| gather(row, vetting.gather_asked));
    let now = visit.frame.now;
    let shown = match &vetting.evidence {
        Some(evidence) => evidence_view(row, evidence, Show::for_list(now, moments(evidence))),
        None => view! {
            <div class="verdict"><p class="big">"Not gathered yet"</p>
                <div><p>"The broadcast job asks the backend what it has sent, at its next pass. Until then nobody can tell."</p></div></div>
        }
        .into_any(),
    };
    let from = vetting.evidence.as_ref().map(|evidence| {
        let show = Show::for_list(now, std::iter::once(evidence.gathered_at));
        view! { <small>"From "<When at=evidence.gathered_at show=show/>{waits.then_some(", again at every pass of the job")}</small> }
    });
    Some(
        view! {
            <section aria-labelledby="evidence">
                <div class="title"><h2 id="evidence">"Evidence"</h2><div class="acts">{from}{gather}</div></div>
                {shown}
            </section>
        }
        .into_any(),
    )
}

fn gather(row: &BroadcastRow, asked: bool) -> AnyView {
    if asked {
        return view! { <small role="status">"Asked for. It starts within seconds."</small> }.into_any();
    }
    view! { <form method="post" action=GatherEvidence::url()><Hidden name="broadcast" value=row.id.to_string()/>
        <button type="submit" class="small">"Gather now"</button></form> }
    .into_any()
}

fn moments(evidence: &Evidence) -> impl Iterator<Item = crate::model::Time> {
    evidence.sent.iter().filter_map(|sent| sent.at).chain([evidence.gathered_at])
}

fn evidence_view(row: &BroadcastRow, evidence: &Evidence, show: Show) -> AnyView {
    let word = match evidence.verdict {
        Verdict::Found => "Found",
        Verdict::NotFound => "Not found",
        Verdict::CantTell => "Can’t tell",
    };
    let waits = row.state == Network::Broken;
    view! {
        <div class="verdict"><p class="big">{word}</p><div><p>{said(&evidence.reason)}</p>{waits.then(|| advice(evidence))}</div></div>
        <div class="split broad">
            <div>{sent_table(row, evidence, show)}</div>
            <ul class="checks">{evidence.checks.iter().map(check).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// What jobs and books say, as pages write it.
fn said(text: &str) -> String {
    text.replace('\'', "’")
}

fn advice(evidence: &Evidence) -> AnyView {
    match (evidence.verdict, evidence.may_change_at) {
        (Verdict::Found, _) => view! { <p><strong>"Close it."</strong></p> }.into_any(),
        (Verdict::NotFound, _) => view! { <p><strong>"Reopen or cancel it."</strong></p> }.into_any(),
        (Verdict::CantTell, Some(at)) => view! { <p><strong>"Wait."</strong>" The verdict may change at "<When at=at show=Show::Full/>"."</p> }.into_any(),
        (Verdict::CantTell, None) => view! { <p><strong>"Wait, or close it if you know that it was sent."</strong></p> }.into_any(),
    }
}

fn check(check: &Check) -> AnyView {
    let (icon, spoken) = if check.good { ("done", "Holds: ") } else { ("off", "Doesn’t hold: ") };
    view! { <li><Icon name=icon/><span><span class="only-read">{spoken}</span>{said(&check.text)}</span></li> }
        .into_any()
}

fn sent_table(row: &BroadcastRow, evidence: &Evidence, show: Show) -> AnyView {
    if evidence.sent.is_empty() {
        return view! { <div class="none"><p><strong>"The hot wallet has sent nothing."</strong></p>
            <p>"The backend knows no outgoing network transaction since shortly before this broadcast was opened."</p></div> }
        .into_any();
    }
    let rows = evidence.sent.iter().map(|sent| sent_row(row, sent, show)).collect_view();
    view! {
        <table class="rows">
            <caption>"Outgoing network transactions of the hot wallet since shortly before it was opened, memory pool included, newest first"</caption>
            <thead><tr><th scope="col">"Txid"</th><th scope="col">"Time"</th><th scope="col" class="n">"Outputs match"</th>
                <th scope="col" class="n">"Conf."</th><th scope="col">"Belongs to"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn sent_row(row: &BroadcastRow, sent: &SentRow, show: Show) -> AnyView {
    let matching = format!("{} of {}", sent.matching, row.output_count);
    let matching = if sent.matching == row.output_count {
        view! { <strong>{matching}</strong> }.into_any()
    } else {
        matching.into_any()
    };
    let belongs = match sent.broadcast {
        Some(id) if id == row.id => "this broadcast".into_any(),
        Some(id) => view! { <a href=format!("/broadcasts/{id}")>{format!("broadcast {id}")}</a> }.into_any(),
        None => "no broadcast has it".into_any(),
    };
    let comment = sent.comment.then_some(", carries this broadcast’s comment");
    let confirmations =
        if sent.confirmations < 0 { "conflicted".into() } else { sent.confirmations.to_string() };
    view! {
        <tr>
            <td class="at-tl"><Id text=sent.txid.clone() long=true/></td>
            <td class="at-bl fit">{sent.at.map(|at| view! { <When at=at show=show/> })}</td>
            <td class="n at-tr">{matching}</td>
            <td class="n at-br" data-name="Conf.">{confirmations}</td>
            <td class="at-row">{belongs}{comment}</td>
        </tr>
    }
    .into_any()
}

fn decide(row: &BroadcastRow, vetting: &Vetting, query: &Query, operate: bool) -> Option<AnyView> {
    let acts = vetting.offers.iter().map(|offer| choice(row, vetting, offer, query, operate)).collect_view();
    let who = if operate {
        "Who, when, why and the evidence are kept."
    } else {
        "Deciding needs the role operator or admin."
    };
    let waits = matches!(row.state, Network::Broken | Network::Conflicted);
    (!vetting.offers.is_empty()).then(|| {
        view! {
            <section aria-labelledby="decide">
                <div class="title"><h2 id="decide">{if waits { "Decide" } else { "What can be ordered" }}</h2><p>{who}</p></div>
                <div class="choices">{acts}</div>
            </section>
        }
        .into_any()
    })
}

fn words(act: Act) -> (&'static str, &'static str) {
    match act {
        Act::Close => ("Close", "It was sent."),
        Act::Reopen => ("Reopen", "It wasn’t sent; send it."),
        Act::Cancel => ("Cancel", "Give the money back."),
        Act::Bump => ("Bump", "It is too slow; pay a higher fee."),
        Act::Fail => ("Fail", "It is lost for good; give the money back."),
        Act::Renew => ("Renew", "It is lost for good; pay it anew."),
    }
}

/// One act: what it is, what it does, what must be typed or why it is refused, and its button.
fn choice(row: &BroadcastRow, vetting: &Vetting, offer: &Offer, query: &Query, operate: bool) -> AnyView {
    let (act, (word, when)) = (offer.act, words(offer.act));
    let id = format!("a-{act}");
    let head = view! { <div><h3 id=id.clone()>{word}</h3><p class="soft">{when}</p></div> };
    let does = offer.does.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
    let danger = offer.danger.clone().map(|danger| view! { <li><strong>{danger}</strong></li> });
    let does = view! { <div><ul>{does}{danger}</ul></div> };
    let name = format!("{word} broadcast {}", row.id);
    if let Some(refused) = &offer.refused {
        return view! {
            <div role="group" aria-labelledby=id>
                {head}{does}
                <div><p class="error"><Icon name="off"/><span>{said(refused)}</span></p></div>
                <div class="acts"><button type="button" disabled>{name}</button></div>
            </div>
        }
        .into_any();
    }
    if !operate {
        return view! { <div role="group" aria-labelledby=id>{head}{does}<div></div><div></div></div> }
            .into_any();
    }
    let typed = Typed { query, here: query.get("act") == act.as_str() };
    if act == Act::Close {
        let found = vetting.evidence.as_ref().and_then(|evidence| evidence.txid.clone()).unwrap_or_default();
        let button = if found.is_empty() { "" } else { "primary" };
        return view! {
            <form method="post" action=CloseBroadcast::url() aria-labelledby=id>
                {head}{does}
                <div><Hidden name="broadcast" value=row.id.to_string()/>{close_fields(row, &typed, &found)}</div>
                <div class="acts"><button type="submit" class=button>"Check and close"</button></div>
            </form>
        }
        .into_any();
    }
    let button = if act == Act::Bump { "" } else { "risk" };
    view! {
        <form method="post" action=VetBroadcast::url() aria-labelledby=id>
            {head}{does}
            <div><Hidden name="broadcast" value=row.id.to_string()/><Hidden name="act" value=act.as_str()/>
                {reason_field(act, &typed)}{asks_number(act).then(|| number_field(row, act))}</div>
            <div class="acts"><button type="submit" class=button>{name}</button></div>
        </form>
    }
    .into_any()
}

/// Money is at risk, or can't be called back: the broadcast's number is typed once more.
pub fn asks_number(act: Act) -> bool {
    !matches!(act, Act::Close | Act::Bump)
}

/// What was typed before this page refused it.
struct Typed<'a> {
    query: &'a Query,
    here: bool,
}

impl Typed<'_> {
    fn get(&self, name: &str) -> String {
        if self.here { self.query.get(name).to_owned() } else { String::new() }
    }
}

fn reason_field(act: Act, typed: &Typed<'_>) -> AnyView {
    let id = format!("{act}-reason");
    view! { <div class="field"><label for=id.clone()>"Reason"</label>
        <input type="text" id=id name="reason" value=typed.get("reason") maxlength="110" autocomplete="off" required/></div> }
    .into_any()
}

/// Never filled in by itself, not even after a refusal.
fn number_field(row: &BroadcastRow, act: Act) -> AnyView {
    let id = format!("{act}-number");
    view! { <div class="field"><label for=id.clone()>"Type "<span class="typed">{row.id.to_string()}</span>", its number"</label>
        <input type="text" id=id name="typed" inputmode="numeric" autocomplete="off" spellcheck="false" required/></div> }
    .into_any()
}

fn close_fields(row: &BroadcastRow, typed: &Typed<'_>, found: &str) -> AnyView {
    let txid = Some(typed.get("txid")).filter(|txid| !txid.is_empty()).unwrap_or_else(|| found.to_owned());
    let outputs = if row.output_count == 1 {
        "its output".into()
    } else {
        format!("these {}", count(row.output_count, "output", "outputs"))
    };
    view! {
        <div class="field"><label for="txid">"Txid that paid it"</label>
            <p class="hint" id="txid-hint">{format!("Checked against the backend: it must exist, pay {outputs} and be no other broadcast’s.")}</p>
            <input type="text" id="txid" name="txid" value=txid autocomplete="off" spellcheck="false" maxlength="64" aria-describedby="txid-hint" required/></div>
        {reason_field(Act::Close, typed)}
        <details open=typed.here><summary>"The backend can’t show it"</summary>
            <div class="field"><label for="override">"Why you know that it was sent"</label>
                <p class="hint" id="override-hint">"Closes although the check fails. Kept with your name."</p>
                <textarea id="override" name="override_reason" rows="2" maxlength="110" aria-describedby="override-hint">{typed.get("override_reason")}</textarea></div></details>
    }
    .into_any()
}
