//! HTTP: the router with its guards, from the outside in: time limit, security headers, compression, body limit,
//! session, person, telling what was refused, origin check, pages. Knows no rules of money; pages ask the desk. Start at `router`.

pub mod api;
mod csv;
mod flash;
mod guard;
mod health;
mod live;
mod origin;
mod own_session;
mod person;
mod session;
mod sign_in;
mod site;
mod status;
mod tried;

pub use status::router as status_router;

use crate::desk::Shared;
use crate::live::Live;
use crate::people::Door;
use app::desk::Desk;
use app::flash::Flash;
use app::model::ApiDocument;
use app::sign_in::SignIn;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::SessionManagerLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Expiry;

/// Forms are small; the JSON API, which no session layer stands before, has its own limit.
const FORM_BYTES: usize = 64 * 1024;

/// What the guards and handlers of one process share.
#[derive(Clone)]
pub struct Web {
    pub shared: Arc<Shared>,
    pub door: Door,
    pub live: Live,
    /// Places of live pages.
    sockets: Arc<Semaphore>,
    strangers: Arc<tried::Strangers>,
    /// Of the API; its calls are made from the same source.
    document: Arc<api::Document>,
    /// The same, as its page shows it.
    shown: Arc<ApiDocument>,
}

impl Web {
    pub fn new(shared: Arc<Shared>) -> Self {
        let (db, clock, passwords) = (shared.db.clone(), shared.clock.clone(), shared.passwords.clone());
        let sockets = Arc::new(Semaphore::new(live::SOCKETS_MAX));
        let live = Live::new(db.clone());
        let door = Door { db, clock, passwords };
        let document = Arc::new(api::document());
        let shown = Arc::new(api::shown(&document));
        Self { door, live, sockets, shared, strangers: Arc::default(), document, shown }
    }
}

/// All that one listener answers.
pub fn router(web: &Web) -> Router {
    let options = site::options(web.shared.settings.web.bind);
    let pages = pages(&options)
        .merge(Router::new().route("/live", get(live::join)).with_state(web.clone()))
        .layer(from_fn_with_state(web.clone(), guard::check_origin))
        .layer(from_fn_with_state(web.clone(), tried::tell))
        .layer(from_fn_with_state(web.clone(), person::bring))
        .layer(sessions(web))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(FORM_BYTES));
    Router::new()
        .merge(pages)
        .merge(site::files(&options))
        .merge(api::router(web, web.document.clone()))
        .layer(CompressionLayer::new())
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz).with_state(web.shared.db.clone()))
        .layer(from_fn_with_state(web.clone(), guard::add_headers))
        .layer(from_fn(guard::limit_time))
}

fn pages(options: &leptos::config::LeptosOptions) -> Router {
    let routes = generate_route_list(app::App);
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    // Not leptos' own handler of files and errors: it runs in the context of whatever page its thread is rendering,
    // and hands that page's headers (its policy, its redirect) to the file.
    let not_found = leptos_axum::render_app_async_with_context(provide_person, shell.clone());
    Router::new()
        .leptos_routes_with_context(options, routes, provide_person, shell)
        .merge(csv::routes())
        .fallback(not_found)
        .with_state(options.clone())
}

/// Hands what `person::bring` put beside the request to pages and server functions. All are absent while the list
/// of routes is made.
fn provide_person() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(desk) = parts.extensions.get::<Arc<dyn Desk>>() {
        provide_context(desk.clone());
    }
    if let Some(sign_in) = parts.extensions.get::<Arc<dyn SignIn>>() {
        provide_context(sign_in.clone());
    }
    if let Some(shown) = parts.extensions.get::<Arc<ApiDocument>>() {
        provide_context(shown.clone());
    }
    if let Some(flash) = parts.extensions.get::<Arc<dyn Flash>>() {
        provide_context(flash.clone());
    }
}

/// Lax, not strict: a link from a mail must find its reader signed in. Unsafe requests are checked for their origin.
fn sessions(web: &Web) -> SessionManagerLayer<session::Sessions> {
    let settings = &web.shared.settings.web;
    let secure = settings.is_secure();
    let store = session::Sessions::new(web.shared.db.clone(), web.shared.clock.clone());
    SessionManagerLayer::new(store)
        .with_name(if secure { "__Host-coffer" } else { "coffer" })
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(settings.session_hours)))
}
