//! Keeps a page that is shown live up to date: it listens on `/live`, asks for the page again when one of its topics
//! changed, and puts what is different into place. Its words stand in the top bar; the page is whole without it.
//! `socket.rs` listens, `page.rs` fetches, `morph.rs` changes the page.

#[cfg(target_arch = "wasm32")]
mod morph;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod socket;

use leptos::prelude::*;

/// What the top bar says.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "on the server a page always stands still")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// This page isn't shown live, or scripts have just begun.
    Still,
    Live,
    Paused,
    Lost,
    /// The session has ended: nothing more will come.
    Out,
}

#[island]
pub fn Live() -> impl IntoView {
    let state = RwSignal::new(State::Still);
    Effect::new(move |_| start(state));
    let said = move || match state.get() {
        State::Still => ().into_any(),
        State::Live => view! { <span class="link on">"Live"</span> }.into_any(),
        State::Paused => view! { <span class="link">"Paused"</span> }.into_any(),
        State::Lost => view! { <span class="link lost">"Connection lost, trying again"</span> }.into_any(),
        State::Out => {
            view! { <span class="link lost">"Signed out. "<a href="/sign-in">"Sign in"</a></span> }.into_any()
        }
    };
    let button = move || match state.get() {
        State::Live | State::Lost => {
            view! { <button type="button" class="text" on:click=move |_| pause(true)>"Pause"</button> }
                .into_any()
        }
        State::Paused => {
            view! { <button type="button" class="text" on:click=move |_| pause(false)>"Resume"</button> }
                .into_any()
        }
        State::Still | State::Out => ().into_any(),
    };
    view! { <span role="status">{said}</span>{button} }
}

#[cfg(not(target_arch = "wasm32"))]
fn start(_: RwSignal<State>) {}

#[cfg(not(target_arch = "wasm32"))]
fn pause(_: bool) {}

#[cfg(target_arch = "wasm32")]
use socket::{pause, start};
