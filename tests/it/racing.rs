//! Three helpers race for a thousand pending payments and are killed all the while: every payment arrives once.
//! On PostgreSQL they run beside each other, on SQLite one at a time, as the lock beside the file has it.

use app::model::{Amount, Coin};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use server::clock::Clock;
use server::db::{Db, query};
use server::ledger::{AddAddress, CreateAccount, CreateWallet, Send, audit};
use server::network::simulated::Simulated;
use server::network::{Backend, CoinSpec, Network};
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::litecoind::eventually;
use tokio::time::Instant;

const COINS: &str = "  ltc:
    network: regtest
    confirmation_count: 1
    max_confirmation_count: 2
    broadcast: { max_outputs: 25 }
    backend: { class: simulated, block_seconds: 1 }";
const PAYMENTS: i64 = 1_000;
/// Each payment is recognised by its amount, and there are fewer addresses than payments.
const ADDRESSES: i64 = 40;
const UNITS: i64 = 1_000_000;
const KILLS: u32 = 6;
const LIMIT: Duration = Duration::from_secs(150);

struct Race {
    db: Db,
    network: Simulated,
    outside: Vec<String>,
    coin: Coin,
}

impl Race {
    /// A funded wallet with all payments pending.
    async fn prepare(app: &TestApp) -> anyhow::Result<Self> {
        app.must(&["initialize-database"], "").await?;
        let db = Db::open(&app.database_url, 50, 1).await?;
        let clock = Clock::system();
        let spec = CoinSpec::stock("ltc", Network::Regtest).expect("a stock coin");
        let network = Simulated::new(db.clone(), spec.clone(), clock.clone(), 1, 0);
        let (coin, now) = (spec.coin, clock.now());
        let register = server::ledger::RegisterCoin {
            coin,
            network: "regtest".into(),
            backend: "simulated".into(),
            now,
        };
        db.write(register).await?;
        let wallet = db.write(CreateWallet { coin, name: "hot".into(), now }).await?.id;
        let account = db.write(CreateAccount { wallet, name: "alice".into(), now }).await?.id;
        let address = network.new_address("").await?;
        db.write(AddAddress { account, address: address.clone(), label: None, import: false, now }).await?;
        for _ in 0..20 {
            network.pay(&address, PAYMENTS * UNITS).await?;
        }
        network.mine(2).await?;
        app.must(&["scan-received"], "").await?;
        let mut outside = Vec::new();
        for _ in 0..ADDRESSES {
            outside.push(network.outside_address().await?);
        }
        for number in 0..PAYMENTS {
            let to = &outside[usize::try_from(number % ADDRESSES)?];
            let send = Send {
                from: account,
                to_address: to.clone(),
                amount: Amount::new(coin, UNITS + number),
                label: String::new(),
                force_external: false,
                minimum_send: Amount::new(coin, 1),
                now,
            };
            db.write(send).await?;
        }
        Ok(Self { db, network, outside, coin })
    }

    async fn settled(&self) -> anyhow::Result<bool> {
        let (open,) = query(
            "SELECT CAST((SELECT COUNT(*) FROM \"transaction\" WHERE state = 'pending')
                 + (SELECT COUNT(*) FROM network_transaction WHERE type = 'broadcast' AND state <> 'settled') AS BIGINT)",
        )
        .one::<(i64,)>(&mut self.db.read().await?.tx())
        .await?;
        Ok(open == 0)
    }

    async fn everybody_was_paid_once(&self) -> anyhow::Result<()> {
        for (position, address) in (0..).zip(&self.outside) {
            let due: i64 = (0..PAYMENTS)
                .filter(|number| number % ADDRESSES == position)
                .map(|number| UNITS + number)
                .sum();
            let got = self.network.outside_received(address).await?;
            anyhow::ensure!(got == due, "{address} got {got} and should have {due}");
        }
        let report = audit(&self.db, self.coin).await?;
        anyhow::ensure!(report.is_clean(), "{:?}", report.mismatches);
        let (books,) =
            query("SELECT balance FROM wallet").one::<(i64,)>(&mut self.db.read().await?.tx()).await?;
        let totals = self.network.totals().await?;
        anyhow::ensure!(totals.trusted == books, "the backend has {totals:?}, the books {books}");
        Ok(())
    }
}

