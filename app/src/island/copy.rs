//! Copies a whole id when the button beside it is pressed. It stands once, in the foot, and serves every such button
//! of the page, also those that come later.

use leptos::prelude::*;

#[island]
pub fn Copy() -> impl IntoView {
    let said = RwSignal::new("");
    Effect::new(move |_| serve(said));
    let toast = move || (!said.get().is_empty()).then(|| view! { <p class="toast">{said}</p> });
    view! { <div class="toasts" role="status">{toast}</div> }
}

#[cfg(target_arch = "wasm32")]
const SHOWN: std::time::Duration = std::time::Duration::from_secs(4);

#[cfg(not(target_arch = "wasm32"))]
fn serve(_: RwSignal<&'static str>) {}

#[cfg(target_arch = "wasm32")]
fn serve(said: RwSignal<&'static str>) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Element, Event};

    let pressed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let button = target.and_then(|target| target.closest("button.copy").ok().flatten());
        let id = button.and_then(|button| button.previous_element_sibling());
        if let Some(id) = id {
            leptos::task::spawn_local(async move {
                said.set(copy(&id).await);
                set_timeout(move || said.set(""), SHOWN);
            });
        }
    });
    let _ = document().add_event_listener_with_callback("click", pressed.as_ref().unchecked_ref());
    pressed.forget();
}

/// Browsers give the clipboard to pages that came over TLS or from this machine; elsewhere the id is selected, ready
/// for the person's own copy.
#[cfg(target_arch = "wasm32")]
async fn copy(id: &web_sys::Element) -> &'static str {
    let text = id.text_content().unwrap_or_default();
    let clipboard = window().navigator().clipboard();
    let given = window().is_secure_context()
        && wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok();
    if let Ok(Some(selection)) = window().get_selection() {
        let _ = selection.select_all_children(id);
    }
    if given { "Copied." } else { "Selected: copy it now." }
}
