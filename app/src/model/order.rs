//! Orders as programs give them, and what they are answered: transfers by the dozen, checks, estimates, the audit.

use super::{AccountId, AddressKind, Amount, Coin, Time, WalletId};
use serde::{Deserialize, Serialize};

/// A transfer as ordered. `amount` as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct TransferOrder {
    pub from: AccountId,
    pub to: AccountId,
    pub amount: String,
    pub label: String,
    /// Lets the sending account fall below zero, down to its `overdraft`. For admins.
    pub allow_negative: bool,
}

impl TransferOrder {
    pub fn new(from: AccountId, to: AccountId, amount: &str, label: &str) -> Self {
        Self { from, to, amount: amount.into(), label: label.into(), allow_negative: false }
    }
}

/// An order that was carried out, now or when its key was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Of what it made or changed; 0 for a batch.
    pub id: i64,
    /// What the API answers, as JSON: written in the order's own database transaction, and the same for ever.
    pub body: String,
    /// The key was used before; nothing was done now.
    pub again: bool,
}

/// What an address is to a coin and its books.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressCheck {
    /// Why it is none of this coin and network; `None`: it is.
    pub reason: Option<String>,
    /// Canonical spelling.
    pub address: Option<String>,
    /// What it pays to: `p2pkh`, `p2sh`, `p2wpkh`, `p2wsh`, `p2tr`, `witness`.
    pub kind: Option<&'static str>,
    /// What it is in the books; `None` where they don't know it.
    pub known_as: Option<AddressKind>,
    /// Whose receiving address it is.
    pub own_account: Option<AccountId>,
}

/// What a broadcast would be charged, per 1,000 virtual bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeEstimate {
    pub rate: Amount,
    /// The backend's own; else it had none, and the coin's fallback is used.
    pub estimated: bool,
    pub as_of: Time,
}

/// What an audit of a coin's books found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audited {
    pub coin: Coin,
    /// Accounts, entries, transactions, addresses and network transactions looked at.
    pub checked: i64,
    /// Subject (`account 7`) and what is wrong with it.
    pub mismatches: Vec<(String, String)>,
}

/// Of the list of all accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountFilter {
    pub coin: Option<String>,
    pub wallet: Option<WalletId>,
    /// The whole name.
    pub name: Option<String>,
}

/// Answer of get-or-create.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created<Id> {
    pub id: Id,
    /// False when it was there already.
    pub created: bool,
}
