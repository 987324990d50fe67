//! A query as a value: SQL text once for both databases, and its parameters.

use super::{DbError, FromRow, Row, Tx};
use sqlx::query::Query as Prepared;
use sqlx::{AssertSqlSafe, Database, Encode, Type};

/// A parameter. Few kinds on purpose: the common dialect has no more.
#[derive(Debug, Clone)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Bool(bool),
}

#[derive(Clone)]
pub struct Query {
    sql: std::borrow::Cow<'static, str>,
    values: Vec<Value>,
}

pub fn query(sql: &'static str) -> Query {
    Query { sql: sql.into(), values: Vec::new() }
}

/// For text put together from constant pieces (lists with filters). Never put a caller's words into it: bind them.
pub fn query_owned(sql: String) -> Query {
    Query { sql: sql.into(), values: Vec::new() }
}

/// `$3, $4, $5` of `places(3, 3)`: for lists whose length nobody knows beforehand. An empty one is no SQL.
pub fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// `$1` binds the first value, and so on.
fn prepare<'q, DB>(sql: &'q str, values: Vec<Value>) -> Prepared<'q, DB, DB::Arguments>
where
    DB: Database,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    Option<String>: Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: Encode<'q, DB> + Type<DB>,
    bool: Encode<'q, DB> + Type<DB>,
    i64: Type<DB>,
{
    let sql = sqlx::query(AssertSqlSafe(sql.to_owned()));
    values.into_iter().fold(sql, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Bool(value) => query.bind(value),
    })
}

impl Query {
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Every row.
    pub async fn all<T: FromRow>(self, tx: &mut Tx<'_>) -> Result<Vec<T>, DbError> {
        match tx {
            Tx::Sqlite(connection) => {
                let rows =
                    prepare::<sqlx::Sqlite>(&self.sql, self.values).fetch_all(&mut **connection).await?;
                rows.into_iter().map(|row| T::from_row(&Row::Sqlite(row))).collect()
            }
            Tx::Postgres(connection) => {
                let rows =
                    prepare::<sqlx::Postgres>(&self.sql, self.values).fetch_all(&mut **connection).await?;
                rows.into_iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
            }
        }
    }

    /// The first row, if there is one.
    pub async fn optional<T: FromRow>(self, tx: &mut Tx<'_>) -> Result<Option<T>, DbError> {
        Ok(match tx {
            Tx::Sqlite(connection) => {
                let row =
                    prepare::<sqlx::Sqlite>(&self.sql, self.values).fetch_optional(&mut **connection).await?;
                row.map(|row| T::from_row(&Row::Sqlite(row))).transpose()?
            }
            Tx::Postgres(connection) => {
                let row = prepare::<sqlx::Postgres>(&self.sql, self.values)
                    .fetch_optional(&mut **connection)
                    .await?;
                row.map(|row| T::from_row(&Row::Postgres(row))).transpose()?
            }
        })
    }

    /// The first row, or `NotFound`.
    pub async fn one<T: FromRow>(self, tx: &mut Tx<'_>) -> Result<T, DbError> {
        self.optional(tx).await?.ok_or(DbError::NotFound)
    }

    /// How many rows it changed.
    pub async fn run(self, tx: &mut Tx<'_>) -> Result<u64, DbError> {
        Ok(match tx {
            Tx::Sqlite(connection) => prepare::<sqlx::Sqlite>(&self.sql, self.values)
                .execute(&mut **connection)
                .await?
                .rows_affected(),
            Tx::Postgres(connection) => prepare::<sqlx::Postgres>(&self.sql, self.values)
                .execute(&mut **connection)
                .await?
                .rows_affected(),
        })
    }

    /// A single-winner change: exactly one row, else `NotOne` and the database transaction is to be rolled back.
    pub async fn run_one(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        match self.run(tx).await? {
            1 => Ok(()),
            other => Err(DbError::NotOne(other)),
        }
    }
}

macro_rules! values {
    ($($from:ty => $value:ident => $make:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $make
            }
        }
    )*};
}

values! {
    i64 => value => Self::Int(Some(value));
    Option<i64> => value => Self::Int(value);
    &str => value => Self::Text(Some(value.to_owned()));
    Option<&str> => value => Self::Text(value.map(ToOwned::to_owned));
    String => value => Self::Text(Some(value));
    &String => value => Self::Text(Some(value.clone()));
    Option<String> => value => Self::Text(value);
    Vec<u8> => value => Self::Bytes(Some(value));
    Option<Vec<u8>> => value => Self::Bytes(value);
    bool => value => Self::Bool(value);
}
