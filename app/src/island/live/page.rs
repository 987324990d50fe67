//! The page anew, and what of it is put in place: the content, the navigation's counts, the title and the time that
//! the figures are from.

use super::morph::morph;
use crate::island::local_time;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, Response, SupportedType};

pub enum Fetched {
    Page(Document),
    SignedOut,
}

thread_local! {
    /// The newest page, for rows that wait to be asked for.
    static NEWEST: RefCell<Option<Document>> = const { RefCell::new(None) };
}

pub async fn fetch() -> Result<Fetched, JsValue> {
    let path = location().href()?;
    let response: Response = JsFuture::from(window().fetch_with_str(&path)).await?.dyn_into()?;
    if response.redirected() && response.url().contains("/sign-in") {
        return Ok(Fetched::SignedOut);
    }
    if !response.ok() {
        return Err(JsValue::from(response.status()));
    }
    let html = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)?;
    // An answer without content is none of ours: a proxy's, say.
    if page.get_element_by_id("main").is_none() {
        return Err(JsValue::from("no content"));
    }
    Ok(Fetched::Page(page))
}

pub fn apply(new: &Document) {
    if let Some(root) = new.document_element() {
        local_time::turn(&root);
    }
    for place in ["#main", "#nav", ".top .when-still"] {
        if let (Some(old), Some(new)) = (find(&document(), place), find(new, place)) {
            morph(&old, &new, false);
        }
    }
    if document().title() != new.title() {
        document().set_title(&new.title());
    }
    NEWEST.with(|newest| *newest.borrow_mut() = Some(new.clone()));
}

/// Rows that were held back above what was being read.
pub fn show_held() {
    let newest = NEWEST.with(|newest| newest.borrow_mut().take());
    if let Some(new) = newest
        && let (Some(old), Some(new)) = (find(&document(), "#main"), find(&new, "#main"))
    {
        morph(&old, &new, true);
    }
}

fn find(page: &Document, selector: &str) -> Option<Element> {
    page.query_selector(selector).ok().flatten()
}
