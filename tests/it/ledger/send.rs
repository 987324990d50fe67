//! Paying an address.

use super::books::*;
use app::model::TransactionState;
use server::ledger::LedgerError;

on_both! {
    async fn send_outside_debits_at_once_and_waits(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let sent = books.send(alice, "outside", 60).await.unwrap();
        assert_eq!((sent.state, books.balance(alice).await), (TransactionState::Pending, 40));
        assert_eq!(books.count("address WHERE address = 'outside' AND kind = 'external'").await, 1);
        books.send(alice, "outside", 40).await.unwrap();
        assert_eq!(books.count("address WHERE address = 'outside'").await, 1, "one row an address");
        books.audit_is_clean().await;
    }

    async fn send_of_more_than_the_balance_is_refused_and_leaves_nothing(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let refused = books.send(alice, "outside", 101).await;
        assert!(matches!(refused, Err(LedgerError::NotEnoughBalance { .. })), "{refused:?}");
        assert_eq!(books.count("address WHERE address = 'outside'").await, 0);
    }

    async fn send_below_the_minimum_is_refused(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let refused = books.send(alice, "outside", 9).await.unwrap_err();
        assert_eq!(refused.to_string(), "The smallest amount that can be sent is 0.00000010 btc.");
        books.send(alice, "outside", 10).await.unwrap();
    }

    async fn send_to_an_address_of_the_same_wallet_is_a_transfer(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.address(bob, "at-bob").await;
        let sent = books.send(alice, "at-bob", 5).await.unwrap();
        assert_eq!(sent.state, TransactionState::Internal, "and the minimum isn't asked of it");
        assert_eq!((books.balance(alice).await, books.balance(bob).await), (95, 5));
        books.audit_is_clean().await;
    }

    async fn force_external_goes_over_the_network_even_inside_a_wallet(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.address(bob, "at-bob").await;
        let mut send = books.send_of(alice, "at-bob", 50);
        send.force_external = true;
        let sent = books.db.write(send).await.unwrap();
        assert_eq!((sent.state, books.balance(bob).await), (TransactionState::Pending, 0));
    }

    async fn send_to_an_address_of_another_wallet_goes_over_the_network(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let other = books.account_in(books.wallet(btc(), "other").await, "carol").await;
        books.address(other, "at-carol").await;
        let sent = books.send(alice, "at-carol", 50).await.unwrap();
        assert_eq!(sent.state, TransactionState::Pending);
    }

    async fn send_to_an_own_address_is_refused_as_the_same_account(books: &Books) {
        let alice = books.funded("alice", 100).await;
        assert!(matches!(books.send(alice, "at-alice", 50).await, Err(LedgerError::SameAccount)));
    }

    async fn network_fees_sends_nothing(books: &Books) {
        let (alice, fees) = (books.funded("alice", 100).await, books.network_fees().await);
        books.transfer(alice, fees, 50).await.unwrap();
        assert!(matches!(books.send(fees, "outside", 20).await, Err(LedgerError::NetworkFeesReserved)));
    }
}
