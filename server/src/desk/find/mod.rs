//! The desk's part about looking things up across books and network: the search box, addresses, network transactions.
//! What was typed is taken apart in `typed.rs`; `search.rs` asks the books for each of the things that it may be.

mod search;
mod typed;

use super::{PersonalDesk, account, address, network_transaction, wallet};
use app::desk::{Answer, Find};
use app::model::{
    AccountFilter, AccountRow, AddressDetail, AddressFilter, AddressId, AddressRow, Hits,
    NetworkTransactionDetail, NetworkTransactionFilter, NetworkTransactionId, NetworkTransactionRow, Page,
    Paging, TransactionId, WalletRow,
};
use async_trait::async_trait;

#[async_trait]
impl Find for PersonalDesk {
    async fn find(&self, typed: &str) -> Answer<Hits> {
        search::find(self, typed).await
    }

    async fn all_wallets(&self, paging: Paging) -> Answer<Page<WalletRow>> {
        wallet::page(self, &paging).await
    }
    async fn all_accounts(&self, filter: &AccountFilter, paging: Paging) -> Answer<Page<AccountRow>> {
        account::all(self, filter, &paging).await
    }

    async fn all_addresses(&self, filter: &AddressFilter, paging: Paging) -> Answer<Page<AddressRow>> {
        address::all(self, filter, &paging).await
    }
    async fn address(&self, id: AddressId, confirmations: Option<&str>) -> Answer<AddressDetail> {
        address::one(self, id, confirmations).await
    }

    async fn network_transactions(
        &self,
        filter: &NetworkTransactionFilter,
        paging: Paging,
    ) -> Answer<Page<NetworkTransactionRow>> {
        network_transaction::list(self, filter, &paging).await
    }
    async fn network_transaction_details(
        &self,
        filter: &NetworkTransactionFilter,
        paging: Paging,
    ) -> Answer<Page<(NetworkTransactionRow, Vec<TransactionId>)>> {
        network_transaction::details(self, filter, &paging).await
    }
    async fn network_transaction(&self, id: NetworkTransactionId) -> Answer<NetworkTransactionDetail> {
        network_transaction::one(self, id).await
    }
}
