//! Get-or-create an account by name.

use super::row::Wallet;
use super::{Created, LedgerError, name};
use crate::db::{Change, Tx, query};
use app::model::{AccountId, Time, WalletId};
use async_trait::async_trait;

/// Unique name per wallet; trimmed, 1 to 255 characters; `Network fees` is refused.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    pub wallet: WalletId,
    pub name: String,
    pub now: Time,
}

#[async_trait]
impl Change for CreateAccount {
    type Output = Created<AccountId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "create_account"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![self.wallet.0])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Created<AccountId>, LedgerError> {
        let name = name::account_name(&self.name)?;
        let wallet = Wallet::load(tx, self.wallet).await?;
        let found = query("SELECT id FROM account WHERE wallet = $1 AND name = $2")
            .bind(self.wallet)
            .bind(&name)
            .optional(tx)
            .await?;
        if let Some((id,)) = found {
            return Ok(Created { id, created: false });
        }
        let (id,) = query(
            "INSERT INTO account (coin, wallet, name, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $4) RETURNING id",
        )
        .bind(wallet.coin.ticker())
        .bind(self.wallet)
        .bind(&name)
        .bind(self.now)
        .one(tx)
        .await?;
        Ok(Created { id, created: true })
    }
}
