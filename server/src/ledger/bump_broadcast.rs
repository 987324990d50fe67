//! A person's wish for a higher fee. The job makes the version.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::decision::Decision;
use super::vetting::Facts;
use crate::db::{Change, Tx, query};
use app::model::{Act, NetworkTransactionId, Time};
use async_trait::async_trait;

#[derive(Clone, Debug)]
pub struct BumpBroadcast {
    pub broadcast: NetworkTransactionId,
    pub can_replace: bool,
    pub decision: Decision,
    pub now: Time,
}

#[async_trait]
impl Change for BumpBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "bump_broadcast"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        Facts::load(tx, self.broadcast).await?.may(Act::Bump, self.can_replace, 0, self.now)?;
        self.decision.keep(tx, &broadcast, Act::Bump, None, self.now).await?;
        query("UPDATE network_transaction SET retry_at = NULL WHERE id = $1")
            .bind(self.broadcast)
            .run_one(tx)
            .await?;
        Ok(())
    }
}
