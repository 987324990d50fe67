//! All that takes part: books, network, two runners of the jobs, and what each account and each outside address
//! must have in the end. Knows no schedule.

use app::model::{AccountId, Amount, Time};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use server::clock::Clock;
use server::coins::CoinService;
use server::config::Prepared;
use server::event::Callbacks;
use server::job::{Context, Periods, Step, Steps};
use server::ledger::{AddAddress, CreateAccount, CreateWallet, RegisterCoin};
use server::network::simulated::Simulated;
use server::network::{Backend, CoinSpec, Network};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::database::Database;
use tokio::sync::watch;

pub const COIN: i64 = 100_000_000;
const ACCOUNTS: usize = 4;
/// Enough outputs that several broadcasts can be under way at once.
const DEPOSITS_AT_FIRST: usize = 3;

pub struct World {
    pub database: Database,
    pub clock: Clock,
    pub service: Arc<CoinService>,
    pub runners: Vec<Steps>,
    pub chance: StdRng,
    pub accounts: Vec<AccountId>,
    /// Receiving addresses, with the position of their account.
    pub addresses: Vec<(usize, String)>,
    /// What each account must have when all has come to rest.
    pub due: Vec<i64>,
    /// What each outside address must have got.
    pub due_outside: BTreeMap<String, i64>,
    /// Payments from outside: account and amount.
    pub deposits: Vec<(String, usize, i64)>,
    pub deaths: i64,
    runners_started: u32,
    stop: watch::Sender<bool>,
}

impl World {
    pub async fn new(database: Database, seed: u64) -> anyhow::Result<Self> {
        let spec = CoinSpec {
            confirmation_count: 3,
            ..CoinSpec::stock("ltc", Network::Regtest).expect("a stock coin")
        };
        let clock = Clock::fixed(Time(1_800_000_000_000_000));
        let network = Simulated::new(database.db.clone(), spec.clone(), clock.clone(), seed, 0);
        let backend: Arc<dyn Backend> = Arc::new(network);
        let service = Arc::new(CoinService::new(spec, backend, Prepared::Auto, None));
        let mut world = Self {
            database,
            clock,
            service,
            runners: Vec::new(),
            chance: StdRng::seed_from_u64(seed),
            accounts: Vec::new(),
            addresses: Vec::new(),
            due: vec![0; ACCOUNTS],
            due_outside: BTreeMap::new(),
            deposits: Vec::new(),
            deaths: 0,
            runners_started: 0,
            stop: watch::Sender::new(false),
        };
        for _ in 0..2 {
            let runner = world.new_runner();
            world.runners.push(runner);
        }
        world.open_books().await?;
        Ok(world)
    }

    pub fn network(&self) -> &Simulated {
        self.service.backend.simulated().expect("made so above")
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn amount(&self, units: i64) -> Amount {
        Amount::new(self.service.spec.coin, units)
    }

    /// One of so many.
    pub fn pick(&mut self, count: usize) -> usize {
        self.chance.random_range(0..count)
    }

    async fn open_books(&mut self) -> anyhow::Result<()> {
        let (db, now, coin) = (self.database.db.clone(), self.now(), self.service.spec.coin);
        db.write(RegisterCoin { coin, network: "regtest".into(), backend: "simulated".into(), now }).await?;
        let wallet = db.write(CreateWallet { coin, name: "hot".into(), now }).await?.id;
        for number in 0..ACCOUNTS {
            let account =
                db.write(CreateAccount { wallet, name: format!("account {number}"), now }).await?.id;
            self.accounts.push(account);
            self.new_address(number).await?;
        }
        // The first account sends nothing: its money pays the network's fees meanwhile.
        for (account, address) in self.addresses.clone() {
            for _ in 0..DEPOSITS_AT_FIRST {
                self.deposit(account, &address, 5 * COIN).await?;
            }
        }
        self.network().mine(3).await?;
        let leader = self.leader().await?;
        for step in [Step::Backend, Step::Scan] {
            self.runners[leader].take(step).await?;
        }
        Ok(())
    }

    /// As the Desk makes one: the backend first, then the row.
    pub async fn new_address(&mut self, account: usize) -> anyhow::Result<()> {
        let Ok(address) = self.service.backend.new_address("").await else { return Ok(()) };
        let add = AddAddress {
            account: self.accounts[account],
            address: address.clone(),
            label: None,
            import: false,
            now: self.now(),
        };
        self.database.db.write(add).await?;
        self.addresses.push((account, address));
        Ok(())
    }

    pub async fn deposit(&mut self, account: usize, address: &str, amount: i64) -> anyhow::Result<()> {
        let txid = self.network().pay(address, amount).await?;
        self.due[account] += amount;
        self.deposits.push((txid, account, amount));
        Ok(())
    }

    fn new_runner(&mut self) -> Steps {
        self.runners_started += 1;
        let periods = Periods {
            broadcast: Duration::from_secs(1),
            confirmation: Duration::from_secs(1),
            audit: Duration::from_secs(1),
        };
        let context = Context {
            db: self.database.db.clone(),
            clock: self.clock.clone(),
            coins: vec![self.service.clone()],
            events: Vec::new(),
            callbacks: Callbacks::default(),
            runner: format!("runner {}", self.runners_started),
            periods,
            stop: self.stop.subscribe(),
        };
        Steps::new(&context, &self.service)
    }

    /// Killed, and started anew.
    pub fn restart(&mut self, runner: usize) {
        self.deaths += 1;
        self.runners[runner] = self.new_runner();
    }

    /// A runner that has the coin now, with the lease renewed.
    pub async fn leader(&mut self) -> anyhow::Result<usize> {
        for runner in 0..self.runners.len() {
            if self.runners[runner].take(Step::Lease).await.is_ok() {
                return Ok(runner);
            }
        }
        anyhow::bail!("nobody gets the lease")
    }
}
