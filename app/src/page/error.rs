//! The page instead of a page: what went wrong, what it means for money, and what to do.

use super::{Content, Query, Visit};
use crate::desk::{Answer, AppError};
use crate::part::Notice;
use leptos::prelude::*;
use leptos::server_fn::http_export::StatusCode;

/// For addresses that lead nowhere.
pub async fn not_there(_: Visit) -> Answer<Content> {
    Err(AppError::NotFound("page"))
}

pub fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::Unauthorized => StatusCode::UNAUTHORIZED,
        AppError::Forbidden { .. } | AppError::OutOfScope(_) => StatusCode::FORBIDDEN,
        AppError::NotFound(_) => StatusCode::NOT_FOUND,
        AppError::Invalid(_) => StatusCode::BAD_REQUEST,
        AppError::Refused { .. } => StatusCode::CONFLICT,
        AppError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub fn content(error: &AppError, query: &Query) -> Content {
    match error {
        AppError::Unauthorized => {
            Content::new("Sign in", view! { <p><a href="/sign-in">"Sign in"</a>" first."</p> })
        }
        AppError::NotFound(noun) => simple(
            &format!("There is no such {noun}"),
            "The address leads nowhere; perhaps it was cut when it was copied.",
        ),
        AppError::Forbidden { .. } | AppError::OutOfScope(_) => {
            simple("Not for your role", &error.to_string())
        }
        AppError::Invalid(_) => simple("This can’t be read", &error.to_string()),
        AppError::Refused { .. } => simple("This was refused", &error.to_string()),
        AppError::Unavailable { .. } | AppError::Internal { .. } => failed(error, query),
    }
}

fn simple(title: &str, text: &str) -> Content {
    let body = view! {
        <div class="head"><div><h1>{title.to_owned()}</h1></div></div>
        <div class="none measure">
            <p>{text.to_owned()}</p>
            <p class="acts"><a class="button" href="/">"Overview"</a><a class="button" href="/transactions">"Transactions"</a></p>
        </div>
    };
    Content::new(title, body)
}

fn failed(error: &AppError, query: &Query) -> Content {
    let incident = match error {
        AppError::Internal { incident } => Some(view! { <p>"Incident " <code>{incident.clone()}</code></p> }),
        _ => None,
    };
    let known = incident.is_some();
    let body = view! {
        <div class="head"><div><h1>"This page could not be made"</h1>{incident}</div></div>
        <div class="measure">
            <Notice icon="note" title=error.to_string()>
                <p>"Coffer tries again by itself; no money moves meanwhile, and nothing in the books is lost."</p>
            </Notice>
            <ol class="steps">
                <li><h2>"Try again"</h2><p>"Reading a page changes nothing."</p>
                    <p class="acts"><a class="button primary" href=query.whole().to_owned()>"Load the page again"</a></p></li>
                <li><h2>"Had you just pressed Send or another button?"</h2>
                    <p>"Load " <a href="/transactions">"Transactions"</a> " and look before you repeat it. The same form, sent twice, acts once."</p></li>
                {known.then(|| view! {
                    <li><h2>"It goes on?"</h2><p>"Give the incident to the person who runs Coffer; the log has it under the same id."</p></li>
                })}
            </ol>
        </div>
    };
    Content::new("This page could not be made", body)
}
