//! Opening a database by its url, and bringing its schema up to date.

use super::{DbError, Read, Tx, query};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Pages and jobs of one process together; PostgreSQL's own default limit is 100 for all processes.
const POSTGRES_CONNECTIONS: u32 = 16;
/// As many as pages are read at once on one machine; more would only wait for the disk.
const SQLITE_READERS: u32 = 4;
/// How long one waits for a connection, a lock or the writer before it is called a conflict or an outage.
const WAIT: Duration = Duration::from_secs(10);
/// Coffer's own schema, so that it can share a database with the application.
const SCHEMA: &str = "coffer";

#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    pools: Pools,
    retries: u32,
    chance: Mutex<StdRng>,
}

enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite://PATH` or `postgresql://…`. `retries`: how often a change that met others is tried again.
    /// `seed` feeds change ids and jitter.
    pub async fn open(url: &str, retries: u32, seed: u64) -> Result<Self, DbError> {
        let pools =
            if url.starts_with("sqlite:") { open_sqlite(url).await? } else { open_postgres(url).await? };
        Ok(Self(Arc::new(Inner { pools, retries, chance: Mutex::new(StdRng::seed_from_u64(seed)) })))
    }

    /// Runs the migrations that are missing; says how many there were.
    pub async fn migrate(&self) -> Result<usize, DbError> {
        let before = self.migrations_done().await;
        match &self.0.pools {
            Pools::Sqlite { writer, .. } => SQLITE.run(writer).await,
            Pools::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let tx = &mut Tx::Postgres(&mut connection);
                query("CREATE SCHEMA IF NOT EXISTS coffer").run(tx).await?;
                POSTGRES.run(pool).await
            }
        }
        .map_err(|error| DbError::Failed(format!("the schema can't be brought up to date: {error}")))?;
        Ok(self.migrations_done().await - before)
    }

    /// Whether every migration of this version has run.
    pub async fn is_migrated(&self) -> bool {
        self.migrations_done().await >= SQLITE.iter().count()
    }

    async fn migrations_done(&self) -> usize {
        let Ok(mut read) = self.read().await else { return 0 };
        let count = query("SELECT CAST(COUNT(*) AS BIGINT) FROM _sqlx_migrations")
            .one::<(i64,)>(&mut read.tx())
            .await;
        count.map_or(0, |(count,)| usize::try_from(count).unwrap_or(0))
    }

    /// A consistent view: several queries see one state of the books.
    pub async fn read(&self) -> Result<Read, DbError> {
        Ok(match &self.0.pools {
            Pools::Sqlite { readers, .. } => Read::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Read::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    pub fn is_sqlite(&self) -> bool {
        self.sqlite_writer().is_some()
    }

    pub async fn close(&self) {
        match &self.0.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(super) fn sqlite_writer(&self) -> Option<&SqlitePool> {
        match &self.0.pools {
            Pools::Sqlite { writer, .. } => Some(writer),
            Pools::Postgres(_) => None,
        }
    }

    pub(super) fn postgres(&self) -> Result<&PgPool, DbError> {
        match &self.0.pools {
            Pools::Postgres(pool) => Ok(pool),
            Pools::Sqlite { .. } => Err(DbError::Failed("this database is SQLite".into())),
        }
    }

    pub(super) fn transaction_retries(&self) -> u32 {
        self.0.retries
    }

    pub(crate) fn random_id(&self) -> String {
        format!("{:032x}", self.chance(Rng::random::<u128>))
    }

    pub(super) fn random_below(&self, ceiling: u64) -> u64 {
        self.chance(|chance| chance.random_range(0..ceiling.max(1)))
    }

    fn chance<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        let mut chance = self.0.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        draw(&mut chance)
    }
}

async fn open_sqlite(url: &str) -> Result<Pools, DbError> {
    // FULL: with NORMAL a power cut may lose the last commits of a WAL, and with them money that has left.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(WAIT)
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new().acquire_timeout(WAIT).idle_timeout(None).max_lifetime(None);
    let writer = pool.clone().max_connections(1).connect_with(options.clone()).await?;
    let readers =
        pool.max_connections(SQLITE_READERS).connect_with(options.pragma("query_only", "ON")).await?;
    Ok(Pools::Sqlite { writer, readers })
}

async fn open_postgres(url: &str) -> Result<Pools, DbError> {
    let wait = WAIT.as_millis().to_string();
    let options = PgConnectOptions::from_str(url)?.application_name("coffer").options([
        ("search_path", SCHEMA),
        ("lock_timeout", &wait),
        ("idle_in_transaction_session_timeout", "60000"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(WAIT)
        .connect_with(options)
        .await?;
    Ok(Pools::Postgres(pool))
}
