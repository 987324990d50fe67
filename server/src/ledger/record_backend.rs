//! Whether a coin's backend may be believed, as its job found it; going down and coming back are told once each.

use super::LedgerError;
use super::event::{Event, tell};
use crate::db::{Change, Tx, query};
use app::model::{BackendState as State, Coin, Time};
use async_trait::async_trait;
use serde_json::json;

const NULL: &str = "null";

#[derive(Clone, Debug)]
pub struct RecordBackend {
    pub coin: Coin,
    /// As the configuration names it.
    pub class: &'static str,
    pub state: State,
    pub height: Option<i64>,
    /// Blocks that it knows of and has not verified yet.
    pub lag: Option<i64>,
    /// The time that its newest block bears.
    pub tip_at: Option<Time>,
    pub error: Option<String>,
    pub now: Time,
}

#[async_trait]
impl Change for RecordBackend {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_backend"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let before: Option<(State,)> =
            query("SELECT state FROM backend WHERE coin = $1").bind(self.coin.ticker()).optional(tx).await?;
        query(
            "UPDATE backend SET since = CASE WHEN state = $2 THEN since ELSE $3 END, state = $2, class = $4,
                 height = COALESCE($5, height), last_error = $6, lag = $7, tip_at = COALESCE($8, tip_at) WHERE coin = $1",
        )
        .bind(self.coin.ticker())
        .bind(self.state)
        .bind(self.now)
        .bind(self.class)
        .bind(self.height)
        .bind(self.error.as_deref())
        .bind(self.lag)
        .bind(self.tip_at)
        .run(tx)
        .await?;
        // Where there is no network nothing goes down.
        if self.class == NULL {
            return Ok(());
        }
        // Down and unfit are one to the application: nothing is credited or sent meanwhile.
        let was_away = before.is_some_and(|(state,)| is_away(state));
        let name = match (was_away, is_away(self.state)) {
            (false, true) => "backend_down",
            (true, false) if self.state == State::Up => "backend_up",
            _ => return Ok(()),
        };
        let data = json!({
            "coin_name": self.coin.ticker(),
            "backend": self.class,
            "state": self.state.as_str(),
            "reason": self.error,
        });
        let event = Event { name, network_transaction: None, transaction: None, data };
        tell(tx, self.coin, event, self.now).await
    }
}

fn is_away(state: State) -> bool {
    matches!(state, State::Down | State::Unfit)
}
