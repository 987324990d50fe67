//! The best hits while one types into the search box. It asks for the page of all hits and takes them out of it, so
//! that there is one search and one look. Without scripts the box is a form that leads there.

use leptos::prelude::*;

/// Stands in the form, after its field.
#[island]
pub fn FindBox() -> impl IntoView {
    Effect::new(move |_| browser::start());
    view! {
        <div id="found" class="found" hidden><div id="found-list" role="listbox" aria-label="Hits"></div><p id="found-none" hidden>"Nothing fits so far."</p></div>
        <span id="found-said" class="only-read" role="status"></span>
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod browser {
    pub fn start() {}
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use leptos::prelude::*;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Document, DomParser, Element, HtmlElement, HtmlInputElement, Response, SupportedType};

    /// Nobody reads hits between two letters.
    const PAUSE: Duration = Duration::from_millis(150);
    const OPTION: &str = "#found-list [role=option]";

    /// What the listeners of one box share.
    struct Search {
        field: HtmlInputElement,
        found: HtmlElement,
        /// Counts what was typed: an answer to anything but the last comes too late.
        typed: Cell<u32>,
        /// Which hit the arrows are on.
        at: Cell<Option<u32>>,
        waiting: RefCell<Option<TimeoutHandle>>,
    }

    pub fn start() {
        let (Some(field), Some(found)) =
            (element::<HtmlInputElement>("find-field"), element::<HtmlElement>("found"))
        else {
            return;
        };
        for (name, value) in [
            ("role", "combobox"),
            ("aria-autocomplete", "list"),
            ("aria-controls", "found-list"),
            ("aria-expanded", "false"),
        ] {
            let _ = field.set_attribute(name, value);
        }
        let (at, waiting) = (Cell::new(None), RefCell::new(None));
        let this = Rc::new(Search { field, found, typed: Cell::new(0), at, waiting });
        listen(&this);
    }

    fn listen(this: &Rc<Search>) {
        let on = |target: &HtmlElement, act: Box<dyn FnMut(web_sys::Event)>, event: &str| {
            let act = wasm_bindgen::closure::Closure::wrap(act);
            let _ = target.add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
            // It listens as long as the page is there.
            act.forget();
        };
        let typed = this.clone();
        on(&this.field, Box::new(move |_| typed.typed()), "input");
        let pressed = this.clone();
        let press = move |event: web_sys::Event| pressed.pressed(&event);
        on(&this.field, Box::new(press), "keydown");
        let left = this.clone();
        on(&this.field, Box::new(move |_| left.close()), "blur");
        // A press on a hit would take the focus, and close the list before it is a click.
        on(&this.found, Box::new(|event| event.prevent_default()), "mousedown");
    }

    impl Search {
        fn typed(self: &Rc<Self>) {
            self.typed.set(self.typed.get().wrapping_add(1));
            if let Some(waiting) = self.waiting.take() {
                waiting.clear();
            }
            if self.field.value().trim().is_empty() {
                self.close();
                return;
            }
            let this = self.clone();
            let ask = move || {
                leptos::task::spawn_local(async move { this.ask().await });
            };
            *self.waiting.borrow_mut() = set_timeout_with_handle(ask, PAUSE).ok();
        }

        async fn ask(self: Rc<Self>) {
            let typed = self.typed.get();
            let words = String::from(js_sys::encode_uri_component(self.field.value().trim()));
            let path = format!("/find?q={words}");
            let page = fetch(&path).await;
            let focused = document().active_element().is_some_and(|focused| focused.id() == "find-field");
            if typed != self.typed.get() || !focused {
                return;
            }
            match page.and_then(|page| page.get_element_by_id("hits")) {
                Some(hits) => self.show(&hits, &path),
                // Signed out, or the server is away: the form says so when it is sent.
                None => self.close(),
            }
        }

        fn show(&self, hits: &Element, path: &str) {
            let Some(list) = element::<HtmlElement>("found-list") else { return };
            list.set_text_content(None);
            self.select(None);
            let mut count = 0;
            for section in all(hits, "section") {
                let Some(group) = made("div", &[("role", "group")]) else { return };
                let heading = section.query_selector("h2").ok().flatten().and_then(|h2| h2.text_content());
                let heading = heading.unwrap_or_default();
                let _ = group.set_attribute("aria-label", &heading);
                if let Some(word) = made("div", &[("class", "kind"), ("aria-hidden", "true")]) {
                    word.set_text_content(Some(&heading));
                    let _ = group.append_child(&word);
                }
                for hit in all(&section, "a.hit") {
                    option(&group, &hit, count);
                    count += 1;
                }
                let _ = list.append_child(&group);
            }
            if count > 0
                && let Some(rest) = made("a", &[("href", path), ("class", "hit")])
            {
                rest.set_text_content(Some("All hits"));
                option(&list, &rest, count);
            }
            if let Some(none) = element::<HtmlElement>("found-none") {
                none.set_hidden(count > 0);
            }
            list.set_hidden(count == 0);
            self.found.set_hidden(false);
            let _ = self.field.set_attribute("aria-expanded", if count > 0 { "true" } else { "false" });
            say(&match count {
                0 => "Nothing fits so far.".to_owned(),
                1 => "1 hit.".to_owned(),
                count => format!("{count} hits."),
            });
        }

        fn close(&self) {
            self.typed.set(self.typed.get().wrapping_add(1));
            self.found.set_hidden(true);
            self.select(None);
            let _ = self.field.set_attribute("aria-expanded", "false");
            say("");
        }

        fn pressed(self: &Rc<Self>, event: &web_sys::Event) {
            let open = !self.found.hidden();
            let hits = options();
            let count = u32::try_from(hits.len()).unwrap_or(0);
            let at = self.at.get();
            let key = js_sys::Reflect::get(event, &"key".into()).ok().and_then(|key| key.as_string());
            match key.unwrap_or_default().as_str() {
                "ArrowDown" if open && count > 0 => self.select(Some(at.map_or(0, |at| (at + 1) % count))),
                "ArrowUp" if open && count > 0 => {
                    self.select(Some(at.map_or(count - 1, |at| (at + count - 1) % count)));
                }
                "ArrowDown" => self.typed(),
                "Enter" if open && at.is_some() => {
                    let hit = at.and_then(|at| hits.get(at as usize));
                    if let Some(hit) = hit.and_then(|hit| hit.dyn_ref::<HtmlElement>()) {
                        hit.click();
                    }
                }
                // What was typed stays: a second one clears it, as in every search field.
                "Escape" if open => self.close(),
                _ => return,
            }
            event.prevent_default();
        }

        fn select(&self, at: Option<u32>) {
            self.at.set(at);
            let _ = self.field.remove_attribute("aria-activedescendant");
            for (number, hit) in options().iter().enumerate() {
                let chosen = at.is_some_and(|at| at as usize == number);
                let _ = hit.set_attribute("aria-selected", if chosen { "true" } else { "false" });
                if chosen {
                    let _ = self.field.set_attribute("aria-activedescendant", &hit.id());
                    hit.scroll_into_view_with_bool(false);
                }
            }
        }
    }

    /// Focus stays in the field; the list is worked from there.
    fn option(into: &Element, hit: &Element, number: u32) {
        let Ok(node) = document().import_node_with_deep(hit, true) else { return };
        if let Some(hit) = node.dyn_ref::<Element>() {
            for (name, value) in [
                ("role", "option"),
                ("id", format!("hit-{number}").as_str()),
                ("tabindex", "-1"),
                ("aria-selected", "false"),
            ] {
                let _ = hit.set_attribute(name, value);
            }
        }
        let _ = into.append_child(&node);
    }

    fn options() -> Vec<Element> {
        document().document_element().map(|page| all(&page, OPTION)).unwrap_or_default()
    }

    fn all(root: &Element, selector: &str) -> Vec<Element> {
        let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
        (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
    }

    fn made(tag: &str, attributes: &[(&str, &str)]) -> Option<Element> {
        let element = document().create_element(tag).ok()?;
        for (name, value) in attributes {
            element.set_attribute(name, value).ok()?;
        }
        Some(element)
    }

    fn element<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }

    fn say(words: &str) {
        if let Some(said) = element::<HtmlElement>("found-said") {
            said.set_text_content(Some(words));
        }
    }

    async fn fetch(path: &str) -> Option<Document> {
        let answer: Response = JsFuture::from(window().fetch_with_str(path)).await.ok()?.dyn_into().ok()?;
        let text: JsValue = JsFuture::from(answer.text().ok()?).await.ok()?;
        DomParser::new().ok()?.parse_from_string(&text.as_string()?, SupportedType::TextHtml).ok()
    }
}
