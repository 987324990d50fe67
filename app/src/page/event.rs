//! One event: its data as handlers get them, and its deliveries with every attempt.

use super::{Content, Refused, Visit, events};
use crate::action::Redeliver;
use crate::desk::Answer;
use crate::model::{
    DeliveryAttemptRow, DeliveryDetail, DeliveryRow, DeliveryState, EventDetail, Time, Topic,
};
use crate::part::{Hidden, Nothing, Show, When, count, state};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let sequence: i64 = visit.id("event")?;
    let EventDetail { event, deliveries } = visit.desk.event(sequence).await?;
    let title = format!("Event {sequence}");
    let body = view! {
        <div class="head"><div><h1>{title.clone()}</h1><p>{event.name.as_str()}", "{events::about(&event)}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        <section aria-labelledby="data">
            <div class="title"><h2 id="data">"Data"</h2><p>"Told at "<When at=event.created_at show=Show::Full/><span data-zone>" UTC"</span></p></div>
            {facts(&event.data)}
        </section>
        <section aria-labelledby="deliveries">
            <div class="title"><h2 id="deliveries">"Deliveries"</h2></div>
            {handlers(deliveries, &visit)}
        </section>
    };
    Ok(Content::new(title, body).within("/events", "Events").live(&[Topic::Events]))
}

/// By key, in the order of the JSON.
fn facts(data: &str) -> AnyView {
    let Ok(serde_json::Value::Object(pairs)) = serde_json::from_str(data) else {
        return view! { <p><code class="whole">{data.to_owned()}</code></p> }.into_any();
    };
    let pairs = pairs.into_iter().map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        view! { <div><dt><code>{key}</code></dt><dd><code>{value}</code></dd></div> }
    });
    view! { <dl class="keys">{pairs.collect_view()}</dl> }.into_any()
}

fn handlers(deliveries: Vec<DeliveryDetail>, visit: &Visit) -> AnyView {
    if deliveries.is_empty() {
        return view! { <Nothing title="No handler."><p>"No handler was configured when it got its number. A new one begins with the events after it; the "<a href="/deliveries">"deliveries"</a>" say how to configure one."</p></Nothing> }.into_any();
    }
    let operate = visit.may_operate();
    deliveries.into_iter().map(|detail| delivery(detail, operate, visit.frame.now)).collect_view().into_any()
}

fn delivery(detail: DeliveryDetail, operate: bool, now: Time) -> AnyView {
    let row = &detail.delivery;
    let next = next(row, now).map(|next| view! { <p class="soft">{next}</p> });
    let again = (operate && !row.handler_gone).then(|| {
        view! {
            <form method="post" action=Redeliver::url()><Hidden name="delivery" value=row.id.to_string()/><Hidden name="from" value=format!("/events/{}", row.sequence)/>
                <button type="submit" class="small">"Redeliver"<span class="only-read">{format!(" to {}", row.handler)}</span></button></form>
        }
    });
    view! {
        <article data-key=row.id.to_string()>
            <div class="title block"><h3>{row.handler.clone()}" "{state::of_delivery(row.state)}</h3><div class="acts">{again}</div></div>
            {next}
            <div class="block">{attempts(&detail.attempts, row.attempts, &row.handler, now)}</div>
        </article>
    }
    .into_any()
}

/// What is to come of it, where it isn't received.
fn next(row: &DeliveryRow, now: Time) -> Option<AnyView> {
    let said = match (row.state, row.due_at) {
        (DeliveryState::Received, _) => return None,
        (DeliveryState::Pending, _) if row.handler_gone => {
            "The configuration doesn’t name this handler any more: nobody delivers it."
        }
        (DeliveryState::Pending, Some(at)) if at > now => {
            return Some(
                view! { "Tried again at "<When at=at show=Show::Full/><span data-zone>" UTC"</span>"." }
                    .into_any(),
            );
        }
        (DeliveryState::Pending, Some(_)) => "It is on its way.",
        (DeliveryState::Pending, None) => "It waits for an earlier event of the same transaction.",
        (DeliveryState::Parked, _) => "Not received in three days. Later events pass it.",
        (DeliveryState::Stopped, _) => "Stopped: the application is done with the transaction.",
    };
    Some(said.into_any())
}

fn attempts(rows: &[DeliveryAttemptRow], all: i64, handler: &str, now: Time) -> AnyView {
    if rows.is_empty() {
        return view! { <p>"Not tried yet."</p> }.into_any();
    }
    let show = Show::for_list(now, rows.iter().map(|row| row.started_at));
    let more = (i64::try_from(rows.len()).unwrap_or(0) < all).then(
        || view! { <p class="soft">{format!("The newest of {}.", count(all, "attempt", "attempts"))}</p> },
    );
    let lines = rows.iter().map(|row| {
        let answer = (!row.answer.is_empty()).then(|| view! { <details><summary>"Answer"</summary><p><code class="whole">{row.answer.clone()}</code></p></details> });
        view! {
            <tr>
                <th scope="row" class="at-tm fit">{row.number.to_string()}</th>
                <td class="at-tl fit">{state::of_attempt(row.outcome)}</td>
                <td class="at-row">{row.detail.clone()}{answer}</td>
                <td class="n at-br">{format!("{} ms", row.duration_ms)}</td>
                <td class="n at-tr"><When at=row.started_at show=show/></td>
            </tr>
        }
    });
    view! {
        <table class="rows">
            <caption class="only-read">{format!("Attempts to tell {handler}, newest first")}</caption>
            <thead><tr><th scope="col">"Attempt"</th><th scope="col">"Outcome"</th><th scope="col">"Detail"</th><th scope="col" class="n">"Took"</th>
                <th scope="col" class="n">"Started"<span data-zone>" (UTC)"</span></th></tr></thead>
            <tbody>{lines.collect_view()}</tbody>
        </table>
        {more}
    }
    .into_any()
}
