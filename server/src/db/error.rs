//! What can go wrong in a database, sorted by what the caller can do about it.

/// Sorted by remedy: try again (`Conflict`, `Unique`, `Unavailable`), or not.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("not found")]
    NotFound,
    /// Another writer was faster (40001, 40P01, 55P03, `SQLITE_BUSY`). `write` tries again before anyone sees this.
    #[error("the change met others too often")]
    Conflict,
    /// A unique key refused; may be a race, so `write` tries again before it says so.
    #[error("exists already ({0})")]
    Unique(String),
    /// A CHECK, foreign key or trigger refused: the last line of defence, a fault in the code above it.
    #[error("the database refused: {0}")]
    Refused(String),
    /// A single-winner update found no row, or several: the state was not what the verb had read.
    #[error("expected to change one row, changed {0}")]
    NotOne(u64),
    #[error("the database doesn't answer: {0}")]
    Unavailable(String),
    #[error("{0}")]
    Failed(String),
}

impl DbError {
    pub(crate) fn may_retry(&self) -> bool {
        matches!(self, Self::Conflict | Self::Unique(_))
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(inner) => {
                let code = inner.code().unwrap_or_default().to_string();
                match code.as_str() {
                    // `SQLITE_BUSY`, _LOCKED and their extended codes; the three of PostgreSQL
                    "5" | "6" | "261" | "262" | "517" | "773" | "40001" | "40P01" | "55P03" => Self::Conflict,
                    // Extended codes of SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY; unique_violation
                    "2067" | "1555" | "23505" => Self::Unique(inner.message().to_string()),
                    // _CHECK, _FOREIGNKEY, _TRIGGER, _NOTNULL, _DATATYPE; class 23 and raise_exception
                    "275" | "787" | "1811" | "1299" | "3091" | "23514" | "23503" | "23502" | "P0001" => {
                        Self::Refused(inner.message().to_string())
                    }
                    // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections
                    "57P01" | "57P02" | "57P03" | "53300" => Self::Unavailable(inner.message().to_string()),
                    _ => Self::Failed(format!("{} (code {code})", inner.message())),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
