//! What the databases refuse by themselves, whatever the code above them does.

use super::books::*;
use server::db::DbError;

impl Books {
    async fn is_refused(&self, sql: &'static str) {
        let answer = self.direct(sql).await;
        assert!(matches!(answer, Err(DbError::Refused(_))), "{sql}: {answer:?}");
    }
}

on_both! {
    async fn entries_never_change(books: &Books) {
        books.funded("alice", 100).await;
        books.is_refused("UPDATE entry SET amount = 5").await;
        books.is_refused("DELETE FROM entry").await;
    }

    async fn a_transactions_amount_accounts_and_address_never_change(books: &Books) {
        books.funded("alice", 100).await;
        books.is_refused("UPDATE \"transaction\" SET amount = 5").await;
        books.is_refused("UPDATE \"transaction\" SET receiving_account = 1").await;
        books.is_refused("UPDATE \"transaction\" SET address = NULL").await;
        books.is_refused("DELETE FROM \"transaction\"").await;
        books.direct("UPDATE \"transaction\" SET processed_at = 1").await.unwrap();
    }

    async fn a_balance_below_zero_needs_its_flag(books: &Books) {
        books.funded("alice", 100).await;
        books.is_refused("UPDATE account SET balance = -1 WHERE name = 'alice'").await;
        books.direct("UPDATE account SET balance = -1 WHERE name = 'Network fees'").await.unwrap();
    }

    async fn rows_that_mix_coins_are_refused(books: &Books) {
        books.wallet(ltc(), "main").await;
        let alice = books.funded("alice", 100).await;
        assert_eq!(alice.0, 3, "the statements below name her, in wallet 1, and account 2 of wallet 2");
        books.is_refused("INSERT INTO account (coin, wallet, name, created_at, updated_at) VALUES ('ltc', 1, 'x', 1, 1)").await;
        books.is_refused("INSERT INTO address (coin, kind, account, address, created_at) VALUES ('ltc', 'receiving', 3, 'x', 1)").await;
        books.is_refused(
            "INSERT INTO \"transaction\" (coin, wallet, state, amount, sending_account, receiving_account, created_at)
             VALUES ('ltc', 2, 'internal', 5, 3, 2, 1)",
        ).await;
        books.is_refused("UPDATE account SET coin = 'ltc' WHERE id = 3").await;
    }

    async fn an_unknown_state_is_refused(books: &Books) {
        books.funded("alice", 100).await;
        books.is_refused("UPDATE \"transaction\" SET state = 'lost'").await;
        books.is_refused("UPDATE network_transaction SET state = 'open'").await;
    }

    async fn a_transfer_to_the_same_account_is_refused(books: &Books) {
        books.is_refused(
            "INSERT INTO \"transaction\" (coin, wallet, state, amount, sending_account, receiving_account, created_at)
             VALUES ('btc', 1, 'internal', 5, 1, 1, 1)",
        ).await;
    }

    async fn a_fraction_never_becomes_an_amount(books: &Books) {
        books.funded("alice", 100).await;
        if books.db.is_sqlite() {
            books.is_refused("UPDATE wallet SET balance = 1.5").await;
            books.is_refused("UPDATE wallet SET balance = 9223372036854775807 + 1").await;
        } else {
            assert!(books.direct("UPDATE wallet SET balance = 9223372036854775807 + 1").await.is_err());
        }
    }
}
