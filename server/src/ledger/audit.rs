//! The audit: every balance equals its entries, every entry its document. Sums are made by the database.

use super::LedgerError;
use crate::db::{Change, Db, DbError, Tx};
use app::model::{Coin, Time};
use async_trait::async_trait;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Accounts, entries, transactions, addresses and broadcasts looked at.
    pub checked: i64,
    pub mismatches: Vec<Mismatch>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `account 7`, `transaction 12`, …
    pub subject: String,
    pub message: String,
}

/// Audits one coin's books on one consistent read.
pub async fn audit(_db: &Db, _coin: Coin) -> Result<AuditReport, DbError> {
    todo!("lands within the hour")
}

/// Findings stay open until a later audit no longer sees them.
#[derive(Clone, Debug)]
pub struct RecordAudit {
    pub coin: Coin,
    pub mismatches: Vec<Mismatch>,
    pub now: Time,
}

#[async_trait]
impl Change for RecordAudit {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_audit"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
