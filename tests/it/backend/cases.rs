//! The promises, one function each.

use super::harness::Harness;
pub use super::sending::*;
use server::network::{Backend, OutPoint, Output, SendOutcome, Unspent};

pub(super) const COIN: i64 = 100_000_000;
pub(super) const FEE: i64 = 10_000;
pub(super) const NO_TXID: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

/// A confirmed output of `amount` that is the hot wallet's.
pub(super) async fn funded(h: &impl Harness, amount: i64) -> Unspent {
    let address = h.backend().new_address("").await.unwrap();
    let txid = h.pay(&address, amount).await;
    h.mine(1).await;
    let unspent = h.backend().unspent().await.unwrap();
    let ours = unspent
        .into_iter()
        .find(|output| output.outpoint.txid == txid)
        .expect("confirmed money can be spent");
    assert_eq!((ours.amount, ours.confirmations), (amount, 1));
    assert_eq!(ours.address, Some(address));
    ours
}

/// A payment of `amount` with its change; both outputs.
pub(super) async fn payment(
    backend: &dyn Backend,
    input: &Unspent,
    to: &str,
    amount: i64,
    fee: i64,
) -> [Output; 2] {
    let change = backend.change_address().await.unwrap();
    let paid = Output { address: to.into(), amount };
    [paid, Output { address: change, amount: input.amount - amount - fee }]
}

pub(super) fn txid_of(outcome: SendOutcome) -> String {
    match outcome {
        SendOutcome::Sent { txid } => txid,
        other => panic!("not sent: {other:?}"),
    }
}

