//! Turns the times of the page into the viewer's zone. It stands once, in the foot, and says there which zone it is.
//! The server wrote UTC; `datetime` has the moment and `title` keeps UTC.

use leptos::prelude::*;

#[island]
pub fn LocalTime() -> impl IntoView {
    let zone = RwSignal::new(String::from("UTC"));
    Effect::new(move |_| {
        if let Some(found) = turn_page() {
            zone.set(found);
        }
    });
    view! { <span>"Times in " {zone}</span> }
}

#[cfg(not(target_arch = "wasm32"))]
fn turn_page() -> Option<String> {
    None
}

/// Answers the zone's name.
#[cfg(target_arch = "wasm32")]
fn turn_page() -> Option<String> {
    turn(&document().document_element()?);
    zone_name()
}

/// All times beneath `root`, which the server has just written.
#[cfg(target_arch = "wasm32")]
pub fn turn(root: &web_sys::Element) {
    each(root, "time[datetime]", turn_time);
    each(root, "[data-zone]", |head| head.set_text_content(None));
}

#[cfg(target_arch = "wasm32")]
pub fn each(root: &web_sys::Element, selector: &str, act: impl Fn(&web_sys::Element)) {
    use wasm_bindgen::JsCast;

    let Ok(found) = root.query_selector_all(selector) else { return };
    for at in 0..found.length() {
        if let Some(element) = found.item(at).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) {
            act(&element);
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn turn_time(time: &web_sys::Element) {
    let Some(written) = time.get_attribute("datetime") else { return };
    let date = js_sys::Date::new(&written.as_str().into());
    if date.get_time().is_nan() {
        return;
    }
    let (Some(utc_day), Some(utc_clock)) = (written.get(..10), written.get(11..19)) else { return };
    let two = |n: u32| format!("{}{n}", if n < 10 { "0" } else { "" });
    let day = format!("{}-{}-{}", date.get_full_year(), two(date.get_month() + 1), two(date.get_date()));
    let clock = format!("{}:{}:{}", two(date.get_hours()), two(date.get_minutes()), two(date.get_seconds()));
    replace(time, &[(utc_day, &day), (utc_clock, &clock), (&utc_day[5..], &day[5..])]);
}

/// In each text beneath `node` the first piece that occurs, then those after it.
#[cfg(target_arch = "wasm32")]
fn replace(node: &web_sys::Node, pieces: &[(&str, &str)]) {
    let mut child = node.first_child();
    while let Some(here) = child {
        if here.node_type() == web_sys::Node::TEXT_NODE {
            let mut text = here.text_content().unwrap_or_default();
            // The short day is part of the long one: where the long one stood, it is done already.
            let long = text.contains(pieces[0].0);
            for (from, to) in &pieces[..if long { 2 } else { 3 }] {
                text = text.replacen(from, to, 1);
            }
            here.set_text_content(Some(&text));
        } else {
            replace(&here, pieces);
        }
        child = here.next_sibling();
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn zone_name() -> Option<String> {
    None
}

/// The viewer's, by its name in the zone database (`Pacific/Auckland`).
#[cfg(target_arch = "wasm32")]
pub fn zone_name() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}
