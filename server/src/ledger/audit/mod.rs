//! The audit: every balance equals its entries, every entry its document. Sums are made by the database, so that
//! a large book needs no more memory than a small one. Start at `check.rs`, which says what must hold.

mod check;
mod record;

pub use record::RecordAudit;

use crate::db::{Db, DbError, query};
use app::model::Coin;
use check::CHECKS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Accounts, entries, transactions, addresses and network transactions looked at.
    pub checked: i64,
    pub mismatches: Vec<Mismatch>,
}

impl AuditReport {
    pub fn is_clean(&self) -> bool {
        self.mismatches.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `account 7`, `transaction 12`, …
    pub subject: String,
    /// Amounts in minor units.
    pub message: String,
}

/// Mismatches of one kind that are told; where there are more, the first show what is wrong.
const MOST: i64 = 100;

/// Audits one coin's books on one consistent read: changes that go on meanwhile raise no false alarm.
pub async fn audit(db: &Db, coin: Coin) -> Result<AuditReport, DbError> {
    let mut read = db.read().await?;
    let (checked,) = query(check::COUNT).bind(coin.ticker()).one(&mut read.tx()).await?;
    let mut mismatches = Vec::new();
    for check in CHECKS {
        let found: Vec<(i64, String)> =
            query(check.sql).bind(coin.ticker()).bind(MOST).all(&mut read.tx()).await?;
        mismatches.extend(
            found
                .into_iter()
                .map(|(id, message)| Mismatch { subject: format!("{} {id}", check.subject), message }),
        );
    }
    Ok(AuditReport { checked, mismatches })
}
