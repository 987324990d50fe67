//! Faults of `cryptoassets.core` that must never come back.

use super::books::*;
use app::model::{NetworkTransactionState as State, TransactionState};
use server::db::query;
use server::ledger::{BreakBroadcast, CloseBroadcast, Collect};

on_both! {
    async fn collect_takes_only_its_own_wallets_transactions(books: &Books) {
        let other = books.wallet(btc(), "other").await;
        let (alice, carol) = (books.funded("alice", 1_000).await, books.account_in(other, "carol").await);
        books.address(carol, "c").await;
        books.seen("for-carol", 3, &[("c", 500)]).await;
        books.send(alice, "x", 100).await.unwrap();
        books.send(carol, "x", 200).await.unwrap();
        let collect = Collect { coin: btc(), wallet: other, max_outputs: 9, available: i64::MAX, now: NOW };
        let broadcast = books.db.write(collect).await.unwrap().unwrap();
        let sql = "SELECT CAST(SUM(amount) AS BIGINT) FROM broadcast_output WHERE broadcast = $1";
        assert_eq!(books.one::<(i64,)>(query(sql).bind(broadcast)).await.0, 200);
        let sql = "SELECT wallet FROM network_transaction WHERE id = $1";
        assert_eq!(books.one::<(app::model::WalletId,)>(query(sql).bind(broadcast)).await.0, other);
        books.audit_is_clean().await;
    }

    async fn an_accounts_name_is_looked_up_within_its_wallet(books: &Books) {
        let other = books.wallet(btc(), "other").await;
        let (here, there) = (books.account("alice").await, books.account_in(other, "alice").await);
        assert_ne!(here, there);
        assert_eq!(books.account("alice").await, here, "get-or-create finds its own");
    }

    async fn credited_is_said_only_of_what_is_credited(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        for confirmations in 0..3 {
            let seen = books.seen("tx", confirmations, &[("a", 5)]).await;
            assert!(seen.credited.is_empty());
            assert_eq!(books.count("\"transaction\" WHERE credited_at IS NOT NULL").await, 0);
        }
        assert_eq!(books.seen("tx", 3, &[("a", 5)]).await.credited.len(), 1);
    }

    async fn a_processed_deposit_is_credited_all_the_same(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let seen = books.seen("tx", 1, &[("a", 5)]).await;
        books.direct("UPDATE \"transaction\" SET processed_at = 1").await.unwrap();
        books.seen("tx", 3, &[("a", 5)]).await;
        assert_eq!(books.state(seen.incoming[0]).await, TransactionState::Credited);
        assert_eq!(books.balance(alice).await, 5);
    }

    async fn the_fee_is_charged_once_whatever_the_number_of_recipients(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        for address in ["x", "y", "z"] {
            books.send(alice, address, 100).await.unwrap();
        }
        let broadcast = books.collect().await.unwrap();
        let version = books.prepare(broadcast, "tx").await;
        books.db.write(books.open_of(broadcast, version).await).await.unwrap();
        let close = CloseBroadcast {
            broadcast, txid: "tx".into(), fee: Some(7), attempt: None, decision: None, now: NOW,
        };
        books.db.write(close).await.unwrap();
        assert_eq!(books.count("\"transaction\" WHERE state = 'network_fee'").await, 1);
        assert_eq!(books.balance(books.network_fees().await).await, -7);
        assert_eq!(books.balance(alice).await, 700);
    }

    // The check for interrupted broadcasts never ran there; here the broadcast job does it first of all, which
    // the stories of `simulation/failpoint` show with a runner that dies.
    async fn an_interrupted_one_shot_is_broken_and_its_money_stays_debited(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let mut open = books.open_of(broadcast, app::model::VersionId(0)).await;
        open.version = None;
        let deadline = open.deadline;
        books.db.write(open).await.unwrap();
        books.db.write(BreakBroadcast { broadcast, now: deadline }).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Broken);
        assert!(books.collect().await.is_none(), "nothing of it is collected again");
        assert_eq!(books.balance(alice).await, 900);
    }
}
