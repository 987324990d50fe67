//! The hot wallet of the simulated network: its addresses and keys, and what it says of its transactions.

use super::bytes;
use super::entry::is_owned;
use super::mempool::MATURITY;
use super::outside::fresh_address;
use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{OutPoint, Output, Received, Since, Totals, Unspent, WalletTransaction};
use crate::record;
use async_trait::async_trait;

/// A new address of the hot wallet.
pub(super) struct MakeAddress {
    pub label: String,
    pub change: bool,
}

#[async_trait]
impl Verb for MakeAddress {
    const NAME: &'static str = "simulated_make_address";
    type Output = String;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<String, Fault> {
        let address = fresh_address(tx, rules).await?;
        query("INSERT INTO simulated_address (coin, address, label, change, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&rules.coin)
            .bind(&address)
            .bind(&self.label)
            .bind(self.change)
            .bind(rules.now())
            .run_one(tx)
            .await?;
        Ok(address)
    }
}

/// Signs what the wallet has the keys of; checks no balance, as a daemon doesn't.
pub(super) async fn sign(
    tx: &mut Tx<'_>,
    rules: &Rules,
    inputs: &[Unspent],
    outputs: &[Output],
) -> Result<Vec<u8>, Fault> {
    let unwritable = || Fault::refused(-8, "Invalid parameter: inputs and outputs must exist and be amounts");
    for input in inputs {
        let owned = query("SELECT ours FROM simulated_output WHERE coin = $1 AND txid = $2 AND vout = $3")
            .bind(&rules.coin)
            .bind(&input.outpoint.txid)
            .bind(i64::from(input.outpoint.vout))
            .optional::<(bool,)>(tx)
            .await?;
        if owned != Some((true,)) {
            return Err(Fault::refused(-4, "Unable to sign input, no such output of this wallet"));
        }
    }
    let mut paid = Vec::new();
    for (index, output) in outputs.iter().enumerate() {
        if outputs[..index].iter().any(|other| other.address == output.address) {
            return Err(Fault::refused(
                -8,
                format!("Invalid parameter, duplicated address: {}", output.address),
            ));
        }
        paid.push((super::outside::script_of(rules, &output.address)?, output.amount));
    }
    let (seed,) = query("SELECT seed FROM simulated_network WHERE coin = $1")
        .bind(&rules.coin)
        .one::<(i64,)>(tx)
        .await?;
    let outpoints: Vec<OutPoint> = inputs.iter().map(|input| input.outpoint.clone()).collect();
    if outpoints.is_empty() || paid.is_empty() {
        return Err(unwritable());
    }
    bytes::transaction(&outpoints, &paid, &seed.to_le_bytes()).ok_or_else(unwritable)
}

pub(super) async fn owns(tx: &mut Tx<'_>, rules: &Rules, address: &str) -> Result<bool, DbError> {
    match rules.spec.versions.canonical(address) {
        Ok(address) => is_owned(tx, &rules.coin, &address).await,
        Err(_) => Ok(false),
    }
}

struct UnspentRow {
    txid: String,
    vout: i64,
    amount: i64,
    address: Option<String>,
    confirmations: i64,
}
record!(UnspentRow { txid, vout, amount, address, confirmations });

/// Confirmed and mature, largest first.
pub(super) async fn unspent(tx: &mut Tx<'_>, coin: &str) -> Result<Vec<Unspent>, DbError> {
    let rows: Vec<UnspentRow> = query(
        "SELECT o.txid, o.vout, o.amount, o.address, n.height - t.height + 1 AS confirmations
         FROM simulated_output o
         JOIN simulated_transaction t ON t.coin = o.coin AND t.txid = o.txid
         JOIN simulated_network n ON n.coin = o.coin
         WHERE o.coin = $1 AND o.ours AND o.spent_by IS NULL AND t.height IS NOT NULL
             AND (NOT t.coinbase OR n.height - t.height + 1 >= $2)
         ORDER BY o.amount DESC, o.txid, o.vout",
    )
    .bind(coin)
    .bind(MATURITY)
    .all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let outpoint = OutPoint { txid: row.txid, vout: narrow(row.vout)? };
            Ok(Unspent {
                outpoint,
                amount: row.amount,
                confirmations: row.confirmations,
                address: row.address,
            })
        })
        .collect()
}

fn narrow(vout: i64) -> Result<u32, DbError> {
    u32::try_from(vout).map_err(|_| DbError::Failed(format!("{vout} is no output number")))
}

/// Trusted: confirmed, or change of what we sent ourselves. Untrusted: from outside and unconfirmed.
pub(super) async fn totals(tx: &mut Tx<'_>, coin: &str) -> Result<Totals, DbError> {
    let (trusted, untrusted_pending, immature) = query(
        "SELECT
             CAST(COALESCE(SUM(CASE WHEN t.coinbase AND n.height - t.height + 1 < $2 THEN 0
                 WHEN t.height IS NOT NULL OR t.spends_ours THEN o.amount ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN t.height IS NULL AND NOT t.spends_ours THEN o.amount ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN t.coinbase AND n.height - t.height + 1 < $2 THEN o.amount ELSE 0 END), 0) AS BIGINT)
         FROM simulated_output o
         JOIN simulated_transaction t ON t.coin = o.coin AND t.txid = o.txid
         JOIN simulated_network n ON n.coin = o.coin
         WHERE o.coin = $1 AND o.ours AND o.spent_by IS NULL AND (t.height IS NOT NULL OR t.in_mempool)",
    )
    .bind(coin)
    .bind(MATURITY)
    .one::<(i64, i64, i64)>(tx)
    .await?;
    Ok(Totals { trusted, untrusted_pending, immature })
}

