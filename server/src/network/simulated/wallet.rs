//! The hot wallet of the simulated network: its addresses, keys and balance; `history` has its transactions.

use super::bytes;
use super::entry::is_owned;
use super::mempool::MATURITY;
use super::outside::fresh_address;
use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{OutPoint, Output, Totals, Unspent};
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

pub(super) fn narrow(vout: i64) -> Result<u32, DbError> {
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
