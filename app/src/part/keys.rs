//! The help sheet: how to find things, and the keys. A popover, so that the button in the foot opens it without any
//! script; the island in it makes the keys work and can turn them off.

use crate::island::{Keys, OPENER, PLACES};
use leptos::prelude::*;

/// The button that opens it.
#[component]
pub fn KeysOpener() -> impl IntoView {
    view! { <button type="button" class="text" id=OPENER popovertarget="keys">"Help and keys"</button> }
}

#[component]
pub fn KeysSheet() -> impl IntoView {
    let places = PLACES.iter().map(|(letter, _, name)| {
        view! { <div><dt><kbd>"g"</kbd>" "<kbd>{*letter}</kbd></dt><dd>{*name}</dd></div> }
    });
    view! {
        <div class="help" id="keys" popover="auto" role="dialog" aria-labelledby="keys-title">
            <div class="title"><h2 id="keys-title">"Help and keys"</h2>
                <button type="button" class="small" popovertarget="keys" popovertargetaction="hide" autofocus>"Close"</button></div>
            <p>"Find takes an address, a txid, a label, a name, an id or an amount. Whatever has a page of its own is a link; what waits for a person stands on the overview."</p>
            <dl>
                <div><dt><kbd>"/"</kbd></dt><dd>"Find"</dd></div>
                {places.collect_view()}
                <div><dt><kbd>"?"</kbd></dt><dd>"This sheet"</dd></div>
                <div><dt><kbd>"Esc"</kbd></dt><dd>"Closes it"</dd></div>
            </dl>
            <Keys/>
        </div>
    }
}
