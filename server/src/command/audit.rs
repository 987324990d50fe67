//! `audit`: every balance against its entries, every entry against its document, and what the last comparison of books
//! and backend found; then the chain of the audit log. Printed for people. No backend is asked here.

use super::{Failure, Outcome};
use crate::audit_log::{Verified, verify_all};
use crate::config::Settings;
use crate::desk;
use crate::ledger;
use crate::lifecycle;
use app::model::ReconciliationRow;

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
        let mut read = db.read().await.map_err(Failure::failed)?;
        let compared = desk::compared(&mut read.tx(), coin.spec.coin).await.map_err(Failure::failed)?;
        mismatches += usize::from(print(ticker, compared.as_ref()));
    }
    // One log for all coins: whoever asks about one coin doesn't ask about it.
    if only.is_none() {
        let verified = verify_all(&db).await.map_err(Failure::failed)?;
        mismatches += usize::from(print_audit_log(&verified));
    }
    db.close().await;
    if mismatches == 0 {
        Ok(())
    } else {
        Err(Failure::Failed(format!("{mismatches} mismatches; nothing was changed")))
    }
}

/// Answers whether the chain is broken.
fn print_audit_log(verified: &Verified) -> bool {
    match verified {
        Verified::Whole { sequence, hash } => {
            println!("audit log: {sequence} sealed, none wrong, newest {hash}");
        }
        Verified::So { far } => println!("audit log: {far} sealed, none wrong"),
        Verified::Broken(fault) => println!("audit log: {fault}"),
    }
    matches!(verified, Verified::Broken(_))
}

/// Answers whether books and backend differ.
fn print(ticker: &str, compared: Option<&ReconciliationRow>) -> bool {
    let Some(row) = compared else {
        println!("{ticker}: books and backend were not compared yet");
        return false;
    };
    println!(
        "{ticker}: backend {} = books {} + pending {} + uncredited {}, difference {} (block {}, read {} UTC)",
        row.backend_total,
        row.books_total,
        row.pending,
        row.uncredited,
        row.difference,
        row.height,
        row.read_at.date_and_clock()
    );
    let differs = row.settled().is_some_and(|difference| !difference.is_zero());
    if differs {
        println!("  {} readings in a row found this difference", row.agreed);
    }
    differs
}
