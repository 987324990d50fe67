//! The part of the desk about looking things up across books and network: the search box, addresses, network transactions.

use super::Answer;
use crate::model::{
    AccountFilter, AccountRow, AddressDetail, AddressFilter, AddressId, AddressRow, Hits,
    NetworkTransactionDetail, NetworkTransactionFilter, NetworkTransactionId, NetworkTransactionRow, Page,
    Paging, TransactionId, WalletRow,
};
use async_trait::async_trait;

#[async_trait]
pub trait Find: Send + Sync {
    /// What fits what was typed, best first; bounded in each of its kinds, and never counted.
    async fn find(&self, typed: &str) -> Answer<Hits>;

    /// Newest first.
    async fn all_wallets(&self, paging: Paging) -> Answer<Page<WalletRow>>;
    /// Of all wallets, newest first. As with transactions a page may end early.
    async fn all_accounts(&self, filter: &AccountFilter, paging: Paging) -> Answer<Page<AccountRow>>;

    /// Of all wallets. As with transactions a page may end early, and there is more as long as `older` says so.
    async fn all_addresses(&self, filter: &AddressFilter, paging: Paging) -> Answer<Page<AddressRow>>;
    /// `confirmations`: as typed, at how many a deposit counts as received; the coin's count where nothing is typed.
    async fn address(&self, id: AddressId, confirmations: Option<&str>) -> Answer<AddressDetail>;

    async fn network_transactions(
        &self,
        filter: &NetworkTransactionFilter,
        paging: Paging,
    ) -> Answer<Page<NetworkTransactionRow>>;
    /// The list, each with the transactions that it concerns.
    async fn network_transaction_details(
        &self,
        filter: &NetworkTransactionFilter,
        paging: Paging,
    ) -> Answer<Page<(NetworkTransactionRow, Vec<TransactionId>)>>;
    /// Deposits and broadcasts alike; what a broadcast needs beyond this is `Desk::broadcast`'s.
    async fn network_transaction(&self, id: NetworkTransactionId) -> Answer<NetworkTransactionDetail>;
}
