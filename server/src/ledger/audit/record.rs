//! Keeps what an audit found, so that people see it and when it began; each new one is told once.

use super::Mismatch;
use crate::db::{Change, Tx, query};
use crate::ledger::LedgerError;
use crate::ledger::event::{Event, tell};
use app::model::{Coin, Time};
use async_trait::async_trait;
use serde_json::json;
use std::collections::BTreeMap;

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

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let mut found = self.by_subject();
        let open: Vec<(i64, String, String)> = query(
            "SELECT id, subject, mismatch FROM audit_finding WHERE coin = $1 AND gone_at IS NULL ORDER BY id",
        )
        .bind(self.coin.ticker())
        .all(tx)
        .await?;
        for (id, subject, mismatch) in open {
            match found.remove(&subject) {
                None => {
                    let gone = query("UPDATE audit_finding SET gone_at = $2 WHERE id = $1");
                    gone.bind(id).bind(self.now).run_one(tx).await?;
                }
                Some(message) if message != mismatch => {
                    let other = query("UPDATE audit_finding SET mismatch = $2 WHERE id = $1");
                    other.bind(id).bind(message).run_one(tx).await?;
                }
                Some(_) => {}
            }
        }
        for (subject, message) in found {
            query("INSERT INTO audit_finding (coin, subject, mismatch, found_at) VALUES ($1, $2, $3, $4)")
                .bind(self.coin.ticker())
                .bind(&subject)
                .bind(&message)
                .bind(self.now)
                .run_one(tx)
                .await?;
            let data = json!({ "coin_name": self.coin.ticker(), "subject": subject, "mismatch": message });
            let event =
                Event { name: "balance_mismatch", network_transaction: None, transaction: None, data };
            tell(tx, self.coin, event, self.now).await?;
        }
        Ok(())
    }
}

impl RecordAudit {
    /// One finding a subject, whatever number of rules it breaks.
    fn by_subject(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for mismatch in &self.mismatches {
            let message = found.entry(mismatch.subject.clone()).or_default();
            if !message.is_empty() {
                message.push_str("; ");
            }
            message.push_str(&mismatch.message);
        }
        found
    }
}
