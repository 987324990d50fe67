//! Which handlers there are, and which process delivers for each.

use super::order::OUTBOX_LOCK;
use crate::db::{Change, DbError, Tx, query};
use app::model::Time;
use async_trait::async_trait;

/// What the configuration names. A handler that is new begins with the events from now on; one that is named no longer
/// keeps its rows, and is delivered to again when it returns.
#[derive(Clone, Debug)]
pub struct RegisterHandlers {
    /// Name and class.
    pub handlers: Vec<(String, String)>,
    pub now: Time,
}

#[async_trait]
impl Change for RegisterHandlers {
    type Output = ();
    type Error = DbError;

    fn name(&self) -> &'static str {
        "register_handlers"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![OUTBOX_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        for (name, class) in &self.handlers {
            query(
                "INSERT INTO handler (name, class, since_sequence, created_at)
                 VALUES ($1, $2, (SELECT sequence FROM event_head), $3)
                 ON CONFLICT (name) DO UPDATE SET class = excluded.class, gone_at = NULL",
            )
            .bind(name)
            .bind(class)
            .bind(self.now)
            .run(tx)
            .await?;
        }
        let known: Vec<(String,)> = query("SELECT name FROM handler WHERE gone_at IS NULL").all(tx).await?;
        for (name,) in known.iter().filter(|(name,)| self.handlers.iter().all(|(kept, _)| kept != name)) {
            query("UPDATE handler SET gone_at = $2, unreachable_since = NULL WHERE name = $1")
                .bind(name)
                .bind(self.now)
                .run_one(tx)
                .await?;
        }
        Ok(())
    }
}

/// As a coin's lease (`ledger::TakeLease`): answers the epoch, `None` while another process holds it.
#[derive(Clone, Debug)]
pub struct TakeHandlerLease {
    pub handler: String,
    pub runner: String,
    pub expires_at: Time,
    pub now: Time,
}

#[async_trait]
impl Change for TakeHandlerLease {
    type Output = Option<i64>;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "take_handler_lease"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
        let taken: Option<(i64,)> = query(
            "UPDATE handler SET epoch = CASE WHEN runner = $2 THEN epoch ELSE epoch + 1 END, runner = $2, expires_at = $3
             WHERE name = $1 AND (runner = $2 OR expires_at <= $4) RETURNING epoch",
        )
        .bind(&self.handler)
        .bind(&self.runner)
        .bind(self.expires_at)
        .bind(self.now)
        .optional(tx)
        .await?;
        Ok(taken.map(|(epoch,)| epoch))
    }
}
