//! Sends whose caller gave up, and that the network carries out later all the same: as a busy daemon does with
//! a call that timed out at the client.

use super::mempool::accept;
use super::verb::{Fault, Rules, Verb};
use crate::db::{Tx, query};
use async_trait::async_trait;

pub(super) struct SendLate {
    pub raw: Vec<u8>,
    pub seconds: u32,
}

#[async_trait]
impl Verb for SendLate {
    const NAME: &'static str = "simulated_send_late";
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<(), Fault> {
        query("INSERT INTO simulated_late_send (coin, raw, due_at) VALUES ($1, $2, $3)")
            .bind(&rules.coin)
            .bind(self.raw.clone())
            .bind(rules.now().plus_seconds(i64::from(self.seconds)))
            .run_one(tx)
            .await?;
        Ok(())
    }
}

/// Carries out what is due; nobody hears of refusals.
pub(super) struct AcceptLate;

#[async_trait]
impl Verb for AcceptLate {
    const NAME: &'static str = "simulated_accept_late";
    /// Txids of the hot wallet that came into the mempool.
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        let due: Vec<(i64, Vec<u8>)> =
            query("SELECT id, raw FROM simulated_late_send WHERE coin = $1 AND due_at <= $2 ORDER BY id")
                .bind(&rules.coin)
                .bind(rules.now())
                .all(tx)
                .await?;
        let mut news = Vec::new();
        for (id, raw) in due {
            query("DELETE FROM simulated_late_send WHERE id = $1").bind(id).run_one(tx).await?;
            match accept(tx, rules, &raw).await {
                Ok(accepted) if accepted.news => news.push(accepted.txid),
                Ok(_) | Err(Fault::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(news)
    }
}
