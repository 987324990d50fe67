//! More promises: one-shot sends and what is told of them, tests before sending, replacement.

use super::cases::{COIN, FEE, NO_TXID, funded, payment, txid_of};
use super::harness::Harness;
use server::network::{Output, SendOutcome, Totals};

pub async fn double_spent_deposit_is_told_with_what_it_paid(h: &impl Harness) {
    let backend = h.backend();
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, COIN).await;
    h.mine(2).await;
    let mined = backend.transaction(&txid).await.unwrap().expect("a payment to us");
    h.double_spend(2, &txid).await;
    let lost = backend.transaction(&txid).await.unwrap().expect("the wallet remembers it");
    assert_eq!((lost.confirmations, lost.in_mempool, lost.block), (-3, Some(false), None));
    assert_eq!(lost.received, mined.received);
    assert_eq!(backend.totals().await.unwrap(), Totals::default());
}

pub async fn transaction_tells_when_where_how_much_and_of_what(h: &impl Harness) {
    let backend = h.backend();
    let address = backend.new_address("").await.unwrap();
    let txid = h.pay(&address, 3 * COIN).await;
    let seen = backend.transaction(&txid).await.unwrap().expect("a payment to us");
    assert_eq!((seen.net, seen.height, seen.comment), (3 * COIN, None, None));
    assert!(seen.at.is_some() && !seen.inputs.is_empty());
    let received = &seen.received[0];
    assert_eq!(seen.outputs[usize::try_from(received.vout).unwrap()], (Some(address), 3 * COIN));
    h.mine(1).await;
    let mined = backend.transaction(&txid).await.unwrap().expect("it stays known");
    assert_eq!(mined.height, Some(backend.node().await.unwrap().height));
    assert_eq!((mined.at.is_some(), &mined.inputs, &mined.outputs), (true, &seen.inputs, &seen.outputs));

    let input = backend.unspent().await.unwrap().remove(0);
    let outside = h.outside_address().await;
    let outputs = payment(backend, &input, &outside, COIN, FEE).await;
    let raw = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    let txid = txid_of(backend.send_prepared(&raw).await);
    let sent = backend.transaction(&txid).await.unwrap().expect("our own send");
    assert_eq!((sent.net, sent.inputs), (-COIN - FEE, vec![input.outpoint]));
    assert!(sent.outputs.contains(&(Some(outside), COIN)));
    assert_eq!(sent.outputs, backend.decode(&raw).unwrap().outputs);
}

pub async fn one_shot_pays_everybody_once_and_is_told_with_its_comment(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let (first, second) = (h.outside_address().await, h.outside_address().await);
    let outputs = [
        Output { address: first.clone(), amount: COIN / 4 },
        Output { address: second.clone(), amount: 12_345_678 },
    ];
    let comment = "coffer:0f8a:17:2 \"ü\"";
    let txid = txid_of(backend.send_many(&outputs, comment).await);
    let told = backend.transaction(&txid).await.unwrap().expect("our own send");
    assert_eq!((told.comment.as_deref(), told.spends_ours), (Some(comment), true));
    let fee = told.fee.expect("we paid it");
    assert!(fee > 0 && fee < COIN / 100, "{fee}");
    assert_eq!(told.net, -COIN / 4 - 12_345_678 - fee);
    assert_eq!(told.inputs, [input.outpoint]);
    for output in outputs {
        assert!(told.outputs.contains(&(Some(output.address), output.amount)));
    }
    h.mine(1).await;
    assert_eq!(h.outside_received(&first).await, COIN / 4);
    assert_eq!(h.outside_received(&second).await, 12_345_678);
    assert_eq!(backend.totals().await.unwrap().trusted, COIN + told.net);
}

pub async fn one_shot_that_cannot_be_is_refused(h: &impl Harness) {
    let backend = h.backend();
    funded(h, COIN).await;
    let good = h.outside_address().await;
    let output = |address: &str, amount: i64| Output { address: address.into(), amount };
    for outputs in [
        vec![output(&good, 2 * COIN)],
        vec![output("nonsense", COIN / 2)],
        vec![output(&good, 1)],
        vec![output(&good, COIN / 4), output(&good, COIN / 4)],
    ] {
        let outcome = backend.send_many(&outputs, "never").await;
        assert!(matches!(outcome, SendOutcome::Refused { .. }), "{outputs:?}: {outcome:?}");
    }
    assert_eq!(backend.sent_since(NO_TXID).await.unwrap(), []);
    assert_eq!(backend.totals().await.unwrap().trusted, COIN);
}

