//! Why the books refuse. Messages are sentences for people, with the numbers of the refusal; `code` is the API's word.

use crate::db::{ChangeError, DbError};
use app::model::{
    AccountId, AddressId, Amount, AmountError, NetworkTransactionId, Time, TransactionId, WalletId,
};

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("The account has {available} {}; {requested} was asked for.", .available.coin)]
    NotEnoughBalance { available: Amount, requested: Amount },
    #[error("An account can't pay itself.")]
    SameAccount,
    #[error("Both accounts must be of one wallet.")]
    DifferentWallet,
    #[error("The address {address} is a receiving address already.")]
    AddressExists { address: String },
    #[error("There is no wallet {0}.")]
    UnknownWallet(WalletId),
    #[error("There is no account {0}.")]
    UnknownAccount(AccountId),
    #[error("There is no receiving address {0}.")]
    UnknownAddress(AddressId),
    #[error("There is no transaction {0}.")]
    UnknownTransaction(TransactionId),
    #[error("There is no broadcast {0}.")]
    UnknownBroadcast(NetworkTransactionId),
    #[error("The coin {0} is not registered.")]
    UnknownCoin(String),
    /// `state` is the word of the state that forbids it.
    #[error("The state {state} doesn't allow this.")]
    WrongState { state: String },
    #[error("The smallest amount that can be sent is {minimum} {}.", .minimum.coin)]
    BelowMinimum { minimum: Amount },
    #[error("An amount must be more than zero.")]
    NotPositive,
    #[error("{0}")]
    BadAmount(AmountError),
    #[error("The sum is larger than Coffer can count.")]
    TooLarge,
    #[error("A name {0}.")]
    BadName(&'static str),
    #[error("At most 255 characters, on one line.")]
    BadLabel,
    #[error(
        "The account `Network fees` is reserved: it has no addresses, sends nothing and is made by itself."
    )]
    NetworkFeesReserved,
    #[error("Debits of this account are barred since a deposit of it was reversed.")]
    AccountBarred,
    #[error("A key has 1 to 255 characters.")]
    BadKey,
    #[error("This key was used for something else before.")]
    IdempotencyMismatch,
    #[error("The first request with this key is still being carried out. Ask again in a while.")]
    InProgress,
    /// One of several transfers that act together or not at all; the first is 0.
    #[error("Transfer {index} of the batch: {refusal}")]
    InBatch { index: usize, refusal: Box<LedgerError> },
    #[error("This is a matter of {expected}, not of {given}.")]
    WrongCoin { expected: String, given: String },
    #[error("The database knows {coin} with {recorded}; the configuration says {given}.")]
    CoinChanged { coin: String, recorded: String, given: String },
    /// Another runner has the coin's jobs now; this one must stop writing.
    #[error("Another runner has taken over.")]
    LeaseLost,
    /// Nobody opens a broadcast again before its last attempt's deadline.
    #[error("The last attempt may still be under way until its deadline.")]
    AttemptUnderWay { deadline: Time },
    #[error("The output {txid}:{vout} is reserved by another broadcast.")]
    InputReserved { txid: String, vout: u32 },
    #[error("The transaction id {txid} is that of another broadcast.")]
    TxidTaken { txid: String },
    /// A transaction was cancelled meanwhile: read the broadcast again.
    #[error("The broadcast's outputs have changed meanwhile.")]
    BroadcastChanged,
    /// Money left the hot wallet past the books; nothing is sent until a person books it.
    #[error(
        "The transaction {txid} spent from the hot wallet and no broadcast knows it. Nothing is sent until it is booked as an adjustment."
    )]
    ForeignSpend { txid: String },
    #[error("The foreign spend took {amount} {} out of the hot wallet: exactly that is debited.", .amount.coin)]
    NotThatSpend { amount: Amount },
    #[error("A reason is needed.")]
    NoReason,
    /// What is known of the broadcast doesn't allow the act.
    #[error("{0}")]
    EvidenceForbids(String),
    #[error("The network of this coin doesn't replace transactions.")]
    CantReplace,
    /// Why a balance can't be imported now, as a sentence.
    #[error("{0}")]
    ImportRefused(String),
    /// What was reported contradicts what was recorded of the same thing.
    #[error("{0}")]
    Contradiction(String),
}

impl LedgerError {
    /// Stable word for callers of the API (API.md).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Db(DbError::NotFound)
            | Self::UnknownWallet(_)
            | Self::UnknownAccount(_)
            | Self::UnknownAddress(_)
            | Self::UnknownTransaction(_)
            | Self::UnknownBroadcast(_)
            | Self::UnknownCoin(_) => "not_found",
            Self::Db(DbError::Conflict | DbError::Unique(_)) => "conflict_unresolved",
            Self::Db(DbError::Unavailable(_)) => "database_unavailable",
            Self::Db(_) | Self::Contradiction(_) | Self::CoinChanged { .. } => "internal",
            Self::NotEnoughBalance { .. } => "not_enough_account_balance",
            Self::SameAccount => "same_account",
            Self::DifferentWallet => "different_wallet",
            Self::AddressExists { .. } => "address_exists",
            Self::WrongState { .. }
            | Self::LeaseLost
            | Self::BroadcastChanged
            | Self::AttemptUnderWay { .. }
            | Self::InputReserved { .. }
            | Self::ForeignSpend { .. }
            | Self::NotThatSpend { .. }
            | Self::CantReplace
            | Self::ImportRefused(_)
            | Self::TxidTaken { .. } => "wrong_state",
            Self::EvidenceForbids(_) => "evidence_forbids",
            Self::BelowMinimum { .. } => "below_minimum",
            Self::NotPositive | Self::BadAmount(_) | Self::TooLarge => "bad_amount",
            Self::BadName(_) | Self::BadLabel | Self::BadKey | Self::NoReason | Self::WrongCoin { .. } => {
                "bad_request"
            }
            Self::NetworkFeesReserved => "network_fees_reserved",
            Self::AccountBarred => "account_barred",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::InProgress => "in_progress",
            Self::InBatch { refusal, .. } => refusal.code(),
        }
    }

    pub(super) fn wrong_state(state: &str) -> Self {
        Self::WrongState { state: state.to_owned() }
    }
}

impl ChangeError for LedgerError {
    fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
