//! Account to account.

use super::books::*;
use app::model::{Amount, TransactionState};
use server::ledger::LedgerError;

on_both! {
    async fn transfer_moves_money_at_once(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let transaction = books.transfer(alice, bob, 40).await.unwrap();
        assert_eq!((books.balance(alice).await, books.balance(bob).await), (60, 40));
        assert_eq!(books.state(transaction).await, TransactionState::Internal);
        books.audit_is_clean().await;
    }

    async fn transfer_of_the_whole_balance_is_allowed(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.transfer(alice, bob, 100).await.unwrap();
        assert_eq!(books.balance(alice).await, 0);
    }

    async fn transfer_to_same_account_is_refused(books: &Books) {
        let alice = books.funded("alice", 100).await;
        assert!(matches!(books.transfer(alice, alice, 1).await, Err(LedgerError::SameAccount)));
    }

    async fn transfer_to_another_wallet_is_refused(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let other = books.account_in(books.wallet(btc(), "other").await, "bob").await;
        assert!(matches!(books.transfer(alice, other, 1).await, Err(LedgerError::DifferentWallet)));
    }

    async fn transfer_of_more_than_the_balance_is_refused_with_the_numbers(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let refused = books.transfer(alice, bob, 101).await.unwrap_err();
        assert_eq!(refused.to_string(), "The account has 0.00000100 btc; 0.00000101 was asked for.");
        assert_eq!(refused.code(), "not_enough_account_balance");
        assert_eq!((books.balance(alice).await, books.balance(bob).await), (100, 0));
        assert_eq!(books.count("\"transaction\" WHERE state = 'internal'").await, 0, "it left nothing behind");
    }

    async fn transfer_of_nothing_or_less_is_refused(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        for amount in [0, -5, i64::MIN] {
            assert!(matches!(books.transfer(alice, bob, amount).await, Err(LedgerError::NotPositive)));
        }
    }

    async fn transfer_of_another_coins_amount_is_refused(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let mut transfer = books.transfer_of(alice, bob, 5);
        transfer.amount = Amount::new(ltc(), 5);
        assert!(matches!(books.db.write(transfer).await, Err(LedgerError::WrongCoin { .. })));
    }

    async fn transfer_into_network_fees_is_allowed_and_out_of_it_refused(books: &Books) {
        let (alice, fees) = (books.funded("alice", 100).await, books.network_fees().await);
        books.transfer(alice, fees, 30).await.unwrap();
        assert_eq!(books.balance(fees).await, 30);
        assert!(matches!(books.transfer(fees, alice, 1).await, Err(LedgerError::NetworkFeesReserved)));
        books.audit_is_clean().await;
    }

    async fn allow_negative_reaches_the_overdraft_limit_and_no_further(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let mut transfer = books.transfer_of(alice, bob, 150);
        transfer.allow_negative = true;
        let refused = books.db.write(transfer.clone()).await;
        assert!(matches!(refused, Err(LedgerError::NotEnoughBalance { .. })), "no limit, no overdraft");
        books.direct("UPDATE account SET overdraft = 50 WHERE name = 'alice'").await.unwrap();
        assert!(books.transfer(alice, bob, 101).await.is_err(), "only where it is asked for");
        books.db.write(transfer.clone()).await.unwrap();
        assert_eq!(books.balance(alice).await, -50);
        transfer.amount = units(1);
        assert!(matches!(books.db.write(transfer).await, Err(LedgerError::NotEnoughBalance { .. })));
        books.audit_is_clean().await;
    }

    async fn transfer_from_a_barred_account_is_refused(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.direct("UPDATE account SET barred_at = 1 WHERE name = 'alice'").await.unwrap();
        assert!(matches!(books.transfer(alice, bob, 1).await, Err(LedgerError::AccountBarred)));
        books.direct("UPDATE account SET barred_at = 1 WHERE name = 'bob'").await.unwrap();
        books.direct("UPDATE account SET barred_at = NULL WHERE name = 'alice'").await.unwrap();
        books.transfer(alice, bob, 1).await.unwrap();
    }

    async fn labels_have_at_most_255_characters(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let mut transfer = books.transfer_of(alice, bob, 5);
        transfer.label = "ü".repeat(255);
        books.db.write(transfer.clone()).await.unwrap();
        transfer.label.push('x');
        assert!(matches!(books.db.write(transfer).await, Err(LedgerError::BadLabel)));
    }

    async fn a_balance_that_no_amount_can_hold_is_refused(books: &Books) {
        let (alice, bob) = (books.funded("alice", i64::MAX).await, books.account("bob").await);
        books.address(bob, "at-bob").await;
        books.transfer(alice, bob, 1).await.unwrap();
        let too_much = books.report("too-much", 3, &[("at-bob", i64::MAX)]);
        assert!(matches!(books.db.write(too_much).await, Err(LedgerError::TooLarge)));
        books.audit_is_clean().await;
    }
}
