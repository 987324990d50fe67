//! Network transactions and broadcasts as files, column by column, as `lists.rs` has those of the books.

use super::List;
use super::lists::each;
use super::text::Cell;
use app::desk::{Answer, Desk};
use app::model::{
    BroadcastFilter, BroadcastRow, Export, FieldError, NetworkTransactionFilter, NetworkTransactionRow, Page,
    Paging,
};
use app::page::{self, Query};
use async_trait::async_trait;

pub struct NetworkTransactions(NetworkTransactionFilter);

pub fn network_transactions(query: &Query) -> (NetworkTransactions, Vec<FieldError>) {
    let (filter, faults) = page::filter::network_transactions(query);
    (NetworkTransactions(filter), faults)
}

#[async_trait]
impl List for NetworkTransactions {
    fn export(&self) -> Export {
        Export::NetworkTransactions
    }
    fn name(&self) -> String {
        "network-transactions".into()
    }
    fn head(&self) -> &'static [&'static str] {
        &[
            "id",
            "time",
            "type",
            "state",
            "coin",
            "amount",
            "transactions",
            "txid",
            "confirmations",
            "block",
            "opened_at",
            "closed_at",
            "settled_at",
        ]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        Ok(each(desk.network_transactions(&self.0, paging).await?, network_transaction))
    }
}

fn network_transaction(row: NetworkTransactionRow) -> Vec<Cell> {
    vec![
        Cell::number(row.id),
        Cell::time(Some(row.created_at)),
        Cell::text(row.kind.as_str()),
        Cell::text(row.state.as_str()),
        Cell::text(row.coin.ticker()),
        Cell::number(row.amount),
        Cell::number(row.transaction_count),
        Cell::perhaps(row.txid),
        Cell::perhaps_number(row.confirmations),
        Cell::perhaps(row.block),
        Cell::time(row.opened_at),
        Cell::time(row.closed_at),
        Cell::time(row.settled_at),
    ]
}

pub struct Broadcasts(BroadcastFilter);

pub fn broadcasts(query: &Query) -> (Broadcasts, Vec<FieldError>) {
    let (filter, faults) = page::filter::broadcasts(query);
    (Broadcasts(filter), faults)
}

#[async_trait]
impl List for Broadcasts {
    fn export(&self) -> Export {
        Export::Broadcasts
    }
    fn name(&self) -> String {
        "broadcasts".into()
    }
    fn head(&self) -> &'static [&'static str] {
        &[
            "id",
            "time",
            "state",
            "wallet",
            "outputs",
            "coin",
            "amount",
            "fee",
            "txid",
            "confirmations",
            "opened_at",
            "closed_at",
            "last_error",
        ]
    }
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>> {
        Ok(each(desk.broadcasts(&self.0, paging).await?, broadcast))
    }
}

fn broadcast(row: BroadcastRow) -> Vec<Cell> {
    vec![
        Cell::number(row.id),
        Cell::time(Some(row.created_at)),
        Cell::text(row.state.as_str()),
        Cell::text(row.wallet_name),
        Cell::number(row.output_count),
        Cell::text(row.coin.ticker()),
        Cell::number(row.amount),
        Cell::perhaps_number(row.fee),
        Cell::perhaps(row.txid),
        Cell::perhaps_number(row.confirmations),
        Cell::time(row.opened_at),
        Cell::time(row.closed_at),
        Cell::perhaps(row.last_error),
    ]
}
