//! What the daemon's wallet says of transactions, in the words of `Backend`. Pure: answers in, values out.

use super::answers::{Detail, SinceAnswer, SinceEntry, TransactionAnswer, UnspentAnswer};
use crate::network::raw;
use crate::network::{
    BackendError, BackendResult, CoinSpec, OutPoint, Received, Since, Unspent, WalletTransaction,
};
use app::model::Time;
use std::cmp::Reverse;
use std::collections::HashSet;

/// What can be spent now, largest first; equal ones in a fixed order, so that runs can be compared.
pub fn spendable(answers: Vec<UnspentAnswer>, decimals: u8) -> BackendResult<Vec<Unspent>> {
    let mut unspent = Vec::with_capacity(answers.len());
    for answer in answers.into_iter().filter(|answer| answer.spendable && answer.safe) {
        unspent.push(Unspent {
            amount: answer.amount.units(decimals).map_err(senseless)?,
            outpoint: OutPoint { txid: answer.txid, vout: answer.vout },
            confirmations: answer.confirmations,
            address: answer.address,
        });
    }
    unspent.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.outpoint.cmp(&b.outpoint)));
    Ok(unspent)
}

/// Txids once each, oldest first. A cursor of zeros is how a chain shorter than the asked depth is told.
pub fn since(answer: SinceAnswer) -> Since {
    let mut entries: Vec<SinceEntry> = answer.transactions;
    entries.extend(answer.removed);
    // The deeper the older; times are too coarse to tell those of one second apart.
    entries.sort_by_key(|entry| (Reverse(entry.confirmations.max(0)), entry.time));
    let mut known = HashSet::new();
    let txids = entries
        .into_iter()
        .filter_map(|entry| entry.txid)
        .filter(|txid| known.insert(txid.clone()))
        .collect();
    let known_block = answer.lastblock.bytes().any(|byte| byte != b'0');
    Since { txids, cursor: known_block.then_some(answer.lastblock) }
}

/// Txids of what it spent, once each, newest first.
pub fn sent(answer: SinceAnswer) -> Vec<String> {
    let mut entries: Vec<SinceEntry> = answer.transactions;
    entries.extend(answer.removed);
    entries.retain(|entry| entry.category == "send");
    entries.sort_by_key(|entry| (entry.confirmations.max(0), Reverse(entry.time)));
    let mut known = HashSet::new();
    let txids = entries.into_iter().filter_map(|entry| entry.txid);
    txids.filter(|txid| known.insert(txid.clone())).collect()
}

/// `in_mempool` is the caller's to find out, and on old daemons the `height`.
pub fn transaction(answer: TransactionAnswer, spec: &CoinSpec) -> BackendResult<WalletTransaction> {
    let decimals = spec.coin.decimals();
    let fee = match &answer.fee {
        Some(fee) => Some(fee.units(decimals).map_err(senseless)?.abs()),
        None => None,
    };
    let coinbase = answer.generated || answer.details.iter().any(is_coinbase);
    let spends_ours = fee.is_some() || answer.details.iter().any(|detail| detail.category == "send");
    let abandoned = answer.details.iter().any(|detail| detail.abandoned);
    let received = received(&answer, spec)?;
    // A coinbase is worth nothing to the daemon before it is mature; the wallet's total has it at once.
    let net = if coinbase {
        received.iter().try_fold(0_i64, |sum, output| sum.checked_add(output.amount))
    } else {
        answer.amount.units(decimals).map_err(senseless)?.checked_sub(fee.unwrap_or(0))
    };
    // Extensions of one coin alone (MWEB) can't be read; nothing of ours is among them.
    let raw = answer.hex.as_ref().and_then(|text| hex::decode(text).ok()).unwrap_or_default();
    let decoded = raw::decode(&raw, &spec.versions).ok();
    let (inputs, outputs) = decoded.map(|decoded| (decoded.inputs, decoded.outputs)).unwrap_or_default();
    let mut conflicts = answer.walletconflicts;
    conflicts.extend(answer.mempoolconflicts);
    conflicts.sort();
    conflicts.dedup();
    Ok(WalletTransaction {
        txid: answer.txid,
        confirmations: answer.confirmations,
        block: answer.blockhash,
        height: answer.blockheight,
        at: answer.time.map(|seconds| Time(0).plus_seconds(seconds)),
        net: net.ok_or_else(|| senseless("an amount is larger than Coffer can count"))?,
        comment: answer.comment.filter(|comment| !comment.is_empty()),
        inputs,
        outputs,
        in_mempool: None,
        coinbase,
        abandoned,
        spends_ours,
        fee,
        conflicts,
        received,
        raw,
    })
}

