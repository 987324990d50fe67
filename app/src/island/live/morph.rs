//! Makes an element of the page equal to a newer one, and leaves alone whatever is equal already: focus, selection,
//! scroll and open details stay. Rows are known by `data-key`. What somebody is typing into is left as it is, and
//! so is a form with an idempotency key, since a new key would let a second click act twice.

use super::page::show_held;
use crate::island::local_time::each;
use leptos::prelude::*;
use std::cell::Cell;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, HtmlInputElement, Node};

/// Marks what has just changed.
const FRESH: &str = "fresh";
/// Long enough to be seen by whoever looks at the page.
const SEEN: Duration = Duration::from_secs(10);
/// What carries the mark: a row, a tile, a step of a story.
const MARKED: &str = "tbody > tr, .tiles > div, .timeline > li";
/// Its changes go without a mark: they come with every look.
const QUIET: &str = "time, [data-quiet]";

/// `all`: also rows above what is being read, which wait otherwise. Answers whether anything worth a mark changed.
pub fn morph(old: &Element, new: &Element, all: bool) -> bool {
    if old.is_equal_node(Some(new)) || old.tag_name() == "LEPTOS-ISLAND" || is_kept(old) {
        return false;
    }
    let attributes = copy_attributes(old, new);
    let children = if old.tag_name() == "TBODY" { rows(old, new, all) } else { children(old, new, all) };
    let changed = (attributes || children) && !old.matches(QUIET).unwrap_or(false);
    if changed && old.matches(MARKED).unwrap_or(false) {
        mark(old);
    }
    changed
}

/// Text is changed in place; an element meets the next one of its key, or of its kind where it has none.
fn children(old: &Element, new: &Element, all: bool) -> bool {
    let mut changed = false;
    let mut at = old.first_child();
    let mut next = new.first_child();
    while let Some(wanted) = next {
        next = wanted.next_sibling();
        while at.as_ref().is_some_and(is_ours) {
            at = at.and_then(|node| node.next_sibling());
        }
        match at.as_ref().and_then(|from| meet(from, &wanted)) {
            Some(met) => {
                // What stands before it is gone in the newer page, or comes later there: then this one moves up.
                while let Some(before) = at.clone().filter(|node| !node.is_same_node(Some(&met))) {
                    if comes(&before, next.as_ref()) {
                        let _ = old.insert_before(&met, Some(&before));
                        break;
                    }
                    at = before.next_sibling();
                    changed |= remove(old, &before);
                }
                at =
                    at.and_then(
                        |node| if node.is_same_node(Some(&met)) { node.next_sibling() } else { Some(node) },
                    );
                changed |= one(&met, &wanted, all);
            }
            None => changed |= insert(old, &wanted, at.as_ref()),
        }
    }
    while let Some(gone) = at {
        at = gone.next_sibling();
        changed |= remove(old, &gone);
    }
    changed
}

fn one(old: &Node, new: &Node, all: bool) -> bool {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => morph(old, new, all),
        _ if old.node_value() == new.node_value() => false,
        _ => {
            old.set_node_value(new.node_value().as_deref());
            old.node_type() == Node::TEXT_NODE
        }
    }
}

/// The node at or after `from` that `wanted` is a newer state of.
fn meet(from: &Node, wanted: &Node) -> Option<Node> {
    let mut at = Some(from.clone());
    let key = key(wanted);
    while let Some(node) = at {
        let same_kind = node.node_type() == wanted.node_type() && node.node_name() == wanted.node_name();
        if same_kind && self::key(&node) == key && !is_ours(&node) {
            return Some(node);
        }
        at = node.next_sibling();
    }
    None
}

/// Whether the newer page has `node` at or after `from`, by its key.
fn comes(node: &Node, from: Option<&Node>) -> bool {
    let Some(key) = key(node) else { return false };
    let mut at = from.cloned();
    while let Some(wanted) = at {
        if self::key(&wanted).as_ref() == Some(&key) {
            return true;
        }
        at = wanted.next_sibling();
    }
    false
}

fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    ["data-key", "id", "aria-labelledby"].iter().find_map(|name| element.get_attribute(name))
}

/// Rows of a list. New ones on top wait while the list's head is above what is being read.
fn rows(old: &Element, new: &Element, all: bool) -> bool {
    let known = |row: &Element| row.get_attribute("data-key").is_some_and(|key| row_of(old, &key).is_some());
    let newer = new.children();
    let count = (0..newer.length()).filter_map(|at| newer.item(at)).take_while(|row| !known(row)).count();
    let keyed = old.first_element_child().is_some_and(|row| row.has_attribute("data-key"));
    let above = old.get_bounding_client_rect().top() < 0.0;
    if all || count == 0 || !keyed || !above {
        offer(old, 0);
        return children(old, new, all);
    }
    offer(old, count);
    let mut changed = false;
    for at in 0..newer.length() {
        let Some(wanted) = newer.item(at) else { continue };
        if let Some(row) = wanted.get_attribute("data-key").and_then(|key| row_of(old, &key)) {
            changed |= morph(&row, &wanted, all);
        }
    }
    changed
}

fn row_of(body: &Element, key: &str) -> Option<Element> {
    let rows = body.children();
    (0..rows.length())
        .filter_map(|at| rows.item(at))
        .find(|row| row.get_attribute("data-key").as_deref() == Some(key))
}

