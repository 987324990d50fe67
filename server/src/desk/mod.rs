//! The desk: all that pages and API may ask or order, for one person. Roles are checked and orders logged here
//! (`order.rs`); SQL for reading stands in the file of its noun; the rules of money are the ledger's.

mod account;
mod address;
mod adjustment;
mod balance;
mod broadcast;
mod check;
mod closing;
mod coin;
mod error;
mod event;
mod find;
mod history;
mod job;
mod keep;
mod narrow;
mod need;
mod need_of_application;
mod need_of_books;
mod need_of_wallet;
mod network_transaction;
mod offer;
mod order;
mod overview;
mod paging;
mod people;
mod record;
mod send;
mod simulator;
mod story;
mod transaction;
mod transaction_filter;
mod vetting;
mod wallet;

pub use adjustment::compared;
pub use error::{from_db, from_door, from_ledger, internal};
pub use people::{OwnSession, Seat};

use crate::clock::Clock;
use crate::coins::{CoinService, Coins};
use crate::config::Settings;
use crate::db::{Db, DbError, Read, Row};
use crate::people::Passwords;
use app::desk::{Answer, AppError, Desk, Frame};
use app::model::{
    AccountId, AccountRow, Act, AddressCheck, AddressId, AddressRow, AdjustmentDraft, Audited,
    BalanceOverTime, BookableRow, BroadcastDetail, BroadcastFilter, BroadcastRow, Closing, Coin, CoinRow,
    Created, Done, FeeEstimate, ForeignSpendRow, HistoryRow, JobRow, NetworkTransactionId, Overview, Page,
    Paging, ReconciliationRow, Role, Scope, SendDraft, SendReview, SimulatorRow, Span, Step,
    TransactionFilter, TransactionId, TransactionRow, TransferOrder, UserId, Waiting, WalletId, WalletRow,
};
use async_trait::async_trait;
use std::sync::{Arc, Mutex};

/// What all desks of one process stand on.
pub struct Shared {
    pub db: Db,
    pub coins: Coins,
    pub clock: Clock,
    pub settings: Settings,
    /// One queue of hashes for all who set or try a password.
    pub passwords: Passwords,
}

/// What the keys of forms begin with; a key that a program makes up may be anything else.
const FORM_KEY: &str = "form-";

/// Who asks.
#[derive(Clone, Debug)]
pub struct Actor {
    /// As the audit log calls them: a user's name, or `token NAME`.
    pub name: String,
    pub who: Who,
}

#[derive(Clone, Debug)]
pub enum Who {
    User {
        id: UserId,
        role: Role,
    },
    /// `owner`: whose idempotency keys it uses, so that a token that replaces it goes on with them.
    Token {
        owner: String,
        scopes: Vec<Scope>,
    },
}

impl Actor {
    fn may(&self, needed: Scope) -> Answer<()> {
        match &self.who {
            Who::User { role, .. } if role.has(needed) => Ok(()),
            Who::User { role, .. } => Err(AppError::Forbidden { needed: needed.role(), role: *role }),
            Who::Token { scopes, .. } if needed.is_in(scopes) => Ok(()),
            Who::Token { .. } => Err(AppError::OutOfScope(needed)),
        }
    }

    /// The key of a form that was rendered for them: it names them, so that nobody else's post may carry it.
    fn form_key(&self, random: u128) -> String {
        match &self.who {
            Who::User { id, .. } => format!("{FORM_KEY}{id}-{random:032x}"),
            Who::Token { .. } => format!("{random:032x}"),
        }
    }

    /// Whose idempotency keys these are.
    pub fn owner(&self) -> String {
        match &self.who {
            Who::User { id, .. } => format!("user {id}"),
            Who::Token { owner, .. } => format!("token {owner}"),
        }
    }
}

/// One request's desk. Without an actor every answer is `Unauthorized`.
pub struct PersonalDesk {
    shared: Arc<Shared>,
    actor: Option<Actor>,
    tried: Mutex<order::Tried>,
    /// Absent where nobody sits in a browser; then there is no session to look at or to end.
    seat: Option<Seat>,
}

impl PersonalDesk {
    pub fn new(shared: Arc<Shared>, actor: Option<Actor>) -> Self {
        Self { shared, actor, tried: Mutex::default(), seat: None }
    }

    pub fn seated(self, seat: Seat) -> Self {
        Self { seat: Some(seat), ..self }
    }

    fn actor(&self) -> Answer<&Actor> {
        self.actor.as_ref().ok_or(AppError::Unauthorized)
    }

    /// The user behind this desk; a token is nobody's.
    fn person(&self) -> Answer<(UserId, Role)> {
        match self.actor()?.who {
            Who::User { id, role } => Ok((id, role)),
            Who::Token { .. } => Err(AppError::Unauthorized),
        }
    }

