//! The audit log: everything that anyone did or tried, newest first, and whether its chain holds.

use super::{Content, Query, Visit, link};
use crate::desk::Answer;
use crate::model::{AuditLogChain, AuditLogFilter, AuditLogRow, FieldError, Outcome, Page, Time};
use crate::part::state::Mark;
use crate::part::{Download, Icon, Nothing, Notice, Pager, Show, When, grouped};
use leptos::prelude::*;

const PATH: &str = "/audit-log";

pub async fn show(visit: Visit) -> Answer<Content> {
    let chain = visit.desk.audit_log_chain().await?;
    let (filter, faults) = filter(&visit.query);
    let page = if faults.is_empty() {
        Some(visit.desk.audit_log(&filter, visit.query.paging()).await?)
    } else {
        None
    };
    let body = view! {
        <div class="head">
            <div><h1>"Audit log"</h1><p>"Everything that anyone did or tried."</p></div>
            <div class="acts"><Download path="/audit-log.csv" query=visit.query.clone()/></div>
        </div>
        {standing(&chain)}
        {form(&visit.query)}
        {said(&faults)}
        {page.map(|page| list(page, &visit))}
    };
    Ok(Content::new("Audit log", body))
}

/// What the URL asks for. A word that is no outcome or day is a fault: a filter that is ignored would lie.
pub fn filter(query: &Query) -> (AuditLogFilter, Vec<FieldError>) {
    let mut faults = Vec::new();
    let mut fault =
        |field: &'static str, message: &str| faults.push(FieldError { field, message: message.into() });
    let outcome = query.some("outcome").and_then(|word| {
        word.parse::<Outcome>().map_err(|()| fault("outcome", "It is done or refused.")).ok()
    });
    let mut day = |name: &'static str| {
        let typed = query.some(name)?;
        let day = Time::parse_date(&typed);
        if day.is_none() {
            fault(name, "A day is written as 2026-11-22.");
        }
        day
    };
    let (from, to) = (day("from"), day("to"));
    let filter = AuditLogFilter {
        actor: query.some("actor"),
        action: query.some("action"),
        subject: query.some("subject"),
        outcome,
        from,
        // The last day is meant whole.
        to: to.map(|day| day.plus_seconds(86_400)),
    };
    (filter, faults)
}

/// Whether somebody has changed it since.
fn standing(chain: &AuditLogChain) -> AnyView {
    if let Some((fault, since)) = &chain.fault {
        let since = since
            .map(|at| view! { "Known since "<When at=at show=Show::Full/><span data-zone>" UTC"</span>". " });
        return view! {
            <div role="alert"><Notice tone="risk" icon="risk" title=format!("The audit log is broken: {fault}")>
                <p>{since}"Nothing of Coffer changes or removes a sealed row. Somebody who can write to the database did, and may have changed more."</p>
                <p>"Compare with a backup. "<code>"coffer audit"</code>" checks books and audit log at once."</p>
            </Notice></div>
        }
        .into_any();
    }
    let text = match chain.verified {
        Some((sequence, at)) if sequence > 0 => view! {
            {format!("Verified up to row {} at ", grouped(sequence))}<When at=at show=Show::Full/><span data-zone>" UTC"</span>"."
        }
        .into_any(),
        _ => view! { "Not verified yet: a helper job seals and verifies it." }.into_any(),
    };
    let newest = (chain.sequence > 0).then(|| {
        view! {
            <details class="block"><summary>"Newest seal"</summary>
                <p>{format!("Row {}, SHA-256 ", grouped(chain.sequence))}<code class="whole">{chain.hash.clone()}</code></p>
                <p><small>"Each row is sealed by a hash over the one before. Who keeps this hash elsewhere can prove later that no row up to it was changed or removed."</small></p>
            </details>
        }
    });
    view! { <div class="block"><p>{text}</p>{newest}</div> }.into_any()
}

