//! What the suite needs of a network besides the backend itself: somebody outside, and a miner.

use async_trait::async_trait;
use server::clock::Clock;
use server::network::bitcoind::Bitcoind;
use server::network::simulated::Simulated;
use server::network::{Backend, CoinSpec, Network};
use tests::database::Database;
use tests::litecoind::{HOT, Litecoind, OUTSIDE, Options};

#[async_trait]
pub trait Harness: Send + Sync {
    fn backend(&self) -> &dyn Backend;

    fn spec(&self) -> CoinSpec {
        spec()
    }

    async fn mine(&self, blocks: u32);

    /// The last blocks lose; what they had waits to be mined again.
    async fn unmine(&self, blocks: u32);

    /// As `unmine`, and another branch wins in which something else spends what the payment `txid` spent.
    async fn double_spend(&self, blocks: u32, txid: &str);

    /// A payment from outside, unconfirmed; its txid.
    async fn pay(&self, address: &str, amount: i64) -> String;

    async fn outside_address(&self) -> String;

    /// Minor units that an outside address has in blocks.
    async fn outside_received(&self, address: &str) -> i64;
}

pub fn spec() -> CoinSpec {
    CoinSpec::stock("ltc", Network::Regtest).expect("a stock coin")
}

pub struct Play {
    pub database: Database,
    pub network: Simulated,
    pub clock: Clock,
}

impl Play {
    pub fn on(database: Database) -> Self {
        let clock = Clock::fixed(app::model::Time(1_800_000_000_000_000));
        let network = Simulated::new(database.db.clone(), spec(), clock.clone(), 1, 0);
        Self { database, network, clock }
    }
}

pub async fn simulated_on_sqlite() -> Play {
    Play::on(Database::sqlite().await.unwrap())
}

pub async fn simulated_on_postgres() -> Play {
    Play::on(Database::postgres().await.unwrap())
}

#[async_trait]
impl Harness for Play {
    fn backend(&self) -> &dyn Backend {
        &self.network
    }

    async fn mine(&self, blocks: u32) {
        self.network.mine(blocks).await.unwrap();
    }

    async fn unmine(&self, blocks: u32) {
        self.network.reorg(blocks).await.unwrap();
    }

    async fn double_spend(&self, blocks: u32, txid: &str) {
        self.network.reorg_with_double_spend(blocks, txid).await.unwrap();
    }

    async fn pay(&self, address: &str, amount: i64) -> String {
        self.network.pay(address, amount).await.unwrap()
    }

    async fn outside_address(&self) -> String {
        self.network.outside_address().await.unwrap()
    }

    async fn outside_received(&self, address: &str) -> i64 {
        self.network.outside_received(address).await.unwrap()
    }
}

pub struct Real {
    daemon: Litecoind,
    backend: Bitcoind,
}

pub async fn litecoind() -> Real {
    let extra = vec!["-mempoolreplacement=1".into()];
    let daemon = Litecoind::start_with(Options { extra, ..Options::default() }).await.unwrap();
    daemon.mine_funded().await.unwrap();
    let backend = Bitcoind::new(&daemon.settings(HOT), CoinSpec { replaceable: true, ..spec() }).unwrap();
    backend.connect().await.unwrap();
    Real { daemon, backend }
}

#[async_trait]
impl Harness for Real {
    fn backend(&self) -> &dyn Backend {
        &self.backend
    }

    async fn mine(&self, blocks: u32) {
        self.daemon.mine(blocks).await.unwrap();
    }

    async fn unmine(&self, blocks: u32) {
        self.daemon.unmine(i64::from(blocks)).await.unwrap();
    }

    async fn double_spend(&self, blocks: u32, txid: &str) {
        self.daemon.double_spend(i64::from(blocks), txid).await.unwrap();
    }

    async fn pay(&self, address: &str, amount: i64) -> String {
        self.daemon.pay(address, &coins(amount)).await.unwrap()
    }

    async fn outside_address(&self) -> String {
        self.daemon.new_address(OUTSIDE).await.unwrap()
    }

    async fn outside_received(&self, address: &str) -> i64 {
        let params = serde_json::json!([address, 1]);
        let received = self.daemon.wallet(OUTSIDE, "getreceivedbyaddress", params).await.unwrap();
        app::model::Amount::parse_or_zero(spec().coin, &received.to_string()).unwrap().units
    }
}

fn coins(amount: i64) -> String {
    app::model::Amount::new(spec().coin, amount).to_string()
}
