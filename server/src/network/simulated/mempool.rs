//! Transactions enter the simulated network and fall out of it: what is accepted, replaced, evicted, in conflict.
//! Knows no blocks; `chain` mines what waits here. Start with `Accept`.

use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{Decoded, OutPoint, raw};
use crate::record;
use app::model::Time;
use async_trait::async_trait;

/// Minor units per 1,000 virtual bytes below which nodes don't relay, and by which a replacement must pay more.
pub(super) const RELAY_RATE: i64 = 1_000;
/// Confirmations after which a coinbase may be spent.
pub(super) const MATURITY: i64 = 101;

/// Hands signed bytes to the network. The same bytes again are harmless while they wait, and refused when mined,
/// as a daemon does.
pub(super) struct Accept {
    pub raw: Vec<u8>,
}

pub(super) struct Accepted {
    pub txid: String,
    /// The hot wallet has to do with it, and did not know that it is in the mempool.
    pub news: bool,
}

#[async_trait]
impl Verb for Accept {
    const NAME: &'static str = "simulated_accept";
    type Output = Accepted;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Accepted, Fault> {
        accept(tx, rules, &self.raw).await
    }
}

pub(super) async fn accept(tx: &mut Tx<'_>, rules: &Rules, bytes: &[u8]) -> Result<Accepted, Fault> {
    let coin = &rules.coin;
    let decoded = raw::decode(bytes, &rules.spec.versions)
        .map_err(|error| Fault::refused(-22, format!("TX decode failed: {error}")))?;
    let known: Option<(Option<i64>, bool)> =
        query("SELECT height, in_mempool FROM simulated_transaction WHERE coin = $1 AND txid = $2")
            .bind(coin)
            .bind(&decoded.txid)
            .optional(tx)
            .await?;
    match known {
        Some((Some(_), _)) => return Err(Fault::refused(-27, "transaction already in block chain")),
        Some((None, true)) => return Ok(Accepted { txid: decoded.txid, news: false }),
        _ => {}
    }
    let fee = fee_of(tx, rules, &decoded).await?;
    replace_conflicts(tx, coin, &decoded, fee).await?;
    let ours = if known.is_some() {
        revive(tx, coin, &decoded).await?
    } else {
        let fresh =
            Fresh { raw: bytes, decoded: &decoded, fee: Some(fee), spends_ours: true, coinbase_height: None };
        insert(tx, coin, &fresh, rules.now()).await?
    };
    Ok(Accepted { txid: decoded.txid, news: ours })
}

/// Every input must exist, be ours and mature; what they carry beyond the outputs is the fee.
async fn fee_of(tx: &mut Tx<'_>, rules: &Rules, decoded: &Decoded) -> Result<i64, Fault> {
    let missing = || Fault::refused(-25, "bad-txns-inputs-missingorspent");
    let (tip,) = query("SELECT height FROM simulated_network WHERE coin = $1")
        .bind(&rules.coin)
        .one::<(i64,)>(tx)
        .await?;
    let mut sum: i64 = 0;
    for input in &decoded.inputs {
        let spendable = spendable(tx, &rules.coin, input).await?.ok_or_else(missing)?;
        let mined = spendable.height.map_or(0, |height| tip - height + 1);
        if !spendable.ours || (mined == 0 && !spendable.in_mempool) {
            return Err(missing());
        }
        if spendable.coinbase && mined < MATURITY {
            return Err(Fault::refused(-26, "bad-txns-premature-spend-of-coinbase"));
        }
        sum = sum.checked_add(spendable.amount).ok_or_else(missing)?;
    }
    if decoded.outputs.iter().any(|(_, amount)| *amount < rules.spec.dust) {
        return Err(Fault::refused(-26, "dust"));
    }
    let paid: i64 = decoded.outputs.iter().map(|(_, amount)| amount).sum();
    match sum.checked_sub(paid) {
        None | Some(i64::MIN..=-1) => Err(Fault::refused(-26, "bad-txns-in-belowout")),
        Some(fee) if fee < least_fee(decoded.virtual_size) => {
            Err(Fault::refused(-26, "min relay fee not met"))
        }
        Some(fee) => Ok(fee),
    }
}

pub(super) fn least_fee(virtual_size: i64) -> i64 {
    (virtual_size * RELAY_RATE).div_euclid(1000)
}

