//! What tests run Coffer with: real daemons, real databases, the real binary.

pub mod app;
pub mod browser;
pub mod database;
pub mod litecoind;
pub mod many;
pub mod program;
pub mod proxy;
