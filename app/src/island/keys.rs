//! Keys for those who don't like to reach for the mouse. They are single characters, so they rest while one types, and
//! a switch in the sheet turns them off and is remembered (WCAG 2.1.4). The sheet itself is a popover that the page
//! has without any script; this adds the switch and listens.

use leptos::prelude::*;

/// After `g`, and where it leads.
pub const PLACES: [(&str, &str, &str); 10] = [
    ("o", "/", "Overview"),
    ("w", "/wallets", "Wallets"),
    ("a", "/addresses", "Addresses"),
    ("t", "/transactions", "Transactions"),
    ("n", "/network-transactions", "Network transactions"),
    ("b", "/broadcasts", "Broadcasts"),
    ("e", "/events", "Events"),
    ("d", "/deliveries", "Deliveries"),
    ("j", "/jobs", "Jobs"),
    ("p", "/profile", "Your profile"),
];

/// Of the button that opens the sheet.
pub const OPENER: &str = "keys-open";

#[island]
pub fn Keys() -> impl IntoView {
    let on = RwSignal::new(true);
    let runs = RwSignal::new(false);
    Effect::new(move |_| {
        on.set(browser::are_on());
        runs.set(true);
        browser::listen(on);
    });
    let turn = move |_| {
        on.update(|on| *on = !*on);
        browser::keep(on.get_untracked());
    };
    view! {
        <p hidden=move || runs.get()>"They work where JavaScript runs. Everything can be reached by Tab and Enter without it."</p>
        <p hidden=move || !runs.get()><label><input type="checkbox" prop:checked=move || on.get() on:change=turn/>"Keys are on"</label></p>
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod browser {
    use leptos::prelude::RwSignal;

    pub fn are_on() -> bool {
        true
    }
    pub fn keep(_: bool) {}
    pub fn listen(_: RwSignal<bool>) {}
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use super::{OPENER, PLACES};
    use js_sys::{Array, Function, Reflect};
    use leptos::ev::keydown;
    use leptos::prelude::*;
    use std::cell::Cell;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Element, HtmlElement, KeyboardEvent};

    const KEPT: &str = "coffer.keys";
    const OFF: &str = "off";
    /// As long may pass between `g` and the letter after it, in milliseconds.
    const PAUSE: f64 = 1500.0;

    /// One call of the browser's store. What keeps nothing answers nothing, and has the keys on.
    fn kept(call: &str, arguments: &[&str]) -> Option<String> {
        let store = Reflect::get(&window(), &"localStorage".into()).ok()?;
        let call = Reflect::get(&store, &call.into()).ok()?.dyn_into::<Function>().ok()?;
        let arguments: Array = arguments.iter().map(|text| JsValue::from_str(text)).collect();
        call.apply(&store, &arguments).ok()?.as_string()
    }

    pub fn are_on() -> bool {
        kept("getItem", &[KEPT]).as_deref() != Some(OFF)
    }

    pub fn keep(on: bool) {
        if on {
            kept("removeItem", &[KEPT])
        } else {
            kept("setItem", &[KEPT, OFF])
        };
    }

    pub fn listen(on: RwSignal<bool>) {
        let went = Cell::new(f64::MIN);
        let handle = window_event_listener(keydown, move |event| {
            if !on.get_untracked() || event.default_prevented() || is_meant_otherwise(&event) {
                return;
            }
            let after_g = event.time_stamp() - went.replace(f64::MIN) < PAUSE;
            let done = match event.key().as_str() {
                letter if after_g => go(letter),
                "g" => {
                    went.set(event.time_stamp());
                    false
                }
                "/" => find(),
                "?" => open(),
                _ => false,
            };
            if done {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }

    /// While one types, and with a key held that gives the letter another meaning.
    fn is_meant_otherwise(event: &KeyboardEvent) -> bool {
        let typing =
            event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
                element.closest("input, textarea, select, [contenteditable]").ok().flatten().is_some()
            });
        typing
            || event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || event.repeat()
            || event.is_composing()
    }

    fn go(letter: &str) -> bool {
        let Some((_, path, _)) = PLACES.iter().find(|place| place.0 == letter) else { return false };
        window().location().set_href(path).is_ok()
    }

    fn find() -> bool {
        let field = document().query_selector("form.find input[name=q]").ok().flatten();
        let field = field.and_then(|element| element.dyn_into::<HtmlElement>().ok());
        field.is_some_and(|field| field.focus().is_ok())
    }

    fn open() -> bool {
        let opener =
            document().get_element_by_id(OPENER).and_then(|element| element.dyn_into::<HtmlElement>().ok());
        opener.inspect(HtmlElement::click).is_some()
    }
}
