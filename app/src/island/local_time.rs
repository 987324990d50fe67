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
    use wasm_bindgen::JsCast;

    let found = document().query_selector_all("time[datetime]").ok()?;
    for at in 0..found.length() {
        if let Some(time) = found.item(at).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) {
            turn(&time);
        }
    }
    let heads = document().query_selector_all("[data-zone]").ok()?;
    for at in 0..heads.length() {
        if let Some(head) = heads.item(at) {
            head.set_text_content(None);
        }
    }
    zone_name()
}

#[cfg(target_arch = "wasm32")]
fn turn(time: &web_sys::Element) {
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

#[cfg(target_arch = "wasm32")]
fn zone_name() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}
