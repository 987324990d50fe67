//! Get-or-create a wallet by name, with its account `Network fees`.

use super::{Created, LedgerError, NETWORK_FEES, name};
use crate::db::{Change, Tx, query};
use app::model::{Coin, Time, WalletId};
use async_trait::async_trait;

/// Unique name per coin; trimmed, 1 to 255 characters.
#[derive(Clone, Debug)]
pub struct CreateWallet {
    pub coin: Coin,
    pub name: String,
    pub now: Time,
}

#[async_trait]
impl Change for CreateWallet {
    type Output = Created<WalletId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "create_wallet"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Created<WalletId>, LedgerError> {
        let name = name::name(&self.name)?;
        self.is_registered(tx).await?;
        let found = query("SELECT id FROM wallet WHERE coin = $1 AND name = $2")
            .bind(self.coin.ticker())
            .bind(&name)
            .optional(tx)
            .await?;
        if let Some((id,)) = found {
            return Ok(Created { id, created: false });
        }
        let (id,): (WalletId,) = query(
            "INSERT INTO wallet (coin, name, created_at, updated_at) VALUES ($1, $2, $3, $3) RETURNING id",
        )
        .bind(self.coin.ticker())
        .bind(&name)
        .bind(self.now)
        .one(tx)
        .await?;
        query(
            "INSERT INTO account (coin, wallet, name, may_be_negative, created_at, updated_at)
             VALUES ($1, $2, $3, TRUE, $4, $4)",
        )
        .bind(self.coin.ticker())
        .bind(id)
        .bind(NETWORK_FEES)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(Created { id, created: true })
    }
}

impl CreateWallet {
    async fn is_registered(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let found: Option<(i64,)> =
            query("SELECT decimals FROM coin WHERE coin = $1").bind(self.coin.ticker()).optional(tx).await?;
        match found {
            None => Err(LedgerError::UnknownCoin(self.coin.to_string())),
            Some((decimals,)) if decimals == i64::from(self.coin.decimals()) => Ok(()),
            Some((decimals,)) => Err(LedgerError::CoinChanged {
                coin: self.coin.to_string(),
                recorded: format!("{decimals} decimals"),
                given: format!("{} decimals", self.coin.decimals()),
            }),
        }
    }
}
