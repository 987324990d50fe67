//! What was found out about a broken broadcast.

use super::LedgerError;
use super::broadcast::Broadcast;
use crate::db::{Change, DbError, Tx, query};
use app::model::{Evidence, NetworkTransactionId};
use async_trait::async_trait;

/// Takes the place of the newest, unless a decision rests on that one.
#[derive(Clone, Debug)]
pub struct StoreEvidence {
    pub broadcast: NetworkTransactionId,
    pub evidence: Evidence,
}

#[async_trait]
impl Change for StoreEvidence {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "store_evidence"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        let detail =
            serde_json::to_string(&self.evidence).map_err(|error| DbError::Failed(error.to_string()))?;
        let replaced = query(
            "UPDATE evidence SET verdict = $2, txid = $3, detail = $4, gathered_at = $5
             WHERE id = (SELECT MAX(id) FROM evidence WHERE broadcast = $1)
                 AND NOT EXISTS (SELECT 1 FROM decision WHERE decision.evidence = evidence.id)",
        )
        .bind(self.broadcast)
        .bind(self.evidence.verdict.as_str())
        .bind(self.evidence.txid.as_deref())
        .bind(&detail)
        .bind(self.evidence.gathered_at)
        .run(tx)
        .await?;
        if replaced == 1 {
            return Ok(());
        }
        query(
            "INSERT INTO evidence (coin, broadcast, verdict, txid, detail, gathered_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(self.broadcast)
        .bind(self.evidence.verdict.as_str())
        .bind(self.evidence.txid.as_deref())
        .bind(&detail)
        .bind(self.evidence.gathered_at)
        .run_one(tx)
        .await?;
        Ok(())
    }
}
