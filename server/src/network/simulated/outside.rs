//! The world outside the hot wallet: it pays from thin air, spends twice when told to, and counts what it got.
//! Start with `Pay`.

use super::bytes::{self, ScriptOutput};
use super::chance::draw;
use super::entry::{Fresh, evict, insert};
use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::{OutPoint, raw};
use async_trait::async_trait;

/// A payment to any address, from thin air.
pub(super) struct Pay {
    pub address: String,
    pub amount: i64,
}

pub(super) struct Paid {
    pub txid: String,
    /// It pays the hot wallet.
    pub ours: bool,
}

#[async_trait]
impl Verb for Pay {
    const NAME: &'static str = "simulated_pay";
    type Output = Paid;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Paid, Fault> {
        if self.amount <= 0 {
            return Err(Fault::refused(-3, "Invalid amount for send"));
        }
        let thin_air = OutPoint { txid: hex::encode(draw(tx, &rules.coin).await?), vout: 0 };
        let output = (script_of(rules, &self.address)?, self.amount);
        enter(tx, rules, thin_air, output).await
    }
}

/// Replaces a waiting payment from outside by one that spends the same input.
pub(super) struct DoubleSpend {
    pub txid: String,
    /// Who gets it instead; somebody outside when `None`.
    pub to: Option<String>,
}

#[async_trait]
impl Verb for DoubleSpend {
    const NAME: &'static str = "simulated_double_spend";
    type Output = String;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<String, Fault> {
        double_spend(tx, rules, &self.txid, self.to.as_deref()).await
    }
}

pub(super) async fn double_spend(
    tx: &mut Tx<'_>,
    rules: &Rules,
    txid: &str,
    to: Option<&str>,
) -> Result<String, Fault> {
    let coin = &rules.coin;
    let refused = || Fault::refused(-8, format!("{txid} is no unmined payment from outside"));
    let (raw,) = query(
        "SELECT raw FROM simulated_transaction
         WHERE coin = $1 AND txid = $2 AND in_mempool AND NOT spends_ours AND NOT coinbase",
    )
    .bind(coin)
    .bind(txid)
    .optional::<(Vec<u8>,)>(tx)
    .await?
    .ok_or_else(refused)?;
    let decoded = raw::decode(&raw, &rules.spec.versions).map_err(|_| unwritable())?;
    let input = decoded.inputs.into_iter().next().ok_or_else(refused)?;
    let amount = decoded.outputs.iter().map(|(_, amount)| amount).sum();
    let to = match to {
        Some(address) => address.to_string(),
        None => fresh_address(tx, rules).await?,
    };
    evict(tx, coin, txid, None).await?;
    let output = (script_of(rules, &to)?, amount);
    Ok(enter(tx, rules, input, output).await?.txid)
}

/// Somebody changes the signatures of a waiting transaction of ours: same inputs and outputs, another txid, and the
/// copy is what gets mined. The wallet keeps the comment with both, as daemons do.
pub(super) struct Malleate {
    pub txid: String,
}

#[async_trait]
impl Verb for Malleate {
    const NAME: &'static str = "simulated_malleate";
    type Output = String;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<String, Fault> {
        let coin = &rules.coin;
        let refused = || Fault::refused(-8, format!("{} is no unmined transaction of ours", self.txid));
        let (raw, fee, comment) = query(
            "SELECT raw, fee, comment FROM simulated_transaction
             WHERE coin = $1 AND txid = $2 AND in_mempool AND spends_ours",
        )
        .bind(coin)
        .bind(&self.txid)
        .optional::<(Vec<u8>, Option<i64>, Option<String>)>(tx)
        .await?
        .ok_or_else(refused)?;
        let original = raw::decode(&raw, &rules.spec.versions).map_err(|_| unwritable())?;
        let mut outputs = Vec::new();
        for (address, amount) in &original.outputs {
            outputs.push((script_of(rules, address.as_deref().ok_or_else(refused)?)?, *amount));
        }
        let secret = draw(tx, coin).await?;
        let bytes = bytes::transaction(&original.inputs, &outputs, &secret).ok_or_else(unwritable)?;
        let decoded = raw::decode(&bytes, &rules.spec.versions).map_err(|_| unwritable())?;
        evict(tx, coin, &self.txid, None).await?;
        let fresh = Fresh { fee, spends_ours: true, comment, ..Fresh::new(&bytes, &decoded) };
        insert(tx, coin, &fresh, rules.now()).await?;
        Ok(decoded.txid)
    }
}

/// An address that is not the hot wallet's.
pub(super) struct OutsideAddress;

#[async_trait]
impl Verb for OutsideAddress {
    const NAME: &'static str = "simulated_outside_address";
    type Output = String;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<String, Fault> {
        Ok(fresh_address(tx, rules).await?)
    }
}

/// Pays the hash of a key that nobody has.
pub(super) async fn fresh_address(tx: &mut Tx<'_>, rules: &Rules) -> Result<String, DbError> {
    let hash = draw(tx, &rules.coin).await?;
    Ok(bs58::encode(&hash[..20]).with_check_version(rules.spec.versions.p2pkh).into_string())
}

/// What an address got in blocks of the best chain, in minor units.
pub(super) async fn received(tx: &mut Tx<'_>, coin: &str, address: &str) -> Result<i64, DbError> {
    let (sum,) = query(
        "SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) FROM simulated_output o
         JOIN simulated_transaction t ON t.coin = o.coin AND t.txid = o.txid
         WHERE o.coin = $1 AND o.address = $2 AND t.height IS NOT NULL",
    )
    .bind(coin)
    .bind(address)
    .one::<(i64,)>(tx)
    .await?;
    Ok(sum)
}

pub(super) fn script_of(rules: &Rules, address: &str) -> Result<Vec<u8>, Fault> {
    rules
        .spec
        .versions
        .script(address)
        .map_err(|error| Fault::refused(-5, format!("Invalid address: {error}")))
}

/// Nobody can cause it from outside: what is written here is made of checked pieces.
pub(super) fn unwritable() -> Fault {
    Fault::refused(-1, "a transaction of the simulated network can't be written")
}

async fn enter(tx: &mut Tx<'_>, rules: &Rules, input: OutPoint, output: ScriptOutput) -> Result<Paid, Fault> {
    let secret = draw(tx, &rules.coin).await?;
    let bytes = bytes::transaction(&[input], &[output], &secret).ok_or_else(unwritable)?;
    let decoded = raw::decode(&bytes, &rules.spec.versions).map_err(|_| unwritable())?;
    let ours = insert(tx, &rules.coin, &Fresh::new(&bytes, &decoded), rules.now()).await?;
    Ok(Paid { txid: decoded.txid, ours })
}
