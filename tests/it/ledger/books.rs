//! The books of one test: a coin, a wallet and short ways to say what happens to them.

use app::model::{
    AccountId, AddressId, Amount, Coin, NetworkTransactionId, NetworkTransactionState, Time, TransactionId,
    TransactionState, VersionId, WalletId,
};
use server::db::{Db, DbError, Execute, FromRow, Query, query};
use server::ledger::{
    AddAddress, Collect, CreateAccount, CreateWallet, LedgerError, NewVersion, OpenBroadcast, RecordDeposit,
    Recorded, RegisterCoin, Send, Sent, StorePrepared, TakeLease, Transfer, audit,
};
use server::network::{OutPoint, Output};
use tests::database::Database;

pub const NOW: Time = Time(1_795_000_000_000_000);
pub const RUNNER: &str = "runner-a";

pub fn btc() -> Coin {
    Coin::new("btc", 8).unwrap()
}

pub fn ltc() -> Coin {
    Coin::new("ltc", 8).unwrap()
}

pub fn units(units: i64) -> Amount {
    Amount::new(btc(), units)
}

pub fn output(address: &str, amount: i64) -> Output {
    Output { address: address.into(), amount }
}

pub struct Books {
    pub db: Db,
    pub url: String,
    pub wallet: WalletId,
}

/// Writes the rule once and runs it on both databases, as `NAME::on_sqlite` and `NAME::on_postgres`.
macro_rules! on_both {
    ($(async fn $name:ident($books:ident: &Books) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn rule($books: &$crate::ledger::books::Books) $body

            #[tokio::test]
            async fn on_sqlite() {
                let database = tests::database::Database::sqlite().await.unwrap();
                rule(&$crate::ledger::books::Books::open(&database).await).await;
                database.remove().await.unwrap();
            }

            #[tokio::test]
            async fn on_postgres() {
                let database = tests::database::Database::postgres().await.unwrap();
                rule(&$crate::ledger::books::Books::open(&database).await).await;
                database.remove().await.unwrap();
            }
        }
    )*};
}
pub(crate) use on_both;

impl Books {
    pub async fn open(database: &Database) -> Self {
        let db = database.db.clone();
        for coin in [btc(), ltc()] {
            let (network, backend) = ("regtest".into(), "simulated".into());
            db.write(RegisterCoin { coin, network, backend, now: NOW }).await.unwrap();
        }
        let wallet = db.write(CreateWallet { coin: btc(), name: "main".into(), now: NOW }).await.unwrap().id;
        Self { db, url: database.url.clone(), wallet }
    }

    pub async fn wallet(&self, coin: Coin, name: &str) -> WalletId {
        self.db.write(CreateWallet { coin, name: name.into(), now: NOW }).await.unwrap().id
    }

    pub async fn account(&self, name: &str) -> AccountId {
        self.account_in(self.wallet, name).await
    }

    pub async fn account_in(&self, wallet: WalletId, name: &str) -> AccountId {
        self.db.write(CreateAccount { wallet, name: name.into(), now: NOW }).await.unwrap().id
    }

    pub async fn network_fees(&self) -> AccountId {
        let sql = "SELECT id FROM account WHERE wallet = $1 AND name = 'Network fees'";
        self.one::<(AccountId,)>(query(sql).bind(self.wallet)).await.0
    }

    pub async fn address(&self, account: AccountId, address: &str) -> AddressId {
        self.try_address(account, address).await.unwrap()
    }

    pub async fn try_address(&self, account: AccountId, address: &str) -> Result<AddressId, LedgerError> {
        let (address, label) = (address.to_owned(), None);
        self.db.write(AddAddress { account, address, label, import: false, now: NOW }).await
    }

    /// An account with the address `at-NAME` and a credited deposit.
    pub async fn funded(&self, name: &str, units: i64) -> AccountId {
        let account = self.account(name).await;
        let address = format!("at-{name}");
        self.address(account, &address).await;
        self.seen(&format!("funds-{name}"), 3, &[(&address, units)]).await;
        account
    }

    /// A report of three needed confirmations, fifteen to be settled.
    pub fn report(&self, txid: &str, confirmations: i64, received: &[(&str, i64)]) -> RecordDeposit {
        RecordDeposit {
            coin: btc(),
            txid: txid.into(),
            confirmations,
            block: (confirmations > 0).then(|| "block".into()),
            height: None,
            in_mempool: None,
            conflicts: vec![],
            coinbase: false,
            abandoned: false,
            spends_ours: false,
            received: received.iter().map(|(address, amount)| output(address, *amount)).collect(),
            confirmation_count: 3,
            max_confirmation_count: 15,
            now: NOW,
        }
    }

    pub async fn seen(&self, txid: &str, confirmations: i64, received: &[(&str, i64)]) -> Recorded {
        self.db.write(self.report(txid, confirmations, received)).await.unwrap()
    }

