//! One-shot sends: the wallet picks the inputs at the moment it runs, makes change, signs and sends, with the errors
//! that a daemon's `sendmany` has.

use super::bytes;
use super::mempool::{Accepted, accept};
use super::verb::{Fault, Rules, Verb};
use super::wallet::{self, MakeAddress};
use crate::db::Tx;
use crate::network::{OutPoint, Output, Unspent};
use std::collections::HashSet;

pub(super) async fn send_many(
    tx: &mut Tx<'_>,
    rules: &Rules,
    outputs: &[Output],
    comment: &str,
    locked: &HashSet<OutPoint>,
) -> Result<Accepted, Fault> {
    check(rules, outputs)?;
    let change = MakeAddress { label: String::new(), change: true }.apply(tx, rules).await?;
    let mut offered = wallet::unspent(tx, &rules.coin).await?;
    offered.retain(|output| !locked.contains(&output.outpoint));
    let (inputs, rest) = pick(rules, offered, outputs, &change)?;
    let mut paid = outputs.to_vec();
    // What is too little for an output of its own goes to the fee.
    if rest >= rules.spec.dust {
        paid.push(Output { address: change, amount: rest });
    }
    let raw = wallet::sign(tx, rules, &inputs, &paid).await?;
    accept(tx, rules, &raw, Some(comment)).await
}

fn check(rules: &Rules, outputs: &[Output]) -> Result<(), Fault> {
    if outputs.is_empty() {
        return Err(Fault::refused(-6, "Transaction must have at least one recipient"));
    }
    for output in outputs {
        super::outside::script_of(rules, &output.address)?;
        if output.amount <= 0 {
            return Err(Fault::refused(-3, "Invalid amount for send"));
        }
        if output.amount < rules.spec.dust {
            return Err(Fault::refused(-6, "Transaction amount too small"));
        }
    }
    Ok(())
}

/// The largest first, until they carry the outputs and the fee; and what is left over for the change.
fn pick(
    rules: &Rules,
    offered: Vec<Unspent>,
    outputs: &[Output],
    change: &str,
) -> Result<(Vec<Unspent>, i64), Fault> {
    let wanted = outputs.iter().try_fold(0_i64, |sum, output| sum.checked_add(output.amount));
    let wanted = wanted.ok_or_else(|| Fault::refused(-3, "Invalid amount for send"))?;
    let scripts = outputs.iter().map(|output| output.address.as_str()).chain([change]);
    let scripts: Result<Vec<_>, Fault> =
        scripts.map(|address| Ok((super::outside::script_of(rules, address)?, 0))).collect();
    let scripts = scripts?;
    let (mut inputs, mut sum) = (Vec::new(), 0_i64);
    for output in offered {
        sum = sum.saturating_add(output.amount);
        inputs.push(output);
        let outpoints: Vec<OutPoint> = inputs.iter().map(|input| input.outpoint.clone()).collect();
        let size = bytes::transaction(&outpoints, &scripts, b"").map_or(0, |raw| raw.len());
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let fee = size.saturating_mul(rules.spec.fee_rate_fallback) / 1000 + 1;
        if let Some(rest) = sum.checked_sub(wanted).and_then(|rest| rest.checked_sub(fee))
            && rest >= 0
        {
            return Ok((inputs, rest));
        }
    }
    Err(Fault::refused(-6, "Insufficient funds"))
}
