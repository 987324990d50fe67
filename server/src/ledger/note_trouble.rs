//! Why a broadcast doesn't get on, kept with it for the person who looks.

use super::LedgerError;
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, Time};
use async_trait::async_trait;

/// Of a collected one that could not be prepared, or a closed one-shot that was sent again. Its state stays.
#[derive(Clone, Debug)]
pub struct NoteTrouble {
    pub broadcast: NetworkTransactionId,
    /// None any more.
    pub trouble: Option<String>,
    /// Not looked at again before.
    pub retry_at: Option<Time>,
    pub now: Time,
}

#[async_trait]
impl Change for NoteTrouble {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "note_trouble"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let note = query(
            "UPDATE network_transaction SET last_error = $2, updated_at = $3, retry_at = $4
             WHERE id = $1 AND state IN ('collected', 'closed')",
        );
        note.bind(self.broadcast)
            .bind(self.trouble.as_deref())
            .bind(self.now)
            .bind(self.retry_at)
            .run(tx)
            .await?;
        Ok(())
    }
}
