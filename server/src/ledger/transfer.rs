//! Account to account of one wallet: instant, off-chain.

use super::entry::{Floor, Movement, book};
use super::row::{Account, Document, WALLET_OF_ACCOUNT, wallets};
use super::{LedgerError, name};
use crate::db::{Change, Tx};
use app::model::{AccountId, AddressId, Amount, Time, TransactionId, TransactionState};
use async_trait::async_trait;

/// State `internal` from the start.
#[derive(Clone, Debug)]
pub struct Transfer {
    pub from: AccountId,
    pub to: AccountId,
    pub amount: Amount,
    pub label: String,
    /// Lets the sending account fall below zero, down to its `overdraft` limit.
    pub allow_negative: bool,
    pub now: Time,
}

#[async_trait]
impl Change for Transfer {
    type Output = TransactionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "transfer"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ACCOUNT, self.from).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        let from = Account::load_payer(tx, self.from, self.amount).await?;
        let transfer = Internal {
            from: &from,
            to: self.to,
            amount: self.amount,
            label: &self.label,
            floor: if self.allow_negative { Floor::Overdraft } else { Floor::Zero },
            address: None,
            now: self.now,
        };
        transfer.book(tx).await
    }
}

/// What `Transfer` and a `Send` to an address of the same wallet have in common.
pub(super) struct Internal<'a> {
    pub from: &'a Account,
    pub to: AccountId,
    pub amount: Amount,
    pub label: &'a str,
    pub floor: Floor,
    /// The address that was typed, if one was.
    pub address: Option<AddressId>,
    pub now: Time,
}

impl Internal<'_> {
    pub async fn book(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        if self.from.id == self.to {
            return Err(LedgerError::SameAccount);
        }
        let to = Account::load(tx, self.to).await?;
        if self.from.wallet != to.wallet {
            return Err(LedgerError::DifferentWallet);
        }
        let document = Document {
            coin: self.from.coin,
            wallet: self.from.wallet,
            state: TransactionState::Internal,
            units: self.amount.units,
            label: &name::label(self.label)?,
            sending: Some(self.from.id),
            receiving: Some(to.id),
            address: self.address,
            network_transaction: None,
            now: self.now,
        };
        let transaction = document.insert(tx).await?;
        let units = self.amount.units;
        let debit = Movement { account: self.from.id, transaction, units: -units, floor: self.floor };
        let credit = Movement { account: to.id, transaction, units, floor: Floor::None };
        book(tx, vec![debit, credit], self.now).await?;
        Ok(transaction)
    }
}
