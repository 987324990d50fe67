//! The only place that knows there are two databases. SQL is written once, with `$1`, in the common dialect:
//! `query(sql).bind(x).one::<Row>(tx)`. All writes go through `Db::write(change)`; reads through `Db::read()`.
//! Start at `write.rs` for what a write promises.

mod connect;
mod error;
mod execute;
mod query;
mod row;
mod write;

pub use connect::Db;
pub use error::DbError;
pub use execute::Execute;
pub use query::{Query, Value, places, query, query_owned};
pub use row::{Column, FromRow, Row};
pub use write::{Change, ChangeError};

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection};

/// One open database transaction. Verbs get it from `Db::write`, pages from `Db::read`.
pub enum Tx<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// A consistent view to read from; nothing can be written through it, and dropping it ends it.
pub enum Read {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Read {
    pub fn tx(&mut self) -> Tx<'_> {
        match self {
            Self::Sqlite(tx) => Tx::Sqlite(&mut *tx),
            Self::Postgres(tx) => Tx::Postgres(&mut *tx),
        }
    }
}

impl Tx<'_> {
    /// For the few hot paths that deserve their own SQL per database.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Reads the named fields of a struct from the columns of the same names.
#[macro_export]
macro_rules! record {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::db::FromRow for $name {
            fn from_row(row: &$crate::db::Row) -> Result<Self, $crate::db::DbError> {
                Ok(Self { $($field: row.get(stringify!($field))?),* })
            }
        }
    };
}
