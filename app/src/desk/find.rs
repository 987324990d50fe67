//! The part of the desk about looking things up across books and network: the search box, addresses, network transactions.

use super::Answer;
use crate::model::{
    AddressDetail, AddressFilter, AddressId, AddressRow, Hits, NetworkTransactionDetail,
    NetworkTransactionFilter, NetworkTransactionId, NetworkTransactionRow, Page, Paging,
};
use async_trait::async_trait;

#[async_trait]
pub trait Find: Send + Sync {
    /// What fits what was typed, best first; bounded in each of its kinds, and never counted.
    async fn find(&self, typed: &str) -> Answer<Hits>;

    /// Of all wallets. As with transactions a page may end early, and there is more as long as `older` says so.
    async fn all_addresses(&self, filter: &AddressFilter, paging: Paging) -> Answer<Page<AddressRow>>;
    /// `confirmations`: as typed, at how many a deposit counts as received; the coin's count where nothing is typed.
    async fn address(&self, id: AddressId, confirmations: Option<&str>) -> Answer<AddressDetail>;

    async fn network_transactions(
        &self,
        filter: &NetworkTransactionFilter,
        paging: Paging,
    ) -> Answer<Page<NetworkTransactionRow>>;
    /// Deposits and broadcasts alike; what a broadcast needs beyond this is `Desk::broadcast`'s.
    async fn network_transaction(&self, id: NetworkTransactionId) -> Answer<NetworkTransactionDetail>;
}
