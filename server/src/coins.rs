//! The coins that this process serves: what the configuration says of each, and its open connection to the network.
//! Knows no books. `Coins::connect` makes them; jobs and pages look them up by ticker.

use crate::config::{Prepared, WalletNotify};
use crate::network::{Backend, CoinSpec};
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

/// Every coin of the configuration, in its order.
#[derive(Clone, Default)]
pub struct Coins(Arc<Vec<Arc<CoinService>>>);

impl Coins {
    pub fn new(coins: Vec<Arc<CoinService>>) -> Self {
        Self(Arc::new(coins))
    }

    pub fn all(&self) -> &[Arc<CoinService>] {
        &self.0
    }

    pub fn get(&self, ticker: &str) -> Option<&Arc<CoinService>> {
        self.0.iter().find(|service| service.spec.coin.ticker() == ticker)
    }

    /// `confirmation_count` and `max_confirmation_count`; those of most coins where this one left the configuration.
    pub fn confirmation_counts(&self, coin: Coin) -> (i64, i64) {
        self.of(coin).map_or((3, 15), |service| (service.spec.confirmation_count, service.spec.max_confirmation_count))
    }

    pub fn of(&self, coin: Coin) -> Option<&Arc<CoinService>> {
        self.get(coin.ticker())
    }
}
