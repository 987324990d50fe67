//! What a person decided about a broadcast, kept with the evidence that it rested on.

use super::broadcast::Broadcast;
use super::{LedgerError, name};
use crate::db::{Tx, query};
use app::model::{Act, Time};

#[derive(Clone, Debug)]
pub struct Decision {
    pub actor: String,
    /// Not empty.
    pub reason: String,
}

impl Decision {
    pub(super) async fn keep(
        &self,
        tx: &mut Tx<'_>,
        broadcast: &Broadcast,
        act: Act,
        txid: Option<&str>,
        now: Time,
    ) -> Result<(), LedgerError> {
        query(
            "INSERT INTO decision (coin, broadcast, act, actor, reason, txid, evidence, decided_at)
             VALUES ($1, $2, $3, $4, $5, $6, (SELECT MAX(id) FROM evidence WHERE broadcast = $2), $7)",
        )
        .bind(broadcast.coin()?.ticker())
        .bind(broadcast.id)
        .bind(act.as_str())
        .bind(&self.actor)
        .bind(name::reason(&self.reason)?)
        .bind(txid)
        .bind(now)
        .run_one(tx)
        .await?;
        Ok(())
    }
}
