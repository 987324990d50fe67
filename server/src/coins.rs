//! The coins that this process serves: what the configuration says of each, and its open connection to the network.
//! Knows no books. `Coins::connect` makes them; jobs and pages look them up by ticker.

use crate::clock::Clock;
use crate::config::{BackendSettings, CoinSettings, Prepared, WalletNotify};
use crate::db::Db;
use crate::network::bitcoind::{Bitcoind, BitcoindSettings};
use crate::network::null::Null;
use crate::network::simulated::Simulated;
use crate::network::{Backend, BackendClass, CoinSpec};
use app::model::Coin;
use std::sync::Arc;

/// One coin: its rules, its backend, and how broadcasts and notifications are meant to work.
pub struct CoinService {
    pub spec: CoinSpec,
    pub backend: Arc<dyn Backend>,
    /// Whether broadcasts are built and stored before they are sent, where the backend can.
    pub prepared: Prepared,
    /// How the backend tells of new transactions; `None`: only the scan looks.
    pub walletnotify: Option<WalletNotify>,
}

impl CoinService {
    pub fn new(
        spec: CoinSpec,
        backend: Arc<dyn Backend>,
        prepared: Prepared,
        walletnotify: Option<WalletNotify>,
    ) -> Self {
        #[cfg(debug_assertions)]
        let backend = Arc::new(crate::network::watched::Watched(backend));
        Self { spec, backend, prepared, walletnotify }
    }

    /// Whether its broadcasts are built, signed and stored before they are sent; else they are one-shots.
    pub fn prepares(&self) -> bool {
        self.prepared == Prepared::Auto && self.backend.can_prepare()
    }
}

/// Every coin of the configuration, in its order.
#[derive(Clone, Default)]
pub struct Coins(Arc<Vec<Arc<CoinService>>>);

impl Coins {
    /// Makes each coin's backend; none is asked anything yet. The error is a fault of the configuration.
    pub fn connect(settings: &[CoinSettings], db: &Db, clock: &Clock) -> Result<Self, String> {
        let connected: Result<Vec<_>, String> = settings
            .iter()
            .map(|coin| {
                let backend =
                    backend(coin, db, clock).map_err(|error| format!("{}: {error}", coin.spec.coin))?;
                let walletnotify = match &coin.backend {
                    BackendSettings::Bitcoind { walletnotify, .. } => *walletnotify,
                    _ => None,
                };
                Ok(Arc::new(CoinService::new(coin.spec.clone(), backend, coin.prepared, walletnotify)))
            })
            .collect();
        connected.map(Self::new)
    }

    pub fn new(coins: Vec<Arc<CoinService>>) -> Self {
        Self(Arc::new(coins))
    }

    pub fn all(&self) -> &[Arc<CoinService>] {
        &self.0
    }

    pub fn get(&self, ticker: &str) -> Option<&Arc<CoinService>> {
        self.0.iter().find(|service| service.spec.coin.ticker() == ticker)
    }

    /// Whether anything here is make-believe, which every page then says.
    pub fn any_simulated(&self) -> bool {
        self.0.iter().any(|service| service.backend.class() == BackendClass::Simulated)
    }

    /// `confirmation_count` and `max_confirmation_count`; those of most coins where this one left the configuration.
    pub fn confirmation_counts(&self, coin: Coin) -> (i64, i64) {
        self.of(coin)
            .map_or((3, 15), |service| (service.spec.confirmation_count, service.spec.max_confirmation_count))
    }

    pub fn of(&self, coin: Coin) -> Option<&Arc<CoinService>> {
        self.get(coin.ticker())
    }
}

fn backend(coin: &CoinSettings, db: &Db, clock: &Clock) -> Result<Arc<dyn Backend>, String> {
    Ok(match &coin.backend {
        BackendSettings::Bitcoind { url, wallet, account, cookie_file, timeout, .. } => {
            let settings = BitcoindSettings {
                url: url.reveal().to_owned(),
                wallet: wallet.clone(),
                account: account.clone(),
                timeout: *timeout,
                cookie_file: cookie_file.clone(),
            };
            Arc::new(Bitcoind::new(&settings, coin.spec.clone()).map_err(|error| error.to_string())?)
        }
        BackendSettings::Simulated { block_seconds } => {
            let (spec, clock) = (coin.spec.clone(), clock.clone());
            let replaces = spec.replaceable;
            let network = Simulated::new(db.clone(), spec, clock, rand::random(), i64::from(*block_seconds));
            Arc::new(network.replacing(replaces))
        }
        BackendSettings::Null => Arc::new(Null),
    })
}
