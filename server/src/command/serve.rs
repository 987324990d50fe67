//! `serve`, `helper` and `web`: the parts of Coffer that run until they are stopped.

use super::{Failure, Outcome};
use crate::clock::Clock;
use crate::coins::Coins;
use crate::config::Settings;
use crate::db::Db;
use crate::desk::Shared;
use crate::event::{self, Callbacks};
use crate::job;
use crate::lifecycle;
use crate::people::Passwords;
use crate::web::{self, Web};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

#[derive(Clone, Copy)]
pub struct Parts {
    web: bool,
    jobs: bool,
}

impl Parts {
    pub const ALL: Self = Self { web: true, jobs: true };
    pub const HELPER: Self = Self { web: false, jobs: true };
    pub const WEB: Self = Self { web: true, jobs: false };
}

pub async fn run(settings: Settings, parts: Parts) -> Outcome {
    // Before the database is touched.
    check_handlers(&settings)?;
    let runner = if parts.jobs { Some(lifecycle::become_runner(&settings)?) } else { None };
    let stop = lifecycle::stop_on_signal()?;
    let db = lifecycle::open_ready(&settings).await?;
    let clock = Clock::system();
    let coins = lifecycle::connect(&settings, &db, &clock)?;
    let outcome = supervise(settings, parts, &db, &clock, coins, stop).await;
    db.close().await;
    drop(runner);
    outcome
}

/// Runs the parts until all have ended. The first that ends by itself, or fails, stops the others.
pub async fn supervise(
    settings: Settings,
    parts: Parts,
    db: &Db,
    clock: &Clock,
    coins: Coins,
    stop: watch::Receiver<bool>,
) -> Outcome {
    let limit = settings.service.shutdown;
    let (end, ended) = watch::channel(false);
    let mut tasks: JoinSet<Outcome> = JoinSet::new();
    if let Some(bind) = settings.status_server {
        tasks.spawn(listen(bind, web::status_router(db.clone()), ended.clone()));
    }
    if parts.jobs {
        let context = context(&settings, db, clock, &coins, ended.clone());
        tasks.spawn(async move { job::run(context).await.map_err(|error| died(&error)) });
    }
    if parts.web {
        let bind = settings.web.bind;
        let passwords = Passwords::default();
        let shared = Shared { db: db.clone(), coins, clock: clock.clone(), settings, passwords };
        let router = web::router(&Web::new(Arc::new(shared)));
        tasks.spawn(listen(bind, router, ended));
    }
    let mut outcome = Ok(());
    tokio::select! {
        () = lifecycle::until_stopped(stop) => {}
        Some(first) = tasks.join_next() => {
            outcome = first.unwrap_or_else(|error| Err(Failure::HelperDied(error.to_string())));
            if outcome.is_ok() {
                outcome = Err(Failure::HelperDied("a part ended by itself".into()));
            }
        }
    }
    end.send_replace(true);
    let rest = tokio::time::timeout(limit, drain(&mut tasks)).await;
    outcome.and(rest.unwrap_or_else(|_| {
        Err(Failure::Failed(format!("work was still in flight after {} s", limit.as_secs())))
    }))
}

async fn drain(tasks: &mut JoinSet<Outcome>) -> Outcome {
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        let ended = ended.unwrap_or_else(|error| Err(Failure::HelperDied(error.to_string())));
        outcome = outcome.and(ended);
    }
    outcome
}

/// What only opening a handler shows: a function that nobody has registered.
pub fn check_handlers(settings: &Settings) -> Outcome {
    let opened = event::open(&settings.events, &Callbacks::default(), "", &Clock::system());
    opened.map(|_| ()).map_err(Failure::Config)
}

fn died(error: &job::RunError) -> Failure {
    match error {
        job::RunError::Died(_) => Failure::HelperDied(error.to_string()),
        job::RunError::Start(_) => Failure::Failed(error.to_string()),
    }
}

pub fn context(
    settings: &Settings,
    db: &Db,
    clock: &Clock,
    coins: &Coins,
    stop: watch::Receiver<bool>,
) -> job::Context {
    let service = &settings.service;
    job::Context {
        db: db.clone(),
        clock: clock.clone(),
        coins: coins.all().to_vec(),
        events: settings.events.clone(),
        callbacks: Callbacks::default(),
        runner: format!("{}-{:04x}", std::process::id(), rand::random::<u16>()),
        periods: job::Periods {
            broadcast: service.broadcast_period,
            confirmation: service.confirmation_period,
            audit: service.audit_period,
        },
        stop,
    }
}

async fn listen(bind: SocketAddr, router: axum::Router, stop: watch::Receiver<bool>) -> Outcome {
    let listener = TcpListener::bind(bind).await;
    let listener = listener.map_err(|error| Failure::Failed(format!("can't listen on {bind}: {error}")))?;
    tracing::info!(%bind, "listening");
    // Sessions tell their people where they were used from.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serve = axum::serve(listener, service).with_graceful_shutdown(lifecycle::until_stopped(stop));
    serve.await.map_err(Failure::failed)
}
