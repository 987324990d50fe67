//! Starting and stopping: logging, the database, the one runner on SQLite, signals, the limit on going down.
//! Commands use what they need of it.

use crate::clock::Clock;
use crate::coins::Coins;
use crate::command::Failure;
use crate::config::{CoinSettings, LogFormat, Logging, Settings};
use crate::db::{Db, DbError};
use crate::ledger::{LedgerError, RegisterCoin};
use std::fs::{File, TryLockError};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

/// To standard error, so that standard output is what a command answers. Dependencies speak up from warnings on.
pub fn start_logging(logging: Logging) {
    let filter = EnvFilter::new(format!("warn,server={0},app={0},coffer={0}", logging.level));
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // Set already only in tests that run several commands in one process.
    let _ = match logging.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}

/// Opens the database and nothing more.
pub async fn open(settings: &Settings) -> Result<Db, Failure> {
    let database = &settings.database;
    let opened = Db::open(database.url.reveal(), database.transaction_retries, rand::random()).await;
    opened.map_err(|error| Failure::Failed(format!("the database can't be opened: {error}")))
}

/// Opens it with its schema up to date, as every command but `initialize-database` needs it.
pub async fn open_ready(settings: &Settings) -> Result<Db, Failure> {
    let db = open(settings).await?;
    if settings.database.migrate {
        let done = db.migrate().await.map_err(Failure::failed)?;
        if done > 0 {
            tracing::info!(migrations = done, "the schema was brought up to date");
        }
    } else if !db.is_migrated().await {
        return Err(Failure::Failed("the schema isn't up to date: run `coffer initialize-database`".into()));
    }
    register_coins(settings, &db, &Clock::system()).await?;
    Ok(db)
}

/// A coin whose decimals or network are not those that its books were begun with is a fault of the configuration.
pub async fn register_coins(settings: &Settings, db: &Db, clock: &Clock) -> Result<(), Failure> {
    for coin in &settings.coins {
        let change = RegisterCoin {
            coin: coin.spec.coin,
            network: coin.spec.network.as_str().into(),
            backend: coin.backend.class().as_str().into(),
            now: clock.now(),
        };
        match db.write(change).await {
            Ok(()) => {}
            Err(error @ LedgerError::CoinChanged { .. }) => return Err(Failure::Config(error.to_string())),
            Err(error) => return Err(Failure::failed(error)),
        }
    }
    Ok(())
}

/// The coins that a command is about.
pub fn chosen<'a>(settings: &'a Settings, only: Option<&str>) -> Result<Vec<&'a CoinSettings>, Failure> {
    let Some(ticker) = only else { return Ok(settings.coins.iter().collect()) };
    let found: Vec<_> = settings.coins.iter().filter(|coin| coin.spec.coin.ticker() == ticker).collect();
    if found.is_empty() {
        Err(Failure::Failed(format!("the configuration has no coin \"{ticker}\"")))
    } else {
        Ok(found)
    }
}

pub fn connect(settings: &Settings, db: &Db, clock: &Clock) -> Result<Coins, Failure> {
    Coins::connect(&settings.coins, db, clock).map_err(Failure::Config)
}

/// Held as long as the process runs the jobs.
pub struct Runner {
    _lock: Option<File>,
}

/// On SQLite one process runs the jobs; the operating system frees the lock however the process ends. On PostgreSQL
/// leases in the database elect a runner for each coin.
pub fn become_runner(settings: &Settings) -> Result<Runner, Failure> {
    let Some(database) = &settings.database.file else { return Ok(Runner { _lock: None }) };
    let mut name = database.clone().into_os_string();
    name.push(".runner");
    let open = File::options().create(true).truncate(false).write(true).open(&name);
    let shown = name.to_string_lossy();
    let file = open.map_err(|error| Failure::Failed(format!("the lock {shown} can't be opened: {error}")))?;
    match file.try_lock() {
        Ok(()) => Ok(Runner { _lock: Some(file) }),
        Err(TryLockError::WouldBlock) => Err(Failure::Config(format!(
            "another coffer runs the jobs on {}; on SQLite only one may (`coffer web` works beside it)",
            database.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(Failure::Failed(format!("the lock {shown} can't be taken: {error}")))
        }
    }
}

/// Turns true on SIGTERM or SIGINT. A second signal ends the process at once.
pub fn stop_on_signal() -> Result<watch::Receiver<bool>, Failure> {
    let (stop, stopped) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: work in flight is finished, no new one is taken");
        stop.send_replace(true);
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("stopped at once, at the second signal");
        std::process::exit(1);
    });
    Ok(stopped)
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Waits until `stop` turns true.
pub async fn until_stopped(mut stop: watch::Receiver<bool>) {
    // An error means that nobody can stop us any more, which is as good as a stop.
    let _ = stop.wait_for(|stopped| *stopped).await;
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::failed(error)
    }
}
