//! Receiving addresses, external ones, and the scan that starts over for those with a history.

use super::books::*;
use app::model::{AddressId, AddressKind, Time};
use server::db::query;
use server::ledger::{AddAddress, ArchiveAddress, LedgerError, StoreCursor, read};

impl Books {
    async fn cursor(&self) -> read::Cursor {
        let mut read = self.db.read().await.unwrap();
        read::cursor(&mut read.tx(), btc()).await.unwrap()
    }

    async fn store_cursor(&self, cursor: &str, read_at: Option<Time>) -> bool {
        let cursor = Some(cursor.to_owned());
        self.db.write(StoreCursor { coin: btc(), cursor, read_at, now: NOW }).await.unwrap()
    }
}

on_both! {
    async fn a_label_is_made_where_none_is_given(books: &Books) {
        let alice = books.account("alice").await;
        let label = Some(" from Bob ".to_owned());
        let add = AddAddress { account: alice, address: "one".into(), label, import: false, now: NOW };
        books.db.write(add).await.unwrap();
        let second = books.address(alice, "two").await;
        let sql = "SELECT label FROM address WHERE id = $1";
        let (label,): (String,) = books.one(query(sql).bind(second)).await;
        assert_eq!(label, format!("Receiving address #2 for account #{alice} created at {}", NOW.date_and_clock()));
        assert_eq!(books.count("address WHERE label = 'from Bob'").await, 1);
    }

    async fn an_existing_receiving_address_is_refused(books: &Books) {
        let (alice, bob) = (books.account("alice").await, books.account("bob").await);
        books.address(alice, "one").await;
        let refused = books.try_address(bob, "one").await;
        assert!(matches!(refused, Err(LedgerError::AddressExists { .. })), "{refused:?}");
    }

    async fn an_external_address_becomes_a_receiving_one(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "later-ours", 50).await.unwrap();
        let (id, kind): (AddressId, AddressKind) =
            books.one(query("SELECT id, kind FROM address WHERE address = 'later-ours'")).await;
        assert_eq!(kind, AddressKind::External);
        assert_eq!(books.address(alice, "later-ours").await, id);
        let sql = "SELECT kind, account FROM address WHERE id = $1";
        let (kind, account): (AddressKind, i64) = books.one(query(sql).bind(id)).await;
        assert_eq!((kind, account), (AddressKind::Receiving, alice.0));
    }

    async fn network_fees_has_no_addresses(books: &Books) {
        let fees = books.network_fees().await;
        assert!(matches!(books.try_address(fees, "one").await, Err(LedgerError::NetworkFeesReserved)));
    }

    async fn a_new_address_leaves_the_scan_where_it_is(books: &Books) {
        let alice = books.account("alice").await;
        assert!(books.store_cursor("here", books.cursor().await.updated_at).await);
        books.address(alice, "new").await;
        assert_eq!(books.cursor().await.cursor.as_deref(), Some("here"));
    }

    async fn an_imported_address_makes_the_scan_start_over(books: &Books) {
        let alice = books.account("alice").await;
        assert!(books.store_cursor("here", books.cursor().await.updated_at).await);
        let label = Some(String::new());
        let import = AddAddress { account: alice, address: "old".into(), label, import: true, now: NOW };
        books.db.write(import).await.unwrap();
        assert_eq!(books.cursor().await.cursor, None);
    }

    async fn an_external_address_that_becomes_ours_makes_the_scan_start_over(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "later-ours", 50).await.unwrap();
        assert!(books.store_cursor("here", books.cursor().await.updated_at).await);
        books.address(alice, "later-ours").await;
        assert_eq!(books.cursor().await.cursor, None);
    }

    async fn a_scan_under_way_does_not_undo_the_reset(books: &Books) {
        let alice = books.account("alice").await;
        let before = books.cursor().await;
        let import = AddAddress { account: alice, address: "old".into(), label: None, import: true, now: NOW };
        books.db.write(import).await.unwrap();
        assert!(!books.store_cursor("there", before.updated_at).await);
        assert_eq!(books.cursor().await.cursor, None);
        assert!(books.store_cursor("there", books.cursor().await.updated_at).await);
    }

    async fn only_receiving_addresses_are_archived(books: &Books) {
        let alice = books.funded("alice", 100).await;
        books.send(alice, "outside", 50).await.unwrap();
        let (outside,): (AddressId,) = books.one(query("SELECT id FROM address WHERE address = 'outside'")).await;
        let refused = books.db.write(ArchiveAddress { address: outside, now: NOW }).await;
        assert!(matches!(refused, Err(LedgerError::UnknownAddress(_))), "{refused:?}");
        let own = books.address(alice, "own").await;
        books.db.write(ArchiveAddress { address: own, now: NOW }).await.unwrap();
        books.db.write(ArchiveAddress { address: own, now: NOW.plus_seconds(1) }).await.unwrap();
        let (at,): (Time,) = books.one(query("SELECT archived_at FROM address WHERE id = $1").bind(own)).await;
        assert_eq!(at, NOW, "again changes nothing");
    }
}