/// Each output to us once. Change isn't among them: the wallet lists only outputs to addresses it gave out.
fn received(answer: &TransactionAnswer, spec: &CoinSpec) -> BackendResult<Vec<Received>> {
    let mut received: Vec<Received> = Vec::new();
    for detail in answer.details.iter().filter(|detail| detail.category == "receive" || is_coinbase(detail)) {
        let Some(address) = &detail.address else { continue };
        let amount = detail.amount.units(spec.coin.decimals()).map_err(senseless)?;
        let vout = match detail.vout {
            Some(vout) => vout,
            None => find_output(answer, spec, address, amount, &received)?,
        };
        if received.iter().all(|other| other.vout != vout) {
            received.push(Received { address: address.clone(), vout, amount });
        }
    }
    Ok(received)
}

/// `orphan` is what becomes of a coinbase whose block was reorganised away.
fn is_coinbase(detail: &Detail) -> bool {
    matches!(detail.category.as_str(), "generate" | "immature" | "orphan")
}

/// Daemons before 0.10 don't number their entries; the transaction itself tells which output is meant.
fn find_output(
    answer: &TransactionAnswer,
    spec: &CoinSpec,
    address: &str,
    amount: i64,
    taken: &[Received],
) -> BackendResult<u32> {
    let unsupported = BackendError::Unsupported("say which output of a transaction paid us");
    let bytes = answer.hex.as_ref().and_then(|text| hex::decode(text).ok()).ok_or(unsupported.clone())?;
    let decoded =
        raw::decode(&bytes, &spec.versions).map_err(|error| BackendError::Unavailable(error.to_string()))?;
    let address = spec.versions.canonical(address).ok();
    let vouts = 0u32..;
    vouts
        .zip(&decoded.outputs)
        .filter(|(vout, _)| taken.iter().all(|other| other.vout != *vout))
        .find(|(_, output)| output.0 == address && output.1 == amount)
        .map(|(vout, _)| vout)
        .ok_or(unsupported)
}

