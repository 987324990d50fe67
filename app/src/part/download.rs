//! The list of a page as a file, narrowed as the page is.

use crate::page::{Query, link};
use leptos::prelude::*;

/// `path`: of the file. All of the list comes with it, not only what this page shows.
#[component]
pub fn Download(#[prop(into)] path: String, query: Query) -> impl IntoView {
    let kept = query.pairs().filter(|(name, _)| !["before", "after"].contains(name));
    view! { <a class="button" href=link(&path, kept)>"Download CSV"</a> }
}
