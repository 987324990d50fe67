//! A notice says one thing about this page; an empty list says what to do next.

use super::icon::Icon;
use leptos::prelude::*;

/// `tone`: empty, `risk` (money at risk, nothing else), `wait` or `done`.
#[component]
pub fn Notice(
    #[prop(optional)] tone: &'static str,
    icon: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let class = if tone.is_empty() { "notice".to_owned() } else { format!("notice {tone}") };
    view! { <div class=class><Icon name=icon/><div><h2>{title}</h2>{children()}</div></div> }
}

#[component]
pub fn Nothing(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! { <div class="none"><p><strong>{title}</strong></p>{children()}</div> }
}
