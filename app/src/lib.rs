//! What people see of Coffer: server-rendered pages with small islands. Knows no database: it asks and orders
//! through `Desk`, which the server supplies. Start at `page/`, the routes stand in `shell.rs`.

#[cfg(feature = "ssr")]
pub mod desk;
pub mod model;
#[cfg(feature = "ssr")]
pub mod sign_in;
