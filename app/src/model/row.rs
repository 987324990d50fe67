//! What pages and API show of the books: one struct per noun, filled by the `Desk`. Amounts carry their coin.

use super::{
    AccountId, AddressId, AddressKind, Amount, BackendState, Coin, JobState, NetworkTransactionId,
    NetworkTransactionState, NetworkTransactionType, ReconciliationRow, Time, TransactionId,
    TransactionState, Vetting, WalletId,
};

/// A coin with its backend's last answer. Nothing here was asked while the page was rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct CoinRow {
    pub coin: Coin,
    pub name: String,
    /// `main`, `test`, `signet`, `regtest`.
    pub network: String,
    pub simulated: bool,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub minimum_send: Amount,
    pub backend: BackendRow,
    /// Sum of the coin's wallets; `None` where it is wider than an amount can be.
    pub books: Option<Amount>,
    pub unconfirmed: Amount,
    pub pending: Amount,
    /// What stands on `Network fees`, positive: fees paid that nobody has funded yet.
    pub unfunded_fees: Amount,
    /// The last comparison of backend and books; `None` before the first.
    pub reconciliation: Option<ReconciliationRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BackendRow {
    pub class: String,
    pub state: BackendState,
    pub since: Option<Time>,
    pub height: Option<i64>,
    /// Blocks that it knows of and has not verified yet.
    pub lag: Option<i64>,
    /// The time that its newest block bears.
    pub tip_at: Option<Time>,
    pub hot_wallet_balance: Option<Amount>,
    pub as_of: Option<Time>,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WalletRow {
    pub id: WalletId,
    pub coin: Coin,
    pub name: String,
    pub balance: Amount,
    pub unconfirmed: Amount,
    pub pending: Amount,
    /// Accounts without `Network fees`.
    pub account_count: i64,
    pub paused_at: Option<Time>,
    /// The gravest live broadcast, where one waits for a person.
    pub broken_broadcast: Option<NetworkTransactionId>,
    pub created_at: Time,
    /// The last movement of money.
    pub updated_at: Time,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    pub id: AccountId,
    pub wallet: WalletId,
    pub wallet_name: String,
    pub coin: Coin,
    pub name: String,
    pub balance: Amount,
    pub unconfirmed: Amount,
    pub pending: Amount,
    /// The reserved account `Network fees`: no addresses, no sends.
    pub network_fees: bool,
    /// Nothing may be taken from it since then: a deposit that it had spent was reversed.
    pub barred_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AddressRow {
    pub id: AddressId,
    pub coin: Coin,
    pub kind: AddressKind,
    pub address: String,
    pub label: String,
    pub account: Option<AccountId>,
    pub account_name: Option<String>,
    pub balance: Amount,
    pub archived_at: Option<Time>,
    pub created_at: Time,
}

/// An address with what its own page says.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressDetail {
    pub address: AddressRow,
    pub wallet: Option<(WalletId, String)>,
    /// The coin's counts: what a deposit needs, and up to where confirmations are followed.
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    /// What it received by deposits of at least `received_at` confirmations; `None` where that is wider than an amount.
    pub received_at: i64,
    pub received: Option<Amount>,
    /// The newest ones.
    pub transactions: Vec<TransactionRow>,
    pub more_transactions: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AccountRef {
    pub id: AccountId,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TransactionRow {
    pub id: TransactionId,
    pub wallet: WalletId,
    pub wallet_name: String,
    pub state: TransactionState,
    pub amount: Amount,
    pub label: String,
    pub sending: Option<AccountRef>,
    pub receiving: Option<AccountRef>,
    pub address: Option<String>,
    pub network_transaction: Option<NetworkTransactionId>,
    pub network_state: Option<NetworkTransactionState>,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    /// The coin's, so that a page can say "2 of 3".
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub reason: Option<String>,
    pub created_at: Time,
    pub credited_at: Option<Time>,
    pub processed_at: Option<Time>,
}

/// One row of an account's history: a transaction as this account sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    pub transaction: TransactionRow,
    /// Signed: what came in or went out; for incoming ones what will.
    pub amount: Amount,
    /// `None` while nothing was booked.
    pub balance_after: Option<Amount>,
}

/// One step of a transaction's or broadcast's story, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub at: Option<Time>,
    pub kind: StepKind,
    pub what: String,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Past,
    Wait,
    Done,
    Risk,
    Next,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BroadcastRow {
    pub id: NetworkTransactionId,
    pub coin: Coin,
    pub wallet: WalletId,
    pub wallet_name: String,
    pub state: NetworkTransactionState,
    pub output_count: i64,
    pub amount: Amount,
    pub fee: Option<Amount>,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub last_error: Option<String>,
    pub retry_at: Option<Time>,
    /// Closed, and since then in neither memory pool nor block.
    pub missing_since: Option<Time>,
    pub opened_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub created_at: Time,
}

/// A deposit or a broadcast, as a transaction of the coin's network.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkTransactionRow {
    pub id: NetworkTransactionId,
    pub coin: Coin,
    pub kind: NetworkTransactionType,
    pub state: NetworkTransactionState,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    /// What it pays to us, or pays for us.
    pub amount: Amount,
    /// How many transactions of the books it concerns; a booked fee is none.
    pub transaction_count: i64,
    /// False for a deposit that is in no mempool, or another counts in its place.
    pub live: bool,
    pub block: Option<String>,
    /// Of broadcasts.
    pub opened_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub settled_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NetworkTransactionDetail {
    pub network_transaction: NetworkTransactionRow,
    pub transactions: Vec<TransactionRow>,
    pub story: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BroadcastDetail {
    pub broadcast: BroadcastRow,
    pub outputs: Vec<OutputRow>,
    pub transactions: Vec<TransactionRow>,
    pub attempts: Vec<AttemptRow>,
    pub inputs: Vec<InputRow>,
    pub story: Vec<Step>,
    pub vetting: Vetting,
}

/// What a broadcast pays to one address.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputRow {
    pub address: String,
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    pub number: i64,
    pub runner: String,
    pub outcome: Option<String>,
    pub detail: Option<String>,
    pub started_at: Time,
    pub finished_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct InputRow {
    pub txid: String,
    pub vout: i64,
    pub amount: Amount,
    pub anchor: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    pub name: String,
    /// Empty for jobs that serve all coins.
    pub coin: String,
    pub state: JobState,
    pub last_started_at: Option<Time>,
    pub last_finished_at: Option<Time>,
    pub last_result: Option<String>,
    pub last_error: Option<String>,
    pub failing_since: Option<Time>,
    pub next_run_at: Option<Time>,
    pub run_asked_at: Option<Time>,
    pub runner: Option<String>,
}

/// What waits for a person, gravest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    pub risk: bool,
    /// The bold beginning, and the rest of the sentence.
    pub what: String,
    pub detail: String,
    pub since: Option<Time>,
    /// Where it is mended.
    pub href: String,
    pub act: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    pub coins: Vec<CoinRow>,
    pub wallet_count: i64,
    pub needs: Vec<Need>,
    pub audited_at: Option<Time>,
    /// Newest deposits, whatever their state.
    pub deposits: Vec<TransactionRow>,
    /// Of the last 24 hours.
    pub deposit_count: i64,
    pub send_count: i64,
    /// There were more than are counted: so many at least.
    pub counted_in_part: bool,
    pub pending_count: i64,
    pub oldest_pending: Option<(TransactionId, Time)>,
}

/// A page of a list, newest first. Cursors are opaque; `None`: there is no further page that way.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub newer: Option<String>,
    pub older: Option<String>,
}

/// Where in a list to read: after one cursor, or before one, or from the newest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    pub after: Option<String>,
    pub before: Option<String>,
    /// At most 200; 50 when not said.
    pub limit: Option<i64>,
}

