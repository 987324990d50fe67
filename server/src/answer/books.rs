//! The books as the API answers them: wallets, accounts, addresses, transactions.

use super::{AmountText, Problem, TimeText, text, time};
use app::model::{AccountRow, AddressDetail, AddressRow, TransactionRow, WalletRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A named book of one coin.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Wallet {
    #[schema(example = 1)]
    pub id: i64,
    #[schema(example = "btc")]
    pub coin: String,
    #[schema(example = "shop")]
    pub name: String,
    /// Sum of its accounts.
    pub balance: AmountText,
    /// Deposits that aren't credited yet.
    pub unconfirmed_balance: AmountText,
    /// Debited and not broadcasted yet.
    pub pending_amount: AmountText,
    /// False while the wallet is paused: no broadcast of it opens.
    pub broadcasting: bool,
    pub created_at: TimeText,
    /// The last movement of money.
    pub updated_at: TimeText,
}

impl From<WalletRow> for Wallet {
    fn from(row: WalletRow) -> Self {
        Self {
            id: row.id.0,
            coin: row.coin.to_string(),
            name: row.name,
            balance: row.balance.into(),
            unconfirmed_balance: row.unconfirmed.into(),
            pending_amount: row.pending.into(),
            broadcasting: row.paused_at.is_none(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// An owner's balance within a wallet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Account {
    #[schema(example = 7)]
    pub id: i64,
    #[schema(example = 1)]
    pub wallet: i64,
    #[schema(example = "btc")]
    pub coin: String,
    #[schema(example = "alice")]
    pub name: String,
    pub balance: AmountText,
    pub unconfirmed_balance: AmountText,
    pub created_at: TimeText,
    pub updated_at: TimeText,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id.0,
            wallet: row.wallet.0,
            coin: row.coin.to_string(),
            name: row.name,
            balance: row.balance.into(),
            unconfirmed_balance: row.unconfirmed.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// A receiving address of an account, or an external one that was paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Address {
    #[schema(example = 12)]
    pub id: i64,
    #[schema(example = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    pub address: String,
    pub label: Option<String>,
    /// Null for external ones.
    #[schema(example = 7)]
    pub account: Option<i64>,
    #[schema(example = "btc")]
    pub coin: String,
    /// Credited and unreversed deposits.
    pub balance: AmountText,
    pub archived_at: Option<TimeText>,
    pub created_at: TimeText,
    /// Asked for by `confirmations`: what it received by deposits of at least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<AmountText>,
}

impl From<AddressRow> for Address {
    fn from(row: AddressRow) -> Self {
        Self {
            id: row.id.0,
            address: row.address,
            label: text(row.label),
            account: row.account.map(|id| id.0),
            coin: row.coin.to_string(),
            balance: row.balance.into(),
            archived_at: time(row.archived_at),
            created_at: row.created_at.into(),
            received: None,
        }
    }
}

impl Address {
    pub fn with_received(detail: AddressDetail) -> Self {
        Self { received: detail.received.map(Into::into), ..detail.address.into() }
    }
}

/// One movement of money in the books.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Transaction {
    #[schema(example = 42)]
    pub id: i64,
    #[schema(example = "btc")]
    pub coin: String,
    #[schema(example = 1)]
    pub wallet: i64,
    /// `pending`, `broadcasted`, `failed`, `cancelled`, `incoming`, `credited`, `reversed`, `internal`, `network_fee`,
    /// `balance_import` or `adjustment`.
    #[schema(example = "pending")]
    pub state: &'static str,
    pub amount: AmountText,
    pub label: Option<String>,
    /// Null where nothing was debited.
    #[schema(example = 7)]
    pub sending_account: Option<i64>,
    /// Null where nothing was credited.
    pub receiving_account: Option<i64>,
    pub address: Option<String>,
    pub network_transaction: Option<i64>,
    pub txid: Option<String>,
    /// Null until known, negative when conflicted.
    pub confirmations: Option<i64>,
    /// Cancellations, adjustments and imports: why.
    pub reason: Option<String>,
    pub created_at: TimeText,
    pub credited_at: Option<TimeText>,
    pub processed_at: Option<TimeText>,
}

impl From<TransactionRow> for Transaction {
    fn from(row: TransactionRow) -> Self {
        Self {
            id: row.id.0,
            coin: row.amount.coin.to_string(),
            wallet: row.wallet.0,
            state: row.state.as_str(),
            amount: row.amount.into(),
            label: text(row.label),
            sending_account: row.sending.map(|account| account.id.0),
            receiving_account: row.receiving.map(|account| account.id.0),
            address: row.address,
            network_transaction: row.network_transaction.map(|id| id.0),
            txid: row.txid,
            confirmations: row.confirmations,
            reason: row.reason.filter(|reason| !reason.is_empty()),
            created_at: row.created_at.into(),
            credited_at: time(row.credited_at),
            processed_at: time(row.processed_at),
        }
    }
}

/// What became of the transfers of a batch, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResults {
    pub results: Vec<BatchOutcome>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchOutcome {
    Transaction(Box<Transaction>),
    Problem(Box<Problem>),
}
