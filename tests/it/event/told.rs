//! Which events the verbs tell, and that each is told once.

use crate::ledger::books::*;
use app::model::{BackendState, NetworkTransactionId};
use serde_json::{Value, json};
use server::db::query;
use server::ledger::{
    BreakBroadcast, CloseBroadcast, ConfirmBroadcast, Mismatch, RecordAudit, RecordBackend, RecordDeposit,
    RecordForeignSpend, RecordReconciliation, Sums,
};

/// Name and data of all events so far, in the order in which they were written.
async fn told(books: &Books) -> Vec<(String, Value)> {
    let mut read = books.db.read().await.unwrap();
    let rows: Vec<(String, String)> =
        query("SELECT name, data FROM event ORDER BY id").all(&mut read.tx()).await.unwrap();
    rows.into_iter().map(|(name, data)| (name, serde_json::from_str(&data).unwrap())).collect()
}

async fn names(books: &Books) -> Vec<String> {
    told(books).await.into_iter().map(|(name, _)| name).collect()
}

fn confirm(broadcast: NetworkTransactionId, txid: &str, confirmations: i64) -> ConfirmBroadcast {
    ConfirmBroadcast {
        broadcast,
        txid: txid.into(),
        confirmations,
        block: None,
        missing: false,
        fee: None,
        max_confirmation_count: 15,
        now: NOW,
    }
}

fn backend(state: BackendState) -> RecordBackend {
    let (class, error) = ("bitcoind", Some("it doesn't answer".to_owned()));
    let (height, lag, tip_at) = (None, None, None);
    RecordBackend { coin: btc(), class, state, height, lag, tip_at, error, now: NOW }
}

