//! Money that left past the books, adjustments, and the import of what was there before them.

use super::books::*;
use app::model::{AccountId, Time};
use server::ledger::{
    Adjust, Collect, ImportBalance, LedgerError, RecordForeignSpend, RecordReconciliation, Sums,
};

fn spend(txid: &str, confirmations: i64) -> RecordForeignSpend {
    RecordForeignSpend {
        coin: btc(),
        txid: txid.into(),
        amount: 70,
        confirmations,
        height: None,
        at: Some(NOW.plus_seconds(5)),
        abandoned: false,
        max_confirmation_count: 15,
        now: NOW.plus_seconds(5),
    }
}

impl Books {
    fn adjust_of(&self, account: AccountId, amount: i64) -> Adjust {
        let (reason, actor) = ("paid by hand".into(), "ines".into());
        Adjust {
            account,
            amount: units(amount),
            credit: false,
            foreign_spend: Some(1),
            reason,
            actor,
            now: NOW,
        }
    }

    async fn sums(&self) -> Sums {
        let mut read = self.db.read().await.unwrap();
        Sums::read(&mut read.tx(), btc()).await.unwrap()
    }

    async fn import(&self, account: AccountId, backend_total: i64, height: i64) -> Result<bool, LedgerError> {
        let (sums, block) = (self.sums().await, "block".into());
        let import = ImportBalance { coin: btc(), account, backend_total, sums, height, block, now: NOW };
        self.db.write(import).await.map(|transaction| transaction.is_some())
    }
}

