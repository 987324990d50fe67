//! Newer and Older, by cursors in the URL; never a count of all.

use crate::page::{Query, link};
use leptos::prelude::*;

/// `anchor`: where the list starts on a page with more than it, such as `#history`.
#[component]
pub fn Pager(
    path: String,
    query: Query,
    newer: Option<String>,
    older: Option<String>,
    #[prop(optional, into)] said: String,
    #[prop(optional)] anchor: &'static str,
    /// The list isn't sorted by time, or upwards: what comes before is no longer newer.
    #[prop(optional)]
    sorted: bool,
) -> impl IntoView {
    let to = |name: &str, cursor: &str| {
        let kept = query.pairs().filter(|(name, _)| !["before", "after"].contains(name));
        link(&path, kept.chain([(name, cursor)])) + anchor
    };
    let newer = newer.map(|cursor| to("before", &cursor));
    let older = older.map(|cursor| to("after", &cursor));
    let (back, on) = if sorted { ("Previous", "Next") } else { ("Newer", "Older") };
    (newer.is_some() || older.is_some() || !said.is_empty()).then(|| view! {
        <nav class="bar" aria-label="Pager"><span>{said}</span>
            <span class="acts"><Turn word=back rel="prev" href=newer/><Turn word=on rel="next" href=older/></span>
        </nav>
    })
}

#[component]
fn Turn(word: &'static str, rel: &'static str, href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => view! { <a class="button small" href=href rel=rel>{word}</a> }.into_any(),
        None => view! { <a class="button small" aria-disabled="true">{word}</a> }.into_any(),
    }
}
