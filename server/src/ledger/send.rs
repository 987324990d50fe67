//! Paying an address: a transfer when it is one of the same wallet, else debited at once and left `pending`
//! for the next broadcast.

use super::entry::{Floor, Movement, book};
use super::row::{Account, Document, WALLET_OF_ACCOUNT, same_coin, wallets};
use super::transfer::Internal;
use super::{LedgerError, address, name};
use crate::db::{Change, Tx};
use app::model::{AccountId, AddressId, AddressKind, Amount, Time, TransactionId, TransactionState};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub transaction: TransactionId,
    /// `internal` or `pending`.
    #[serde(with = "super::once::state_word")]
    pub state: TransactionState,
}

/// The caller has checked the address for coin and network.
#[derive(Clone, Debug)]
pub struct Send {
    pub from: AccountId,
    /// Canonical spelling.
    pub to_address: String,
    pub amount: Amount,
    pub label: String,
    /// Over the network even to an address of the same wallet.
    pub force_external: bool,
    /// The coin's; not asked of transfers.
    pub minimum_send: Amount,
    pub now: Time,
}

#[async_trait]
impl Change for Send {
    type Output = Sent;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "send"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ACCOUNT, self.from).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Sent, LedgerError> {
        let from = Account::load_payer(tx, self.from, self.amount).await?;
        let found = address::find(tx, from.coin, &self.to_address).await?;
        let own = found.as_ref().filter(|found| {
            found.kind == AddressKind::Receiving && found.wallet == Some(from.wallet) && !self.force_external
        });
        if let Some((own, to)) = own.and_then(|own| Some((own, own.account?))) {
            let transaction = self.internal(&from, to, own.id).book(tx).await?;
            return Ok(Sent { transaction, state: TransactionState::Internal });
        }
        same_coin(from.coin, self.minimum_send.coin)?;
        if self.amount.units < self.minimum_send.units {
            return Err(LedgerError::BelowMinimum { minimum: self.minimum_send });
        }
        let address = match found {
            Some(found) => found.id,
            None => address::insert_external(tx, from.coin, &self.to_address, self.now).await?,
        };
        let transaction = self.external(tx, &from, address).await?;
        Ok(Sent { transaction, state: TransactionState::Pending })
    }
}

impl Send {
    fn internal<'a>(&'a self, from: &'a Account, to: AccountId, address: AddressId) -> Internal<'a> {
        let (amount, label, now) = (self.amount, self.label.as_str(), self.now);
        Internal { from, to, amount, label, floor: Floor::Zero, address: Some(address), now }
    }

    async fn external(
        &self,
        tx: &mut Tx<'_>,
        from: &Account,
        address: AddressId,
    ) -> Result<TransactionId, LedgerError> {
        let document = Document {
            coin: from.coin,
            wallet: from.wallet,
            state: TransactionState::Pending,
            units: self.amount.units,
            label: &name::label(&self.label)?,
            sending: Some(from.id),
            receiving: None,
            address: Some(address),
            network_transaction: None,
            now: self.now,
        };
        let transaction = document.insert(tx).await?;
        let debit = Movement { account: from.id, transaction, units: -self.amount.units, floor: Floor::Zero };
        book(tx, vec![debit], self.now).await?;
        Ok(transaction)
    }
}