on_both! {
    async fn a_foreign_spend_stops_sends_until_it_is_booked(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        assert!(books.db.write(spend("theirs", 0)).await.unwrap());
        assert!(!books.db.write(spend("theirs", 0)).await.unwrap(), "told once");
        assert!(books.db.write(spend("theirs", 1)).await.unwrap());
        assert_eq!(books.count("event WHERE name = 'foreign_spend'").await, 1);
        books.send(alice, "x", 100).await.unwrap();
        let collect = Collect { coin: btc(), wallet: books.wallet, max_outputs: 9, available: 9_999, now: NOW };
        let refused = books.db.write(collect).await;
        assert!(matches!(refused, Err(LedgerError::ForeignSpend { .. })), "{refused:?}");
        let wrong = books.db.write(books.adjust_of(alice, 71)).await;
        assert!(matches!(wrong, Err(LedgerError::NotThatSpend { .. })), "{wrong:?}");
        let mut silent = books.adjust_of(alice, 70);
        silent.reason = " ".into();
        assert!(matches!(books.db.write(silent).await, Err(LedgerError::NoReason)));
        books.db.write(books.adjust_of(alice, 70)).await.unwrap();
        assert!(books.db.write(books.adjust_of(alice, 70)).await.is_err(), "once");
        assert_eq!(books.balance(alice).await, 830);
        assert!(books.collect().await.is_some());
        books.audit_is_clean().await;
    }

    async fn a_foreign_spend_that_is_gone_is_no_more_in_the_way_and_one_that_returns_is(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let stopped = async || {
            let collect = Collect { coin: btc(), wallet: books.wallet, max_outputs: 9, available: 0, now: NOW };
            books.db.write(collect).await.is_err()
        };
        books.db.write(spend("theirs", 0)).await.unwrap();
        assert!(stopped().await);
        books.db.write(spend("theirs", -14)).await.unwrap();
        assert!(stopped().await, "it may still come back");
        books.db.write(spend("theirs", -15)).await.unwrap();
        assert!(!stopped().await);
        books.db.write(spend("theirs", 1)).await.unwrap();
        assert!(stopped().await);
    }

    async fn what_was_spent_before_the_books_began_is_no_matter_of_theirs(books: &Books) {
        let mut old = spend("old", 500);
        old.at = Some(Time(NOW.0 - 1));
        assert!(!books.db.write(old).await.unwrap());
        assert_eq!(books.count("foreign_spend").await, 0);
    }

    async fn an_adjustment_may_not_overdraw_an_account_but_network_fees(books: &Books) {
        let alice = books.funded("alice", 50).await;
        books.db.write(spend("theirs", 1)).await.unwrap();
        let refused = books.db.write(books.adjust_of(alice, 70)).await;
        assert!(matches!(refused, Err(LedgerError::NotEnoughBalance { .. })), "{refused:?}");
        let fees = books.network_fees().await;
        books.db.write(books.adjust_of(fees, 70)).await.unwrap();
        assert_eq!(books.balance(fees).await, -70);
        let mut credit = books.adjust_of(alice, 8);
        (credit.credit, credit.foreign_spend) = (true, None);
        books.db.write(credit).await.unwrap();
        assert_eq!(books.balance(alice).await, 58);
        books.audit_is_clean().await;
    }

    async fn an_import_books_exactly_the_difference_once(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        books.seen("coming", 1, &[("at-alice", 40)]).await;
        let old = books.account("old money").await;
        // 1,000 of alice (900 and 100 pending), 40 not credited yet, and 500 from before.
        assert!(books.import(old, 1_540, 120).await.unwrap());
        assert_eq!(books.balance(old).await, 500);
        assert!(!books.import(old, 1_540, 121).await.unwrap(), "again it changes nothing");
        assert_eq!(books.count("balance_import").await, 1);
        let less = books.import(old, 1_539, 122).await;
        assert!(matches!(less, Err(LedgerError::ImportRefused(_))), "{less:?}");
        books.audit_is_clean().await;
    }

    async fn an_import_refuses_when_the_books_have_moved_or_a_broadcast_is_under_way(books: &Books) {
        let (alice, bob) = (books.funded("alice", 1_000).await, books.account("bob").await);
        let sums = books.sums().await;
        books.seen("more", 3, &[("at-alice", 5)]).await;
        let import = ImportBalance {
            coin: btc(), account: bob, backend_total: 2_000, sums, height: 1, block: "b".into(), now: NOW,
        };
        assert!(matches!(books.db.write(import).await, Err(LedgerError::ImportRefused(_))));
        books.opened(alice, "x", 100, "tx").await;
        assert!(matches!(books.import(bob, 2_000, 1).await, Err(LedgerError::ImportRefused(_))));
        assert_eq!(books.balance(bob).await, 0);
    }

    async fn deposits_that_an_import_has_counted_are_never_credited_to_an_address_added_later(books: &Books) {
        let (alice, bob) = (books.account("alice").await, books.account("bob").await);
        books.address(alice, "early").await;
        assert!(books.import(bob, 500, 120).await.unwrap());
        let add = |address: &str| server::ledger::AddAddress {
            account: alice, address: address.into(), label: None, import: true, now: NOW.plus_seconds(60),
        };
        books.db.write(add("late")).await.unwrap();
        let at = |txid: &str, address: &str, height| {
            let mut report = books.report(txid, 30, &[(address, 50)]);
            report.height = Some(height);
            report
        };
        let old = books.db.write(at("old", "late", 120)).await.unwrap();
        assert!(old.incoming.is_empty() && old.credited.is_empty(), "{old:?}");
        let mut fallen = at("old", "late", 120);
        (fallen.confirmations, fallen.height) = (0, None);
        assert!(books.db.write(fallen).await.unwrap().incoming.is_empty(), "covered stays covered");
        assert_eq!(books.count("covered_deposit WHERE txid = 'old' AND amount = 50").await, 1);
        assert_eq!(books.db.write(at("new", "late", 121)).await.unwrap().credited.len(), 1);
        assert_eq!(books.db.write(at("same", "early", 119)).await.unwrap().credited.len(), 1, "it was known then");
        assert_eq!(books.balance(alice).await, 100);
        books.audit_is_clean().await;
    }

    async fn a_difference_is_told_when_two_readings_agree(books: &Books) {
        books.funded("alice", 1_000).await;
        let read = async |backend_total| {
            let (sums, block) = (books.sums().await, "block".into());
            let record = RecordReconciliation { coin: btc(), backend_total, sums, height: 9, block, now: NOW };
            books.db.write(record).await.unwrap()
        };
        let told = async || books.count("event WHERE name = 'balance_mismatch'").await;
        assert_eq!((read(1_000).await, read(1_000).await), ((0, 1), (0, 2)));
        assert_eq!((read(990).await, told().await), ((-10, 1), 0));
        assert_eq!((read(1_000).await, told().await), ((0, 1), 0));
        assert_eq!((read(990).await, read(990).await, told().await), ((-10, 1), (-10, 2), 1));
        assert_eq!((read(990).await, told().await), ((-10, 3), 1), "told once");
    }
}