/// The button that brings rows which wait; nothing waits at 0. It tells a screen reader by its status.
fn offer(body: &Element, waiting: usize) {
    let Some(table) = body.closest("table").ok().flatten() else { return };
    let Some(parent) = table.parent_element() else { return };
    let known = parent.query_selector(":scope > [data-ours]").ok().flatten();
    if waiting == 0 {
        if let Some(known) = known {
            known.remove();
        }
        return;
    }
    let said = format!("Newer rows: {waiting}. Show them");
    if let Some(button) = known.as_ref().and_then(Element::first_element_child) {
        if button.text_content().as_deref() != Some(&said) {
            button.set_text_content(Some(&said));
        }
        return;
    }
    let (Ok(place), Ok(button)) = (document().create_element("div"), document().create_element("button"))
    else {
        return;
    };
    let _ = place.set_attribute("data-ours", "");
    let _ = place.set_attribute("role", "status");
    let _ = place.set_attribute("class", "newer");
    let _ = button.set_attribute("type", "button");
    let _ = button.set_attribute("class", "text");
    button.set_text_content(Some(&said));
    let pressed = Closure::<dyn FnMut()>::new(move || {
        show_held();
        table.scroll_into_view();
    });
    let _ = button.add_event_listener_with_callback("click", pressed.as_ref().unchecked_ref());
    pressed.forget();
    let _ = place.append_child(&button);
    let _ = parent.insert_before(&place, body.closest("table").ok().flatten().as_deref());
}

/// What the island itself has put into the page.
fn is_ours(node: &Node) -> bool {
    node.dyn_ref::<Element>().is_some_and(|element| element.has_attribute("data-ours"))
}

fn insert(into: &Element, wanted: &Node, before: Option<&Node>) -> bool {
    let Ok(node) = document().import_node_with_deep(wanted, true) else { return false };
    let _ = into.insert_before(&node, before);
    let Some(element) = node.dyn_ref::<Element>() else { return node.node_type() == Node::TEXT_NODE };
    if element.matches(MARKED).unwrap_or(false) {
        mark(element);
    } else {
        // A whole list where none was: its rows are new too.
        each(element, MARKED, mark);
    }
    true
}

fn remove(from: &Element, gone: &Node) -> bool {
    let kept = gone.dyn_ref::<Element>().is_some_and(holds_typing);
    if kept || is_ours(gone) {
        return false;
    }
    let _ = from.remove_child(gone);
    gone.node_type() != Node::COMMENT_NODE
}

fn is_kept(element: &Element) -> bool {
    element.tag_name() == "FORM"
        && (holds_typing(element)
            || element.query_selector("[name=idempotency_key]").ok().flatten().is_some())
}

/// Somebody is in it, or has typed into it.
fn holds_typing(element: &Element) -> bool {
    let active = document().active_element();
    let focused = active.is_some_and(|active| {
        element.contains(Some(&active)) && active.matches("input, select, textarea").unwrap_or(false)
    });
    if focused {
        return true;
    }
    let Ok(fields) = element.query_selector_all("input") else { return false };
    (0..fields.length())
        .filter_map(|at| fields.item(at)?.dyn_into::<HtmlInputElement>().ok())
        .any(|field| field.value() != field.default_value() || field.checked() != field.default_checked())
}

fn copy_attributes(old: &Element, new: &Element) -> bool {
    let mut changed = false;
    let wanted = new.get_attribute_names();
    for name in wanted.iter().filter_map(|name| name.as_string()) {
        let value = new.get_attribute(&name);
        if name == "open" || value == without_mark(old, &name) {
            continue;
        }
        changed |= name != "datetime" && name != "title";
        let marked = name == "class" && old.class_list().contains(FRESH);
        let value = value.unwrap_or_default();
        let _ = old.set_attribute(&name, &if marked { format!("{value} {FRESH}") } else { value });
    }
    for name in old.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let mine = name == "open"
            || name == "data-fresh"
            || (name == "class" && without_mark(old, "class").is_none_or(|class| class.is_empty()));
        if !mine && !new.has_attribute(&name) {
            changed = true;
            let _ = old.remove_attribute(&name);
        }
    }
    changed
}

/// An attribute as the server wrote it.
fn without_mark(old: &Element, name: &str) -> Option<String> {
    let value = old.get_attribute(name)?;
    if name != "class" {
        return Some(value);
    }
    Some(value.split(' ').filter(|class| *class != FRESH).collect::<Vec<_>>().join(" "))
}

thread_local! {
    static MARKS: Cell<u32> = const { Cell::new(0) };
}

/// The wash fades by itself; the bar at the side stays until it was seen.
fn mark(element: &Element) {
    let _ = element.class_list().remove_1(FRESH);
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Asking for its size lets the browser begin the fading anew.
        let _ = element.offset_width();
    }
    let _ = element.class_list().add_1(FRESH);
    let number = MARKS.with(|marks| marks.replace(marks.get().wrapping_add(1))).to_string();
    let _ = element.set_attribute("data-fresh", &number);
    let element = element.clone();
    set_timeout(
        move || {
            if element.get_attribute("data-fresh").as_deref() == Some(&number) {
                let _ = element.class_list().remove_1(FRESH);
                let _ = element.remove_attribute("data-fresh");
            }
        },
        SEEN,
    );
}
