//! One file per route. A page is an async function from a `Visit` to its `Content`; `page` runs it while the server
//! renders, puts the frame around, and turns errors into pages with the right status. Nothing here runs in a browser.

pub mod account;
pub mod address;
pub mod addresses;
mod adjustment;
pub mod all_addresses;
pub mod api;
pub mod audit_log;
pub mod broadcast;
pub mod broadcasts;
pub mod deliveries;
pub mod error;
pub mod event;
pub mod events;
pub mod filter;
pub mod find;
pub mod foreign_spend;
pub mod jobs;
pub mod network_transaction;
pub mod network_transactions;
pub mod overview;
pub mod password;
pub mod profile;
mod query;
pub mod reconciliation;
mod refusal;
pub mod review;
pub mod second_factor;
pub mod send;
pub mod settings;
pub mod sign_in;
pub mod sign_in_code;
pub mod simulator;
pub mod step_up;
pub mod tokens;
pub mod transaction;
pub mod transactions;
pub mod transfer;
pub mod user;
pub mod users;
pub mod vetting;
pub mod wallet;
pub mod wallets;

pub use query::{Query, link, local_path};
pub use refusal::Refused;

use crate::desk::{Answer, AppError, Desk, Frame, desk};
use crate::model::{Role, Topic};
use crate::part::frame::framed;
use leptos::prelude::*;
use leptos::server_fn::http_export::HeaderValue;
use leptos::server_fn::http_export::StatusCode;
use leptos::server_fn::http_export::header::LOCATION;
use leptos_axum::ResponseOptions;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

/// Which entry of the navigation a page belongs to: the entry's own page, or one beneath it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Overview,
    Wallets,
    InWallets,
    Addresses,
    InAddresses,
    Transactions,
    InTransactions,
    NetworkTransactions,
    InNetworkTransactions,
    Broadcasts,
    InBroadcasts,
    Events,
    InEvents,
    Deliveries,
    Jobs,
    Simulator,
    Users,
    InUsers,
    Tokens,
    AuditLog,
    Settings,
    Elsewhere,
}

/// Who asks for what.
pub struct Visit {
    pub desk: Arc<dyn Desk>,
    pub frame: Frame,
    pub query: Query,
}

impl Visit {
    /// The id in the path, after its noun; `noun` names what is missing where it is no id.
    pub fn id<Id: FromStr>(&self, noun: &'static str) -> Answer<Id> {
        self.query.path().split('/').nth(2).unwrap_or_default().parse().map_err(|_| AppError::NotFound(noun))
    }

    /// For pages that only lead to orders: whoever may not give them isn't shown the form either.
    pub fn must_operate(&self) -> Answer<()> {
        let (needed, role) = (Role::Operator, self.frame.role);
        if role.may(needed) { Ok(()) } else { Err(AppError::Forbidden { needed, role }) }
    }

    pub fn may_operate(&self) -> bool {
        self.frame.role.may(Role::Operator)
    }
}

/// What a page puts between head and foot.
pub struct Content {
    pub title: String,
    /// Path and name of what this page lies in.
    pub crumbs: Vec<(String, String)>,
    /// What changes this page while it is looked at; none where it stays as it was made.
    pub topics: &'static [Topic],
    pub body: AnyView,
    /// Another page is the right one: the browser is led there.
    pub elsewhere: Option<String>,
}

impl Content {
    pub fn new(title: impl Into<String>, body: impl IntoView + 'static) -> Self {
        Self { title: title.into(), crumbs: Vec::new(), topics: &[], body: body.into_any(), elsewhere: None }
    }

    /// Not here: the browser is led there.
    pub fn elsewhere(path: String) -> Self {
        let body = view! { <p><a href=path.clone()>"Go on"</a></p> };
        Self { elsewhere: Some(path), ..Self::new("Go on", body) }
    }

    /// Shown live: changed in place when one of these topics changes.
    pub fn live(mut self, topics: &'static [Topic]) -> Self {
        self.topics = topics;
        self
    }

    pub fn within(mut self, path: impl Into<String>, name: impl Into<String>) -> Self {
        self.crumbs.push((path.into(), name.into()));
        self
    }
}

/// Renders a page. Contexts are taken before the first await: what is written to HTML afterwards may find another
/// request’s, which is also why no page uses leptos’ `Body`.
pub fn page<Asked>(place: Place, make: impl FnOnce(Visit) -> Asked + Send + 'static) -> AnyView
where
    Asked: Future<Output = Answer<Content>> + Send + 'static,
{
    let response = use_context::<ResponseOptions>().unwrap_or_default();
    let query = Query::asked();
    let desk = desk();
    Suspend::new(async move {
        let frame = match &desk {
            Ok(desk) => desk.frame().await,
            Err(error) => Err(error.clone()),
        };
        let (frame, content) = match (desk, frame) {
            (Ok(desk), Ok(frame)) => {
                let visit = Visit { desk, frame: frame.clone(), query: query.clone() };
                (Some(frame), make(visit).await)
            }
            (Err(error), _) | (_, Err(error)) => (None, Err(error)),
        };
        let content = match content {
            Ok(content) => {
                if let Some(path) = &content.elsewhere {
                    redirect(&response, path);
                }
                content
            }
            Err(AppError::Unauthorized) => {
                redirect(&response, &link("/sign-in", [("next", query.whole())]));
                error::content(&AppError::Unauthorized, &query)
            }
            Err(error) => {
                response.set_status(error::status(&error));
                error::content(&error, &query)
            }
        };
        framed(frame.as_ref(), place, &query, content)
    })
    .into_any()
}

/// Post/Redirect/Get: whatever the request was, the browser gets this local path next.
pub fn redirect(response: &ResponseOptions, path: &str) {
    if let Ok(value) = HeaderValue::from_str(path) {
        response.insert_header(LOCATION, value);
        response.set_status(StatusCode::SEE_OTHER);
    }
}
