//! What is handed to the simulated network to be sent: signed bytes, or a one-shot whose inputs it picks itself. Also
//! later, when the caller gave up long ago: as a busy daemon does with a call that timed out at the client.

use super::mempool::{Accepted, accept};
use super::one_shot::send_many;
use super::verb::{Fault, Rules, Verb};
use crate::db::{Tx, query};
use crate::network::{OutPoint, Output};
use crate::record;
use async_trait::async_trait;
use std::collections::HashSet;

/// What to send.
#[derive(Clone)]
pub(super) enum Handed {
    Prepared { raw: Vec<u8> },
    OneShot { outputs: Vec<Output>, comment: String },
}

impl Handed {
    async fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        rules: &Rules,
        locked: &HashSet<OutPoint>,
    ) -> Result<Accepted, Fault> {
        match self {
            Self::Prepared { raw } => accept(tx, rules, raw, None).await,
            Self::OneShot { outputs, comment } => send_many(tx, rules, outputs, comment, locked).await,
        }
    }
}

/// Carries it out now, unless the daemon was killed since it was asked.
pub(super) struct HandOver {
    pub handed: Handed,
    /// Outputs that a one-shot leaves alone.
    pub locked: HashSet<OutPoint>,
    /// How often the daemon had been started again when it was asked.
    pub starts: i64,
}

#[async_trait]
impl Verb for HandOver {
    const NAME: &'static str = "simulated_hand_over";
    type Output = Accepted;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Accepted, Fault> {
        same_start(tx, rules, self.starts).await?;
        self.handed.carry_out(tx, rules, &self.locked).await
    }
}

/// A killed daemon forgets what it was asked; its caller sees the connection break, and knows nothing.
async fn same_start(tx: &mut Tx<'_>, rules: &Rules, starts: i64) -> Result<(), Fault> {
    let (now,) = query("SELECT starts FROM simulated_network WHERE coin = $1")
        .bind(&rules.coin)
        .one::<(i64,)>(tx)
        .await?;
    if now == starts { Ok(()) } else { Err(Fault::refused(-1, "the daemon was killed before it answered")) }
}

/// Remembers it for later.
pub(super) struct HandOverLate {
    pub handed: Handed,
    pub seconds: u32,
    pub starts: i64,
}

#[async_trait]
impl Verb for HandOverLate {
    const NAME: &'static str = "simulated_hand_over_late";
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<(), Fault> {
        same_start(tx, rules, self.starts).await?;
        let (raw, outputs, comment) = match &self.handed {
            Handed::Prepared { raw } => (Some(raw.clone()), None, None),
            Handed::OneShot { outputs, comment } => (None, Some(written(outputs)), Some(comment.clone())),
        };
        query("INSERT INTO simulated_late_send (coin, raw, outputs, comment, due_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&rules.coin)
            .bind(raw)
            .bind(outputs)
            .bind(comment)
            .bind(rules.now().plus_seconds(i64::from(self.seconds)))
            .run_one(tx)
            .await?;
        Ok(())
    }
}

struct LateRow {
    id: i64,
    raw: Option<Vec<u8>>,
    outputs: Option<String>,
    comment: Option<String>,
}
record!(LateRow { id, raw, outputs, comment });

/// Carries out what is due; nobody hears of refusals.
pub(super) struct AcceptLate {
    pub locked: HashSet<OutPoint>,
}

#[async_trait]
impl Verb for AcceptLate {
    const NAME: &'static str = "simulated_accept_late";
    /// Txids of the hot wallet that came into the mempool.
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        let due: Vec<LateRow> = query(
            "SELECT id, raw, outputs, comment FROM simulated_late_send
             WHERE coin = $1 AND due_at <= $2 ORDER BY due_at, id",
        )
        .bind(&rules.coin)
        .bind(rules.now())
        .all(tx)
        .await?;
        let mut news = Vec::new();
        for LateRow { id, raw, outputs, comment } in due {
            query("DELETE FROM simulated_late_send WHERE id = $1").bind(id).run_one(tx).await?;
            let handed = match (raw, outputs) {
                (Some(raw), _) => Handed::Prepared { raw },
                (None, outputs) => Handed::OneShot {
                    outputs: outputs.map_or_else(Vec::new, |text| read(&text)),
                    comment: comment.unwrap_or_default(),
                },
            };
            match handed.carry_out(tx, rules, &self.locked).await {
                Ok(accepted) if accepted.news => news.push(accepted.txid),
                Ok(_) | Err(Fault::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(news)
    }
}

fn written(outputs: &[Output]) -> String {
    let pairs: Vec<_> = outputs.iter().map(|output| (&output.address, output.amount)).collect();
    serde_json::to_string(&pairs).expect("texts and whole numbers are JSON")
}

/// Nothing else writes there, so that what can't be read pays nobody and is refused.
fn read(text: &str) -> Vec<Output> {
    let pairs: Vec<(String, i64)> = serde_json::from_str(text).unwrap_or_default();
    pairs.into_iter().map(|(address, amount)| Output { address, amount }).collect()
}
