//! Handlers and how they stand, and the deliveries to them, newest first, by handler and state. Delivering many again asks
//! once more, on this page, by the URL.

use super::{Content, Query, Refused, Visit, link};
use crate::action::{Redeliver, RedeliverMany};
use crate::desk::{Answer, AppError};
use crate::model::{DeliveryFilter, DeliveryRow, DeliveryState, FieldError, HandlerRow, Page, Time, Topic};
use crate::part::filter as field;
use crate::part::{Hidden, Nothing, Notice, Pager, Show, When, count, grouped, state};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub const PATH: &str = "/deliveries";
const TABS: [(&str, &str); 5] = [
    ("", "All"),
    ("pending", "pending"),
    ("received", "received"),
    ("parked", "parked"),
    ("stopped", "stopped"),
];

pub async fn show(visit: Visit) -> Answer<Content> {
    let handlers = visit.desk.handlers().await?;
    let (filter, faults) = filter(&visit.query);
    let page = visit.desk.deliveries(&filter, visit.query.paging()).await?;
    let asked = asked(&visit, &handlers)?;
    let body = view! {
        <div class="head"><div><h1>"Deliveries"</h1><p>"Each event to each handler: at least once, in order for each transaction."</p></div>
            <div class="acts"><a class="button" href="/events">"Events"</a></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {done(&visit.query)}
        {asked.map(confirm)}
        {standing(&handlers, &visit)}
        <section aria-labelledby="list">
            <div class="title"><h2 id="list">"All deliveries"</h2></div>
            {field::tabs(PATH, &visit.query, "state", "By state", &TABS)}
            {form(&visit.query, &handlers)}
            {field::said(&faults)}
            {faults.is_empty().then(|| list(page, &visit))}
        </section>
    };
    Ok(Content::new("Deliveries", body).live(&[Topic::Events]))
}

fn filter(query: &Query) -> (DeliveryFilter, Vec<FieldError>) {
    let mut faults = Vec::new();
    let state = query.some("state").and_then(|word| {
        let state = word.parse::<DeliveryState>();
        if state.is_err() {
            faults.push(FieldError { field: "state", message: "There is no such state.".into() });
        }
        state.ok()
    });
    (DeliveryFilter { handler: query.some("handler"), state }, faults)
}

/// What is about to be delivered again: all that failed, or all after an event.
struct Asked {
    handler: String,
    after: Option<i64>,
}

fn asked(visit: &Visit, handlers: &[HandlerRow]) -> Answer<Option<Asked>> {
    let Some(name) = visit.query.some("redeliver") else { return Ok(None) };
    visit.must_operate()?;
    if handlers.iter().all(|handler| handler.name != name || handler.gone_at.is_some()) {
        return Err(AppError::NotFound("handler"));
    }
    let after = visit.query.some("since").and_then(|typed| typed.parse::<i64>().ok());
    Ok(Some(Asked { handler: name, after }))
}

fn confirm(asked: Asked) -> AnyView {
    let title = format!("Redeliver to {}?", asked.handler);
    let what = match asked.after {
        Some(after) => format!(
            "Every event after number {after} goes to {} again, also those that it received.",
            asked.handler
        ),
        None => format!(
            "Every event that {} didn’t receive goes there again at once: what is parked, and what waits for another try.",
            asked.handler
        ),
    };
    view! {
        <form class="sheet measure block" method="post" action=RedeliverMany::url() aria-labelledby="redeliver">
            <h2 id="redeliver">{title}</h2>
            <Hidden name="handler" value=asked.handler/>
            <Hidden name="after" value=asked.after.map_or_else(String::new, |after| after.to_string())/>
            <p>{what}</p>
            <p>"For each transaction in the order of their numbers, under the same ids, at most 5000 at once. An application that heard of one before hears of it twice."</p>
            <div class="acts block"><button type="submit" class="primary">"Redeliver them"</button><a class="button" href=PATH>"Leave it"</a></div>
        </form>
    }
    .into_any()
}