pub async fn addresses_are_canonical_new_and_owned(h: &impl Harness) {
    let backend = h.backend();
    let mut seen = Vec::new();
    for label in ["", "Receiving address #1 for account #1", "Größe \"1\" / §", &"x".repeat(255)] {
        seen.push(backend.new_address(label).await.unwrap());
    }
    seen.push(backend.change_address().await.unwrap());
    for address in &seen {
        assert_eq!(h.spec().versions.canonical(address).as_ref(), Ok(address));
        assert!(backend.owns(address).await.unwrap(), "{address}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

pub async fn foreign_address_is_not_owned(h: &impl Harness) {
    let foreign = h.outside_address().await;
    assert!(!h.backend().owns(&foreign).await.unwrap());
}

pub async fn mining_raises_the_height(h: &impl Harness) {
    h.mine(1).await;
    let before = h.backend().connect().await.unwrap();
    assert_eq!(h.spec().unfit(&before), None);
    h.mine(3).await;
    let after = h.backend().node().await.unwrap();
    assert_eq!(after.height, before.height + 3);
    assert_ne!(after.best_block, before.best_block);
    assert_eq!(after.genesis, before.genesis);
    assert_eq!(h.spec().unfit(&after), None);
}

pub async fn payment_is_seen_unconfirmed_and_then_confirmed(h: &impl Harness) {
    let backend = h.backend();
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, 1_234_567_891).await;
    let seen = backend.transaction(&txid).await.unwrap().expect("a payment to us");
    assert_eq!((seen.confirmations, seen.block, seen.in_mempool), (0, None, Some(true)));
    assert_eq!((seen.coinbase, seen.abandoned, seen.spends_ours, seen.fee), (false, false, false, None));
    assert_eq!(seen.received.len(), 1);
    assert_eq!((&seen.received[0].address, seen.received[0].amount), (&address, 1_234_567_891));
    h.mine(1).await;
    let mined = backend.transaction(&txid).await.unwrap().expect("it stays known");
    assert_eq!((mined.confirmations, mined.in_mempool), (1, None));
    assert_eq!(mined.block, Some(backend.node().await.unwrap().best_block));
    h.mine(2).await;
    let deeper = backend.transaction(&txid).await.unwrap().expect("it stays known");
    assert_eq!((deeper.confirmations, deeper.block, deeper.received), (3, mined.block, mined.received));
}

pub async fn since_brings_each_change_once_and_its_cursor_goes_on(h: &impl Harness) {
    let backend = h.backend();
    // A daemon has no block of this depth on a shorter chain, and says so by having no cursor.
    h.mine(3).await;
    let start = backend.since(None, 3).await.unwrap();
    assert_eq!(start.txids, Vec::<String>::new());
    assert!(start.cursor.is_some());
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, COIN).await;
    let unconfirmed = backend.since(start.cursor.as_deref(), 3).await.unwrap();
    assert_eq!(unconfirmed.txids, std::slice::from_ref(&txid));
    h.mine(1).await;
    let mined = backend.since(start.cursor.as_deref(), 3).await.unwrap();
    assert_eq!(mined.txids, std::slice::from_ref(&txid));
    // From now on blocks can only fall out above the cursor.
    h.mine(2).await;
    let deep = backend.since(mined.cursor.as_deref(), 3).await.unwrap();
    assert_eq!(deep.txids, std::slice::from_ref(&txid));
    let done = backend.since(deep.cursor.as_deref(), 3).await.unwrap();
    assert_eq!(done.txids, Vec::<String>::new());
    let second = h.pay(&address, COIN).await;
    h.mine(5).await;
    assert_eq!(backend.since(deep.cursor.as_deref(), 3).await.unwrap().txids, std::slice::from_ref(&second));
    assert_eq!(backend.since(None, 3).await.unwrap().txids, [txid, second]);
}

pub async fn unknown_cursor_brings_everything(h: &impl Harness) {
    let address = h.backend().new_address("").await.unwrap();
    let txid = h.pay(&address, COIN).await;
    h.mine(4).await;
    assert_eq!(h.backend().since(Some(NO_TXID), 2).await.unwrap().txids, [txid]);
}

pub async fn unknown_transaction_is_none(h: &impl Harness) {
    assert_eq!(h.backend().transaction(NO_TXID).await.unwrap(), None);
    // Nor is one that has nothing to do with us.
    let elsewhere = h.pay(&h.outside_address().await, COIN).await;
    assert_eq!(h.backend().transaction(&elsewhere).await.unwrap(), None);
}

pub async fn unconfirmed_money_is_not_spent(h: &impl Harness) {
    let backend = h.backend();
    let address = backend.new_address("").await.unwrap();
    h.pay(&address, COIN).await;
    assert_eq!(backend.unspent().await.unwrap(), []);
    h.pay(&address, 3 * COIN).await;
    h.mine(1).await;
    let amounts: Vec<i64> = backend.unspent().await.unwrap().iter().map(|output| output.amount).collect();
    assert_eq!(amounts, [3 * COIN, COIN], "largest first");
}

pub async fn locked_outputs_are_not_offered(h: &impl Harness) {
    let large = funded(h, 2 * COIN).await;
    let small = funded(h, COIN).await;
    h.backend().lock(std::slice::from_ref(&large.outpoint)).await.unwrap();
    // Locking again is harmless.
    h.backend().lock(std::slice::from_ref(&large.outpoint)).await.unwrap();
    let left: Vec<OutPoint> =
        h.backend().unspent().await.unwrap().into_iter().map(|output| output.outpoint).collect();
    assert_eq!(left, [small.outpoint]);
    h.backend().unlock(std::slice::from_ref(&large.outpoint)).await.unwrap();
    h.backend().unlock(std::slice::from_ref(&large.outpoint)).await.unwrap();
    assert_eq!(h.backend().unspent().await.unwrap().len(), 2);
}

pub async fn signing_spends_and_pays_exactly_what_was_asked(h: &impl Harness) {
    let backend = h.backend();
    assert!(backend.can_prepare());
    let inputs = [funded(h, COIN).await, funded(h, 2 * COIN).await];
    let outputs = [
        Output { address: h.outside_address().await, amount: COIN / 4 },
        Output { address: h.outside_address().await, amount: COIN },
        Output { address: backend.change_address().await.unwrap(), amount: 3 * COIN - COIN / 4 - COIN - FEE },
    ];
    let raw = backend.sign(&inputs, &outputs).await.unwrap();
    let decoded = backend.decode(&raw).unwrap();
    let spent: Vec<OutPoint> = inputs.iter().map(|input| input.outpoint.clone()).collect();
    assert_eq!(decoded.inputs, spent);
    let paid: Vec<_> = outputs.iter().map(|output| (Some(output.address.clone()), output.amount)).collect();
    let mut found = decoded.outputs.clone();
    found.sort_by_key(|(address, _)| paid.iter().position(|(other, _)| other == address));
    assert_eq!(found, paid);
    assert!((100..1_000).contains(&decoded.virtual_size), "{}", decoded.virtual_size);
    // Nothing has left.
    assert_eq!(backend.transaction(&decoded.txid).await.unwrap(), None);
    assert_eq!(backend.unspent().await.unwrap().len(), 2);
    assert_eq!(txid_of(backend.send_prepared(&raw).await), decoded.txid);
    assert!(backend.decode(&raw[1..]).is_err());
}

pub async fn signing_for_others_is_refused(h: &impl Harness) {
    let ours = funded(h, COIN).await;
    let outputs = [Output { address: h.outside_address().await, amount: COIN / 2 }];
    let foreign = h.pay(&h.outside_address().await, COIN).await;
    let foreign = Unspent { outpoint: OutPoint { txid: foreign, vout: 0 }, ..ours.clone() };
    let nowhere = Unspent { outpoint: OutPoint { txid: NO_TXID.into(), vout: 0 }, ..ours.clone() };
    for input in [foreign, nowhere] {
        assert!(h.backend().sign(&[ours.clone(), input], &outputs).await.is_err());
    }
    let twice = [outputs[0].clone(), outputs[0].clone()];
    assert!(h.backend().sign(std::slice::from_ref(&ours), &twice).await.is_err());
    let mistyped = [Output { address: "nonsense".into(), amount: COIN / 2 }];
    assert!(h.backend().sign(&[ours], &mistyped).await.is_err());
}

pub async fn sending_the_same_bytes_again_pays_once(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let outside = h.outside_address().await;
    let outputs = payment(backend, &input, &outside, COIN / 2, FEE).await;
    let raw = backend.sign(&[input], &outputs).await.unwrap();
    let txid = txid_of(backend.send_prepared(&raw).await);
    assert_eq!(txid_of(backend.send_prepared(&raw).await), txid);
    h.mine(1).await;
    assert_eq!(h.outside_received(&outside).await, COIN / 2);
    // What it answers now is the daemon's affair; that it has the transaction is ours.
    backend.send_prepared(&raw).await;
    h.mine(1).await;
    backend.send_prepared(&raw).await;
    assert_eq!(backend.transaction(&txid).await.unwrap().map(|found| found.confirmations), Some(2));
    assert_eq!(h.outside_received(&outside).await, COIN / 2);
}

pub async fn own_send_is_told_with_its_fee_and_without_change(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let outputs = payment(backend, &input, &h.outside_address().await, COIN / 2, 12_345).await;
    let raw = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    let txid = txid_of(backend.send_prepared(&raw).await);
    for confirmations in [0, 1] {
        let told = backend.transaction(&txid).await.unwrap().expect("our own send");
        assert_eq!((told.confirmations, told.spends_ours, told.fee), (confirmations, true, Some(12_345)));
        assert_eq!(told.received, []);
        h.mine(1).await;
    }
    let left = backend.unspent().await.unwrap();
    assert!(left.iter().all(|output| output.outpoint != input.outpoint));
    assert_eq!(
        left.iter().map(|output| output.amount).collect::<Vec<_>>(),
        [COIN / 2 - 12_345],
        "the change is back"
    );
}

pub async fn payment_to_ourselves_is_received_and_spends_ours(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let own = backend.new_address("").await.unwrap();
    let outputs = payment(backend, &input, &own, COIN / 2, FEE).await;
    let raw = backend.sign(&[input], &outputs).await.unwrap();
    let txid = txid_of(backend.send_prepared(&raw).await);
    let told = backend.transaction(&txid).await.unwrap().expect("our own send");
    assert!(told.spends_ours && told.fee == Some(FEE));
    let received: Vec<_> =
        told.received.iter().map(|received| (&received.address, received.amount)).collect();
    assert_eq!(received, [(&own, COIN / 2)]);
}

pub async fn totals_add_up(h: &impl Harness) {
    let backend = h.backend();
    let sums = async || {
        let totals = backend.totals().await.unwrap();
        (totals.trusted, totals.untrusted_pending, totals.immature)
    };
    assert_eq!(sums().await, (0, 0, 0));
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, COIN).await;
    assert_eq!(sums().await, (0, COIN, 0));
    h.mine(1).await;
    assert_eq!(sums().await, (COIN, 0, 0));
    let input = backend.unspent().await.unwrap().remove(0);
    assert_eq!(input.outpoint.txid, txid);
    let outputs = payment(backend, &input, &h.outside_address().await, COIN / 4, FEE).await;
    let raw = backend.sign(&[input], &outputs).await.unwrap();
    txid_of(backend.send_prepared(&raw).await);
    let rest = COIN - COIN / 4 - FEE;
    assert_eq!(sums().await, (rest, 0, 0), "own change counts at once");
    h.mine(1).await;
    assert_eq!(sums().await, (rest, 0, 0));
}

