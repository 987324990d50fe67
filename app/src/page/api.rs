//! The JSON API for people who write programs: every call, the shapes of the answers, the codes of the refusals. For
//! everybody: it says nothing of anybody's money.

use super::{Content, Place, Query, framed};
use crate::desk::desk;
use crate::model::{ApiCall, ApiCode, ApiDocument, ApiField, ApiGroup, ApiShape};
use leptos::prelude::*;
use std::sync::Arc;

/// Takes the context of the request before the first await.
pub fn page() -> AnyView {
    let (query, desk) = (Query::asked(), desk());
    let document = use_context::<Arc<ApiDocument>>().unwrap_or_default();
    Suspend::new(async move {
        let frame = match desk {
            Ok(desk) => desk.frame().await.ok(),
            Err(_) => None,
        };
        framed(frame.as_ref(), Place::Elsewhere, &query, content(&document))
    })
    .into_any()
}

fn content(document: &ApiDocument) -> Content {
    let contents = document.groups.iter().map(|group| {
        let href = format!("#{}", group.name);
        view! { <li><a href=href>{title(&group.name)}</a></li> }
    });
    let body = view! {
        <div class="head"><div><h1>"JSON API"</h1><p>"For programs. "<a href="/api/openapi.json" rel="external">"OpenAPI document"</a></p></div></div>
        <p class="measure">{said(&document.about)}</p>
        <nav aria-label="On this page" class="block"><ul class="api-contents">{contents.collect_view()}
            <li><a href="#shapes">"Answers"</a></li><li><a href="#codes">"Codes"</a></li></ul></nav>
        {document.groups.iter().map(group).collect_view()}
        <section aria-labelledby="shapes"><h2 id="shapes">"Answers"</h2>{document.shapes.iter().map(shape).collect_view()}</section>
        <section aria-labelledby="codes"><h2 id="codes">"Codes"</h2>{codes(&document.codes)}</section>
    };
    Content::new("JSON API", body)
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Text in which words between backticks are code.
fn said(text: &str) -> AnyView {
    let pieces = text.split('`').enumerate().map(|(at, piece)| {
        let piece = piece.to_owned();
        if at % 2 == 1 { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
    });
    pieces.collect_view().into_any()
}

fn group(group: &ApiGroup) -> AnyView {
    let id = group.name.clone();
    view! {
        <section aria-labelledby=group.name.clone()>
            <h2 id=id>{title(&group.name)}</h2>
            <p>{said(&group.about)}"."</p>
            {group.calls.iter().map(call).collect_view()}
        </section>
    }
    .into_any()
}

fn call(call: &ApiCall) -> AnyView {
    let caption = format!("What {} {} takes", call.method, call.path);
    let answers = call.answers.iter().map(|answer| {
        let shape = (!answer.shape.is_empty()).then(|| view! { ": "{shape_link(&answer.shape)} });
        view! { <li><code>{answer.status.clone()}</code>" "{said(&answer.about)}{shape}</li> }
    });
    let codes = call.codes.iter().enumerate().map(|(at, code)| {
        let (href, comma) = (format!("#{code}"), if at == 0 { "" } else { ", " });
        view! { {comma}<a href=href><code>{code.clone()}</code></a> }
    });
    view! {
        <details class="api-call">
            <summary><code>{format!("{} {}", call.method, call.path)}</code>" "<span>{call.summary.clone()}</span></summary>
            {(!call.about.is_empty()).then(|| view! { <p class="measure">{said(&call.about)}</p> })}
            <p>"Scope: "<code>{call.scope.clone()}</code></p>
            {(!call.fields.is_empty()).then(|| fields(caption, &call.fields, true))}
            {call.example.clone().map(|example| view! { <pre tabindex="0"><code>{example}</code></pre> })}
            <ul class="api-answers">{answers.collect_view()}</ul>
            <p><small>"Refused by "{codes.collect_view()}"."</small></p>
        </details>
    }
    .into_any()
}

/// `List of Wallet` leads to Wallet.
fn shape_link(name: &str) -> AnyView {
    let of = name.rsplit(' ').next().unwrap_or(name);
    let href = format!("#shape-{of}");
    view! { <a href=href>{name.to_owned()}</a> }.into_any()
}

fn fields(caption: String, fields: &[ApiField], placed: bool) -> AnyView {
    let rows = fields.iter().map(|field| {
        let required = if field.required && placed { ", required" } else { "" };
        view! {
            <tr>
                <th scope="row" class="at-tl"><code>{field.name.clone()}</code></th>
                {placed.then(|| view! { <td class="at-tr">{field.place.clone()}</td> })}
                <td class="at-row">{field.kind.clone()}{required}</td>
                <td class="at-row">{said(&field.about)}</td>
            </tr>
        }
    });
    view! {
        <table class="rows">
            <caption class="only-read">{caption}</caption>
            <thead><tr><th scope="col">"Name"</th>{placed.then(|| view! { <th scope="col">"In"</th> })}
                <th scope="col">"What"</th><th scope="col">"Meaning"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn shape(shape: &ApiShape) -> AnyView {
    let id = format!("shape-{}", shape.name);
    view! {
        <details class="api-call" id=id>
            <summary><strong>{shape.name.clone()}</strong>" "<span>{said(&shape.about)}</span></summary>
            {fields(format!("Fields of {}", shape.name), &shape.fields, false)}
        </details>
    }
    .into_any()
}

fn codes(codes: &[ApiCode]) -> AnyView {
    let rows = codes.iter().map(|code| {
        view! {
            <tr id=code.code.clone()>
                <th scope="row" class="at-tl"><code>{code.code.clone()}</code></th>
                <td class="n at-tr">{code.status.to_string()}</td>
                <td class="at-row">{code.title.clone()}</td>
            </tr>
        }
    });
    view! {
        <table class="rows">
            <caption class="only-read">"Codes of refusals"</caption>
            <thead><tr><th scope="col">"Code"</th><th scope="col" class="n">"Status"</th><th scope="col">"What it says"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
