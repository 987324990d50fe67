//! Where books and hot wallet may part: the last comparison of both, what left the wallet without a broadcast, and how
//! a person books it.

use super::{AccountRef, Amount, Coin, Time, TransactionId};

/// A transaction that spent from the hot wallet and that no broadcast knows.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignSpendRow {
    pub id: i64,
    pub coin: Coin,
    pub txid: String,
    /// By how much the hot wallet got less, fee included; negative where it got more.
    pub amount: Amount,
    pub confirmations: i64,
    pub seen_at: Time,
    /// Nothing left the wallet after all.
    pub gone_at: Option<Time>,
    /// The transaction that books it.
    pub adjustment: Option<TransactionId>,
}

/// An account that an adjustment may be booked to.
#[derive(Clone, Debug, PartialEq)]
pub struct BookableRow {
    pub wallet_name: String,
    pub account: AccountRef,
    pub balance: Amount,
}

/// What an admin typed to bring the books in line with the hot wallet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdjustmentDraft {
    pub account: String,
    pub amount: String,
    /// Adds to the account; else takes from it.
    pub credit: bool,
    pub reason: String,
    /// The foreign spend that it books.
    pub foreign_spend: Option<i64>,
}

/// The last comparison of a coin's backend with the books.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciliationRow {
    pub coin: Coin,
    pub backend_total: Amount,
    pub books_total: Amount,
    pub pending: Amount,
    pub uncredited: Amount,
    /// Backend minus books, pending and uncredited.
    pub difference: Amount,
    pub height: i64,
    pub read_at: Time,
    /// Readings in a row that found this difference; one alone may have met the world moving.
    pub agreed: i64,
}

impl ReconciliationRow {
    /// What is told: agreement at once, a difference when a second reading found the same.
    pub fn settled(&self) -> Option<Amount> {
        (self.difference.is_zero() || self.agreed >= 2).then_some(self.difference)
    }
}
