//! The daemon's end and new beginning, as after `kill -9`: what it was asked and had not done is forgotten, and its
//! wallet hands its unmined transactions in again.

use super::entry::revive;
use super::mempool::accept;
use super::verb::{Fault, Rules, Verb};
use crate::db::{Tx, query};
use crate::network::raw;
use async_trait::async_trait;

pub(super) struct Restart;

#[async_trait]
impl Verb for Restart {
    const NAME: &'static str = "simulated_restart";
    /// Txids that came back into the mempool.
    type Output = Vec<String>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Vec<String>, Fault> {
        query("UPDATE simulated_network SET started_at = $2, starts = starts + 1 WHERE coin = $1")
            .bind(&rules.coin)
            .bind(rules.now())
            .run_one(tx)
            .await?;
        query("DELETE FROM simulated_late_send WHERE coin = $1").bind(&rules.coin).run(tx).await?;
        let fallen_out: Vec<(Vec<u8>, bool)> = query(
            "SELECT raw, spends_ours FROM simulated_transaction WHERE coin = $1 AND ours AND height IS NULL
                 AND NOT in_mempool AND conflict_height IS NULL AND NOT abandoned AND NOT coinbase ORDER BY id",
        )
        .bind(&rules.coin)
        .all(tx)
        .await?;
        let mut back = Vec::new();
        for (raw, spends_ours) in fallen_out {
            let came =
                if spends_ours { take_in(tx, rules, &raw).await? } else { put_back(tx, rules, &raw).await? };
            back.extend(came);
        }
        Ok(back)
    }
}

/// What is refused stays out, as a wallet's transactions do.
async fn take_in(tx: &mut Tx<'_>, rules: &Rules, raw: &[u8]) -> Result<Option<String>, Fault> {
    match accept(tx, rules, raw, None).await {
        Ok(accepted) => Ok(Some(accepted.txid)),
        Err(Fault::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A payment from outside, whose inputs nobody knows: it comes back unless something else spends them.
async fn put_back(tx: &mut Tx<'_>, rules: &Rules, raw: &[u8]) -> Result<Option<String>, Fault> {
    let decoded = raw::decode(raw, &rules.spec.versions).map_err(|_| super::outside::unwritable())?;
    let (rivals,) = query(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM simulated_input a
         JOIN simulated_input b ON b.coin = a.coin AND b.spent_txid = a.spent_txid AND b.spent_vout = a.spent_vout
         JOIN simulated_transaction t ON t.coin = b.coin AND t.txid = b.txid
         WHERE a.coin = $1 AND a.txid = $2 AND b.txid <> $2 AND (t.height IS NOT NULL OR t.in_mempool)",
    )
    .bind(&rules.coin)
    .bind(&decoded.txid)
    .one::<(i64,)>(tx)
    .await?;
    if rivals > 0 {
        return Ok(None);
    }
    revive(tx, &rules.coin, &decoded).await?;
    Ok(Some(decoded.txid))
}
