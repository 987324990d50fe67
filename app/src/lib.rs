//! What people see of Coffer. Knows no database: it asks and orders through `Desk`.

pub mod model;