fn said(faults: &[FieldError]) -> Option<AnyView> {
    (!faults.is_empty()).then(|| {
        let lines = faults.iter().map(|fault| view! { <p class="error"><Icon name="note"/>{format!("{}: {}", fault.field, fault.message)}</p> });
        view! { <div class="block" role="alert">{lines.collect_view()}</div> }.into_any()
    })
}

fn form(query: &Query) -> AnyView {
    let chosen = query.get("outcome").to_owned();
    let options = Outcome::ALL.iter().map(|outcome| {
        let word = outcome.as_str();
        view! { <option value=word selected=word == chosen>{word}</option> }
    });
    view! {
        <details class="fold" open=is_narrowed(query)><summary>"Filter"</summary>
            <form class="filter" method="get" action=PATH>
                {text("actor", "Who", query)}
                {text("action", "Action begins with", query)}
                {text("subject", "Subject contains", query)}
                <div><label for="f-outcome">"Outcome"</label><select id="f-outcome" name="outcome"><option value="">"any"</option>{options.collect_view()}</select></div>
                <fieldset class="range"><legend>"Day (UTC)"</legend><div>
                    {day("from", "From day", query)}<span>"to"</span>{day("to", "To day", query)}</div></fieldset>
                <div class="acts"><button type="submit" class="primary">"Filter"</button><a class="button" href=PATH>"Clear"</a></div>
            </form>
        </details>
    }
    .into_any()
}

fn is_narrowed(query: &Query) -> bool {
    query.pairs().any(|(name, _)| !["before", "after"].contains(&name))
}

fn text(name: &'static str, label: &'static str, query: &Query) -> AnyView {
    let id = format!("f-{name}");
    view! { <div><label for=id.clone()>{label}</label><input type="text" id=id name=name value=query.get(name).to_owned() autocomplete="off" spellcheck="false"/></div> }
        .into_any()
}

fn day(name: &'static str, label: &'static str, query: &Query) -> AnyView {
    view! { <input type="date" name=name value=query.get(name).to_owned() aria-label=label/> }.into_any()
}

fn list(page: Page<AuditLogRow>, visit: &Visit) -> AnyView {
    if page.items.is_empty() {
        let text = if is_narrowed(&visit.query) {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"What anyone does or tries stands here from now on."</p> }.into_any()
        };
        return view! { <Nothing title="No row.">{text}</Nothing> }.into_any();
    }
    let show = Show::for_list(visit.frame.now, page.items.iter().map(|row| row.at));
    let rows = page.items.iter().map(|row| row_view(row, show)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Audit log, newest first"</caption>
            <thead><tr>
                <th scope="col">"Who"</th><th scope="col">"Action"</th><th scope="col">"Subject"</th><th scope="col">"Outcome"</th>
                <th scope="col" class="n wide">"Row"</th><th scope="col" class="n">"Time"<span data-zone>" (UTC)"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager path=PATH.to_owned() query=visit.query.clone() newer=page.newer older=page.older/>
    }
    .into_any()
}

/// Who and what lead to all of the same.
fn row_view(row: &AuditLogRow, show: Show) -> AnyView {
    let of = |name: &'static str, value: &str| link(PATH, [(name, value)]);
    let outcome = if row.outcome == "done" {
        view! { <span class="soft">"done"</span> }.into_any()
    } else {
        view! { <Mark icon="off" word=row.outcome.replace('_', " ")/> }.into_any()
    };
    let sequence = match (row.sequence, &row.hash) {
        (Some(sequence), Some(hash)) => {
            view! { <span title=hash.clone()>{grouped(sequence)}</span> }.into_any()
        }
        _ => view! { <span class="soft">"not sealed yet"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="at-tl"><a href=of("actor", &row.actor)>{row.actor.clone()}</a></th>
            <td class="at-bl fit"><a href=of("action", &row.action)>{row.action.clone()}</a></td>
            <td class="at-row">{row.subject.clone()}</td>
            <td class="at-br fit">{outcome}</td>
            <td class="n at-none wide">{sequence}</td>
            <td class="n at-tr"><When at=row.at show=show/></td>
        </tr>
    }
    .into_any()
}
