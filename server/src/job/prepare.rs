//! Preparing a broadcast: inputs picked by us, built and signed by the backend, taken apart and checked by us
//! before anything is stored. Nothing here leaves the house.

use crate::network::{Backend, BackendError, CoinSpec, Decoded, OutPoint, Output, Unspent};
use std::collections::BTreeMap;

/// No node relays below 1 minor unit a virtual byte, whatever an estimate says.
const RELAY_RATE_MIN: i64 = 1000;
/// Upper bounds of what an input and an output of any usual kind weigh, for the first pick. Virtual bytes.
const INPUT_SIZE: i64 = 149;
const OUTPUT_SIZE: i64 = 43;
const FRAME_SIZE: i64 = 11;

#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    #[error("{need} minor units are needed with the fee, {available} can be spent now")]
    ShortFunds { need: i64, available: i64 },
    #[error("what the backend signed is not what was asked: {0}. It was thrown away")]
    NotAsAsked(String),
    #[error("an amount is larger than can be counted")]
    TooLarge,
    #[error(transparent)]
    Backend(#[from] BackendError),
}

pub(super) struct Prepared {
    pub raw: Vec<u8>,
    pub txid: String,
    /// Minor units.
    pub fee: i64,
    /// The first is the anchor.
    pub inputs: Vec<(OutPoint, i64)>,
}

/// `unspent`: what may be spent, largest first. `outputs`: the recorded ones.
pub(super) async fn prepare(
    backend: &dyn Backend,
    spec: &CoinSpec,
    unspent: &[Unspent],
    outputs: &[Output],
) -> Result<Prepared, PrepareError> {
    let rate = rate(backend, spec).await?;
    let picked = pick(unspent, total(outputs)?, rate, outputs.len())?;
    build(backend, spec, picked, outputs, Fee { rate, least: 0 }).await
}

/// A version that takes the place of others (BIP 125): it spends all their inputs, the anchor among them, and more of
/// `spare` where they don't pay the higher fee. Without outputs it takes everything back to us.
pub(super) async fn replace(
    backend: &dyn Backend,
    spec: &CoinSpec,
    inputs: &[Unspent],
    spare: &[Unspent],
    outputs: &[Output],
    highest_fee: i64,
) -> Result<Prepared, PrepareError> {
    let estimate = rate(backend, spec).await?;
    let mut inputs = inputs.to_vec();
    let mut spare = spare.iter();
    loop {
        let size = size_of(inputs.len(), outputs.len() + 1);
        // Half as much again as before, so that it is worth it; at least what nodes ask of a replacement.
        let raised = fee_for(RELAY_RATE_MIN, size).max(highest_fee / 2);
        let fee = Fee { rate: estimate, least: highest_fee.saturating_add(raised) };
        let short = match build(backend, spec, &inputs, outputs, fee).await {
            Err(error @ PrepareError::ShortFunds { .. }) => error,
            other => return other,
        };
        inputs.push(spare.next().ok_or(short)?.clone());
    }
}

async fn rate(backend: &dyn Backend, spec: &CoinSpec) -> Result<i64, PrepareError> {
    let estimate = backend.fee_rate(spec.fee_target_blocks).await?.unwrap_or(spec.fee_rate_fallback);
    Ok(estimate.min(spec.fee_rate_max).max(RELAY_RATE_MIN))
}

#[derive(Clone, Copy)]
struct Fee {
    /// Minor units per 1,000 virtual bytes.
    rate: i64,
    /// Minor units.
    least: i64,
}

impl Fee {
    fn of(self, size: i64) -> i64 {
        fee_for(self.rate, size).max(self.least)
    }
}