/// What a person typed into the send form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SendDraft {
    pub to_address: String,
    pub amount: String,
    pub label: String,
    pub force_external: bool,
}

/// A send that would be accepted now: what it is and what it will do. Nothing is debited yet.
#[derive(Clone, Debug, PartialEq)]
pub struct SendReview {
    pub account: AccountRow,
    /// Canonical spelling.
    pub to_address: String,
    /// Set where the address is one of this wallet and the send becomes a transfer.
    pub own_account: Option<AccountRef>,
    /// How many earlier sends to it were not cancelled.
    pub seen_before: i64,
    pub amount: Amount,
    pub balance_after: Amount,
    pub label: String,
    /// Estimate for the whole broadcast; `None` for transfers and while the backend has no estimate.
    pub fee: Option<Amount>,
    /// Seconds until the next broadcast at the latest.
    pub broadcast_period: i64,
    pub force_external: bool,
}

/// What is wrong with a field, in words that say how to mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    pub field: &'static str,
    pub message: String,
}

/// What the simulated network of one coin shows of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatorRow {
    pub coin: Coin,
    pub height: i64,
    pub mempool: i64,
    /// Seconds between blocks by the clock, 0 when only on command.
    pub block_seconds: i64,
    /// Failures ordered and not yet used up, in words.
    pub failures: Vec<String>,
}
