//! Why a collected broadcast could not be prepared, kept with it for the person who looks.

use super::LedgerError;
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, Time};
use async_trait::async_trait;

/// Changes nothing but the broadcast's last error. The next pass tries again.
#[derive(Clone, Debug)]
pub struct NoteTrouble {
    pub broadcast: NetworkTransactionId,
    pub trouble: String,
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
            "UPDATE network_transaction SET last_error = $2, updated_at = $3 WHERE id = $1 AND state = 'collected'",
        );
        note.bind(self.broadcast).bind(&self.trouble).bind(self.now).run(tx).await?;
        Ok(())
    }
}
