//! `Desk`: all that a page or the API may ask or order, on behalf of one person. The server makes one per request,
//! bound to who asks, checks the role in each call and writes the audit log; pages therefore can't forget to.
//! Here stands what is about money and its network; `people`, `record`, `find` and `event` have the rest.

mod event;
mod find;
mod people;
mod record;

pub use event::Events;
pub use find::Find;
pub use people::People;
pub use record::Record;

use crate::model::{
    AccountId, AccountRow, Act, AddressCheck, AddressRow, AdjustmentDraft, Audited, BalanceOverTime,
    BookableRow, BroadcastDetail, BroadcastFilter, BroadcastRow, Closing, CoinRow, Created, Done,
    FeeEstimate, FieldError, ForeignSpendRow, HistoryRow, JobRow, NetworkTransactionId, Overview, Page,
    Paging, ReconciliationRow, Role, Scope, SendDraft, SendReview, SimulatorRow, Span, Step, Time,
    TransactionFilter, TransactionId, TransactionRow, TransferDraft, TransferOrder, TransferReview, Waiting,
    WalletId, WalletRow,
};
use async_trait::async_trait;
use std::sync::Arc;

/// What a refusal rests on, by name, as the API tells it: `available`, `requested`, `state`.
pub type Numbers = Vec<(&'static str, String)>;

/// Why a call was not carried out. `code` is stable and the API's; the message says how to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AppError {
    #[error("Sign in first.")]
    Unauthorized,
    #[error("This needs the role {needed}; you are {role}.")]
    Forbidden { needed: Role, role: Role },
    #[error("This needs the scope {0}, which the token hasn't.")]
    OutOfScope(Scope),
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// What was asked can't be: fields with their reasons, in the order of the form.
    #[error("{}", .0.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "))]
    Invalid(Vec<FieldError>),
    /// The books or the network's state refuse: stable code and a sentence with the numbers.
    #[error("{message}")]
    Refused { code: &'static str, message: String, numbers: Numbers },
    /// Something outside is away; trying again later may do.
    #[error("{message}")]
    Unavailable { code: &'static str, message: String },
    /// A fault of ours. The log has it under the same id.
    #[error("Something went wrong in Coffer. Incident {incident}.")]
    Internal { incident: String },
}

impl AppError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden { .. } | Self::OutOfScope(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "bad_request",
            Self::Refused { code, .. } | Self::Unavailable { code, .. } => code,
            Self::Internal { .. } => "internal",
        }
    }

    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into(), numbers: Vec::new() }
    }

    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field, message: message.into() }])
    }
}

pub type Answer<T> = Result<T, AppError>;

/// The desk of this request, bound to who asks; the server puts it into the context. Take it before the first await.
pub fn desk() -> Answer<Arc<dyn Desk>> {
    leptos::prelude::use_context().ok_or(AppError::Unauthorized)
}

/// Who looks, and the frame of every page.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub user: String,
    pub role: Role,
    /// Any coin of this installation is simulated.
    pub simulated: bool,
    /// `coffer demo`: sign-in says where the password was printed.
    pub demo: bool,
    pub broken_broadcasts: i64,
    pub now: Time,
    pub version: &'static str,
}

#[async_trait]
pub trait Desk: People + Record + Find + Events + Send + Sync {
    async fn frame(&self) -> Answer<Frame>;
    /// A fresh idempotency key for a form: random, at most 64 characters.
    fn new_key(&self) -> String;
    /// The id of what this user's order of this key made; orders that move money.
    async fn made_with(&self, key: &str) -> Answer<Option<i64>>;
    async fn overview(&self) -> Answer<Overview>;

    async fn coins(&self) -> Answer<Vec<CoinRow>>;
    async fn coin(&self, coin: &str) -> Answer<CoinRow>;
    async fn check_address(&self, coin: &str, address: &str) -> Answer<AddressCheck>;
    /// Asks the backend. Without `target_blocks` the coin's own.
    async fn estimate_fee(&self, coin: &str, target_blocks: Option<u32>) -> Answer<FeeEstimate>;

    async fn wallets(&self) -> Answer<Vec<WalletRow>>;
    async fn wallet(&self, id: WalletId) -> Answer<WalletRow>;
    /// Get-or-create; names are trimmed.
    async fn create_wallet(&self, coin: &str, name: &str) -> Answer<Created<WalletId>>;
    /// No broadcast of it opens until `resume_wallet`.
    async fn pause_wallet(&self, id: WalletId) -> Answer<()>;
    async fn resume_wallet(&self, id: WalletId) -> Answer<()>;

    /// By name; `Network fees` last.
    async fn accounts(&self, wallet: WalletId, paging: Paging) -> Answer<Page<AccountRow>>;
    async fn account(&self, id: AccountId) -> Answer<AccountRow>;
    async fn create_account(&self, wallet: WalletId, name: &str) -> Answer<Created<AccountId>>;
    async fn balance_over_time(&self, account: AccountId, span: Span) -> Answer<BalanceOverTime>;
    /// What its unconfirmed and held amounts are made of.
    async fn waiting(&self, account: AccountId) -> Answer<Waiting>;
    async fn history(&self, account: AccountId, paging: Paging) -> Answer<Page<HistoryRow>>;

    async fn addresses(&self, account: AccountId, archived: bool, paging: Paging)
    -> Answer<Page<AddressRow>>;
    /// The backend makes it, then the row is written. Without a label it gets an automatic one. Same key, same address.
    async fn create_address(&self, account: AccountId, label: &str, idempotency_key: &str) -> Answer<Done>;
    /// One that the backend's wallet has and the books don't.
    async fn import_address(
        &self,
        account: AccountId,
        address: &str,
        label: &str,
        idempotency_key: Option<&str>,
    ) -> Answer<Done>;
    async fn archive_address(&self, id: crate::model::AddressId) -> Answer<()>;

