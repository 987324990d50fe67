//! What the network says of payments to us.

use super::books::*;
use app::model::{AddressId, NetworkTransactionId, NetworkTransactionState as State, TransactionState};
use server::db::query;
use server::ledger::{ArchiveAddress, LedgerError};

impl Books {
    async fn address_balance(&self, address: AddressId) -> i64 {
        self.one::<(i64,)>(query("SELECT balance FROM address WHERE id = $1").bind(address)).await.0
    }

    async fn network_state(&self, id: Option<NetworkTransactionId>) -> State {
        self.broadcast_state(id.unwrap()).await
    }
}

on_both! {
    async fn a_deposit_is_incoming_until_the_threshold_and_credited_once(books: &Books) {
        let alice = books.account("alice").await;
        let address = books.address(alice, "a").await;
        let first = books.seen("tx", 0, &[("a", 70)]).await;
        assert_eq!((first.incoming.len(), first.credited.len(), first.changed), (1, 0, true));
        assert_eq!(books.network_state(first.network_transaction).await, State::Seen);
        let again = books.seen("tx", 0, &[("a", 70)]).await;
        assert_eq!((again.incoming.len(), again.changed), (0, false), "seen twice is seen once");
        let two = books.seen("tx", 2, &[("a", 70)]).await;
        assert_eq!((two.changed, books.balance(alice).await), (true, 0));
        let three = books.seen("tx", 3, &[("a", 70)]).await;
        assert_eq!(three.credited, first.incoming);
        for confirmations in [3, 4, 9, 3] {
            assert!(books.seen("tx", confirmations, &[("a", 70)]).await.credited.is_empty());
        }
        assert_eq!((books.balance(alice).await, books.address_balance(address).await), (70, 70));
        assert_eq!(books.state(first.incoming[0]).await, TransactionState::Credited);
        books.audit_is_clean().await;
    }

    async fn a_deposit_first_seen_deep_in_the_chain_is_credited_at_once(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let seen = books.seen("tx", 40, &[("a", 70)]).await;
        assert_eq!((seen.incoming.len(), seen.credited.len()), (1, 1));
        assert_eq!(books.network_state(seen.network_transaction).await, State::Settled);
        books.audit_is_clean().await;
    }

    async fn outputs_to_one_address_are_summed(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.address(alice, "b").await;
        let seen = books.seen("tx", 3, &[("a", 1), ("b", 10), ("a", 2)]).await;
        assert_eq!((seen.incoming.len(), books.balance(alice).await), (2, 13));
        assert_eq!(books.count("\"transaction\" WHERE amount = 3").await, 1);
        books.audit_is_clean().await;
    }

    async fn one_transaction_may_pay_two_wallets(books: &Books) {
        let alice = books.account("alice").await;
        let carol = books.account_in(books.wallet(btc(), "other").await, "carol").await;
        books.address(alice, "a").await;
        books.address(carol, "c").await;
        books.seen("tx", 3, &[("c", 5), ("a", 7)]).await;
        assert_eq!((books.balance(alice).await, books.balance(carol).await), (7, 5));
        books.audit_is_clean().await;
    }

    async fn payments_to_others_leave_nothing_behind(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "outside", 50).await.unwrap();
        let seen = books.seen("tx", 3, &[("outside", 5), ("stranger", 6)]).await;
        assert_eq!((seen.network_transaction, seen.changed), (None, false));
        assert_eq!(books.count("network_transaction WHERE txid = 'tx'").await, 0);
    }

    async fn an_address_added_later_gets_its_deposit_too(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("tx", 3, &[("a", 5), ("b", 6)]).await;
        books.address(alice, "b").await;
        let later = books.seen("tx", 3, &[("a", 5), ("b", 6)]).await;
        assert_eq!((later.incoming.len(), later.credited.len(), books.balance(alice).await), (1, 1, 11));
        books.audit_is_clean().await;
    }

    async fn money_on_an_archived_address_is_credited(books: &Books) {
        let alice = books.account("alice").await;
        let address = books.address(alice, "a").await;
        books.db.write(ArchiveAddress { address, now: NOW }).await.unwrap();
        books.seen("tx", 3, &[("a", 5)]).await;
        assert_eq!(books.balance(alice).await, 5);
    }

    async fn mined_coins_are_credited_at_101_and_followed_until_then(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let mut report = books.report("tx", 100, &[("a", 50)]);
        report.coinbase = true;
        let immature = books.db.write(report.clone()).await.unwrap();
        assert!(immature.credited.is_empty());
        assert_eq!(books.network_state(immature.network_transaction).await, State::Confirmed, "not settled yet");
        report.confirmations = 101;
        assert_eq!(books.db.write(report).await.unwrap().credited.len(), 1);
        books.audit_is_clean().await;
    }

    async fn a_conflicted_deposit_stays_incoming_and_may_come_back(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("tx", 0, &[("a", 5)]).await;
        let conflicted = books.seen("tx", -3, &[("a", 5)]).await;
        assert_eq!(books.network_state(conflicted.network_transaction).await, State::Conflicted);
        assert!(conflicted.reversed.is_empty(), "nothing was credited");
        assert_eq!(books.count("\"transaction\" WHERE state = 'incoming'").await, 1);
        assert_eq!(books.seen("tx", 3, &[("a", 5)]).await.credited.len(), 1);
        books.audit_is_clean().await;
    }

    async fn an_abandoned_deposit_stays_incoming(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let mut report = books.report("tx", 0, &[("a", 5)]);
        report.abandoned = true;
        let abandoned = books.db.write(report).await.unwrap();
        assert_eq!(books.network_state(abandoned.network_transaction).await, State::Abandoned);
        assert_eq!(books.count("\"transaction\" WHERE state = 'incoming'").await, 1);
    }

    async fn a_credited_deposit_that_falls_to_zero_is_reversed_and_may_be_credited_again(books: &Books) {
        let alice = books.account("alice").await;
        let address = books.address(alice, "a").await;
        let first = books.seen("tx", 3, &[("a", 5)]).await;
        assert!(books.seen("tx", 1, &[("a", 5)]).await.reversed.is_empty(), "at 1 nothing is reversed");
        for (confirmations, generation) in [(0, 1), (-1, 2), (-7, 3)] {
            let fallen = books.seen("tx", confirmations, &[("a", 5)]).await;
            assert_eq!((&fallen.reversed, fallen.changed), (&first.incoming, true));
            assert!(books.seen("tx", confirmations, &[("a", 5)]).await.reversed.is_empty(), "once");
            assert_eq!(books.state(first.incoming[0]).await, TransactionState::Reversed);
            assert_eq!((books.balance(alice).await, books.address_balance(address).await), (0, 0));
            books.audit_is_clean().await;
            assert!(books.seen("tx", 2, &[("a", 5)]).await.credited.is_empty());
            assert_eq!(books.seen("tx", 3, &[("a", 5)]).await.credited, first.incoming);
            assert_eq!(books.count(&format!("\"transaction\" WHERE generation = {}", generation + 1)).await, 1);
            assert_eq!((books.balance(alice).await, books.address_balance(address).await), (5, 5));
            books.audit_is_clean().await;
        }
        assert_eq!(books.count("event WHERE name = 'deposit_reversed'").await, 3);
        assert_eq!(books.count("event WHERE name = 'account_negative'").await, 0);
    }

    async fn a_reversal_of_what_was_spent_books_all_the_same_and_bars_the_account(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.transfer(alice, bob, 80).await.unwrap();
        books.seen("funds-alice", 0, &[("at-alice", 100)]).await;
        assert_eq!((books.balance(alice).await, books.balance(bob).await), (-80, 80));
        assert_eq!(books.count("event WHERE name = 'account_negative'").await, 1);
        books.audit_is_clean().await;
        books.transfer(bob, alice, 30).await.unwrap();
        assert!(matches!(books.transfer(alice, bob, 1).await, Err(LedgerError::AccountBarred)));
        assert!(matches!(books.send(alice, "x", 10).await, Err(LedgerError::AccountBarred)));
        // What comes back lifts the bar by itself.
        books.seen("funds-alice", 3, &[("at-alice", 100)]).await;
        assert_eq!(books.balance(alice).await, 50);
        books.transfer(alice, bob, 50).await.unwrap();
        books.audit_is_clean().await;
    }

    async fn of_deposits_that_spend_the_same_only_one_is_live(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let live = async || books.count("network_transaction WHERE type = 'deposit' AND live").await;
        let report = |txid: &str, other: &str, in_mempool| {
            let mut report = books.report(txid, 0, &[("a", 5)]);
            report.conflicts = vec![other.into()];
            report.in_mempool = in_mempool;
            report
        };
        // Where the backend can't say, the first that was recorded counts; where it can, what waits.
        for txids in [("first", "second"), ("second", "first"), ("first", "second")] {
            books.db.write(report(txids.0, txids.1, None)).await.unwrap();
            assert_eq!(live().await, 1, "{txids:?}");
        }
        books.db.write(report("first", "second", Some(false))).await.unwrap();
        books.db.write(report("second", "first", Some(true))).await.unwrap();
        assert_eq!(books.count("network_transaction WHERE live AND txid = 'second'").await, 1);
        assert_eq!(live().await, 1);
        books.seen("first", 1, &[("a", 5)]).await;
        books.seen("second", -1, &[("a", 5)]).await;
        assert_eq!(books.count("network_transaction WHERE live AND txid = 'first'").await, 1);
        assert_eq!(live().await, 1);
    }

    async fn a_deposit_whose_outputs_are_no_longer_told_is_still_credited(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("tx", 0, &[("a", 5)]).await;
        assert_eq!(books.seen("tx", 3, &[]).await.credited.len(), 1);
        assert_eq!(books.balance(alice).await, 5);
    }

    async fn another_amount_for_the_same_output_is_refused(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("tx", 0, &[("a", 5)]).await;
        let refused = books.db.write(books.report("tx", 3, &[("a", 500)])).await;
        assert!(matches!(refused, Err(LedgerError::Contradiction(_))), "{refused:?}");
    }

    async fn change_is_no_deposit(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.address(alice, "change").await;
        let broadcast = books.opened(alice, "outside", 50, "ours").await;
        let mut report = books.report("ours", 3, &[("change", 900), ("outside", 50)]);
        report.spends_ours = true;
        let seen = books.db.write(report).await.unwrap();
        assert_eq!((seen.network_transaction, seen.foreign_spend), (None, false));
        assert_eq!(books.broadcast_state(broadcast).await, State::Open, "deposits don't close broadcasts");
        assert_eq!(books.balance(alice).await, 50);
    }

    async fn a_broadcast_to_an_address_of_ours_is_a_deposit_of_what_was_recorded(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        books.address(bob, "at-bob").await;
        books.opened(alice, "at-bob", 50, "ours").await;
        // Change that went to the same address counts no further than what the broadcast recorded.
        let mut report = books.report("ours", 3, &[("at-bob", 50), ("at-bob", 900)]);
        report.spends_ours = true;
        let seen = books.db.write(report).await.unwrap();
        assert_eq!((seen.credited.len(), books.balance(bob).await), (1, 50));
        books.audit_is_clean().await;
    }

    async fn a_foreign_spend_books_nothing_and_is_told(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let mut report = books.report("foreign", 3, &[("at-alice", 900)]);
        report.spends_ours = true;
        let seen = books.db.write(report).await.unwrap();
        assert!(seen.foreign_spend && !seen.changed);
        assert_eq!(books.balance(alice).await, 100);
        books.audit_is_clean().await;
    }

    async fn a_deposit_settles_at_max_confirmation_count(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let seen = books.seen("tx", 14, &[("a", 5)]).await;
        assert_eq!(books.network_state(seen.network_transaction).await, State::Confirmed);
        books.seen("tx", 15, &[("a", 5)]).await;
        assert_eq!(books.network_state(seen.network_transaction).await, State::Settled);
        books.seen("tx", 2, &[("a", 5)]).await;
        assert_eq!(books.network_state(seen.network_transaction).await, State::Confirmed, "a reorganisation");
        assert_eq!(books.count("network_transaction WHERE settled_at IS NOT NULL").await, 0);
    }
}
