//! Writing a receiving address that the backend made, or importing one that it has.

use super::row::{Account, WALLET_OF_ACCOUNT, wallets};
use super::{LedgerError, address, cursor, name};
use crate::db::{Change, Tx, query};
use app::model::{AccountId, AddressId, AddressKind, Time};
use async_trait::async_trait;

/// An existing receiving address is refused, an external one becomes receiving.
#[derive(Clone, Debug)]
pub struct AddAddress {
    pub account: AccountId,
    /// Canonical spelling.
    pub address: String,
    /// `None` or blank: automatic.
    pub label: Option<String>,
    /// It may have a history on the network: the receive scan starts over.
    pub import: bool,
    pub now: Time,
}

#[async_trait]
impl Change for AddAddress {
    type Output = AddressId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "add_address"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ACCOUNT, self.account).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<AddressId, LedgerError> {
        let account = Account::load(tx, self.account).await?;
        account.is_a_persons()?;
        let label = name::label(self.label.as_deref().unwrap_or_default())?;
        let label = if label.is_empty() { self.automatic_label(tx).await? } else { label };
        let found = address::find(tx, account.coin, &self.address).await?;
        let has_history = self.import || found.is_some();
        let id = match found {
            Some(found) if found.kind == AddressKind::Receiving => {
                return Err(LedgerError::AddressExists { address: self.address.clone() });
            }
            Some(found) => {
                query("UPDATE address SET kind = $2, account = $3, label = $4, receiving_since = $6 WHERE id = $1 AND kind = $5")
                    .bind(found.id)
                    .bind(AddressKind::Receiving)
                    .bind(account.id)
                    .bind(&label)
                    .bind(AddressKind::External)
                    .bind(self.now)
                    .run_one(tx)
                    .await?;
                found.id
            }
            None => self.insert(tx, &account, &label).await?,
        };
        if has_history {
            cursor::reset(tx, account.coin, self.now).await?;
        }
        Ok(id)
    }
}

impl AddAddress {
    async fn insert(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        label: &str,
    ) -> Result<AddressId, LedgerError> {
        let (id,) = query(
            "INSERT INTO address (coin, kind, account, address, label, created_at, receiving_since)
             VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
        )
        .bind(account.coin.ticker())
        .bind(AddressKind::Receiving)
        .bind(account.id)
        .bind(&self.address)
        .bind(label)
        .bind(self.now)
        .one(tx)
        .await?;
        Ok(id)
    }

    async fn automatic_label(&self, tx: &mut Tx<'_>) -> Result<String, LedgerError> {
        let (count,): (i64,) = query("SELECT CAST(COUNT(*) AS BIGINT) FROM address WHERE account = $1")
            .bind(self.account)
            .one(tx)
            .await?;
        let (number, at) = (count + 1, self.now.date_and_clock());
        Ok(format!("Receiving address #{number} for account #{} created at {at}", self.account))
    }
}
