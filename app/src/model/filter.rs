//! What lists are narrowed to and how they are sorted. Texts and amounts are as typed; the desk checks them.

use super::{
    AccountId, AddressId, AddressKind, NetworkTransactionState, NetworkTransactionType, Time,
    TransactionState, WalletId,
};

states! {
    /// Transactions by what they are to a person, several states each.
    TransactionKind {
        Deposit = "deposit",
        Send = "send",
        Transfer = "transfer",
        Other = "other",
    }
}

impl TransactionKind {
    pub fn states(self) -> &'static [TransactionState] {
        use TransactionState as State;
        match self {
            Self::Deposit => &[State::Incoming, State::Credited, State::Reversed],
            Self::Send => &[State::Pending, State::Broadcasted, State::Failed, State::Cancelled],
            Self::Transfer => &[State::Internal],
            Self::Other => &[State::NetworkFee, State::BalanceImport, State::Adjustment],
        }
    }
}

states! {
    /// By time, or by amount within one coin.
    Sort {
        Newest = "newest",
        Oldest = "oldest",
        Largest = "largest",
        Smallest = "smallest",
    }
}

/// Of the transaction list.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionFilter {
    pub state: Option<TransactionState>,
    pub kind: Option<TransactionKind>,
    pub coin: Option<String>,
    pub wallet: Option<WalletId>,
    pub account: Option<AccountId>,
    /// Part of an account's name.
    pub account_name: Option<String>,
    pub label: Option<String>,
    pub address: Option<String>,
    pub address_id: Option<AddressId>,
    pub txid: Option<String>,
    pub min_amount: Option<String>,
    pub max_amount: Option<String>,
    /// From this moment on, and before this one.
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub sort: Sort,
}

impl Default for TransactionFilter {
    fn default() -> Self {
        Self {
            state: None,
            kind: None,
            coin: None,
            wallet: None,
            account: None,
            account_name: None,
            label: None,
            address: None,
            address_id: None,
            txid: None,
            min_amount: None,
            max_amount: None,
            from: None,
            to: None,
            sort: Sort::Newest,
        }
    }
}

/// Of the list of all addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressFilter {
    pub coin: Option<String>,
    pub wallet: Option<WalletId>,
    pub account: Option<AccountId>,
    /// Part of an account's name.
    pub account_name: Option<String>,
    /// How it begins.
    pub address: Option<String>,
    pub label: Option<String>,
    pub kind: Option<AddressKind>,
    /// Archived ones alone, live ones alone; both where not said.
    pub archived: Option<bool>,
    pub oldest_first: bool,
}

/// Of the list of network transactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkTransactionFilter {
    pub kind: Option<NetworkTransactionType>,
    pub state: Option<NetworkTransactionState>,
    pub coin: Option<String>,
    /// How it begins.
    pub txid: Option<String>,
    pub oldest_first: bool,
}

/// Of the list of broadcasts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BroadcastFilter {
    pub state: Option<NetworkTransactionState>,
    pub coin: Option<String>,
    pub wallet: Option<WalletId>,
    pub oldest_first: bool,
}