async fn build(
    backend: &dyn Backend,
    spec: &CoinSpec,
    picked: &[Unspent],
    outputs: &[Output],
    asked: Fee,
) -> Result<Prepared, PrepareError> {
    let surplus = surplus(picked, outputs)?;
    let change_address = backend.change_address().await?;
    // The first signature only measures: sizes of scripts and signatures are the backend's to know.
    let guess = asked.of(size_of(picked.len(), outputs.len() + 1));
    if surplus < guess && surplus < asked.least {
        return Err(short(picked, outputs, guess));
    }
    let draft =
        backend.sign(picked, &with_change(outputs, &change_address, surplus - guess, spec.dust)).await?;
    let size = backend.decode(&draft)?.virtual_size;
    // A signature may come out a byte longer the second time: one byte an input is added.
    let padded = size + i64::try_from(picked.len()).unwrap_or(i64::MAX);
    let all = with_change(outputs, &change_address, surplus - asked.of(padded), spec.dust);
    let raw = backend.sign(picked, &all).await?;
    let decoded = backend.decode(&raw)?;
    let fee = check(&decoded, picked, &all)?;
    if fee < asked.least {
        return Err(short(picked, outputs, asked.least));
    }
    let ceiling = fee_for(spec.fee_rate_max.max(RELAY_RATE_MIN), padded) + spec.dust;
    if fee > ceiling {
        return Err(PrepareError::NotAsAsked(format!("its fee is {fee}, the ceiling {ceiling}")));
    }
    let inputs = picked.iter().map(|input| (input.outpoint.clone(), input.amount)).collect();
    Ok(Prepared { raw, txid: decoded.txid, fee, inputs })
}

fn short(picked: &[Unspent], outputs: &[Output], fee: i64) -> PrepareError {
    let sum = |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0_i64, i64::saturating_add);
    PrepareError::ShortFunds {
        need: sum(&mut outputs.iter().map(|output| output.amount)).saturating_add(fee),
        available: sum(&mut picked.iter().map(|input| input.amount)),
    }
}

/// The fewest of the largest that pay `need` and the fee.
fn pick(unspent: &[Unspent], need: i64, rate: i64, output_count: usize) -> Result<&[Unspent], PrepareError> {
    let mut available: i64 = 0;
    for (index, input) in unspent.iter().enumerate() {
        available = available.checked_add(input.amount).ok_or(PrepareError::TooLarge)?;
        let with_fee = need.saturating_add(fee_for(rate, size_of(index + 1, output_count + 1)));
        if available >= with_fee {
            return Ok(&unspent[..=index]);
        }
    }
    let need = need.saturating_add(fee_for(rate, size_of(unspent.len().max(1), output_count + 1)));
    Err(PrepareError::ShortFunds { need, available })
}

/// How much of `unspent` can go to outputs once a fee for spending all of it is put aside; what collecting goes by.
pub(super) fn spendable(unspent: &[Unspent], spec: &CoinSpec) -> i64 {
    let sum = unspent.iter().fold(0_i64, |sum, input| sum.saturating_add(input.amount));
    let fee = fee_for(spec.fee_rate_max, size_of(unspent.len(), 2));
    (sum - fee).max(0)
}

fn size_of(inputs: usize, outputs: usize) -> i64 {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    count(inputs)
        .saturating_mul(INPUT_SIZE)
        .saturating_add(count(outputs).saturating_mul(OUTPUT_SIZE))
        .saturating_add(FRAME_SIZE)
}

/// Rounded up: a fee below the rate might not be relayed.
fn fee_for(rate: i64, size: i64) -> i64 {
    let fee = (i128::from(rate) * i128::from(size) + 999) / 1000;
    i64::try_from(fee).unwrap_or(i64::MAX)
}

fn total(outputs: &[Output]) -> Result<i64, PrepareError> {
    outputs.iter().try_fold(0_i64, |sum, output| sum.checked_add(output.amount)).ok_or(PrepareError::TooLarge)
}

fn surplus(inputs: &[Unspent], outputs: &[Output]) -> Result<i64, PrepareError> {
    let sum = inputs
        .iter()
        .try_fold(0_i64, |sum, input| sum.checked_add(input.amount))
        .ok_or(PrepareError::TooLarge)?;
    Ok(sum - total(outputs)?)
}

/// Change too small to be worth an output is left to the fee.
fn with_change(outputs: &[Output], address: &str, change: i64, dust: i64) -> Vec<Output> {
    let mut all = outputs.to_vec();
    if change >= dust.max(1) {
        all.push(Output { address: address.to_owned(), amount: change });
    }
    all
}

