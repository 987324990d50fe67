//! What the tables know of a transaction: how it comes in, comes back and falls out, with the outputs that it takes.
//! Knows no rules; `mempool` and `chain` decide.

use crate::db::{DbError, Tx, query};
use crate::network::Decoded;
use app::model::Time;

/// A transaction that the network has never seen. A coinbase is mined at once, others wait in the mempool.
pub(super) struct Fresh<'a> {
    pub raw: &'a [u8],
    pub decoded: &'a Decoded,
    pub fee: Option<i64>,
    pub spends_ours: bool,
    pub comment: Option<String>,
    pub coinbase_height: Option<i64>,
}

impl<'a> Fresh<'a> {
    /// As from outside: no inputs of ours, waiting in the mempool.
    pub fn new(raw: &'a [u8], decoded: &'a Decoded) -> Self {
        Self { raw, decoded, fee: None, spends_ours: false, comment: None, coinbase_height: None }
    }
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
             (coin, txid, raw, ours, spends_ours, coinbase, fee, height, in_mempool, abandoned, created_at, comment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, $10, $11)",
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
    .bind(fresh.comment.clone())
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
pub(super) async fn revive(tx: &mut Tx<'_>, coin: &str, decoded: &Decoded) -> Result<bool, DbError> {
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
