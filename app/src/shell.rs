//! The document around every page, its Content-Security-Policy, and the routes.

use crate::page::{self, Place, page};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::server_fn::http_export::HeaderValue;
use leptos::server_fn::http_export::header::CONTENT_SECURITY_POLICY;
use leptos::server_fn::http_export::request::Parts;
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

const SIGN_IN: &str = "/sign-in";

/// Without its type, which names every page: the server would compile it again with each of its own changes.
pub fn shell(options: LeptosOptions) -> AnyView {
    set_policy();
    let document = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body class=layout()>
                <App/>
            </body>
        </html>
    };
    document.into_any()
}

/// Signing in stands alone; every other page has the frame. Said here and not by the page: `leptos_meta`'s `Body` sends
/// its attributes while rendering, where after an await its context may be gone, and then they are lost.
fn layout() -> &'static str {
    let stands_alone = use_context::<Parts>().is_some_and(|request| request.uri.path().starts_with(SIGN_IN));
    if stands_alone { "plain" } else { "app" }
}

/// Scripts run by this response's nonce alone, and nothing is loaded from elsewhere.
fn set_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

/// Each page is rendered whole before its first byte leaves, so that its title and status are right.
#[component]
pub fn App() -> AnyView {
    provide_meta_context();
    let whole = SsrMode::Async;
    let routes = view! {
        <Router>
            <FlatRoutes fallback=|| page(Place::Elsewhere, page::error::not_there)>
                <Route path=path!("/sign-in") ssr=whole.clone() view=page::sign_in::page/>
                <Route path=path!("/sign-in/code") ssr=whole.clone() view=page::sign_in_code::page/>
                <Route path=path!("/") ssr=whole.clone() view=|| page(Place::Overview, page::overview::show)/>
                <Route path=path!("/wallets") ssr=whole.clone() view=|| page(Place::Wallets, page::wallets::show)/>
                <Route path=path!("/wallets/:id") ssr=whole.clone() view=|| page(Place::InWallets, page::wallet::show)/>
                <Route path=path!("/accounts/:id") ssr=whole.clone() view=|| page(Place::InWallets, page::account::show)/>
                <Route path=path!("/accounts/:id/send") ssr=whole.clone() view=|| page(Place::InWallets, page::send::show)/>
                <Route path=path!("/accounts/:id/transfer") ssr=whole.clone() view=|| page(Place::InWallets, page::transfer::show)/>
                <Route path=path!("/accounts/:id/addresses") ssr=whole.clone() view=|| page(Place::InWallets, page::addresses::show)/>
                <Route path=path!("/transactions") ssr=whole.clone() view=|| page(Place::Transactions, page::transactions::show)/>
                <Route path=path!("/transactions/:id") ssr=whole.clone() view=|| page(Place::InTransactions, page::transaction::show)/>
                <Route path=path!("/broadcasts") ssr=whole.clone() view=|| page(Place::Broadcasts, page::broadcasts::show)/>
                <Route path=path!("/broadcasts/:id") ssr=whole.clone() view=|| page(Place::InBroadcasts, page::broadcast::show)/>
                <Route path=path!("/foreign-spends/:id") ssr=whole.clone() view=|| page(Place::Elsewhere, page::foreign_spend::show)/>
                <Route path=path!("/reconciliations/:coin") ssr=whole.clone() view=|| page(Place::Elsewhere, page::reconciliation::show)/>
                <Route path=path!("/events") ssr=whole.clone() view=|| page(Place::Events, page::events::show)/>
                <Route path=path!("/events/:sequence") ssr=whole.clone() view=|| page(Place::InEvents, page::event::show)/>
                <Route path=path!("/deliveries") ssr=whole.clone() view=|| page(Place::Deliveries, page::deliveries::show)/>
                <Route path=path!("/jobs") ssr=whole.clone() view=|| page(Place::Jobs, page::jobs::show)/>
                <Route path=path!("/addresses") ssr=whole.clone() view=|| page(Place::Addresses, page::all_addresses::show)/>
                <Route path=path!("/addresses/:id") ssr=whole.clone() view=|| page(Place::InAddresses, page::address::show)/>
                <Route path=path!("/network-transactions") ssr=whole.clone() view=|| page(Place::NetworkTransactions, page::network_transactions::show)/>
                <Route path=path!("/network-transactions/:id") ssr=whole.clone() view=|| page(Place::InNetworkTransactions, page::network_transaction::show)/>
                <Route path=path!("/api") ssr=whole.clone() view=page::api::page/>
                <Route path=path!("/find") ssr=whole.clone() view=|| page(Place::Elsewhere, page::find::show)/>
                <Route path=path!("/users") ssr=whole.clone() view=|| page(Place::Users, page::users::show)/>
                <Route path=path!("/users/:id") ssr=whole.clone() view=|| page(Place::InUsers, page::user::show)/>
                <Route path=path!("/profile") ssr=whole.clone() view=|| page(Place::Elsewhere, page::profile::show)/>
                <Route path=path!("/profile/password") ssr=whole.clone() view=|| page(Place::Elsewhere, page::password::show)/>
                <Route path=path!("/profile/second-factor") ssr=whole.clone() view=|| page(Place::Elsewhere, page::second_factor::show)/>
                <Route path=path!("/step-up") ssr=whole.clone() view=|| page(Place::Elsewhere, page::step_up::show)/>
                <Route path=path!("/tokens") ssr=whole.clone() view=|| page(Place::Tokens, page::tokens::show)/>
                <Route path=path!("/audit-log") ssr=whole.clone() view=|| page(Place::AuditLog, page::audit_log::show)/>
                <Route path=path!("/settings") ssr=whole.clone() view=|| page(Place::Settings, page::settings::show)/>
                <Route path=path!("/simulator") ssr=whole view=|| page(Place::Simulator, page::simulator::show)/>
            </FlatRoutes>
        </Router>
    };
    routes.into_any()
}
