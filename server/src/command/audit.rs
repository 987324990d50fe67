//! `audit`: every balance against its entries, every entry against its document, printed for people.

use super::{Failure, Outcome};
use crate::config::Settings;
use crate::ledger;
use crate::lifecycle;

pub async fn run(settings: Settings, only: Option<String>) -> Outcome {
    let coins = lifecycle::chosen(&settings, only.as_deref())?;
    let db = lifecycle::open_ready(&settings).await?;
    let mut mismatches = 0;
    for coin in coins {
        let report = ledger::audit(&db, coin.spec.coin).await.map_err(Failure::failed)?;
        let ticker = coin.spec.coin.ticker();
        println!("{ticker}: {} checked, {} wrong", report.checked, report.mismatches.len());
        for mismatch in &report.mismatches {
            println!("  {}: {}", mismatch.subject, mismatch.message);
        }
        mismatches += report.mismatches.len();
    }
    db.close().await;
    if mismatches == 0 {
        Ok(())
    } else {
        Err(Failure::Failed(format!("{mismatches} mismatches; nothing was changed")))
    }
}