    pub async fn transfer(
        &self,
        from: AccountId,
        to: AccountId,
        amount: i64,
    ) -> Result<TransactionId, LedgerError> {
        self.db.write(self.transfer_of(from, to, amount)).await
    }

    pub fn transfer_of(&self, from: AccountId, to: AccountId, amount: i64) -> Transfer {
        Transfer { from, to, amount: units(amount), label: "rent".into(), allow_negative: false, now: NOW }
    }

    pub async fn send(&self, from: AccountId, to: &str, amount: i64) -> Result<Sent, LedgerError> {
        self.db.write(self.send_of(from, to, amount)).await
    }

    pub fn send_of(&self, from: AccountId, to: &str, amount: i64) -> Send {
        Send {
            from,
            to_address: to.into(),
            amount: units(amount),
            label: "payout".into(),
            force_external: false,
            minimum_send: units(10),
            now: NOW,
        }
    }

    pub async fn collect(&self) -> Option<NetworkTransactionId> {
        let collect =
            Collect { coin: btc(), wallet: self.wallet, max_outputs: 200, available: i64::MAX, now: NOW };
        self.db.write(collect).await.unwrap()
    }

    /// The lease of `RUNNER`, one hour long.
    pub async fn lease(&self) -> i64 {
        let lease =
            TakeLease { coin: btc(), runner: RUNNER.into(), expires_at: NOW.plus_seconds(3600), now: NOW };
        self.db.write(lease).await.unwrap().expect("nobody else has it")
    }

    /// Signed bytes for a collected broadcast, which spend one output of 1,000,000 units.
    pub async fn prepared_of(&self, broadcast: NetworkTransactionId, txid: &str) -> StorePrepared {
        let epoch = self.lease().await;
        let mut read = self.db.read().await.unwrap();
        let live = server::ledger::read::broadcast(&mut read.tx(), broadcast).await.unwrap();
        StorePrepared {
            broadcast,
            version: NewVersion::First,
            epoch,
            runner: RUNNER.into(),
            raw: vec![1, 2, 3],
            txid: txid.into(),
            fee: 7,
            inputs: vec![(OutPoint { txid: format!("input-of-{txid}"), vout: 0 }, 1_000_000)],
            outputs: live.outputs,
            now: NOW,
        }
    }

    pub async fn prepare(&self, broadcast: NetworkTransactionId, txid: &str) -> VersionId {
        self.db.write(self.prepared_of(broadcast, txid).await).await.unwrap()
    }

    pub async fn open_of(&self, broadcast: NetworkTransactionId, version: VersionId) -> OpenBroadcast {
        OpenBroadcast {
            broadcast,
            version: Some(version),
            installation: "books".into(),
            runner: RUNNER.into(),
            epoch: self.lease().await,
            deadline: NOW.plus_seconds(45),
            best_block: "block".into(),
            now: NOW,
        }
    }

    /// Sends, collects, prepares and opens one payment of `amount` from `from`.
    pub async fn opened(&self, from: AccountId, to: &str, amount: i64, txid: &str) -> NetworkTransactionId {
        let mut send = self.send_of(from, to, amount);
        send.force_external = true;
        self.db.write(send).await.unwrap();
        let broadcast = self.collect().await.unwrap();
        let version = self.prepare(broadcast, txid).await;
        self.db.write(self.open_of(broadcast, version).await).await.unwrap();
        broadcast
    }

    pub async fn balance(&self, account: AccountId) -> i64 {
        self.one::<(i64,)>(query("SELECT balance FROM account WHERE id = $1").bind(account)).await.0
    }

    pub async fn state(&self, transaction: TransactionId) -> TransactionState {
        let sql = "SELECT state FROM \"transaction\" WHERE id = $1";
        self.one::<(TransactionState,)>(query(sql).bind(transaction)).await.0
    }

    pub async fn broadcast_state(&self, id: NetworkTransactionId) -> NetworkTransactionState {
        let sql = "SELECT state FROM network_transaction WHERE id = $1";
        self.one::<(NetworkTransactionState,)>(query(sql).bind(id)).await.0
    }

    /// Of a table, or of whatever follows FROM.
    pub async fn count(&self, from: &str) -> i64 {
        self.one::<(i64,)>(server::db::query_owned(format!("SELECT COUNT(*) FROM {from}"))).await.0
    }

    pub async fn one<T: FromRow>(&self, query: Query) -> T {
        let mut read = self.db.read().await.unwrap();
        query.one(&mut read.tx()).await.unwrap()
    }

    /// SQL past the verbs, as a fault or an intruder would.
    pub async fn direct(&self, sql: &'static str) -> Result<u64, DbError> {
        self.db.write(Execute::one("direct", query(sql))).await.map(|changed| changed[0])
    }

    pub async fn audit_is_clean(&self) {
        let report = audit(&self.db, btc()).await.unwrap();
        assert!(report.is_clean(), "{:#?}", report.mismatches);
    }
}
