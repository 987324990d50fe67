//! The balance that a hot wallet had before its books: booked once, exactly the difference.

use super::LedgerError;
use super::entry::{Floor, Movement, book};
use super::foreign_spend;
use super::reconcile::Sums;
use super::row::{Account, Document, WALLET_OF_ACCOUNT, same_coin, wallets};
use crate::db::{Change, Tx, query};
use app::model::{AccountId, Amount, Coin, Time, TransactionId, TransactionState};
use async_trait::async_trait;

/// The caller has read `backend_total` and `sums` at one block, all of the wallet's transactions booked. `None`:
/// nothing is missing in the books. Refuses when the books have moved since, or hold more than the backend.
#[derive(Clone, Debug)]
pub struct ImportBalance {
    pub coin: Coin,
    pub account: AccountId,
    pub backend_total: i64,
    pub sums: Sums,
    pub height: i64,
    pub block: String,
    pub now: Time,
}

#[async_trait]
impl Change for ImportBalance {
    type Output = Option<TransactionId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "import_balance"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ACCOUNT, self.account).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<TransactionId>, LedgerError> {
        let account = Account::load(tx, self.account).await?;
        account.is_a_persons()?;
        same_coin(account.coin, self.coin)?;
        foreign_spend::must_be_booked(tx, self.coin).await?;
        if Sums::read(tx, self.coin).await? != self.sums || self.sums.busy > 0 {
            return Err(LedgerError::ImportRefused(
                "The books moved while the backend was read. Try again.".into(),
            ));
        }
        let difference = self.backend_total.checked_sub(self.sums.due()?).ok_or(LedgerError::TooLarge)?;
        if difference < 0 {
            let coin = self.coin;
            return Err(LedgerError::ImportRefused(format!(
                "The books hold {} {coin} more than the backend: there is nothing to import. Find out what left the hot wallet.",
                Amount::new(coin, -difference)
            )));
        }
        if difference == 0 {
            return Ok(None);
        }
        self.book(tx, &account, difference).await.map(Some)
    }
}

impl ImportBalance {
    async fn book(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        units: i64,
    ) -> Result<TransactionId, LedgerError> {
        let document = Document {
            coin: self.coin,
            wallet: account.wallet,
            state: TransactionState::BalanceImport,
            units,
            label: &format!("Balance import at block {}", self.height),
            sending: None,
            receiving: Some(account.id),
            address: None,
            network_transaction: None,
            now: self.now,
        };
        let transaction = document.insert(tx).await?;
        let movement = Movement { account: account.id, transaction, units, floor: Floor::None };
        book(tx, vec![movement], self.now).await?;
        query(
            "INSERT INTO balance_import (coin, \"transaction\", height, block, imported_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.coin.ticker())
        .bind(transaction)
        .bind(self.height)
        .bind(&self.block)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(transaction)
    }
}