    /// Whether they may look. Whoever was allowed an order may see what it is about, and what became of it.
    fn may_read(&self) -> Answer<()> {
        let actor = self.actor()?;
        if self.has_ordered() { Ok(()) } else { actor.may(Scope::Read) }
    }

    /// A consistent view of the books, for whoever may look.
    async fn read(&self) -> Answer<Read> {
        self.may_read()?;
        self.shared.db.read().await.map_err(error::from_db)
    }

    fn service(&self, ticker: &str) -> Answer<&Arc<CoinService>> {
        self.shared.coins.get(ticker).ok_or(AppError::NotFound("coin"))
    }
}

/// The coin of a row that has the columns `coin` and `decimals`.
fn coin_of(row: &Row) -> Result<Coin, DbError> {
    let (ticker, decimals): (String, i64) = (row.get("coin")?, row.get("decimals")?);
    let decimals = u8::try_from(decimals).map_err(|error| DbError::Failed(error.to_string()))?;
    Coin::new(&ticker, decimals).map_err(|error| DbError::Failed(error.to_string()))
}

#[async_trait]
impl Desk for PersonalDesk {
    async fn frame(&self) -> Answer<Frame> {
        overview::frame(self).await
    }
    fn new_key(&self) -> String {
        let random = rand::random::<u128>();
        // Forms are rendered for whoever is signed in; the rest see none.
        self.actor.as_ref().map_or_else(|| format!("{random:032x}"), |actor| actor.form_key(random))
    }
    async fn made_with(&self, key: &str) -> Answer<Option<i64>> {
        keep::made_with(self, key).await
    }
    async fn overview(&self) -> Answer<Overview> {
        overview::overview(self).await
    }

    async fn coins(&self) -> Answer<Vec<CoinRow>> {
        coin::list(self).await
    }
    async fn coin(&self, coin: &str) -> Answer<CoinRow> {
        coin::one(self, coin).await
    }
    async fn check_address(&self, coin: &str, address: &str) -> Answer<AddressCheck> {
        coin::check_address(self, coin, address).await
    }
    async fn estimate_fee(&self, coin: &str, target_blocks: Option<u32>) -> Answer<FeeEstimate> {
        coin::estimate_fee(self, coin, target_blocks).await
    }

    async fn wallets(&self) -> Answer<Vec<WalletRow>> {
        wallet::list(self).await
    }
    async fn wallet(&self, id: WalletId) -> Answer<WalletRow> {
        wallet::one(self, id).await
    }
    async fn create_wallet(&self, coin: &str, name: &str) -> Answer<Created<WalletId>> {
        wallet::create(self, coin, name).await
    }
    async fn pause_wallet(&self, id: WalletId) -> Answer<()> {
        wallet::pause(self, id).await
    }
    async fn resume_wallet(&self, id: WalletId) -> Answer<()> {
        wallet::resume(self, id).await
    }

    async fn accounts(&self, wallet: WalletId, paging: Paging) -> Answer<Page<AccountRow>> {
        account::list(self, wallet, &paging).await
    }
    async fn account(&self, id: AccountId) -> Answer<AccountRow> {
        account::one(self, id).await
    }
    async fn create_account(&self, wallet: WalletId, name: &str) -> Answer<Created<AccountId>> {
        account::create(self, wallet, name).await
    }
    async fn balance_over_time(&self, account: AccountId, span: Span) -> Answer<BalanceOverTime> {
        balance::over_time(self, account, span).await
    }
    async fn waiting(&self, account: AccountId) -> Answer<Waiting> {
        balance::waiting(self, account).await
    }
    async fn history(&self, account: AccountId, paging: Paging) -> Answer<Page<HistoryRow>> {
        history::list(self, account, &paging).await
    }

    async fn addresses(
        &self,
        account: AccountId,
        archived: bool,
        paging: Paging,
    ) -> Answer<Page<AddressRow>> {
        address::list(self, account, archived, &paging).await
    }
    async fn create_address(&self, account: AccountId, label: &str, idempotency_key: &str) -> Answer<Done> {
        address::create(self, account, label, idempotency_key).await
    }
    async fn import_address(
        &self,
        account: AccountId,
        address: &str,
        label: &str,
        idempotency_key: Option<&str>,
    ) -> Answer<Done> {
        address::import(self, account, address, label, idempotency_key).await
    }
    async fn archive_address(&self, id: AddressId) -> Answer<()> {
        address::archive(self, id).await
    }

