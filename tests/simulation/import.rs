//! A hot wallet that had money before its books: imported once and exactly, whatever comes later. No coin is made.

use app::model::{AccountId, Amount, Time, WalletId};
use server::clock::Clock;
use server::coins::CoinService;
use server::config::Prepared;
use server::db::query;
use server::event::Callbacks;
use server::job::{Context, Imported, JobError, Periods, import_balance_once, scan_once};
use server::ledger::{AddAddress, CreateAccount, CreateWallet, RegisterCoin, Send, Sums, audit};
use server::network::simulated::Simulated;
use server::network::{CoinSpec, Network};
use std::sync::Arc;
use std::time::Duration;
use tests::database::Database;
use tokio::sync::watch;

const COIN: i64 = 100_000_000;

struct Books {
    database: Database,
    context: Context,
    service: Arc<CoinService>,
    /// Of the first wallet, and two of the second.
    alice: AccountId,
    bob: AccountId,
    old: AccountId,
    _stop: watch::Sender<bool>,
}

impl Books {
    /// Two wallets on one daemon, which holds 10 coins that no book knows: 7 and 3 at two addresses.
    async fn open(database: Database) -> anyhow::Result<(Self, String)> {
        let spec =
            CoinSpec { confirmation_count: 1, ..CoinSpec::stock("ltc", Network::Regtest).expect("stock") };
        let (clock, db) = (Clock::fixed(Time(1_800_000_000_000_000)), database.db.clone());
        let network = Simulated::new(db.clone(), spec.clone(), clock.clone(), 3, 0);
        let service = Arc::new(CoinService::new(spec.clone(), Arc::new(network), Prepared::Auto, None));
        let (coin, now) = (spec.coin, clock.now());
        db.write(RegisterCoin { coin, network: "regtest".into(), backend: "simulated".into(), now }).await?;
        let account = async |wallet: WalletId, name: &str| -> anyhow::Result<AccountId> {
            Ok(db.write(CreateAccount { wallet, name: name.into(), now }).await?.id)
        };
        let first = db.write(CreateWallet { coin, name: "first".into(), now }).await?.id;
        let second = db.write(CreateWallet { coin, name: "second".into(), now }).await?.id;
        let (alice, bob) = (account(first, "alice").await?, account(second, "bob").await?);
        let old = account(second, "old money").await?;
        let stop = watch::Sender::new(false);
        let second = Duration::from_secs(1);
        let context = Context {
            db: db.clone(),
            clock,
            coins: vec![service.clone()],
            events: Vec::new(),
            callbacks: Callbacks::default(),
            runner: "import".into(),
            periods: Periods { broadcast: second, confirmation: second, audit: second },
            stop: stop.subscribe(),
        };
        let books = Self { database, context, service, alice, bob, old, _stop: stop };
        let (unknown, later) =
            (books.service.backend.new_address("").await?, books.service.backend.new_address("").await?);
        books.network().pay(&unknown, 7 * COIN).await?;
        books.network().pay(&later, 3 * COIN).await?;
        books.network().mine(1).await?;
        Ok((books, later))
    }

    fn network(&self) -> &Simulated {
        self.service.backend.simulated().expect("made so")
    }

    async fn add(&self, account: AccountId, address: &str) -> anyhow::Result<()> {
        self.context.clock.advance(60);
        let now = self.context.clock.now();
        let add = AddAddress { account, address: address.into(), label: None, import: true, now };
        self.database.db.write(add).await?;
        scan_once(&self.context, &self.service).await?;
        Ok(())
    }

    async fn import(&self, dry_run: bool) -> Result<Imported, JobError> {
        import_balance_once(&self.context, &self.service, self.old, dry_run).await
    }

    async fn has(&self, account: AccountId, coins: i64) -> anyhow::Result<()> {
        let mut read = self.database.db.read().await?;
        let (balance,) = query("SELECT balance FROM account WHERE id = $1")
            .bind(account)
            .one::<(i64,)>(&mut read.tx())
            .await?;
        anyhow::ensure!(balance == coins * COIN, "account {account} has {balance}, not {coins} coins");
        Ok(())
    }

    /// Books and backend hold the same, and the books add up.
    async fn agree(&self) -> anyhow::Result<()> {
        let totals = self.service.backend.totals().await?;
        let coin = self.service.spec.coin;
        let sums = Sums::read(&mut self.database.db.read().await?.tx(), coin).await?;
        let total = totals.trusted + totals.untrusted_pending + totals.immature;
        anyhow::ensure!(total == sums.due()?, "the backend has {totals:?}, the books {sums:?}");
        let report = audit(&self.database.db, coin).await?;
        anyhow::ensure!(report.is_clean(), "{:?}", report.mismatches);
        Ok(())
    }
}

async fn no_coin_is_made(database: Database) -> anyhow::Result<()> {
    let (books, later) = Books::open(database).await?;
    let known = books.service.backend.new_address("").await?;
    books.add(books.alice, &known).await?;
    books.network().pay(&known, 2 * COIN).await?;
    let coming = books.import(false).await;
    anyhow::ensure!(matches!(coming, Err(JobError::Retry(_))), "a payment is on its way: {coming:?}");
    books.network().mine(1).await?;
    scan_once(&books.context, &books.service).await?;
    books.has(books.alice, 2).await?;
    // A send that waits is part of what the daemon still holds.
    let coin = books.service.spec.coin;
    let send = Send {
        from: books.alice,
        to_address: books.network().outside_address().await?,
        amount: Amount::new(coin, COIN),
        label: String::new(),
        force_external: false,
        minimum_send: Amount::new(coin, 1),
        now: books.context.clock.now(),
    };
    books.database.db.write(send).await?;
    let dry = books.import(true).await?;
    anyhow::ensure!((dry.backend_total.units, dry.due.units, dry.transaction) == (12 * COIN, 2 * COIN, None));
    books.has(books.old, 0).await?;
    anyhow::ensure!(books.import(false).await?.transaction.is_some());
    books.has(books.old, 10).await?;
    books.agree().await?;
    anyhow::ensure!(books.import(false).await?.transaction.is_none(), "again it changes nothing");
    // The import has counted what came to this address before; what comes after is a deposit.
    books.add(books.bob, &later).await?;
    books.has(books.bob, 0).await?;
    books.agree().await?;
    books.network().pay(&later, COIN).await?;
    books.network().mine(1).await?;
    scan_once(&books.context, &books.service).await?;
    books.has(books.bob, 1).await?;
    books.has(books.old, 10).await?;
    anyhow::ensure!(books.import(false).await?.transaction.is_none());
    books.agree().await?;
    books.database.remove().await
}

#[tokio::test]
async fn an_import_makes_no_coin_on_sqlite() {
    no_coin_is_made(Database::sqlite().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn an_import_makes_no_coin_on_postgres() {
    no_coin_is_made(Database::postgres().await.unwrap()).await.unwrap();
}
