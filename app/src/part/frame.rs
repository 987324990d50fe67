//! What stands around every page: top bar, navigation, crumbs, foot. Without a frame (nobody signed in, or the desk
//! is down) the navigation stays and the person's name is missing.

use super::icon::{Icon, Sprite};
use super::keys::{KeysOpener, KeysSheet};
use super::time::{Show, When};
use crate::action::SignOut;
use crate::desk::Frame;
use crate::island::{Copy, FindBox, Live, LocalTime};
use crate::model::Role;
use crate::page::{Content, Place, Query};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

pub fn framed(frame: Option<&Frame>, place: Place, query: &Query, content: Content) -> AnyView {
    let topics = content.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().join(" ");
    let topics = (!topics.is_empty()).then_some(topics);
    view! {
        <Title text=format!("{} · Coffer", content.title)/>
        <a class="skip" href="#main">"Skip to the content"</a>
        <Sprite/>
        {top(frame, query)}
        {navigation(frame, place)}
        <main id="main" data-topics=topics>
            {crumbs(content.crumbs)}
            {content.body}
        </main>
        {foot(frame)}
    }
    .into_any()
}

fn top(frame: Option<&Frame>, query: &Query) -> AnyView {
    let who = frame.map(|frame| {
        let simulated = frame.simulated.then(|| view! { <span class="sim">"Simulated"<span>" network"</span></span> });
        let reload = query.whole().to_owned();
        view! {
            <div class="who">
                {simulated}
                <Live/>
                <span class="link when-still"><span>"As of "</span><When at=frame.now show=Show::Clock/>" "<a href=reload>"Reload"</a></span>
                <span class="name"><a href="/profile">{frame.user.clone()}</a>{format!(", {}", frame.role)}</span>
            </div>
        }
    });
    view! {
        <header class="top">
            <button class="menu" type="button" popovertarget="nav"><Icon name="menu"/>"Menu"</button>
            <a class="brand" href="/"><Icon name="coffer"/>"Coffer"</a>
            {frame.is_some().then(|| find(query))}
            {who}
        </header>
    }
    .into_any()
}

/// A plain form; the island shows the best hits while one types.
fn find(query: &Query) -> AnyView {
    let typed = if query.path() == "/find" { query.get("q").to_owned() } else { String::new() };
    view! {
        <form class="find" role="search" action="/find" method="get">
            <button type="submit"><Icon name="find"/><span class="only-read">"Find"</span></button>
            <input type="search" id="find-field" name="q" value=typed aria-label="Find an address, txid, label, name, id or amount"
                placeholder="Address, txid, label, name, id or amount" autocomplete="off" spellcheck="false" maxlength="255"/>
            <kbd aria-hidden="true" class="when-live">"/"</kbd>
            <FindBox/>
        </form>
    }
    .into_any()
}

fn navigation(frame: Option<&Frame>, place: Place) -> AnyView {
    let entry =
        |href: &'static str, name: &'static str, own: Place, within: Place, count: Option<AnyView>| {
            let current = if place == own { Some("page") } else { (place == within).then_some("true") };
            view! { <li><a href=href aria-current=current>{name}{count}</a></li> }
        };
    let broken = frame.map(|frame| frame.broken_broadcasts).filter(|n| *n > 0);
    let broken = broken.map(|n| {
        view! { <span class="count">{n.to_string()}<span class="only-read">" broken"</span></span> }
            .into_any()
    });
    let simulated = frame.is_some_and(|frame| frame.simulated);
    let administer = frame.is_some_and(|frame| frame.role.may(Role::Admin));
    view! {
        <nav class="nav" id="nav" aria-label="Main" popover="auto">
            <ul>
                {entry("/", "Overview", Place::Overview, Place::Overview, None)}
                {entry("/wallets", "Wallets", Place::Wallets, Place::InWallets, None)}
                {entry("/addresses", "Addresses", Place::Addresses, Place::InAddresses, None)}
                {entry("/transactions", "Transactions", Place::Transactions, Place::InTransactions, None)}
                {entry("/network-transactions", "Network transactions", Place::NetworkTransactions, Place::InNetworkTransactions, None)}
                {entry("/broadcasts", "Broadcasts", Place::Broadcasts, Place::InBroadcasts, broken)}
            </ul>
            <ul>
                {entry("/events", "Events", Place::Events, Place::InEvents, None)}
                {entry("/deliveries", "Deliveries", Place::Deliveries, Place::Deliveries, None)}
                {entry("/jobs", "Jobs", Place::Jobs, Place::Jobs, None)}
                {simulated.then(|| entry("/simulator", "Simulator", Place::Simulator, Place::Simulator, None))}
            </ul>
            {administer.then(|| view! {
                <ul>
                    {entry("/users", "Users", Place::Users, Place::InUsers, None)}
                    {entry("/tokens", "API tokens", Place::Tokens, Place::Tokens, None)}
                    {entry("/audit-log", "Audit log", Place::AuditLog, Place::AuditLog, None)}
                    {entry("/settings", "Settings", Place::Settings, Place::Settings, None)}
                </ul>
            })}
        </nav>
    }
    .into_any()
}

fn crumbs(crumbs: Vec<(String, String)>) -> Option<impl IntoView> {
    (!crumbs.is_empty()).then(|| {
        let items =
            crumbs.into_iter().map(|(href, name)| view! { <li><a href=href>{name}</a></li> }).collect_view();
        view! { <nav class="crumbs" aria-label="Where this is"><ol>{items}</ol></nav> }
    })
}

fn foot(frame: Option<&Frame>) -> AnyView {
    let version = frame.map(|frame| view! { <span>{format!("Coffer {}", frame.version)}</span> });
    let out = frame.is_some().then(|| view! {
        <a href="/profile">"Your profile"</a>
        <form method="post" action=SignOut::url()><button type="submit" class="text">"Sign out"</button></form>
    });
    view! { <footer class="foot">{version}<LocalTime/><KeysOpener/><Copy/>{out}</footer><KeysSheet/> }
        .into_any()
}