pub async fn double_spend_of_our_own_input_never_pays_twice(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let (first, second) = (h.outside_address().await, h.outside_address().await);
    let mut raws = Vec::new();
    for to in [&first, &second] {
        let outputs = payment(backend, &input, to, COIN / 2, FEE).await;
        raws.push(backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap());
    }
    txid_of(backend.send_prepared(&raws[0]).await);
    assert!(!matches!(backend.send_prepared(&raws[1]).await, SendOutcome::Sent { .. }));
    h.mine(1).await;
    assert!(!matches!(backend.send_prepared(&raws[1]).await, SendOutcome::Sent { .. }));
    h.mine(1).await;
    assert_eq!((h.outside_received(&first).await, h.outside_received(&second).await), (COIN / 2, 0));
}

pub async fn deposit_falls_out_with_its_block_and_comes_back(h: &impl Harness) {
    let backend = h.backend();
    h.mine(3).await;
    let cursor = backend.since(None, 1).await.unwrap().cursor;
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, COIN).await;
    h.mine(2).await;
    let mined = backend.since(cursor.as_deref(), 1).await.unwrap();
    assert_eq!(mined.txids, std::slice::from_ref(&txid));
    h.unmine(2).await;
    let fallen = backend.transaction(&txid).await.unwrap().expect("the wallet remembers it");
    assert_eq!((fallen.confirmations, fallen.block, fallen.in_mempool), (0, None, Some(true)));
    assert_eq!(backend.unspent().await.unwrap(), []);
    // The cursor lies in a block that is no more: what fell out is told again.
    assert_eq!(backend.since(mined.cursor.as_deref(), 1).await.unwrap().txids, std::slice::from_ref(&txid));
    h.mine(1).await;
    let back = backend.transaction(&txid).await.unwrap().expect("mined again");
    assert_eq!((back.confirmations, back.received[0].amount), (1, COIN));
    assert_eq!(backend.since(mined.cursor.as_deref(), 1).await.unwrap().txids, [txid]);
}
