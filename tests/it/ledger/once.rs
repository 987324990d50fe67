//! The same key acts once.

use super::books::*;
use server::ledger::{LedgerError, Once, Transfer};

fn once(change: Transfer, key: &str) -> Once<Transfer> {
    let fingerprint = change.amount.to_string();
    Once { owner: "user 1".into(), key: key.into(), fingerprint, change, moves_money: true, now: NOW }
}

on_both! {
    async fn the_same_key_acts_once_and_answers_the_same(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let first = books.db.write(once(books.transfer_of(alice, bob, 10), "k")).await.unwrap();
        let again = books.db.write(once(books.transfer_of(alice, bob, 10), "k")).await.unwrap();
        assert_eq!((first.output, first.again), (again.output, false));
        assert!(again.again);
        assert_eq!(books.balance(bob).await, 10);
        let mut other = once(books.transfer_of(alice, bob, 10), "k");
        other.owner = "user 2".into();
        assert_ne!(books.db.write(other).await.unwrap().output, first.output, "a key is its owner's");
    }

    async fn the_same_key_for_something_else_is_refused(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.db.write(once(books.transfer_of(alice, bob, 10), "k")).await.unwrap();
        let refused = books.db.write(once(books.transfer_of(alice, bob, 11), "k")).await;
        assert!(matches!(refused, Err(LedgerError::IdempotencyMismatch)), "{refused:?}");
    }

    async fn refusals_are_not_kept(books: &Books) {
        let (alice, bob) = (books.account("alice").await, books.account("bob").await);
        assert!(books.db.write(once(books.transfer_of(alice, bob, 10), "k")).await.is_err());
        books.address(alice, "a").await;
        books.seen("tx", 3, &[("a", 10)]).await;
        books.db.write(once(books.transfer_of(alice, bob, 10), "k")).await.unwrap();
        assert_eq!(books.balance(bob).await, 10);
    }

    async fn a_key_needs_1_to_255_characters(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        for key in ["", &"k".repeat(256)] {
            let refused = books.db.write(once(books.transfer_of(alice, bob, 10), key)).await;
            assert!(matches!(refused, Err(LedgerError::BadKey)), "{refused:?}");
        }
    }

    async fn a_key_used_by_many_at_once_acts_once(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (db, change) = (books.db.clone(), once(books.transfer_of(alice, bob, 10), "k"));
                tokio::spawn(async move { db.write(change).await.unwrap().output })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers.dedup();
        assert_eq!((answers.len(), books.balance(bob).await), (1, 10));
    }
}
