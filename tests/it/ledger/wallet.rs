//! Coins, wallets and accounts: get-or-create, names, what may never change.

use super::books::*;
use app::model::Coin;
use server::ledger::{CreateAccount, CreateWallet, LedgerError, RegisterCoin};

on_both! {
    async fn create_wallet_again_answers_the_same_wallet(books: &Books) {
        let again = CreateWallet { coin: btc(), name: " main ".into(), now: NOW };
        let again = books.db.write(again).await.unwrap();
        assert_eq!((again.id, again.created), (books.wallet, false));
        let other = CreateWallet { coin: ltc(), name: "main".into(), now: NOW };
        assert!(books.db.write(other).await.unwrap().created, "names are unique per coin");
    }

    async fn create_wallet_makes_the_account_network_fees_once(books: &Books) {
        books.wallet(btc(), "main").await;
        assert_eq!(books.count("account WHERE name = 'Network fees' AND may_be_negative").await, 1);
    }

    async fn create_wallet_of_an_unregistered_coin_is_refused(books: &Books) {
        let coin = Coin::new("doge", 8).unwrap();
        let refused = books.db.write(CreateWallet { coin, name: "main".into(), now: NOW }).await;
        assert!(matches!(refused, Err(LedgerError::UnknownCoin(_))), "{refused:?}");
    }

    async fn create_wallet_with_other_decimals_is_refused(books: &Books) {
        let coin = Coin::new("btc", 6).unwrap();
        let refused = books.db.write(CreateWallet { coin, name: "other".into(), now: NOW }).await;
        assert!(matches!(refused, Err(LedgerError::CoinChanged { .. })), "{refused:?}");
    }

    async fn register_coin_again_changes_nothing(books: &Books) {
        let again = RegisterCoin { coin: btc(), network: "regtest".into(), backend: "bitcoind".into(), now: NOW };
        books.db.write(again).await.unwrap();
        assert_eq!(books.count("coin").await, 2);
        assert_eq!(books.count("backend WHERE coin = 'btc' AND class = 'bitcoind'").await, 1);
    }

    async fn register_coin_with_other_decimals_or_network_is_refused(books: &Books) {
        for (decimals, network) in [(6, "regtest"), (8, "main")] {
            let coin = Coin::new("btc", decimals).unwrap();
            let changed = RegisterCoin { coin, network: network.into(), backend: "simulated".into(), now: NOW };
            let refused = books.db.write(changed).await;
            assert!(matches!(refused, Err(LedgerError::CoinChanged { .. })), "{refused:?}");
        }
    }

    async fn create_account_again_answers_the_same_account(books: &Books) {
        let first = books.account("Savings").await;
        let again = CreateAccount { wallet: books.wallet, name: "  Savings ".into(), now: NOW };
        let again = books.db.write(again).await.unwrap();
        assert_eq!((again.id, again.created), (first, false));
    }

    async fn names_have_1_to_255_characters(books: &Books) {
        let longest = "ü".repeat(255);
        books.account(&longest).await;
        for bad in ["", "   ", &"ü".repeat(256), "a\u{7}b"] {
            let refused = books.db.write(CreateAccount { wallet: books.wallet, name: bad.into(), now: NOW }).await;
            assert!(matches!(refused, Err(LedgerError::BadName(_))), "{bad:?}: {refused:?}");
        }
    }

    async fn an_account_named_network_fees_is_refused(books: &Books) {
        let reserved = CreateAccount { wallet: books.wallet, name: "Network fees".into(), now: NOW };
        let refused = books.db.write(reserved).await;
        assert!(matches!(refused, Err(LedgerError::NetworkFeesReserved)), "{refused:?}");
    }

    async fn create_account_in_an_unknown_wallet_is_refused(books: &Books) {
        let wallet = app::model::WalletId(999);
        let refused = books.db.write(CreateAccount { wallet, name: "x".into(), now: NOW }).await;
        assert!(matches!(refused, Err(LedgerError::UnknownWallet(_))), "{refused:?}");
    }
}
