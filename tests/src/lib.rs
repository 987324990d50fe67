//! What tests run Coffer with: real daemons, real databases.

pub mod database;
pub mod litecoind;
