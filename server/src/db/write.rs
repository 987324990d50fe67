//! Writing: a change is a value, applied in one database transaction, tried again when others were faster, and
//! never in doubt: each inserts its change id, so that a reply lost at COMMIT is answered by looking the id up.

use super::{Db, DbError, Tx, query};
use crate::failpoint::reach;
use async_trait::async_trait;
use sqlx::Connection as _;
use std::time::Duration;

/// How long a lost COMMIT is looked up before its caller is told that the database doesn't answer: a minute, as
/// long as a PostgreSQL takes to restart or to fail over.
const DOUBT_TRIES: u32 = 120;
const DOUBT_PAUSE: Duration = Duration::from_millis(500);

/// A verb of the books, or of anything else that is written. Applied perhaps several times, kept at most once;
/// it must touch nothing but `tx`.
#[async_trait]
pub trait Change: Send + Sync + 'static {
    type Output: Send + 'static;
    type Error: ChangeError;

    /// For logs and the change's own row: `transfer`, `credit`, …
    fn name(&self) -> &'static str;

    /// Ids of the wallets it will touch. On PostgreSQL their advisory locks are taken in id order before BEGIN,
    /// so that changes of one wallet queue instead of failing. A negative number stands for something else.
    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, Self::Error> {
        Ok(Vec::new())
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, Self::Error>;
}

/// An error that may have come from the database beneath.
pub trait ChangeError: From<DbError> + Send + 'static {
    fn database(&self) -> Option<&DbError>;
}

impl ChangeError for DbError {
    fn database(&self) -> Option<&DbError> {
        Some(self)
    }
}

/// How one try ended when it did not simply fail.
enum Tried<T, E> {
    Committed(T),
    Failed(E),
    /// The connection broke at COMMIT: the row of the change id tells.
    InDoubt(T),
}

impl Db {
    /// Applies `change` and commits. Runs in a task of its own, so that a caller that goes away can't cut it in half.
    pub async fn write<C: Change>(&self, change: C) -> Result<C::Output, C::Error> {
        let (db, name) = (self.clone(), change.name());
        reach("commit", name, "before").await;
        let written = tokio::spawn(async move { db.write_here(&change).await }).await;
        reach("commit", name, "after").await;
        written.unwrap_or_else(|error| Err(DbError::Failed(format!("a change died: {error}")).into()))
    }

    async fn write_here<C: Change>(&self, change: &C) -> Result<C::Output, C::Error> {
        let mut tries = 0;
        loop {
            let id = self.random_id();
            let failure = match self.try_once(change, &id).await {
                Tried::Committed(output) => return Ok(output),
                Tried::InDoubt(output) => {
                    if self.settle_doubt(&id).await? {
                        return Ok(output);
                    }
                    DbError::Conflict.into()
                }
                Tried::Failed(error) => error,
            };
            let again = failure.database().is_some_and(DbError::may_retry);
            if !again || tries >= self.transaction_retries() {
                return Err(failure);
            }
            tries += 1;
            tracing::debug!(change = change.name(), tries, "met another writer, trying again");
            // Jitter spreads writers that collided; doubling gives a busy wallet room. At most 0.8 s a pause.
            let ceiling = 25_u64 << tries.min(5);
            tokio::time::sleep(Duration::from_millis(self.random_below(ceiling) + 1)).await;
        }
    }

    async fn try_once<C: Change>(&self, change: &C, id: &str) -> Tried<C::Output, C::Error> {
        match self.try_inner(change, id).await {
            Ok(tried) => tried,
            Err(error) => Tried::Failed(error.into()),
        }
    }