struct Spendable {
    amount: i64,
    ours: bool,
    height: Option<i64>,
    in_mempool: bool,
    coinbase: bool,
}
record!(Spendable { amount, ours, height, in_mempool, coinbase });

async fn spendable(tx: &mut Tx<'_>, coin: &str, input: &OutPoint) -> Result<Option<Spendable>, DbError> {
    query(
        "SELECT o.amount, o.ours, t.height, t.in_mempool, t.coinbase FROM simulated_output o
         JOIN simulated_transaction t ON t.coin = o.coin AND t.txid = o.txid
         WHERE o.coin = $1 AND o.txid = $2 AND o.vout = $3",
    )
    .bind(coin)
    .bind(&input.txid)
    .bind(i64::from(input.vout))
    .optional(tx)
    .await
}

/// An input spent in a block is gone. One spent in the mempool is taken over by who pays for it: more than all that
/// are replaced, and their relay again (BIP 125 rules 3 and 4; all transactions are replaceable).
async fn replace_conflicts(tx: &mut Tx<'_>, coin: &str, decoded: &Decoded, fee: i64) -> Result<(), Fault> {
    let mut replaced: Vec<(String, i64)> = Vec::new();
    for input in &decoded.inputs {
        for (txid, mined, fee) in live_spenders(tx, coin, input, &decoded.txid).await? {
            if mined.is_some() {
                return Err(Fault::refused(-25, "bad-txns-inputs-missingorspent"));
            }
            if !replaced.iter().any(|(known, _)| *known == txid) {
                replaced.push((txid, fee.unwrap_or(0)));
            }
        }
    }
    let fees: i64 = replaced.iter().map(|(_, fee)| fee).sum();
    if !replaced.is_empty() && fee < fees.saturating_add(least_fee(decoded.virtual_size)) {
        return Err(Fault::refused(-26, "txn-mempool-conflict"));
    }
    for (txid, _) in replaced {
        evict(tx, coin, &txid, None).await?;
    }
    Ok(())
}

/// Txid, height and fee of what spends an output in mempool or block.
async fn live_spenders(
    tx: &mut Tx<'_>,
    coin: &str,
    input: &OutPoint,
    but: &str,
) -> Result<Vec<(String, Option<i64>, Option<i64>)>, DbError> {
    query(
        "SELECT t.txid, t.height, t.fee FROM simulated_input i
         JOIN simulated_transaction t ON t.coin = i.coin AND t.txid = i.txid
         WHERE i.coin = $1 AND i.spent_txid = $2 AND i.spent_vout = $3 AND i.txid <> $4
             AND (t.height IS NOT NULL OR t.in_mempool)",
    )
    .bind(coin)
    .bind(&input.txid)
    .bind(i64::from(input.vout))
    .bind(but)
    .all(tx)
    .await
}

/// A transaction that the network has never seen. A coinbase is mined at once, others wait in the mempool.
pub(super) struct Fresh<'a> {
    pub raw: &'a [u8],
    pub decoded: &'a Decoded,
    pub fee: Option<i64>,
    pub spends_ours: bool,
    pub coinbase_height: Option<i64>,
}

