//! A one-shot whose attempt's deadline has passed: nobody knows if the network has it.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::event::{Event, tell};
use super::row::{WALLET_OF_BROADCAST, wallets};
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionId, NetworkTransactionState as State, Time};
use async_trait::async_trait;
use serde_json::json;

/// open → broken, and an event; a collected one that was attempted before goes back there too, when the evidence no
/// longer allows to send it. `WrongState` before the deadline.
#[derive(Clone, Debug)]
pub struct BreakBroadcast {
    pub broadcast: NetworkTransactionId,
    pub now: Time,
}

#[async_trait]
impl Change for BreakBroadcast {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "break_broadcast"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_BROADCAST, self.broadcast).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let broadcast = Broadcast::load(tx, self.broadcast).await?;
        broadcast.must_be(&[State::Open, State::Collected])?;
        let (deadline, versions): (Option<Time>, i64) = query(
            "SELECT MAX(deadline), (SELECT COUNT(*) FROM broadcast_version WHERE broadcast = $1)
             FROM attempt WHERE broadcast = $1",
        )
        .bind(self.broadcast)
        .one(tx)
        .await?;
        let Some(deadline) = deadline.filter(|_| versions == 0) else {
            return Err(LedgerError::wrong_state(broadcast.state.as_str()));
        };
        if deadline > self.now {
            return Err(LedgerError::AttemptUnderWay { deadline });
        }
        query(
            "UPDATE attempt SET outcome = 'unknown', detail = 'No answer came by the deadline.', finished_at = $2
             WHERE broadcast = $1 AND outcome IS NULL",
        )
        .bind(self.broadcast)
        .bind(self.now)
        .run(tx)
        .await?;
        broadcast.set_state(tx, State::Broken, self.now).await?;
        let data = json!({ "coin_name": broadcast.coin()?.ticker(), "network_transaction": self.broadcast });
        let event = Event {
            name: "broadcast_broken",
            network_transaction: Some(self.broadcast),
            transaction: None,
            data,
        };
        tell(tx, broadcast.coin()?, event, self.now).await
    }
}