#[tokio::test]
async fn three_helpers_with_kills_pay_a_thousand_once_on_postgres() {
    let first = TestApp::prepare(Store::Postgres, COINS).await.unwrap();
    let race = Race::prepare(&first).await.unwrap();
    let mut helpers = vec![TestApp::beside(&first).unwrap(), TestApp::beside(&first).unwrap(), first];
    for helper in &mut helpers {
        helper.start("helper", None).await.unwrap();
    }
    let mut chance = StdRng::seed_from_u64(11);
    for _ in 0..KILLS {
        next_attempt(&race, &mut chance).await;
        let victim = chance.random_range(0..helpers.len());
        helpers[victim].kill().await.unwrap();
        helpers[victim].start("helper", None).await.unwrap();
    }
    eventually("all payments to settle", LIMIT, async || race.settled().await).await.unwrap();
    race.everybody_was_paid_once().await.unwrap();
}

#[tokio::test]
async fn helpers_one_after_another_with_kills_pay_a_thousand_once_on_sqlite() {
    let mut helper = TestApp::prepare(Store::Sqlite, COINS).await.unwrap();
    let race = Race::prepare(&helper).await.unwrap();
    helper.start("helper", None).await.unwrap();
    let mut chance = StdRng::seed_from_u64(11);
    // Once it works it has the lock.
    next_attempt(&race, &mut chance).await;
    let second = TestApp::beside(&helper).unwrap();
    assert_eq!(second.run(&["helper"], "").await.unwrap().code, Some(78), "one runner at a time");
    for _ in 0..KILLS {
        next_attempt(&race, &mut chance).await;
        helper.kill().await.unwrap();
        helper.start("helper", None).await.unwrap();
    }
    eventually("all payments to settle", LIMIT, async || race.settled().await).await.unwrap();
    race.everybody_was_paid_once().await.unwrap();
}

/// A kill lands somewhere in the work: up to a few attempts after the last, or a moment later where nothing moves.
async fn next_attempt(race: &Race, chance: &mut StdRng) {
    let attempts = async || -> anyhow::Result<i64> {
        let sql = "SELECT COUNT(*) FROM attempt";
        Ok(query(sql).one::<(i64,)>(&mut race.db.read().await?.tx()).await?.0)
    };
    let goal = attempts().await.unwrap() + chance.random_range(1..4);
    let until = Instant::now() + Duration::from_secs(12);
    eventually("another attempt", LIMIT, async || Ok(attempts().await? >= goal || Instant::now() > until))
        .await
        .unwrap();
}

/// PRODUCT promises ten seconds; the lease runs out after eight.
#[tokio::test]
async fn a_killed_helpers_coin_is_taken_over_within_ten_seconds() {
    let first = TestApp::prepare(Store::Postgres, COINS).await.unwrap();
    first.must(&["initialize-database"], "").await.unwrap();
    let db = Db::open(&first.database_url, 50, 1).await.unwrap();
    let mut helpers = [TestApp::beside(&first).unwrap(), first];
    for helper in &mut helpers {
        helper.start("helper", None).await.unwrap();
    }
    // A runner's name begins with its process.
    let runner = async || -> anyhow::Result<Option<u32>> {
        let sql = "SELECT runner FROM lease WHERE expires_at > $1";
        let now = Clock::system().now();
        let found: Option<(String,)> = query(sql).bind(now).optional(&mut db.read().await?.tx()).await?;
        Ok(found.and_then(|(runner,)| runner.split('-').next()?.parse().ok()))
    };
    eventually("a runner", LIMIT, async || Ok(runner().await?.is_some())).await.unwrap();
    for _ in 0..2 {
        let before = runner().await.unwrap();
        let victim =
            helpers.iter_mut().find(|helper| helper.pid() == before).expect("one of ours has the coin");
        victim.kill().await.unwrap();
        let killed = Instant::now();
        eventually("another runner", LIMIT, async || {
            Ok(runner().await?.is_some_and(|now| Some(now) != before))
        })
        .await
        .unwrap();
        assert!(killed.elapsed() < Duration::from_secs(10), "it took {:?}", killed.elapsed());
        victim.start("helper", None).await.unwrap();
    }
}
