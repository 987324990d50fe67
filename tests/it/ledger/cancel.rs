//! Taking a pending transaction back.

use super::books::*;
use app::model::{NetworkTransactionState, TransactionId, TransactionState};
use server::db::query;
use server::ledger::{CancelTransaction, LedgerError};

impl Books {
    async fn cancel(&self, transaction: TransactionId) -> Result<(), LedgerError> {
        self.db
            .write(CancelTransaction { transaction, reason: "typed wrong".into(), now: NOW })
            .await
            .map(|_| ())
    }
}

on_both! {
    async fn cancel_gives_the_money_back(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let sent = books.send(alice, "outside", 60).await.unwrap();
        books.cancel(sent.transaction).await.unwrap();
        assert_eq!(books.balance(alice).await, 100);
        assert_eq!(books.state(sent.transaction).await, TransactionState::Cancelled);
        let sql = "SELECT reason FROM \"transaction\" WHERE id = $1";
        let (reason,): (String,) = books.one(query(sql).bind(sent.transaction)).await;
        assert_eq!(reason, "typed wrong");
        books.audit_is_clean().await;
    }

    async fn cancel_twice_is_refused(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let sent = books.send(alice, "outside", 60).await.unwrap();
        books.cancel(sent.transaction).await.unwrap();
        let refused = books.cancel(sent.transaction).await.unwrap_err();
        assert!(matches!(&refused, LedgerError::WrongState { state } if state == "cancelled"), "{refused:?}");
        assert_eq!(books.balance(alice).await, 100);
    }

    async fn cancel_leaves_a_collected_broadcast_with_what_remains(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let first = books.send(alice, "outside", 20).await.unwrap();
        books.send(alice, "outside", 30).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.cancel(first.transaction).await.unwrap();
        let (amount,): (i64,) = books.one(query("SELECT amount FROM broadcast_output")).await;
        assert_eq!(amount, 30);
        assert_eq!(books.broadcast_state(broadcast).await, NetworkTransactionState::Collected);
        books.audit_is_clean().await;
    }

    async fn a_collected_broadcast_that_all_leave_is_cancelled(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let sent = books.send(alice, "outside", 20).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.cancel(sent.transaction).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, NetworkTransactionState::Cancelled);
        assert_eq!(books.count("broadcast_output").await, 0);
        books.audit_is_clean().await;
    }

    async fn cancel_is_refused_once_bytes_are_signed(books: &Books) {
        let alice = books.funded("alice", 100).await;
        let sent = books.send(alice, "outside", 20).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.prepare(broadcast, "signed").await;
        let refused = books.cancel(sent.transaction).await.unwrap_err();
        assert!(matches!(&refused, LedgerError::WrongState { state } if state == "prepared"), "{refused:?}");
        assert_eq!(books.state(sent.transaction).await, TransactionState::Pending);
    }

    async fn only_pending_transactions_can_be_cancelled(books: &Books) {
        let (alice, bob) = (books.funded("alice", 100).await, books.account("bob").await);
        let transfer = books.transfer(alice, bob, 5).await.unwrap();
        assert!(matches!(books.cancel(transfer).await, Err(LedgerError::WrongState { .. })));
        let unknown = TransactionId(9_999);
        assert!(matches!(books.cancel(unknown).await, Err(LedgerError::UnknownTransaction(_))));
    }
}