on_both! {
    async fn a_deposit_is_told_at_each_change_of_its_confirmations_with_the_fields_that_listeners_know(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let first = books.seen("tx", 0, &[("a", 70_000_000)]).await;
        books.seen("tx", 0, &[("a", 70_000_000)]).await;
        books.seen("tx", 2, &[("a", 70_000_000)]).await;
        books.seen("tx", 3, &[("a", 70_000_000)]).await;
        books.seen("tx", 3, &[("a", 70_000_000)]).await;
        let expected = |confirmations: i64, credited: bool| json!({
            "coin_name": "btc",
            "transaction": first.incoming[0],
            "network_transaction": first.network_transaction,
            "transaction_type": "deposit",
            "txid": "tx",
            "account": alice,
            "address": "a",
            "amount": "0.70000000",
            "confirmations": confirmations,
            "credited": credited,
        });
        let txupdate = |confirmations, credited| ("txupdate".to_owned(), expected(confirmations, credited));
        assert_eq!(told(books).await, [txupdate(0, false), txupdate(2, false), txupdate(3, true)]);
    }

    async fn each_transaction_that_a_network_transaction_pays_is_told_for_itself(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.address(alice, "b").await;
        books.seen("tx", 0, &[("a", 1), ("b", 2)]).await;
        let told = told(books).await;
        let amounts: Vec<_> = told.iter().map(|(_, data)| data["amount"].as_str().unwrap()).collect();
        assert_eq!(amounts, ["0.00000001", "0.00000002"]);
    }

    async fn a_reversal_is_told_and_so_is_an_account_that_it_leaves_negative(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let bob = books.account("bob").await;
        books.transfer(alice, bob, 60).await.unwrap();
        let before = told(books).await.len();
        books.seen("funds-alice", -1, &[("at-alice", 100)]).await;
        books.seen("funds-alice", -1, &[("at-alice", 100)]).await;
        let told = told(books).await.split_off(before);
        let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["deposit_reversed", "account_negative", "txupdate"]);
        assert_eq!(told[2].1["credited"], json!(false));
        assert_eq!(told[2].1["confirmations"], json!(-1));
        // It comes back: credited again, and told.
        books.seen("funds-alice", 3, &[("at-alice", 100)]).await;
        let last = self::told(books).await.pop().unwrap();
        assert_eq!((last.0.as_str(), &last.1["credited"]), ("txupdate", &json!(true)));
    }

    async fn all_payments_of_a_broadcast_are_told_at_each_change_of_its_confirmations(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.opened(alice, "y", 200, "tx").await;
        let before = told(books).await.len();
        let close = CloseBroadcast { broadcast, txid: "tx".into(), fee: None, attempt: None, decision: None, now: NOW };
        books.db.write(close).await.unwrap();
        for confirmations in [0, 0, 1, 16, 16, -1] {
            books.db.write(confirm(broadcast, "tx", confirmations)).await.unwrap();
        }
        let told = told(books).await.split_off(before);
        let said: Vec<_> = told
            .iter()
            .map(|(name, data)| {
                assert_eq!((name.as_str(), &data["transaction_type"]), ("txupdate", &json!("broadcast")));
                assert_eq!((&data["account"], &data["credited"]), (&json!(alice), &json!(false)));
                (data["address"].as_str().unwrap().to_owned(), data["confirmations"].as_i64().unwrap())
            })
            .collect();
        let expected: Vec<_> =
            [0, 1, 16, -1].into_iter().flat_map(|n| [("x".to_owned(), n), ("y".to_owned(), n)]).collect();
        assert_eq!(said, expected);
    }

    async fn a_broken_broadcast_is_told_once(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let mut open = books.open_of(broadcast, app::model::VersionId(0)).await;
        open.version = None;
        books.db.write(open).await.unwrap();
        let before = names(books).await.len();
        let later = NOW.plus_seconds(3600);
        books.db.write(BreakBroadcast { broadcast, now: later }).await.unwrap();
        assert!(books.db.write(BreakBroadcast { broadcast, now: later }).await.is_err());
        assert_eq!(names(books).await.split_off(before), ["broadcast_broken"]);
    }

    async fn a_foreign_spend_is_told_once(books: &Books) {
        let spend = |confirmations| RecordForeignSpend {
            coin: btc(), txid: "theirs".into(), amount: 5, confirmations, height: None, at: None, abandoned: false,
            max_confirmation_count: 15, now: NOW,
        };
        for confirmations in [0, 0, 1] {
            books.db.write(spend(confirmations)).await.unwrap();
        }
        assert_eq!(names(books).await, ["foreign_spend"]);
    }

    async fn a_backend_that_goes_and_comes_is_told_once_each(books: &Books) {
        for state in [BackendState::Up, BackendState::Down, BackendState::Unfit, BackendState::Down, BackendState::Up, BackendState::Up] {
            books.db.write(backend(state)).await.unwrap();
        }
        assert_eq!(names(books).await, ["backend_down", "backend_up"]);
    }

    async fn books_that_do_not_add_up_are_told_once_while_they_stay_so(books: &Books) {
        let audit = |mismatches| RecordAudit { coin: btc(), mismatches, now: NOW };
        let wrong = || vec![Mismatch { subject: "account 1".into(), message: "it differs".into() }];
        for mismatches in [wrong(), wrong(), vec![], wrong()] {
            books.db.write(audit(mismatches)).await.unwrap();
        }
        assert_eq!(names(books).await, ["balance_mismatch", "balance_mismatch"]);
        let sums = Sums { books_total: 5, pending: 0, uncredited: 0, busy: 0 };
        let reading = || RecordReconciliation { coin: btc(), backend_total: 7, sums, height: 1, block: "b".into(), now: NOW };
        for _ in 0..4 {
            books.db.write(reading()).await.unwrap();
        }
        assert_eq!(names(books).await.len(), 3, "the difference is told at the second reading that agrees");
    }

    async fn what_rolls_back_tells_nothing(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("tx", 1, &[("a", 5)]).await;
        let other = RecordDeposit { received: vec![output("a", 6)], ..books.report("tx", 2, &[]) };
        assert!(books.db.write(other).await.is_err());
        assert_eq!(names(books).await.len(), 1);
    }
}
