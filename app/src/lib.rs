//! What people see of Coffer: server-rendered pages with small islands. Knows no database: it asks and orders
//! through `Desk`, which the server supplies. Start at `shell.rs`, where the routes stand; then `page/`.
//! Only `model` and `island` are compiled for the browser.

#[cfg(feature = "ssr")]
pub mod action;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod flash;
pub mod island;
pub mod model;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod part;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod sign_in;

#[cfg(feature = "ssr")]
pub use shell::{App, shell};

/// The browser's entry: brings the islands of the page to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