/// Answers whether the hot wallet has to do with it.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    coin: &str,
    fresh: &Fresh<'_>,
    now: Time,
) -> Result<bool, DbError> {
    let mut owned = Vec::new();
    for (address, _) in &fresh.decoded.outputs {
        owned.push(match address {
            Some(address) => is_owned(tx, coin, address).await?,
            None => false,
        });
    }
    let ours = fresh.spends_ours || owned.contains(&true);
    let txid = &fresh.decoded.txid;
    query(
        "INSERT INTO simulated_transaction
             (coin, txid, raw, ours, spends_ours, coinbase, fee, height, in_mempool, abandoned, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, $10)",
    )
    .bind(coin)
    .bind(txid)
    .bind(fresh.raw.to_vec())
    .bind(ours)
    .bind(fresh.spends_ours)
    .bind(fresh.coinbase_height.is_some())
    .bind(fresh.fee)
    .bind(fresh.coinbase_height)
    .bind(fresh.coinbase_height.is_none())
    .bind(now)
    .run_one(tx)
    .await?;
    // A coinbase spends nothing; all of them name the same nothing.
    let inputs = if fresh.coinbase_height.is_some() { &[] } else { &fresh.decoded.inputs[..] };
    for input in inputs {
        query("INSERT INTO simulated_input (coin, spent_txid, spent_vout, txid) VALUES ($1, $2, $3, $4)")
            .bind(coin)
            .bind(&input.txid)
            .bind(i64::from(input.vout))
            .bind(txid)
            .run_one(tx)
            .await?;
    }
    for (vout, ((address, amount), ours)) in (0_i64..).zip(fresh.decoded.outputs.iter().zip(owned)) {
        query("INSERT INTO simulated_output (coin, txid, vout, address, amount, ours) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(coin)
            .bind(txid)
            .bind(vout)
            .bind(address.clone())
            .bind(*amount)
            .bind(ours)
            .run_one(tx)
            .await?;
    }
    take_inputs(tx, coin, fresh.decoded).await?;
    Ok(ours)
}

pub(super) async fn is_owned(tx: &mut Tx<'_>, coin: &str, address: &str) -> Result<bool, DbError> {
    let found: Option<(String,)> =
        query("SELECT address FROM simulated_address WHERE coin = $1 AND address = $2")
            .bind(coin)
            .bind(address)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

async fn take_inputs(tx: &mut Tx<'_>, coin: &str, decoded: &Decoded) -> Result<(), DbError> {
    for input in &decoded.inputs {
        query("UPDATE simulated_output SET spent_by = $4 WHERE coin = $1 AND txid = $2 AND vout = $3")
            .bind(coin)
            .bind(&input.txid)
            .bind(i64::from(input.vout))
            .bind(&decoded.txid)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Back into the mempool, after it was evicted or lost its block.
async fn revive(tx: &mut Tx<'_>, coin: &str, decoded: &Decoded) -> Result<bool, DbError> {
    let (ours,) = query(
        "UPDATE simulated_transaction SET in_mempool = TRUE, conflict_height = NULL, abandoned = FALSE
         WHERE coin = $1 AND txid = $2 RETURNING ours",
    )
    .bind(coin)
    .bind(&decoded.txid)
    .one::<(bool,)>(tx)
    .await?;
    take_inputs(tx, coin, decoded).await?;
    Ok(ours)
}

/// Takes a transaction and all that spend its outputs out of the network; `conflict_height`: of the block that has
/// its double spend, where one has.
pub(super) async fn evict(
    tx: &mut Tx<'_>,
    coin: &str,
    txid: &str,
    conflict_height: Option<i64>,
) -> Result<(), DbError> {
    let mut waiting = vec![txid.to_string()];
    while let Some(txid) = waiting.pop() {
        query(
            "UPDATE simulated_transaction SET in_mempool = FALSE, height = NULL, conflict_height = $3
             WHERE coin = $1 AND txid = $2",
        )
        .bind(coin)
        .bind(&txid)
        .bind(conflict_height)
        .run_one(tx)
        .await?;
        query(
            "UPDATE simulated_output SET spent_by = NULL WHERE coin = $1 AND spent_by = $2
             AND (txid, vout) IN (SELECT spent_txid, spent_vout FROM simulated_input WHERE coin = $1 AND txid = $2)",
        )
        .bind(coin)
        .bind(&txid)
        .run(tx)
        .await?;
        let children: Vec<(String,)> =
            query("SELECT DISTINCT txid FROM simulated_input WHERE coin = $1 AND spent_txid = $2")
                .bind(coin)
                .bind(&txid)
                .all(tx)
                .await?;
        waiting.extend(children.into_iter().map(|(child,)| child));
    }
    Ok(())
}

/// The mempool forgets; the wallet may hand it in again.
pub(super) struct Evict {
    pub txid: String,
}

#[async_trait]
impl Verb for Evict {
    const NAME: &'static str = "simulated_evict";
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<(), Fault> {
        let waits = query("SELECT in_mempool FROM simulated_transaction WHERE coin = $1 AND txid = $2")
            .bind(&rules.coin)
            .bind(&self.txid)
            .optional::<(bool,)>(tx)
            .await?;
        if waits != Some((true,)) {
            return Err(Fault::refused(-8, format!("{} is not in the mempool", self.txid)));
        }
        Ok(evict(tx, &rules.coin, &self.txid, None).await?)
    }
}