#[allow(clippy::struct_excessive_bools, reason = "the columns of a row, not a state")]
struct TransactionHead {
    height: Option<i64>,
    in_mempool: bool,
    conflict_height: Option<i64>,
    abandoned: bool,
    coinbase: bool,
    spends_ours: bool,
    fee: Option<i64>,
    tip: i64,
    block: Option<String>,
}
record!(TransactionHead {
    height,
    in_mempool,
    conflict_height,
    abandoned,
    coinbase,
    spends_ours,
    fee,
    tip,
    block
});

/// `None` for what the hot wallet has nothing to do with.
pub(super) async fn transaction(
    tx: &mut Tx<'_>,
    coin: &str,
    txid: &str,
) -> Result<Option<WalletTransaction>, DbError> {
    let head: Option<TransactionHead> = query(
        "SELECT t.height, t.in_mempool, t.conflict_height, t.abandoned, t.coinbase, t.spends_ours, t.fee,
             n.height AS tip, b.hash AS block
         FROM simulated_transaction t
         JOIN simulated_network n ON n.coin = t.coin
         LEFT JOIN simulated_block b ON b.coin = t.coin AND b.height = t.height AND b.active
         WHERE t.coin = $1 AND t.txid = $2 AND t.ours",
    )
    .bind(coin)
    .bind(txid)
    .optional(tx)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let confirmations = match (head.height, head.conflict_height) {
        (Some(height), _) => head.tip - height + 1,
        (None, Some(height)) => height - head.tip - 1,
        (None, None) => 0,
    };
    Ok(Some(WalletTransaction {
        txid: txid.to_string(),
        confirmations,
        block: head.block,
        height: None,
        at: None,
        net: 0,
        comment: None,
        inputs: vec![],
        outputs: vec![],
        in_mempool: if head.height.is_some() { None } else { Some(head.in_mempool) },
        coinbase: head.coinbase,
        abandoned: head.abandoned,
        spends_ours: head.spends_ours,
        fee: if head.spends_ours { head.fee } else { None },
        conflicts: conflicts(tx, coin, txid).await?,
        received: received(tx, coin, txid).await?,
    }))
}

/// Other wallet transactions that spend the same inputs.
async fn conflicts(tx: &mut Tx<'_>, coin: &str, txid: &str) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> = query(
        "SELECT DISTINCT b.txid FROM simulated_input a
         JOIN simulated_input b ON b.coin = a.coin AND b.spent_txid = a.spent_txid AND b.spent_vout = a.spent_vout
         JOIN simulated_transaction t ON t.coin = b.coin AND t.txid = b.txid
         WHERE a.coin = $1 AND a.txid = $2 AND b.txid <> $2 AND t.ours ORDER BY b.txid",
    )
    .bind(coin)
    .bind(txid)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(txid,)| txid).collect())
}

/// Change isn't among them, as daemons list only outputs to addresses that were given out.
async fn received(tx: &mut Tx<'_>, coin: &str, txid: &str) -> Result<Vec<Received>, DbError> {
    let rows: Vec<(i64, String, i64)> = query(
        "SELECT o.vout, o.address, o.amount FROM simulated_output o
         JOIN simulated_address a ON a.coin = o.coin AND a.address = o.address
         WHERE o.coin = $1 AND o.txid = $2 AND NOT a.change ORDER BY o.vout",
    )
    .bind(coin)
    .bind(txid)
    .all(tx)
    .await?;
    rows.into_iter()
        .map(|(vout, address, amount)| Ok(Received { address, vout: narrow(vout)?, amount }))
        .collect()
}

/// As `listsinceblock` answers, without what is only in conflict for longer than the cursor is deep.
pub(super) async fn since(
    tx: &mut Tx<'_>,
    coin: &str,
    cursor: Option<&str>,
    depth: u32,
) -> Result<Since, DbError> {
    let from = match cursor {
        Some(hash) => active_height(tx, coin, hash).await?,
        None => -1,
    };
    let rows: Vec<(String,)> = query(
        "SELECT txid FROM (
             SELECT id, txid FROM simulated_transaction WHERE coin = $1 AND height > $2 AND ours
             UNION ALL
             SELECT id, txid FROM simulated_transaction WHERE coin = $1 AND height IS NULL AND ours
                 AND (conflict_height IS NULL OR conflict_height > $2)
         ) changed ORDER BY id",
    )
    .bind(coin)
    .bind(from)
    .all(tx)
    .await?;
    let (cursor,) = query(
        "SELECT b.hash FROM simulated_network n JOIN simulated_block b ON b.coin = n.coin AND b.active
             AND b.height = CASE WHEN n.height + 1 > $2 THEN n.height + 1 - $2 ELSE 0 END
         WHERE n.coin = $1",
    )
    .bind(coin)
    .bind(i64::from(depth.max(1)))
    .one::<(String,)>(tx)
    .await?;
    Ok(Since { txids: rows.into_iter().map(|(txid,)| txid).collect(), cursor: Some(cursor) })
}

/// Height of a block, or of its nearest ancestor on the best chain; everything (-1) for one that is unknown.
async fn active_height(tx: &mut Tx<'_>, coin: &str, hash: &str) -> Result<i64, DbError> {
    let mut hash = hash.to_string();
    loop {
        let block = query("SELECT height, active, parent FROM simulated_block WHERE coin = $1 AND hash = $2")
            .bind(coin)
            .bind(&hash)
            .optional::<(i64, bool, Option<String>)>(tx)
            .await?;
        match block {
            Some((height, true, _)) => return Ok(height),
            Some((_, false, Some(parent))) => hash = parent,
            _ => return Ok(-1),
        }
    }
}
