//! Icons: one sprite at the top of each page, used by name. Always beside a word, so hidden from screen readers.

use leptos::prelude::*;

const SPRITE: &str = r#"
<symbol id="coffer" viewBox="0 0 20 20"><path d="M2.5 8.5V16h15V8.5zM2.5 8.5 4 4h12l1.5 4.5M8 8.5h4V12H8z"/></symbol>
<symbol id="copy" viewBox="0 0 16 16"><path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z"/></symbol>
<symbol id="menu" viewBox="0 0 16 16"><path d="M2 4h12M2 8h12M2 12h12"/></symbol>
<symbol id="find" viewBox="0 0 16 16"><path d="M11 11l3.5 3.5M2 7a5 5 0 1 0 10 0A5 5 0 1 0 2 7z"/></symbol>
<symbol id="wait" viewBox="0 0 16 16"><path d="M8 4.5V8l2.5 1.5M1.75 8a6.25 6.25 0 1 0 12.5 0 6.25 6.25 0 1 0-12.5 0z"/></symbol>
<symbol id="done" viewBox="0 0 16 16"><path d="M2.5 8.5 6 12l7.5-8"/></symbol>
<symbol id="risk" viewBox="0 0 16 16"><path d="M8 1.75 14.75 14H1.25zM8 6v4M8 12v.01"/></symbol>
<symbol id="in" viewBox="0 0 16 16"><path d="M8 2v8M4.5 6.5 8 10l3.5-3.5M2.5 13.5h11"/></symbol>
<symbol id="out" viewBox="0 0 16 16"><path d="M4 12l8-8M5.5 4H12v6.5"/></symbol>
<symbol id="move" viewBox="0 0 16 16"><path d="M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3"/></symbol>
<symbol id="off" viewBox="0 0 16 16"><path d="M3.6 12.4l8.8-8.8M1.75 8a6.25 6.25 0 1 0 12.5 0 6.25 6.25 0 1 0-12.5 0z"/></symbol>
<symbol id="back" viewBox="0 0 16 16"><path d="M5.5 2.5 2 6l3.5 3.5M2 6h8a4 4 0 0 1 0 8H6"/></symbol>
<symbol id="book" viewBox="0 0 16 16"><path d="M3 2.5h10v11H3zM8 5.5v5M5.5 8h5"/></symbol>
<symbol id="fee" viewBox="0 0 16 16"><path d="M3 2.5h10v11H3zM5.5 8h5"/></symbol>
<symbol id="note" viewBox="0 0 16 16"><path d="M8 7v4M8 4.75v.01M1.75 8a6.25 6.25 0 1 0 12.5 0 6.25 6.25 0 1 0-12.5 0z"/></symbol>
<symbol id="open" viewBox="0 0 16 16"><path d="M8 1.75a6.25 6.25 0 1 1-6.25 6.25M5.5 8h5"/></symbol>
"#;

#[component]
pub fn Sprite() -> impl IntoView {
    view! { <svg hidden inner_html=SPRITE></svg> }
}

#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true" inner_html=format!("<use href=\"#{name}\"/>")></svg> }
}