    /// Instant, off-chain. The same key acts once and answers the same.
    async fn transfer(&self, order: &TransferOrder, idempotency_key: &str) -> Answer<Done>;
    /// At most 1,000; all or none where `atomic`, else each for itself.
    async fn transfer_batch(
        &self,
        orders: &[TransferOrder],
        atomic: bool,
        idempotency_key: &str,
    ) -> Answer<Done>;
    /// Says what a transfer would do. It reads and computes only, so that it stands here: `transfer` checks again.
    async fn review_transfer(&self, from: AccountId, draft: &TransferDraft) -> Answer<TransferReview> {
        let from = self.account(from).await?;
        let to = match draft.to_account.trim().parse() {
            Ok(id) => self.account(id).await.ok(),
            Err(_) => None,
        };
        TransferReview::new(from, to, draft).map_err(AppError::Invalid)
    }
    /// Checks a send and says what it would do; `Invalid` names the fields.
    async fn review_send(&self, from: AccountId, draft: &SendDraft) -> Answer<SendReview>;
    async fn send(&self, from: AccountId, draft: &SendDraft, idempotency_key: &str) -> Answer<Done>;
    async fn cancel_transaction(
        &self,
        id: TransactionId,
        reason: &str,
        idempotency_key: Option<&str>,
    ) -> Answer<Done>;
    /// The application is done with this deposit. Again is no error.
    async fn mark_processed(&self, id: TransactionId) -> Answer<()>;

    /// Where no index serves a filter only so many rows are looked at for one page: it may then have few rows or none, and
    /// there is more as long as `older` says so.
    async fn transactions(&self, filter: &TransactionFilter, paging: Paging) -> Answer<Page<TransactionRow>>;
    async fn transaction(&self, id: TransactionId) -> Answer<TransactionRow>;
    async fn story(&self, id: TransactionId) -> Answer<Vec<Step>>;

    async fn broadcasts(&self, filter: &BroadcastFilter, paging: Paging) -> Answer<Page<BroadcastRow>>;
    async fn broadcast(&self, id: NetworkTransactionId) -> Answer<BroadcastDetail>;
    /// The list, each with all that is told of it but what may be ordered now.
    async fn broadcast_details(
        &self,
        filter: &BroadcastFilter,
        paging: Paging,
    ) -> Answer<Page<BroadcastDetail>>;

    /// Asks the broadcast job to gather the evidence about this one at once.
    async fn gather_evidence(&self, id: NetworkTransactionId) -> Answer<()>;
    /// What is pending in this wallet leaves at once, and what backs off is tried again.
    async fn broadcast_now(&self, wallet: WalletId) -> Answer<()>;
    /// The network has it. The backend is asked for the txid, unless a reason is given to go without.
    async fn close_broadcast(&self, id: NetworkTransactionId, closing: &Closing) -> Answer<()>;
    /// Any act but closing; refused while the evidence or its state forbids it.
    async fn vet_broadcast(&self, id: NetworkTransactionId, act: Act, reason: &str) -> Answer<()>;

    /// The last comparison of this coin's backend with the books; `None` before the first.
    async fn reconciliation(&self, coin: &str) -> Answer<Option<ReconciliationRow>>;
    /// Compares now. Refused while a broadcast is under way, or where the books move meanwhile.
    async fn reconcile(&self, coin: &str) -> Answer<ReconciliationRow>;
    /// Audits the books of one coin now, and keeps what it finds.
    async fn audit(&self, coin: &str) -> Answer<Audited>;
    async fn foreign_spend(&self, id: i64) -> Answer<ForeignSpendRow>;
    /// Booked or not, so that a booking that is asked for again is known as one.
    async fn foreign_spend_of(&self, coin: &str, txid: &str) -> Answer<ForeignSpendRow>;
    /// What is neither gone nor booked: while there is one its coin sends nothing.
    async fn foreign_spends(&self, coin: &str) -> Answer<Vec<ForeignSpendRow>>;
    /// The coin's accounts by wallet and name, at most so many as a list can show.
    async fn bookable(&self, coin: &str) -> Answer<Vec<BookableRow>>;
    async fn adjust(&self, draft: &AdjustmentDraft, idempotency_key: Option<&str>) -> Answer<Done>;

    async fn jobs(&self) -> Answer<Vec<JobRow>>;
    async fn run_job(&self, name: &str, coin: &str) -> Answer<()>;

    async fn simulators(&self) -> Answer<Vec<SimulatorRow>>;
    /// A payment from outside to any address; answers the txid.
    async fn simulated_pay(&self, coin: &str, address: &str, amount: &str) -> Answer<String>;
    async fn simulated_mine(&self, coin: &str, blocks: u32) -> Answer<()>;
    /// `call`: a backend call's name (`send_prepared`, …); `how`: refused, unknown, `lost_reply`, …; `times`: how often.
    async fn simulated_fail(&self, coin: &str, call: &str, how: &str, times: u32) -> Answer<()>;
    /// Another program spends from the same hot wallet, behind the books' back.
    async fn simulated_spend(&self, coin: &str, address: &str, amount: &str) -> Answer<()>;
    /// The newest `depth` blocks lose; with a txid, the other branch spends that payment's inputs elsewhere.
    async fn simulated_reorganise(&self, coin: &str, depth: u32, txid: &str) -> Answer<()>;
    async fn simulated_restart(&self, coin: &str) -> Answer<()>;
}
