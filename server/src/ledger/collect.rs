//! Pending transactions of a wallet join one new broadcast.

use super::LedgerError;
use super::broadcast::Broadcast;
use super::row::{Wallet, same_coin};
use crate::db::{Change, Tx, query};
use crate::record;
use app::model::{
    AddressId, Coin, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType, Time,
    TransactionId, TransactionState, WalletId,
};
use async_trait::async_trait;
use std::collections::HashSet;

/// Transactions to few addresses could be any number; more than this wait for the next broadcast, so that one
/// database transaction stays short.
const MAX_TRANSACTIONS: i64 = 1_000;

/// `None` when nothing is pending or the wallet is paused. Oldest first, at most `max_outputs` addresses.
#[derive(Clone, Debug)]
pub struct Collect {
    pub coin: Coin,
    pub wallet: WalletId,
    pub max_outputs: usize,
    /// Minor units that the hot wallet can pay out now: of the pending ones the oldest that fit are taken.
    pub available: i64,
    pub now: Time,
}

#[derive(Clone, Copy)]
struct Pending {
    id: TransactionId,
    address: AddressId,
    amount: i64,
}

record!(Pending { id, address, amount });

#[async_trait]
impl Change for Collect {
    type Output = Option<NetworkTransactionId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "collect"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![self.wallet.0])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<NetworkTransactionId>, LedgerError> {
        let wallet = Wallet::load(tx, self.wallet).await?;
        same_coin(wallet.coin, self.coin)?;
        if wallet.paused_at.is_some() {
            return Ok(None);
        }
        super::foreign_spend::must_be_booked(tx, self.coin).await?;
        let pending: Vec<Pending> = query(
            "SELECT id, address, amount FROM \"transaction\"
             WHERE wallet = $1 AND state = $2 AND network_transaction IS NULL ORDER BY id LIMIT $3",
        )
        .bind(self.wallet)
        .bind(TransactionState::Pending)
        .bind(MAX_TRANSACTIONS)
        .all(tx)
        .await?;
        let chosen = choose(&pending, self.max_outputs, self.available);
        if chosen.is_empty() {
            return Ok(None);
        }
        let id = self.insert(tx).await?;
        for transaction in chosen {
            query(
                "UPDATE \"transaction\" SET network_transaction = $2
                 WHERE id = $1 AND state = $3 AND network_transaction IS NULL",
            )
            .bind(transaction)
            .bind(id)
            .bind(TransactionState::Pending)
            .run_one(tx)
            .await?;
        }
        Broadcast::load(tx, id).await?.sum_outputs(tx, self.now).await?;
        Ok(Some(id))
    }
}

impl Collect {
    async fn insert(&self, tx: &mut Tx<'_>) -> Result<NetworkTransactionId, LedgerError> {
        let (id,) = query(
            "INSERT INTO network_transaction (coin, type, state, wallet, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
        )
        .bind(self.coin.ticker())
        .bind(NetworkTransactionType::Broadcast)
        .bind(NetworkTransactionState::Collected)
        .bind(self.wallet)
        .bind(self.now)
        .one(tx)
        .await?;
        Ok(id)
    }
}

/// The oldest that fit into `max_outputs` addresses and into what is available. One that doesn't fit holds up no other.
fn choose(pending: &[Pending], max_outputs: usize, available: i64) -> Vec<TransactionId> {
    let mut addresses = HashSet::new();
    let mut total: i64 = 0;
    let mut chosen = Vec::new();
    for transaction in pending {
        let fits = addresses.contains(&transaction.address) || addresses.len() < max_outputs;
        let sum = total.checked_add(transaction.amount).filter(|sum| *sum <= available);
        if let (true, Some(sum)) = (fits, sum) {
            total = sum;
            addresses.insert(transaction.address);
            chosen.push(transaction.id);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(id: i64, address: i64, amount: i64) -> Pending {
        Pending { id: TransactionId(id), address: AddressId(address), amount }
    }

    #[test]
    fn oldest_are_chosen_up_to_max_outputs_addresses() {
        let all = [pending(1, 7, 5), pending(2, 8, 5), pending(3, 9, 5), pending(4, 7, 5)];
        assert_eq!(choose(&all, 2, 100), [TransactionId(1), TransactionId(2), TransactionId(4)]);
        assert!(choose(&all, 0, 100).is_empty());
    }

    #[test]
    fn what_is_more_than_available_holds_up_no_other() {
        let all = [pending(1, 7, 50), pending(2, 8, 60), pending(3, 9, 40)];
        assert_eq!(choose(&all, 9, 90), [TransactionId(1), TransactionId(3)]);
        assert!(choose(&all, 9, 39).is_empty());
    }

    #[test]
    fn a_sum_that_no_amount_can_hold_is_split() {
        let all = [pending(1, 7, i64::MAX - 1), pending(2, 8, 5), pending(3, 9, 1)];
        assert_eq!(choose(&all, 9, i64::MAX), [TransactionId(1), TransactionId(3)]);
    }
}
