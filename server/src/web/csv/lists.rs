//! The lists of the books that can be taken along, column by column; those of the coin networks stand in `network.rs`. Each reads its filter where its page does, in `app`.

use super::List;
use super::text::Cell;
use app::desk::{Answer, AppError, Desk};
use app::model::{
    AccountId, AccountRef, AddressFilter, AddressRow, AuditLogFilter, AuditLogRow, Export, FieldError,
    HistoryRow, Page, Paging, TransactionFilter, TransactionRow,
};
use app::page::{self, Query};
use async_trait::async_trait;

/// The same page of other rows.
pub fn each<T>(page: Page<T>, cells: impl Fn(T) -> Vec<Cell>) -> Page<Vec<Cell>> {
    Page { items: page.items.into_iter().map(cells).collect(), newer: page.newer, older: page.older }
}

pub struct Transactions(TransactionFilter);

pub fn transactions(query: &Query) -> (Transactions, Vec<FieldError>) {
    let (filter, faults) = page::filter::transactions(query);
    (Transactions(filter), faults)
}

#[async_trait]
impl List for Transactions {
    fn export(&self) -> Export {
        Export::Transactions
    }
    fn name(&self) -> String {
        "transactions".into()
    }
    fn head(&self) -> &'static [&'static str] {
        &[
            "id",
            "time",
            "state",
            "coin",
            "amount",
            "label",
            "wallet",
            "from_account",
            "to_account",
            "address",
            "network_transaction",
            "txid",
            "confirmations",
            "credited_at",
            "processed_at",
            "reason",
        ]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        Ok(each(desk.transactions(&self.0, paging).await?, transaction))
    }
}

fn transaction(row: TransactionRow) -> Vec<Cell> {
    let account = |account: Option<AccountRef>| Cell::perhaps(account.map(|account| account.name));
    vec![
        Cell::number(row.id),
        Cell::time(Some(row.created_at)),
        Cell::text(row.state.as_str()),
        Cell::text(row.amount.coin.ticker()),
        Cell::number(row.amount),
        Cell::text(row.label),
        Cell::text(row.wallet_name),
        account(row.sending),
        account(row.receiving),
        Cell::perhaps(row.address),
        Cell::perhaps_number(row.network_transaction),
        Cell::perhaps(row.txid),
        Cell::perhaps_number(row.confirmations),
        Cell::time(row.credited_at),
        Cell::time(row.processed_at),
        Cell::perhaps(row.reason),
    ]
}

/// `None`: the path names no account.
pub struct History(Option<AccountId>);

pub fn history(account: &str, _: &Query) -> (History, Vec<FieldError>) {
    (History(account.parse().ok()), Vec::new())
}

#[async_trait]
impl List for History {
    fn export(&self) -> Export {
        Export::History
    }
    fn name(&self) -> String {
        format!("account-{}-history", self.0.map_or(0, |account| account.0))
    }
    fn head(&self) -> &'static [&'static str] {
        &[
            "id",
            "time",
            "state",
            "coin",
            "change",
            "balance_after",
            "label",
            "from_account",
            "to_account",
            "address",
            "txid",
            "confirmations",
        ]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        let account = self.0.ok_or(AppError::NotFound("account"))?;
        Ok(each(desk.history(account, paging).await?, history_row))
    }
}

fn history_row(HistoryRow { transaction: row, amount, balance_after }: HistoryRow) -> Vec<Cell> {
    let account = |account: Option<AccountRef>| Cell::perhaps(account.map(|account| account.name));
    vec![
        Cell::number(row.id),
        Cell::time(Some(row.created_at)),
        Cell::text(row.state.as_str()),
        Cell::text(amount.coin.ticker()),
        Cell::number(amount),
        Cell::perhaps_number(balance_after),
        Cell::text(row.label),
        account(row.sending),
        account(row.receiving),
        Cell::perhaps(row.address),
        Cell::perhaps(row.txid),
        Cell::perhaps_number(row.confirmations),
    ]
}

pub struct Addresses(AddressFilter);

pub fn addresses(query: &Query) -> (Addresses, Vec<FieldError>) {
    let (filter, faults) = page::filter::addresses(query);
    (Addresses(filter), faults)
}

#[async_trait]
impl List for Addresses {
    fn export(&self) -> Export {
        Export::Addresses
    }
    fn name(&self) -> String {
        "addresses".into()
    }
    fn head(&self) -> &'static [&'static str] {
        &["id", "time", "coin", "kind", "address", "label", "account", "received", "archived_at"]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        Ok(each(desk.all_addresses(&self.0, paging).await?, address))
    }
}

fn address(row: AddressRow) -> Vec<Cell> {
    vec![
        Cell::number(row.id),
        Cell::time(Some(row.created_at)),
        Cell::text(row.coin.ticker()),
        Cell::text(row.kind.as_str()),
        Cell::text(row.address),
        Cell::text(row.label),
        Cell::perhaps(row.account_name),
        Cell::number(row.balance),
        Cell::time(row.archived_at),
    ]
}

pub struct AuditLog(AuditLogFilter);

pub fn audit_log(query: &Query) -> (AuditLog, Vec<FieldError>) {
    let (filter, faults) = page::audit_log::filter(query);
    (AuditLog(filter), faults)
}

#[async_trait]
impl List for AuditLog {
    fn export(&self) -> Export {
        Export::AuditLog
    }
    fn name(&self) -> String {
        "audit-log".into()
    }
    fn head(&self) -> &'static [&'static str] {
        &["row", "id", "time", "actor", "action", "subject", "outcome", "hash"]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        Ok(each(desk.audit_log(&self.0, paging).await?, audit_log_row))
    }
}

fn audit_log_row(row: AuditLogRow) -> Vec<Cell> {
    vec![
        Cell::perhaps_number(row.sequence),
        Cell::number(row.id),
        Cell::time(Some(row.at)),
        Cell::text(row.actor),
        Cell::text(row.action),
        Cell::text(row.subject),
        Cell::text(row.outcome),
        Cell::perhaps(row.hash),
    ]
}
