//! Transactions enter the simulated network and fall out of it: what is accepted, replaced, evicted, in conflict.
//! Knows no blocks; `chain` mines what waits here, `entry` writes it down. Start with `Accept`.

use super::entry::{Fresh, evict, insert, revive};
use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{Decoded, OutPoint, raw};
use crate::record;
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
        accept(tx, rules, &self.raw, None).await
    }
}

/// `comment` is kept with a transaction that the network has never seen.
pub(super) async fn accept(
    tx: &mut Tx<'_>,
    rules: &Rules,
    bytes: &[u8],
    comment: Option<&str>,
) -> Result<Accepted, Fault> {
    let Considered { decoded, standing, fee, replaced } = consider(tx, rules, bytes).await?;
    if standing == Standing::Waits {
        return Ok(Accepted { txid: decoded.txid, news: false });
    }
    for txid in replaced {
        evict(tx, &rules.coin, &txid, None).await?;
    }
    let news = if standing == Standing::FellOut {
        revive(tx, &rules.coin, &decoded).await?
    } else {
        let comment = comment.map(Into::into);
        let fresh = Fresh { fee: Some(fee), spends_ours: true, comment, ..Fresh::new(bytes, &decoded) };
        insert(tx, &rules.coin, &fresh, rules.now()).await?
    };
    Ok(Accepted { txid: decoded.txid, news })
}

/// Why nodes wouldn't take these bytes now, with the words of `testmempoolaccept`; changes nothing.
pub(super) async fn objection(tx: &mut Tx<'_>, rules: &Rules, bytes: &[u8]) -> Result<Option<String>, Fault> {
    match consider(tx, rules, bytes).await {
        Ok(considered) => {
            Ok((considered.standing == Standing::Waits).then(|| "txn-already-in-mempool".into()))
        }
        Err(Fault::Refused { message, .. }) => Ok(Some(message)),
        Err(error) => Err(error),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unseen,
    FellOut,
    Waits,
}

/// What the mempool would do with a transaction.
struct Considered {
    decoded: Decoded,
    standing: Standing,
    fee: i64,
    /// Txids that have to go for it.
    replaced: Vec<String>,
}

async fn consider(tx: &mut Tx<'_>, rules: &Rules, bytes: &[u8]) -> Result<Considered, Fault> {
    let decoded = raw::decode(bytes, &rules.spec.versions)
        .map_err(|error| Fault::refused(-22, format!("TX decode failed: {error}")))?;
    let known: Option<(Option<i64>, bool)> =
        query("SELECT height, in_mempool FROM simulated_transaction WHERE coin = $1 AND txid = $2")
            .bind(&rules.coin)
            .bind(&decoded.txid)
            .optional(tx)
            .await?;
    let standing = match known {
        Some((Some(_), _)) => return Err(Fault::refused(-27, "transaction already in block chain")),
        Some((None, true)) => {
            return Ok(Considered { decoded, standing: Standing::Waits, fee: 0, replaced: Vec::new() });
        }
        Some((None, false)) => Standing::FellOut,
        None => Standing::Unseen,
    };
    let fee = fee_of(tx, rules, &decoded).await?;
    let replaced = conflicts_to_replace(tx, rules, &decoded, fee).await?;
    Ok(Considered { decoded, standing, fee, replaced })
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
async fn conflicts_to_replace(
    tx: &mut Tx<'_>,
    rules: &Rules,
    decoded: &Decoded,
    fee: i64,
) -> Result<Vec<String>, Fault> {
    let mut replaced: Vec<(String, i64)> = Vec::new();
    for input in &decoded.inputs {
        for (txid, mined, fee) in live_spenders(tx, &rules.coin, input, &decoded.txid).await? {
            if mined.is_some() {
                return Err(Fault::refused(-25, "bad-txns-inputs-missingorspent"));
            }
            if !replaced.iter().any(|(known, _)| *known == txid) {
                replaced.push((txid, fee.unwrap_or(0)));
            }
        }
    }
    let fees: i64 = replaced.iter().map(|(_, fee)| fee).sum();
    let enough = rules.replaces && fee >= fees.saturating_add(least_fee(decoded.virtual_size));
    if !replaced.is_empty() && !enough {
        return Err(Fault::refused(-26, "txn-mempool-conflict"));
    }
    Ok(replaced.into_iter().map(|(txid, _)| txid).collect())
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
