//! Fresh, migrated databases: a SQLite file of its own, and a database in the server that the test run starts.

use anyhow::Context as _;
use server::db::Db;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

const RETRIES: u32 = 50;
/// What PostgreSQL itself copies where nothing else is named: empty.
pub(crate) const EMPTY: &str = "template1";

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
        let db = migrated(&url).await?;
        Ok(Self { db, url, file: Some(file) })
    }

    /// In the server that the test run started (`.ci/with-postgres`); gone with it.
    pub async fn postgres() -> anyhow::Result<Self> {
        let url = new_postgres(&template().await?).await?;
        let db = Db::open(&url, RETRIES, 1).await?;
        Ok(Self { db, url, file: None })
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

async fn migrated(url: &str) -> anyhow::Result<Db> {
    let db = Db::open(url, RETRIES, 1).await?;
    db.migrate().await?;
    Ok(db)
}

/// Name of a migrated, empty database that others are copied from: hundreds of tests needn't migrate each. The first
/// test of the run makes it.
async fn template() -> anyhow::Result<String> {
    let name = "coffer_template".to_owned();
    let server = postgres_server()?;
    let mut connection = PgConnection::connect(&server).await?;
    // Goes with the connection.
    connection.execute("SELECT pg_advisory_lock(1)").await?;
    let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate").bind(&name);
    if known.fetch_optional(&mut connection).await?.is_none() {
        // One that a killed test left half made goes first.
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        let (server, _) = server.rsplit_once('/').context("the server's url names a database")?;
        migrated(&format!("{server}/{name}")).await?.close().await;
        connection.execute(AssertSqlSafe(format!("ALTER DATABASE {name} IS_TEMPLATE true"))).await?;
    }
    Ok(name)
}

fn postgres_server() -> anyhow::Result<String> {
    #[allow(clippy::disallowed_methods, reason = "how the test run names its server")]
    let server = std::env::var("COFFER_TEST_POSTGRES");
    server.context("no PostgreSQL: run the tests under .ci/with-postgres, as `make test` does")
}

/// Url of a new database, as `template` is.
pub(crate) async fn new_postgres(template: &str) -> anyhow::Result<String> {
    let (server, name) = (postgres_server()?, name());
    let mut connection = PgConnection::connect(&server).await?;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await?;
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
