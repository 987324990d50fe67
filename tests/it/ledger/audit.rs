//! The audit sees what doesn't add up, and says so once.

use super::books::*;
use server::db::query;
use server::ledger::{AuditReport, Mismatch, RecordAudit, audit};

impl Books {
    async fn report_of_audit(&self) -> AuditReport {
        audit(&self.db, btc()).await.unwrap()
    }

    /// Tampers, and expects the audit to name these subjects.
    async fn tampered(&self, sql: &'static str, subjects: &[&str]) {
        self.direct(sql).await.unwrap();
        let found: Vec<String> =
            self.report_of_audit().await.mismatches.into_iter().map(|found| found.subject).collect();
        assert_eq!(found, subjects, "{sql}");
    }
}

on_both! {
    async fn a_clean_book_says_how_much_was_checked(books: &Books) {
        books.funded("alice", 100).await;
        let report = books.report_of_audit().await;
        // Two accounts, an entry, a transaction, an address, a network transaction
        assert_eq!((report.checked, report.is_clean()), (6, true));
    }

    async fn a_balance_that_differs_from_its_entries_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.tampered("UPDATE account SET balance = 99 WHERE name = 'alice'", &[&format!("account {alice}"), "wallet 1"]).await;
        let message = &books.report_of_audit().await.mismatches[0].message;
        assert_eq!(message, "balance is 99, its entries sum to 100");
    }

    async fn a_wallet_that_differs_from_its_accounts_is_found(books: &Books) {
        books.funded("alice", 100).await;
        books.tampered("UPDATE wallet SET balance = 7", &["wallet 1"]).await;
    }

    async fn an_address_that_differs_from_its_credits_is_found(books: &Books) {
        books.funded("alice", 100).await;
        books.tampered("UPDATE address SET balance = 7", &["address 1"]).await;
    }

    async fn an_entry_that_does_not_follow_the_one_before_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.direct("INSERT INTO entry (wallet, account, \"transaction\", amount, balance_after, created_at) VALUES (1, 2, 1, 5, 200, 1)").await.unwrap();
        let subjects: Vec<String> = books.report_of_audit().await.mismatches.into_iter().map(|found| found.subject).collect();
        let account = format!("account {alice}");
        assert_eq!(subjects, [account.as_str(), account.as_str(), "transaction 1"]);
    }

    async fn a_state_that_its_entries_do_not_explain_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "outside", 50).await.unwrap();
        books.tampered("UPDATE \"transaction\" SET state = 'cancelled' WHERE state = 'pending'", &["transaction 2"]).await;
    }

    async fn a_broadcast_that_pays_another_sum_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "outside", 50).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.tampered("UPDATE broadcast_output SET amount = 51", &[&format!("broadcast {broadcast}")]).await;
    }

    async fn a_transaction_that_its_broadcast_contradicts_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "outside", 50).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.tampered(
            "UPDATE \"transaction\" SET state = 'broadcasted' WHERE state = 'pending'",
            &[&format!("network transaction {broadcast}")],
        ).await;
    }

    async fn a_fee_that_is_not_booked_is_found(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let broadcast = books.opened(alice, "outside", 50, "tx").await;
        books.tampered(
            "UPDATE network_transaction SET fee = 5 WHERE type = 'broadcast'",
            &[&format!("broadcast {broadcast}")],
        ).await;
    }

    async fn a_finding_stays_open_until_it_is_gone(books: &Books) {
        let mismatch = |subject: &str, message: &str| Mismatch { subject: subject.into(), message: message.into() };
        let one = vec![mismatch("account 1", "first"), mismatch("account 1", "second"), mismatch("wallet 1", "x")];
        for now in [NOW, NOW.plus_seconds(60)] {
            books.db.write(RecordAudit { coin: btc(), mismatches: one.clone(), now }).await.unwrap();
        }
        assert_eq!(books.count(&format!("audit_finding WHERE gone_at IS NULL AND found_at = {}", NOW.0)).await, 2);
        let sql = "SELECT mismatch FROM audit_finding WHERE subject = 'account 1'";
        assert_eq!(books.one::<(String,)>(query(sql)).await.0, "first; second");
        let left = vec![one[2].clone()];
        books.db.write(RecordAudit { coin: btc(), mismatches: left, now: NOW.plus_seconds(120) }).await.unwrap();
        assert_eq!(books.count("audit_finding WHERE gone_at IS NULL").await, 1);
        assert_eq!(books.count("audit_finding").await, 2, "what is gone is kept");
    }
}