    async fn try_inner<C: Change>(
        &self,
        change: &C,
        id: &str,
    ) -> Result<Tried<C::Output, C::Error>, DbError> {
        if let Some(pool) = self.sqlite_writer() {
            let mut connection = pool.acquire().await?;
            let mut open = connection.begin_with("BEGIN IMMEDIATE").await?;
            let output = match self.apply(change, id, &mut Tx::Sqlite(&mut open)).await {
                Ok(output) => output,
                Err(error) => return roll_back(open, error).await,
            };
            return Ok(committed(open.commit().await, output));
        }
        let mut connection = self.postgres()?.acquire().await?;
        let wallets = match change.wallets(&mut Tx::Postgres(&mut connection)).await {
            Ok(wallets) => wallets,
            Err(error) => return Ok(Tried::Failed(error)),
        };
        if wallets.is_empty() {
            return self.try_locked(change, id, &mut connection).await;
        }
        let locked = lock_wallets(&mut connection, wallets).await;
        let tried = match locked {
            Ok(()) => self.try_locked(change, id, &mut connection).await,
            Err(error) => Err(error),
        };
        // A connection that can't give its locks back is closed, which gives them back too.
        if query("SELECT pg_advisory_unlock_all()").run(&mut Tx::Postgres(&mut connection)).await.is_err() {
            connection.close_on_drop();
        }
        tried
    }

    async fn try_locked<C: Change>(
        &self,
        change: &C,
        id: &str,
        connection: &mut sqlx::PgConnection,
    ) -> Result<Tried<C::Output, C::Error>, DbError> {
        let mut open = connection.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await?;
        let output = match self.apply(change, id, &mut Tx::Postgres(&mut open)).await {
            Ok(output) => output,
            Err(error) => return roll_back(open, error).await,
        };
        Ok(committed(open.commit().await, output))
    }

    async fn apply<C: Change>(&self, change: &C, id: &str, tx: &mut Tx<'_>) -> Result<C::Output, C::Error> {
        let output = change.apply(tx).await?;
        query("INSERT INTO change (id, name) VALUES ($1, $2)").bind(id).bind(change.name()).run(tx).await?;
        Ok(output)
    }

    /// Asks whether a change was kept until the database answers: its caller must not be told anything before.
    async fn settle_doubt(&self, id: &str) -> Result<bool, DbError> {
        let mut tries = 0;
        loop {
            match self.was_committed(id).await {
                Err(error) if tries >= DOUBT_TRIES => return Err(error),
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(DOUBT_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    /// Whether the change with this id was kept. Inserts the id itself: where that succeeds the lost COMMIT can
    /// never come to pass any more, where it meets the row the COMMIT had.
    async fn was_committed(&self, id: &str) -> Result<bool, DbError> {
        const SQL: &str = "INSERT INTO change (id, name) VALUES ($1, 'lost') ON CONFLICT (id) DO NOTHING";
        let inserted = if let Some(pool) = self.sqlite_writer() {
            query(SQL).bind(id).run(&mut Tx::Sqlite(&mut *pool.acquire().await?)).await?
        } else {
            query(SQL).bind(id).run(&mut Tx::Postgres(&mut *self.postgres()?.acquire().await?)).await?
        };
        Ok(inserted == 0)
    }
}

async fn roll_back<T, E, DB: sqlx::Database>(
    open: sqlx::Transaction<'_, DB>,
    error: E,
) -> Result<Tried<T, E>, DbError> {
    // The verb's own error says more than a failed ROLLBACK would; the database rolls back by itself anyway.
    if let Err(problem) = open.rollback().await {
        tracing::debug!(%problem, "ROLLBACK failed");
    }
    Ok(Tried::Failed(error))
}

fn committed<T, E: From<DbError>>(result: Result<(), sqlx::Error>, output: T) -> Tried<T, E> {
    match result {
        Ok(()) => Tried::Committed(output),
        Err(error @ sqlx::Error::Database(_)) => match DbError::from(error) {
            DbError::Unavailable(_) => Tried::InDoubt(output),
            refused => Tried::Failed(refused.into()),
        },
        // No answer of the database: whatever broke, it broke after COMMIT had been sent.
        Err(_) => Tried::InDoubt(output),
    }
}

/// Session locks, so that the database transaction's snapshot is younger than the lock.
async fn lock_wallets(connection: &mut sqlx::PgConnection, mut wallets: Vec<i64>) -> Result<(), DbError> {
    wallets.sort_unstable();
    wallets.dedup();
    for wallet in wallets {
        query("SELECT pg_advisory_lock($1)").bind(wallet).run(&mut Tx::Postgres(connection)).await?;
    }
    Ok(())
}
