//! A person's order to send a broken one-shot again: it was not found.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::decision::Decision;
use super::row::{WALLET_OF_BROADCAST, wallets};
use super::vetting::Facts;
use crate::db::{Change, Tx, query};
use app::model::{Act, NetworkTransactionId, NetworkTransactionState as State, Time};
use async_trait::async_trait;

/// broken → collected. The job gathers evidence once more before it sends.
#[derive(Clone, Debug)]
pub struct ReopenBroadcast {
    pub broadcast: NetworkTransactionId,
    pub decision: Decision,
    pub now: Time,
}

#[async_trait]
impl Change for ReopenBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "reopen_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        Facts::load(tx, self.broadcast).await?.may(Act::Reopen, false, 0, self.now)?;
        self.decision.keep(tx, &broadcast, Act::Reopen, None, self.now).await?;
        broadcast.set_state(tx, State::Collected, self.now).await?;
        query("UPDATE network_transaction SET last_error = NULL, retry_at = NULL WHERE id = $1")
            .bind(self.broadcast)
            .run_one(tx)
            .await?;
        Ok(())
    }
}
