//! `scan-received`: what the backends received, compared with the books; what is missing is written.

use super::{Failure, Outcome, serve, told};
use crate::clock::Clock;
use crate::coins::Coins;
use crate::config::Settings;
use crate::job;
use crate::lifecycle;
use std::sync::Arc;
use tokio::sync::watch;

pub async fn run(settings: Settings, only: Option<String>) -> Outcome {
    lifecycle::chosen(&settings, only.as_deref())?;
    let db = lifecycle::open_ready(&settings).await?;
    let clock = Clock::system();
    let coins: Coins = lifecycle::connect(&settings, &db, &clock)?;
    let (_keep, stop) = watch::channel(false);
    let context = serve::context(&settings, &db, &clock, &coins, stop);
    let mut failed = Vec::new();
    for service in coins.all() {
        let ticker = service.spec.coin.ticker();
        if only.as_deref().is_some_and(|only| only != ticker) {
            continue;
        }
        match job::scan_once(&context, &Arc::clone(service)).await {
            Ok(scanned) => {
                println!("{ticker}: {} compared, {} changed", scanned.compared, scanned.changed);
                told(&db, clock.now(), "scan", ticker, "done").await?;
            }
            Err(error) => {
                println!("{ticker}: {error}");
                told(&db, clock.now(), "scan", ticker, "failed").await?;
                failed.push(ticker.to_owned());
            }
        }
    }
    db.close().await;
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Failed(format!("the scan failed for {}", failed.join(", "))))
    }
}
