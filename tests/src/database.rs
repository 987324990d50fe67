//! Fresh, migrated databases: a SQLite file of its own, and a database in the server that the test run starts.

use anyhow::Context as _;
use server::db::Db;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// Gone with the test: the file here, the other with its server.
pub struct Database {
    pub db: Db,
    pub url: String,
    file: Option<PathBuf>,
}

impl Database {
    pub async fn sqlite() -> anyhow::Result<Self> {
        let file = std::env::temp_dir().join(format!("{}.sqlite", name()));
        let url = format!("sqlite://{}", file.display());
        Self::open(url, Some(file)).await
    }

    /// In the server that the test run started (`.ci/with-postgres`); gone with it.
    pub async fn postgres() -> anyhow::Result<Self> {
        Self::open(new_postgres().await?, None).await
    }

    async fn open(url: String, file: Option<PathBuf>) -> anyhow::Result<Self> {
        let db = Db::open(&url, 50, 1).await?;
        db.migrate().await?;
        Ok(Self { db, url, file })
    }

    /// Closes it, and drops it on PostgreSQL, where hundreds of them would need gigabytes until the server ends.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.db.close().await;
        if self.file.is_none() {
            let (_, name) = self.url.rsplit_once('/').context("the url names a database")?;
            let mut connection = PgConnection::connect(&postgres_server()?).await?;
            connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await?;
        }
        Ok(())
    }
}

fn postgres_server() -> anyhow::Result<String> {
    #[allow(clippy::disallowed_methods, reason = "how the test run names its server")]
    let server = std::env::var("COFFER_TEST_POSTGRES");
    server.context("no PostgreSQL: run the tests under .ci/with-postgres, as `make test` does")
}

/// Url of a new database.
pub(crate) async fn new_postgres() -> anyhow::Result<String> {
    let (server, name) = (postgres_server()?, name());
    let mut connection = PgConnection::connect(&server).await?;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    let (server, _) = server.rsplit_once('/').context("the server's url names a database")?;
    Ok(format!("{server}/{name}"))
}

/// Differs from every other of this run.
pub(crate) fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("coffer_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(file) = &self.file else { return };
        for end in ["", "-wal", "-shm"] {
            // What can't be removed is left to the system's own cleaning.
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}