fn done(query: &Query) -> Option<AnyView> {
    let ordered: i64 = query.some("redelivered")?.parse().ok()?;
    let up_to = query.some("up_to").and_then(|typed| typed.parse::<i64>().ok()).filter(|_| ordered > 0);
    let title = if ordered == 0 {
        "Nothing was to be redelivered".to_owned()
    } else {
        format!("{} on the way again", count(ordered, "delivery is", "deliveries are"))
    };
    let text = up_to.map(
        |up_to| view! { <p>{format!("Up to event {up_to}. Where there is more, order it once more.")}</p> },
    );
    Some(
        view! { <div role="status"><Notice tone="done" icon="done" title=title>{text}</Notice></div> }
            .into_any(),
    )
}

fn standing(handlers: &[HandlerRow], visit: &Visit) -> AnyView {
    let list = if handlers.is_empty() {
        view! {
            <Nothing title="No handler.">
                <p>"Name one in the configuration and start Coffer again; it is told of the events from then on:"</p>
                <p><code class="whole">"events: { my_app: { class: http, url: \"http://127.0.0.1:10000\" } }"</code></p>
                <p>"The events themselves stand on "<a href="/events">"their page"</a>", and the API’s feed reads them without any handler."</p>
            </Nothing>
        }
        .into_any()
    } else {
        let rows = handlers.iter().map(|row| handler(row, visit)).collect_view();
        view! {
            <table class="rows">
                <caption class="only-read">"Handlers by name"</caption>
                <thead><tr>
                    <th scope="col">"Handler"</th><th scope="col">"State"</th><th scope="col" class="n">"Pending"</th><th scope="col" class="n">"Parked"</th>
                    <th scope="col" class="n wide">"Last received"</th><th scope="col">"Last error"</th>
                    {visit.may_operate().then(|| view! { <th scope="col"><span class="only-read">"Act"</span></th> })}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let since = (visit.may_operate() && handlers.iter().any(|row| row.gone_at.is_none()))
        .then(|| since_form(handlers));
    view! {
        <section aria-labelledby="handlers">
            <div class="title"><h2 id="handlers">"Handlers"</h2></div>
            {list}{since}
        </section>
    }
    .into_any()
}

fn handler(row: &HandlerRow, visit: &Visit) -> AnyView {
    let moment = |at: Time| view! { <When at=at show=Show::for_list(visit.frame.now, std::iter::once(at))/> };
    let of_state = |state: &'static str, n: i64| {
        let path = link(PATH, [("handler", row.name.as_str()), ("state", state)]);
        if n == 0 {
            view! { <span class="soft">"0"</span> }.into_any()
        } else {
            view! { <a href=path>{counted(n)}</a> }.into_any()
        }
    };
    let again = link(PATH, [("redeliver", row.name.as_str())]);
    let act = visit.may_operate().then(|| {
        let offer = row.gone_at.is_none() && (row.parked > 0 || row.last_error.is_some() && row.pending > 0);
        view! { <td class="n at-row">{offer.then(|| view! { <a class="button small" href=again>"Redeliver what failed"<span class="only-read">{format!(" to {}", row.name)}</span></a> })}</td> }
    });
    let error = row.last_error.clone().map(|error| {
        let at = row.last_error_at.map(|at| view! { ", "{moment(at)} });
        view! { <span class="soft">{error}{at}</span> }
    });
    view! {
        <tr data-key=format!("handler {}", row.name)>
            <th scope="row" class="at-tl handler"><strong>{row.name.clone()}</strong>" "<span class="soft">{row.class.as_str()}</span></th>
            <td class="at-tr fit">{state::of_handler(row)}</td>
            <td class="n at-bl" data-name="Pending">{of_state("pending", row.pending)}</td>
            <td class="n at-br" data-name="Parked">{of_state("parked", row.parked)}</td>
            <td class="n at-none wide">{row.last_received_at.map(moment)}</td>
            <td class="at-row">{error}</td>
            {act}
        </tr>
    }
    .into_any()
}

/// Nothing is counted further.
fn counted(n: i64) -> String {
    if n >= HandlerRow::COUNTED_MAX { format!("{}+", grouped(n)) } else { grouped(n) }
}

fn since_form(handlers: &[HandlerRow]) -> AnyView {
    let options = handlers.iter().filter(|row| row.gone_at.is_none()).map(|row| {
        view! { <option value=row.name.clone()>{row.name.clone()}</option> }
    });
    view! {
        <details class="fold block"><summary>"Redeliver all after an event"</summary>
            <form class="filter" method="get" action=PATH>
                <div><label for="f-redeliver">"Redeliver to"</label><select id="f-redeliver" name="redeliver">{options.collect_view()}</select></div>
                <div><label for="f-since">"All after event number"</label><input type="text" id="f-since" name="since" inputmode="numeric" pattern="[0-9]{1,18}" required autocomplete="off"/></div>
                <div class="acts"><button type="submit">"Redeliver …"</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn form(query: &Query, handlers: &[HandlerRow]) -> AnyView {
    let names = handlers.iter().map(|row| (row.name.clone(), row.name.clone()));
    let states = TABS.iter().skip(1).map(|(state, word)| ((*state).to_owned(), (*word).to_owned()));
    let fields = view! { {field::select("handler", "Handler", names, query)}{field::select("state", "State", states, query)} };
    field::form(PATH, query, &[], fields.into_any())
}

fn list(page: Page<DeliveryRow>, visit: &Visit) -> AnyView {
    if page.items.is_empty() {
        let narrowed = visit.query.some("handler").or_else(|| visit.query.some("state")).is_some();
        let text = if narrowed {
            view! { <p>"Nothing fits this filter. "<a href=PATH>"Clear it"</a>"."</p> }.into_any()
        } else {
            view! { <p>"One is made for each handler as soon as an event gets its number."</p> }.into_any()
        };
        return view! { <Nothing title="No delivery.">{text}</Nothing> }.into_any();
    }
    let now = visit.frame.now;
    let show = Show::for_list(now, page.items.iter().map(|row| row.created_at));
    let operate = visit.may_operate();
    let rows = page.items.iter().map(|row| delivery(row, operate, show, visit)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Deliveries, newest first"</caption>
            <thead><tr>
                <th scope="col">"Event"</th><th scope="col">"Handler"</th><th scope="col">"State"</th><th scope="col" class="n wide">"Attempts"</th>
                <th scope="col">"What now"</th><th scope="col" class="n">"Made"<span data-zone>" (UTC)"</span></th>
                {operate.then(|| view! { <th scope="col"><span class="only-read">"Act"</span></th> })}
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager path=PATH.to_owned() query=visit.query.clone() newer=page.newer older=page.older/>
    }
    .into_any()
}

fn delivery(row: &DeliveryRow, operate: bool, show: Show, visit: &Visit) -> AnyView {
    let again = operate.then(|| {
        let form = (!row.handler_gone && (row.state != DeliveryState::Pending || row.last_error.is_some())).then(|| view! {
            <form method="post" action=Redeliver::url()><Hidden name="delivery" value=row.id.to_string()/><Hidden name="from" value=visit.query.whole().to_owned()/>
                <button type="submit" class="small">"Redeliver"<span class="only-read">{format!(" event {} to {}", row.sequence, row.handler)}</span></button></form>
        });
        view! { <td class="n at-br">{form}</td> }
    });
    view! {
        <tr data-key=row.id.to_string()>
            <th scope="row" class="at-tl"><a href=format!("/events/{}", row.sequence)>{format!("{} {}", row.sequence, row.name)}</a></th>
            <td class="at-bl handler">{row.handler.clone()}</td>
            <td class="at-tm fit">{state::of_delivery(row.state)}</td>
            <td class="n at-none wide">{row.attempts.to_string()}</td>
            <td class="at-row"><span class="soft">{what_now(row, visit.frame.now)}</span></td>
            <td class="n at-tr"><When at=row.created_at show=show/></td>
            {again}
        </tr>
    }
    .into_any()
}

fn what_now(row: &DeliveryRow, now: Time) -> AnyView {
    let error = row.last_error.clone().filter(|_| row.state != DeliveryState::Received);
    let error = error.map(|error| format!("{}. ", error.trim_end_matches('.')));
    let next = match (row.state, row.due_at) {
        (DeliveryState::Pending, _) if row.handler_gone => {
            "Nobody delivers it: the handler is gone.".into_any()
        }
        (DeliveryState::Pending, Some(at)) if at > now => {
            view! { "Again at "<When at=at show=Show::for_list(now, std::iter::once(at))/>"." }.into_any()
        }
        (DeliveryState::Pending, None) => "It waits for an earlier one of the same.".into_any(),
        _ => ().into_any(),
    };
    view! { {error}{next} }.into_any()
}
