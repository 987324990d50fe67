//! An admin's correction of one account, with a reason: how a foreign spend gets into the books.

use super::entry::{Floor, Movement, book};
use super::row::{Account, Document, WALLET_OF_ACCOUNT, same_coin, wallets};
use super::{LedgerError, NETWORK_FEES, name};
use crate::db::{Change, DbError, Tx, query};
use app::model::{AccountId, Amount, Time, TransactionId, TransactionState};
use async_trait::async_trait;

/// With `foreign_spend` it books exactly that spend, once, as a debit; the coin then sends again.
#[derive(Clone, Debug)]
pub struct Adjust {
    pub account: AccountId,
    pub amount: Amount,
    pub credit: bool,
    pub foreign_spend: Option<i64>,
    /// Not empty: it is all that explains the entry.
    pub reason: String,
    /// Who ordered it.
    pub actor: String,
    pub now: Time,
}

#[async_trait]
impl Change for Adjust {
    type Output = TransactionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "adjust"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ACCOUNT, self.account).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        let reason = name::reason(&self.reason)?;
        if self.amount.units <= 0 {
            return Err(LedgerError::NotPositive);
        }
        let account = Account::load(tx, self.account).await?;
        same_coin(account.coin, self.amount.coin)?;
        let document = Document {
            coin: account.coin,
            wallet: account.wallet,
            state: TransactionState::Adjustment,
            units: self.amount.units,
            label: &format!("Adjustment by {}", self.actor),
            sending: (!self.credit).then_some(account.id),
            receiving: self.credit.then_some(account.id),
            address: None,
            network_transaction: None,
            now: self.now,
        };
        let transaction = document.insert(tx).await?;
        query("UPDATE \"transaction\" SET reason = $2 WHERE id = $1")
            .bind(transaction)
            .bind(reason)
            .run_one(tx)
            .await?;
        let units = if self.credit { self.amount.units } else { -self.amount.units };
        let floor = if account.name == NETWORK_FEES { Floor::None } else { Floor::Zero };
        book(tx, vec![Movement { account: account.id, transaction, units, floor }], self.now).await?;
        if let Some(spend) = self.foreign_spend {
            self.book_spend(tx, &account, spend, transaction).await?;
        }
        Ok(transaction)
    }
}

impl Adjust {
    async fn book_spend(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        spend: i64,
        transaction: TransactionId,
    ) -> Result<(), LedgerError> {
        let sql = "SELECT coin, amount, gone_at IS NOT NULL, adjustment IS NOT NULL FROM foreign_spend WHERE id = $1";
        let (coin, amount, gone, booked): (String, i64, bool, bool) =
            query(sql).bind(spend).optional(tx).await?.ok_or(DbError::NotFound)?;
        if booked || gone {
            return Err(LedgerError::wrong_state(if booked { "booked" } else { "gone" }));
        }
        if coin != account.coin.ticker() {
            return Err(LedgerError::WrongCoin { expected: coin, given: account.coin.to_string() });
        }
        let debited = if self.credit { -self.amount.units } else { self.amount.units };
        if debited != amount {
            return Err(LedgerError::NotThatSpend { amount: Amount::new(account.coin, amount) });
        }
        query("UPDATE foreign_spend SET adjustment = $2 WHERE id = $1 AND adjustment IS NULL")
            .bind(spend)
            .bind(transaction)
            .run_one(tx)
            .await?;
        Ok(())
    }
}
