//! What the search box finds: hits by what they are, best first.

use super::{AccountId, AddressRow, Amount, NetworkTransactionRow, TransactionRow, WalletId};

/// One thing that fits.
#[derive(Clone, Debug, PartialEq)]
pub enum Hit {
    Transaction(TransactionRow),
    Network(NetworkTransactionRow),
    Address(AddressRow),
    Account { id: AccountId, name: String, wallet_name: String, balance: Amount },
    Wallet { id: WalletId, name: String, balance: Amount },
}

states! {
    /// Why it is among the hits, in the words of a heading.
    HitGroupKind {
        Id = "Id",
        Txid = "Txid",
        Address = "Address",
        Name = "Name",
        Amount = "Amount",
        Label = "Label",
        AddressLabel = "Label of an address",
    }
}

/// Hits of one kind, best first, at most as many as a person looks through.
#[derive(Clone, Debug, PartialEq)]
pub struct HitGroup {
    pub kind: HitGroupKind,
    pub hits: Vec<Hit>,
    /// There are more than these.
    pub cut: bool,
    /// Where all of them are, if there are more: a list's path and its filter.
    pub more: Option<(&'static str, Vec<(&'static str, String)>)>,
}

/// The answer to what was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    pub groups: Vec<HitGroup>,
    /// What it was looked for as; empty when it is too short to be looked for.
    pub searched: Vec<HitGroupKind>,
    /// Labels were looked through whole only among so many of the newest; `None` when that was all of them.
    pub labels_within: Option<i64>,
}
