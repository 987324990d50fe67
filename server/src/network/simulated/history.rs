//! What the hot wallet of the simulated network says of its transactions: one by one, and what changed since a block.
//! Start with `transaction`.

use super::verb::{Fault, Rules};
use super::wallet::narrow;
use crate::db::{DbError, Tx, query};
use crate::network::{Received, Since, WalletTransaction, raw};
use crate::record;
use app::model::Time;

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
    raw: Vec<u8>,
    comment: Option<String>,
    created_at: Time,
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
    block,
    raw,
    comment,
    created_at
});

/// `None` for what the hot wallet has nothing to do with.
pub(super) async fn transaction(
    tx: &mut Tx<'_>,
    rules: &Rules,
    txid: &str,
) -> Result<Option<WalletTransaction>, Fault> {
    let coin = &rules.coin;
    let head: Option<TransactionHead> = query(
        "SELECT t.height, t.in_mempool, t.conflict_height, t.abandoned, t.coinbase, t.spends_ours, t.fee,
             n.height AS tip, b.hash AS block, t.raw, t.comment, t.created_at
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
    let decoded =
        raw::decode(&head.raw, &rules.spec.versions).map_err(|error| DbError::Failed(error.to_string()))?;
    Ok(Some(WalletTransaction {
        txid: txid.to_string(),
        confirmations,
        block: head.block,
        height: head.height,
        at: Some(head.created_at),
        net: net(tx, coin, txid).await?,
        comment: head.comment,
        inputs: decoded.inputs,
        outputs: decoded.outputs,
        in_mempool: if head.height.is_some() { None } else { Some(head.in_mempool) },
        coinbase: head.coinbase,
        abandoned: head.abandoned,
        spends_ours: head.spends_ours,
        fee: if head.spends_ours { head.fee } else { None },
        conflicts: conflicts(tx, coin, txid).await?,
        received: received(tx, coin, txid).await?,
        raw: head.raw,
    }))
}

/// What it pays the hot wallet, change too, less what it takes from it.
async fn net(tx: &mut Tx<'_>, coin: &str, txid: &str) -> Result<i64, DbError> {
    let (paid, taken) = query(
        "SELECT
             (SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM simulated_output o
              WHERE o.coin = $1 AND o.txid = $2 AND o.ours),
             (SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM simulated_input i
              JOIN simulated_output o ON o.coin = i.coin AND o.txid = i.spent_txid AND o.vout = i.spent_vout
              WHERE i.coin = $1 AND i.txid = $2 AND o.ours)",
    )
    .bind(coin)
    .bind(txid)
    .one::<(i64, i64)>(tx)
    .await?;
    Ok(paid - taken)
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

/// As `listsinceblock` answers, of it what spends inputs of ours; newest first.
pub(super) async fn sent_since(
    tx: &mut Tx<'_>,
    rules: &Rules,
    block: &str,
) -> Result<Vec<WalletTransaction>, Fault> {
    let from = active_height(tx, &rules.coin, block).await?;
    let rows: Vec<(String,)> = query(
        "SELECT txid FROM simulated_transaction
         WHERE coin = $1 AND spends_ours AND (height > $2 OR height IS NULL) ORDER BY id DESC",
    )
    .bind(&rules.coin)
    .bind(from)
    .all(tx)
    .await?;
    let mut sent = Vec::new();
    for (txid,) in rows {
        sent.extend(transaction(tx, rules, &txid).await?);
    }
    Ok(sent)
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