    async fn transfer(&self, order: &TransferOrder, idempotency_key: &str) -> Answer<Done> {
        send::transfer(self, order, idempotency_key).await
    }
    async fn transfer_batch(
        &self,
        orders: &[TransferOrder],
        atomic: bool,
        idempotency_key: &str,
    ) -> Answer<Done> {
        send::transfer_batch(self, orders, atomic, idempotency_key).await
    }
    async fn review_send(&self, from: AccountId, draft: &SendDraft) -> Answer<SendReview> {
        send::review(self, from, draft).await
    }
    async fn send(&self, from: AccountId, draft: &SendDraft, idempotency_key: &str) -> Answer<Done> {
        send::send(self, from, draft, idempotency_key).await
    }
    async fn cancel_transaction(
        &self,
        id: TransactionId,
        reason: &str,
        idempotency_key: Option<&str>,
    ) -> Answer<Done> {
        send::cancel(self, id, reason, idempotency_key).await
    }
    async fn mark_processed(&self, id: TransactionId) -> Answer<()> {
        send::mark_processed(self, id).await
    }

    async fn transactions(&self, filter: &TransactionFilter, paging: Paging) -> Answer<Page<TransactionRow>> {
        transaction::list(self, filter, &paging).await
    }
    async fn transaction(&self, id: TransactionId) -> Answer<TransactionRow> {
        transaction::one(self, id).await
    }
    async fn story(&self, id: TransactionId) -> Answer<Vec<Step>> {
        story::of_transaction(self, id).await
    }

    async fn broadcasts(&self, filter: &BroadcastFilter, paging: Paging) -> Answer<Page<BroadcastRow>> {
        broadcast::list(self, filter, &paging).await
    }
    async fn broadcast(&self, id: NetworkTransactionId) -> Answer<BroadcastDetail> {
        broadcast::one(self, id).await
    }
    async fn broadcast_details(
        &self,
        filter: &BroadcastFilter,
        paging: Paging,
    ) -> Answer<Page<BroadcastDetail>> {
        broadcast::details(self, filter, &paging).await
    }

    async fn gather_evidence(&self, id: NetworkTransactionId) -> Answer<()> {
        vetting::gather(self, id).await
    }
    async fn broadcast_now(&self, wallet: WalletId) -> Answer<()> {
        vetting::broadcast_now(self, wallet).await
    }
    async fn close_broadcast(&self, id: NetworkTransactionId, closing: &Closing) -> Answer<()> {
        closing::close(self, id, closing).await
    }
    async fn vet_broadcast(&self, id: NetworkTransactionId, act: Act, reason: &str) -> Answer<()> {
        closing::vet(self, id, act, reason).await
    }

    async fn reconciliation(&self, coin: &str) -> Answer<Option<ReconciliationRow>> {
        adjustment::reconciliation(self, coin).await
    }
    async fn reconcile(&self, coin: &str) -> Answer<ReconciliationRow> {
        check::reconcile(self, coin).await
    }
    async fn audit(&self, coin: &str) -> Answer<Audited> {
        check::audit(self, coin).await
    }
    async fn foreign_spend(&self, id: i64) -> Answer<ForeignSpendRow> {
        adjustment::spend(self, id).await
    }
    async fn foreign_spend_of(&self, coin: &str, txid: &str) -> Answer<ForeignSpendRow> {
        adjustment::spend_of(self, coin, txid).await
    }
    async fn foreign_spends(&self, coin: &str) -> Answer<Vec<ForeignSpendRow>> {
        adjustment::spends(self, coin).await
    }
    async fn bookable(&self, coin: &str) -> Answer<Vec<BookableRow>> {
        adjustment::bookable(self, coin).await
    }
    async fn adjust(&self, draft: &AdjustmentDraft, idempotency_key: Option<&str>) -> Answer<Done> {
        adjustment::adjust(self, draft, idempotency_key).await
    }

    async fn jobs(&self) -> Answer<Vec<JobRow>> {
        job::list(self).await
    }
    async fn run_job(&self, name: &str, coin: &str) -> Answer<()> {
        job::run(self, name, coin).await
    }

    async fn simulators(&self) -> Answer<Vec<SimulatorRow>> {
        simulator::list(self).await
    }
    async fn simulated_pay(&self, coin: &str, address: &str, amount: &str) -> Answer<String> {
        simulator::pay(self, coin, address, amount).await
    }
    async fn simulated_mine(&self, coin: &str, blocks: u32) -> Answer<()> {
        simulator::mine(self, coin, blocks).await
    }
    async fn simulated_fail(&self, coin: &str, call: &str, how: &str, times: u32) -> Answer<()> {
        simulator::fail(self, coin, call, how, times).await
    }
    async fn simulated_spend(&self, coin: &str, address: &str, amount: &str) -> Answer<()> {
        simulator::spend(self, coin, address, amount).await
    }
    async fn simulated_reorganise(&self, coin: &str, depth: u32, txid: &str) -> Answer<()> {
        simulator::reorganise(self, coin, depth, txid).await
    }
    async fn simulated_restart(&self, coin: &str) -> Answer<()> {
        simulator::restart(self, coin).await
    }
}