/// An answer that can't be right: as good as none.
pub fn senseless(error: impl std::fmt::Display) -> BackendError {
    BackendError::Unavailable(format!("The daemon's answer makes no sense: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    fn read(json: &str) -> WalletTransaction {
        let spec = CoinSpec::stock("ltc", Network::Regtest).unwrap();
        transaction(serde_json::from_str(json).unwrap(), &spec).unwrap()
    }

    #[test]
    fn fee_is_counted_once_though_each_entry_carries_it() {
        let sent = read(
            r#"{"txid":"ab","confirmations":0,"amount":-3.0,"fee":-0.00014100,"comment":"paid","time":7,"walletconflicts":[],"details":[
               {"category":"send","address":"x","amount":-1.0,"vout":0,"fee":-0.00014100,"abandoned":false},
               {"category":"send","address":"y","amount":-2.0,"vout":1,"fee":-0.00014100,"abandoned":false}]}"#,
        );
        assert_eq!((sent.fee, sent.spends_ours, sent.received), (Some(14_100), true, vec![]));
        assert_eq!(
            (sent.net, sent.comment.as_deref(), sent.at),
            (-300_014_100, Some("paid"), Some(Time(7_000_000)))
        );
    }

    #[test]
    fn payment_to_ourselves_is_received_and_spends_ours() {
        let own = read(
            r#"{"txid":"ab","confirmations":2,"blockhash":"cd","blockheight":9,"amount":0,"fee":-1e-05,"comment":"","details":[
               {"category":"send","address":"x","amount":-1.0,"vout":1,"fee":-1e-05},
               {"category":"receive","address":"x","amount":1.0,"vout":1},
               {"category":"receive","amount":1.0,"vout":2}]}"#,
        );
        assert_eq!(own.received, [Received { address: "x".into(), vout: 1, amount: 100_000_000 }]);
        assert!(own.spends_ours && own.fee == Some(1_000));
        assert_eq!((own.net, own.height, own.comment), (-1_000, Some(9), None), "only the fee has left");
    }

    #[test]
    fn coinbase_abandoned_and_conflicted_ones_are_told() {
        let coinbase = read(
            r#"{"txid":"ab","confirmations":1,"generated":true,"amount":0,"details":[{"category":"immature","address":"x","amount":50.0,"vout":0}]}"#,
        );
        assert!(coinbase.coinbase && coinbase.received.len() == 1 && !coinbase.spends_ours);
        assert_eq!(coinbase.net, 5_000_000_000, "immature money is in the total");
        let lost = read(
            r#"{"txid":"ab","confirmations":-4,"amount":1,"walletconflicts":["ef"],"mempoolconflicts":["ef","aa"],
               "details":[{"category":"receive","address":"x","amount":1,"vout":0,"abandoned":true}]}"#,
        );
        assert_eq!((lost.confirmations, lost.abandoned), (-4, true));
        assert_eq!(lost.conflicts, ["aa", "ef"]);
    }

    #[test]
    fn changed_transactions_come_once_and_oldest_first() {
        let answer = |last: &str| {
            serde_json::from_str(&format!(
                r#"{{"transactions":[{{"txid":"b","time":20}},{{"txid":"a","time":10}},{{"txid":"a","time":10}},{{"category":"move","time":1}}],
                    "removed":[{{"txid":"c","time":15}},{{"txid":"b","time":20}},{{"txid":"d","time":20,"confirmations":3}}],"lastblock":"{last}"}}"#
            ))
            .unwrap()
        };
        let found = since(answer("00ff"));
        assert_eq!((found.txids.concat(), found.cursor), ("dacb".into(), Some("00ff".into())));
        assert_eq!(since(answer("0000")).cursor, None);
    }

    #[test]
    fn what_was_sent_comes_once_and_newest_first() {
        let answer = r#"{"transactions":[
            {"txid":"a","category":"send","confirmations":3,"time":1},{"txid":"b","category":"receive","confirmations":2,"time":2},
            {"txid":"c","category":"send","confirmations":2,"time":3},{"txid":"c","category":"send","confirmations":2,"time":3},
            {"txid":"d","category":"send","confirmations":0,"time":5},{"txid":"e","category":"send","confirmations":0,"time":6},
            {"category":"move","time":9}],"removed":[{"txid":"e","category":"send","confirmations":0,"time":6}],"lastblock":"00ff"}"#;
        assert_eq!(sent(serde_json::from_str(answer).unwrap()).concat(), "edca");
    }

    #[test]
    fn watched_and_unsafe_outputs_are_not_spent_and_large_ones_come_first() {
        let answers = serde_json::from_str(
            r#"[{"txid":"a","vout":0,"amount":1.0,"confirmations":3},
                {"txid":"b","vout":0,"amount":5.0,"confirmations":3,"spendable":false},
                {"txid":"c","vout":0,"amount":4.0,"confirmations":3,"safe":false},
                {"txid":"d","vout":1,"amount":2.5,"confirmations":1,"spendable":true,"safe":true,"address":"x"}]"#,
        );
        let amounts: Vec<i64> =
            spendable(answers.unwrap(), 8).unwrap().iter().map(|unspent| unspent.amount).collect();
        assert_eq!(amounts, [250_000_000, 100_000_000]);
    }
}