/// Exactly these inputs, exactly these outputs; answers the fee that follows.
fn check(decoded: &Decoded, inputs: &[Unspent], outputs: &[Output]) -> Result<i64, PrepareError> {
    let not_as_asked = |what: &str| Err(PrepareError::NotAsAsked(what.into()));
    let mut asked: Vec<&OutPoint> = inputs.iter().map(|input| &input.outpoint).collect();
    let mut spent: Vec<&OutPoint> = decoded.inputs.iter().collect();
    asked.sort();
    spent.sort();
    if asked != spent {
        return not_as_asked("it spends other inputs");
    }
    let mut owed: BTreeMap<(&str, i64), i64> = BTreeMap::new();
    for output in outputs {
        *owed.entry((&output.address, output.amount)).or_default() += 1;
    }
    for (address, amount) in &decoded.outputs {
        let Some(address) = address else { return not_as_asked("it pays a script that is no address") };
        match owed.get_mut(&(address.as_str(), *amount)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => return not_as_asked("it pays other outputs"),
        }
    }
    if owed.values().any(|count| *count != 0) {
        return not_as_asked("it leaves out an output");
    }
    let fee = surplus(inputs, outputs)?;
    if fee < 0 { not_as_asked("it pays more than it spends") } else { Ok(fee) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unspent(amounts: &[i64]) -> Vec<Unspent> {
        let one = |(vout, amount): (usize, &i64)| Unspent {
            outpoint: OutPoint { txid: "aa".repeat(32), vout: u32::try_from(vout).unwrap() },
            amount: *amount,
            confirmations: 6,
            address: None,
        };
        amounts.iter().enumerate().map(one).collect()
    }

    fn output(address: &str, amount: i64) -> Output {
        Output { address: address.into(), amount }
    }

    fn decoded(inputs: &[Unspent], outputs: &[Output]) -> Decoded {
        Decoded {
            txid: "bb".repeat(32),
            inputs: inputs.iter().rev().map(|input| input.outpoint.clone()).collect(),
            outputs: outputs
                .iter()
                .rev()
                .map(|output| (Some(output.address.clone()), output.amount))
                .collect(),
            virtual_size: 200,
        }
    }

    proptest! {
        #[test]
        fn what_is_picked_pays_outputs_and_fee(amounts in prop::collection::vec(1_i64..1_000_000, 1..30), need in 1_i64..5_000_000, rate in 1000_i64..100_000) {
            let unspent = unspent(&amounts);
            match pick(&unspent, need, rate, 1) {
                Ok(picked) => {
                    let sum: i64 = picked.iter().map(|input| input.amount).sum();
                    prop_assert!(sum >= need + fee_for(rate, size_of(picked.len(), 2)));
                }
                Err(PrepareError::ShortFunds { need: with_fee, available }) => prop_assert!(available < with_fee),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn a_signed_transaction_must_be_exactly_what_was_asked() {
        let inputs = unspent(&[50_000, 60_000]);
        let outputs = [output("a", 70_000), output("b", 30_000)];
        assert_eq!(check(&decoded(&inputs, &outputs), &inputs, &outputs).unwrap(), 10_000);
        let refused = |decoded: Decoded| assert!(check(&decoded, &inputs, &outputs).is_err());
        refused(decoded(&inputs[..1], &outputs));
        refused(decoded(&inputs, &outputs[..1]));
        refused(decoded(&inputs, &[output("a", 70_000), output("b", 30_000), output("b", 30_000)]));
        refused(decoded(&inputs, &[output("a", 70_001), output("b", 30_000)]));
        refused(decoded(&inputs, &[output("c", 70_000), output("b", 30_000)]));
    }

    #[test]
    fn change_below_dust_goes_to_the_fee() {
        let outputs = [output("a", 70_000)];
        assert_eq!(with_change(&outputs, "change", 545, 546).len(), 1);
        assert_eq!(with_change(&outputs, "change", 546, 546).len(), 2);
        assert_eq!(with_change(&outputs, "change", -1, 0).len(), 1);
    }
}
