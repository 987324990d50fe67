//! A configured coin gets its rows; what may never change is compared.

use super::LedgerError;
use crate::db::{Change, Tx, query};
use app::model::{BackendState, Coin, Time};
use async_trait::async_trait;

/// Refuses other decimals or another network than the books were begun with.
#[derive(Clone, Debug)]
pub struct RegisterCoin {
    pub coin: Coin,
    /// `main`, `test`, `signet`, `regtest`.
    pub network: String,
    /// The backend's class.
    pub backend: String,
    pub now: Time,
}

#[async_trait]
impl Change for RegisterCoin {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "register_coin"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let found: Option<(i64, String)> = query("SELECT decimals, network FROM coin WHERE coin = $1")
            .bind(self.coin.ticker())
            .optional(tx)
            .await?;
        match found {
            Some((decimals, network)) => self.is_unchanged(decimals, &network)?,
            None => {
                query("INSERT INTO coin (coin, decimals, network, created_at) VALUES ($1, $2, $3, $4)")
                    .bind(self.coin.ticker())
                    .bind(i64::from(self.coin.decimals()))
                    .bind(&self.network)
                    .bind(self.now)
                    .run_one(tx)
                    .await?;
            }
        }
        query(
            "INSERT INTO backend (coin, class, state, since) VALUES ($1, $2, $3, $4)
             ON CONFLICT (coin) DO UPDATE SET class = excluded.class",
        )
        .bind(self.coin.ticker())
        .bind(&self.backend)
        .bind(BackendState::Unknown)
        .bind(self.now)
        .run_one(tx)
        .await?;
        query("INSERT INTO scan_cursor (coin, updated_at) VALUES ($1, $2) ON CONFLICT (coin) DO NOTHING")
            .bind(self.coin.ticker())
            .bind(self.now)
            .run(tx)
            .await?;
        Ok(())
    }
}

impl RegisterCoin {
    fn is_unchanged(&self, decimals: i64, network: &str) -> Result<(), LedgerError> {
        let given = i64::from(self.coin.decimals());
        let changed = |recorded: String, given: String| {
            Err(LedgerError::CoinChanged { coin: self.coin.to_string(), recorded, given })
        };
        if decimals != given {
            return changed(format!("{decimals} decimals"), format!("{given} decimals"));
        }
        if network != self.network {
            return changed(format!("the network {network}"), format!("the network {}", self.network));
        }
        Ok(())
    }
}
