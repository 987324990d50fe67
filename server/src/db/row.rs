//! Rows and columns read the same from both databases, into the model's own types.

use super::{DbError, Value};
use app::model::{
    AccountId, Act, AddressId, AddressKind, AttemptId, AttemptOutcome, BackendState, DeliveryState, EntryId,
    EventName, HandlerClass, JobState, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType,
    Role, SessionId, Time, TokenId, TransactionId, TransactionState, UserId, Verdict, VersionId, WalletId,
};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A struct, tuple or single value made from a row; `record!` writes it for structs.
pub trait FromRow: Sized {
    fn from_row(row: &Row) -> Result<Self, DbError>;
}

/// A value of one column, by name or position.
pub trait Column: Sized {
    fn read(row: &Row, at: At<'_>) -> Result<Self, DbError>;
}

#[derive(Clone, Copy)]
pub enum At<'a> {
    Name(&'a str),
    Position(usize),
}

impl Row {
    pub fn get<T: Column>(&self, name: &str) -> Result<T, DbError> {
        T::read(self, At::Name(name))
    }
}

macro_rules! native {
    ($($kind:ty)*) => {$(
        impl Column for $kind {
            fn read(row: &Row, at: At<'_>) -> Result<Self, DbError> {
                Ok(match (row, at) {
                    (Row::Sqlite(row), At::Name(name)) => row.try_get(name)?,
                    (Row::Sqlite(row), At::Position(index)) => row.try_get(index)?,
                    (Row::Postgres(row), At::Name(name)) => row.try_get(name)?,
                    (Row::Postgres(row), At::Position(index)) => row.try_get(index)?,
                })
            }
        }
    )*};
}

native! { i64 Option<i64> bool String Option<String> Vec<u8> Option<Vec<u8>> }

macro_rules! whole_numbers {
    ($($kind:ident)*) => {$(
        impl Column for $kind {
            fn read(row: &Row, at: At<'_>) -> Result<Self, DbError> {
                i64::read(row, at).map($kind)
            }
        }
        impl Column for Option<$kind> {
            fn read(row: &Row, at: At<'_>) -> Result<Self, DbError> {
                Ok(Option::<i64>::read(row, at)?.map($kind))
            }
        }
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self {
                value.0.into()
            }
        }
        impl From<Option<$kind>> for Value {
            fn from(value: Option<$kind>) -> Self {
                value.map(|value| value.0).into()
            }
        }
    )*};
}

whole_numbers! {
    AccountId AddressId AttemptId EntryId NetworkTransactionId SessionId Time TokenId TransactionId UserId VersionId WalletId
}

macro_rules! words {
    ($($kind:ident)*) => {$(
        impl Column for $kind {
            fn read(row: &Row, at: At<'_>) -> Result<Self, DbError> {
                Option::<$kind>::read(row, at)?.ok_or_else(|| {
                    DbError::Failed(format!("a column without its {}", stringify!($kind)))
                })
            }
        }
        impl Column for Option<$kind> {
            fn read(row: &Row, at: At<'_>) -> Result<Self, DbError> {
                let Some(word) = Option::<String>::read(row, at)? else { return Ok(None) };
                let read = word.parse().map(Some);
                read.map_err(|()| DbError::Failed(format!("\"{word}\" is no {}", stringify!($kind))))
            }
        }
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self {
                value.as_str().into()
            }
        }
    )*};
}

words! {
    Act AddressKind AttemptOutcome BackendState DeliveryState EventName HandlerClass JobState NetworkTransactionState NetworkTransactionType Role TransactionState Verdict
}

impl<A: Column> FromRow for (A,) {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok((A::read(row, At::Position(0))?,))
    }
}

impl<A: Column, B: Column> FromRow for (A, B) {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok((A::read(row, At::Position(0))?, B::read(row, At::Position(1))?))
    }
}

impl<A: Column, B: Column, C: Column> FromRow for (A, B, C) {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok((A::read(row, At::Position(0))?, B::read(row, At::Position(1))?, C::read(row, At::Position(2))?))
    }
}

impl<A: Column, B: Column, C: Column, D: Column> FromRow for (A, B, C, D) {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let (a, b) = (A::read(row, At::Position(0))?, B::read(row, At::Position(1))?);
        Ok((a, b, C::read(row, At::Position(2))?, D::read(row, At::Position(3))?))
    }
}