pub async fn what_was_sent_is_listed_newest_first_since_a_block(h: &impl Harness) {
    let backend = h.backend();
    funded(h, COIN).await;
    let start = backend.node().await.unwrap().best_block;
    assert_eq!(backend.sent_since(&start).await.unwrap(), []);
    let mut sent = Vec::new();
    for comment in ["first", "second"] {
        let outputs = [Output { address: h.outside_address().await, amount: COIN / 4 }];
        sent.push(txid_of(backend.send_many(&outputs, comment).await));
        if comment == "first" {
            // What comes in isn't what was sent.
            h.pay(&backend.new_address("").await.unwrap(), COIN).await;
            h.mine(1).await;
        }
    }
    let middle = backend.node().await.unwrap().best_block;
    let listed = |since: String| async move {
        let sent = backend.sent_since(&since).await.unwrap();
        sent.into_iter().map(|sent| (sent.txid, sent.comment.unwrap_or_default())).collect::<Vec<_>>()
    };
    let first = (sent[0].clone(), "first".to_owned());
    let second = (sent[1].clone(), "second".to_owned());
    assert_eq!(listed(start.clone()).await, [second.clone(), first.clone()]);
    assert_eq!(listed(middle.clone()).await, std::slice::from_ref(&second));
    assert_eq!(listed(NO_TXID.into()).await, [second.clone(), first.clone()]);
    h.mine(2).await;
    assert_eq!(listed(start).await, [second.clone(), first]);
    assert_eq!(listed(middle).await, std::slice::from_ref(&second));
    // A block that is no more: from where its branch left the chain.
    let top = backend.node().await.unwrap().best_block;
    assert_eq!(listed(top.clone()).await, []);
    h.unmine(2).await;
    assert_eq!(listed(top).await, [second]);
}

pub async fn bytes_are_tested_without_being_sent(h: &impl Harness) {
    let backend = h.backend();
    let input = funded(h, COIN).await;
    let outside = h.outside_address().await;
    let outputs = payment(backend, &input, &outside, COIN / 2, FEE).await;
    let raw = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    let outputs = payment(backend, &input, &outside, COIN / 4, FEE).await;
    let rival = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    assert_eq!(backend.test_prepared(&raw).await.unwrap(), None);
    assert_eq!(backend.test_prepared(&rival).await.unwrap(), None);
    assert!(backend.test_prepared(&raw[1..]).await.unwrap().is_some(), "no transaction at all");
    let txid = backend.decode(&raw).unwrap().txid;
    assert_eq!(backend.transaction(&txid).await.unwrap(), None);
    assert_eq!(backend.unspent().await.unwrap(), [input]);
    txid_of(backend.send_prepared(&raw).await);
    assert!(backend.test_prepared(&rival).await.unwrap().is_some(), "it pays no more than what waits");
    h.mine(1).await;
    assert!(backend.test_prepared(&rival).await.unwrap().is_some(), "its input is spent");
}

pub async fn higher_fee_replaces_and_only_one_confirms(h: &impl Harness) {
    let backend = h.backend();
    assert!(backend.can_replace());
    let input = funded(h, COIN).await;
    let (first, second) = (h.outside_address().await, h.outside_address().await);
    let outputs = payment(backend, &input, &first, COIN / 2, FEE).await;
    let raw = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    let outputs = payment(backend, &input, &second, COIN / 2, 5 * FEE).await;
    let better = backend.sign(std::slice::from_ref(&input), &outputs).await.unwrap();
    let replaced = txid_of(backend.send_prepared(&raw).await);
    assert_eq!(backend.test_prepared(&better).await.unwrap(), None);
    let txid = txid_of(backend.send_prepared(&better).await);
    let out = backend.transaction(&replaced).await.unwrap().expect("the wallet remembers it");
    assert_eq!((out.confirmations, out.in_mempool), (0, Some(false)));
    assert_eq!(out.conflicts, std::slice::from_ref(&txid));
    assert!(!matches!(backend.send_prepared(&raw).await, SendOutcome::Sent { .. }));
    h.mine(2).await;
    assert_eq!((h.outside_received(&first).await, h.outside_received(&second).await), (0, COIN / 2));
    let out = backend.transaction(&replaced).await.unwrap().expect("the wallet remembers it");
    assert_eq!(out.confirmations, -2);
    assert_eq!(backend.transaction(&txid).await.unwrap().map(|sent| sent.confirmations), Some(2));
}

pub async fn uptime_is_told(h: &impl Harness) {
    let first = h.backend().uptime().await.unwrap().expect("it says so");
    assert!((0..600).contains(&first), "{first}");
    assert!(h.backend().uptime().await.unwrap().is_some_and(|later| later >= first));
}
