//! `txupdate`: what a network transaction's confirmations or crediting mean for each transaction of the books that it
//! carries, one event each, with the fields that `cryptoassets.core` sent and its listeners read.

use super::LedgerError;
use super::event::{Event, tell};
use crate::db::{Tx, query};
use crate::record;
use app::model::{AccountId, Amount, Coin, NetworkTransactionId, Time, TransactionId, TransactionState};
use serde_json::json;

/// The network transaction as it is now.
pub(super) struct Update<'a> {
    pub coin: Coin,
    pub network_transaction: NetworkTransactionId,
    /// `deposit` or `broadcast`.
    pub transaction_type: &'static str,
    pub txid: &'a str,
    /// Negative when conflicted.
    pub confirmations: i64,
    pub now: Time,
}

struct Carried {
    id: TransactionId,
    state: TransactionState,
    amount: i64,
    account: AccountId,
    address: String,
}

record!(Carried { id, state, amount, account, address });

impl Update<'_> {
    /// `only`: these transactions; all that the network transaction carries when `None`. Those that failed or were
    /// cancelled are its history and hear no more of it.
    pub async fn tell(&self, tx: &mut Tx<'_>, only: Option<&[TransactionId]>) -> Result<(), LedgerError> {
        let carried: Vec<Carried> = query(
            "SELECT t.id, t.state, t.amount, COALESCE(t.receiving_account, t.sending_account) AS account, d.address
             FROM \"transaction\" t JOIN address d ON d.id = t.address
             WHERE t.network_transaction = $1 AND t.state NOT IN ('failed', 'cancelled') ORDER BY t.id",
        )
        .bind(self.network_transaction)
        .all(tx)
        .await?;
        for transaction in carried {
            if only.is_some_and(|only| !only.contains(&transaction.id)) {
                continue;
            }
            let data = json!({
                "coin_name": self.coin.ticker(),
                "transaction": transaction.id,
                "network_transaction": self.network_transaction,
                "transaction_type": self.transaction_type,
                "txid": self.txid,
                "account": transaction.account,
                "address": transaction.address,
                "amount": Amount::new(self.coin, transaction.amount).to_string(),
                "confirmations": self.confirmations,
                "credited": transaction.state == TransactionState::Credited,
            });
            let event = Event {
                name: "txupdate",
                network_transaction: Some(self.network_transaction),
                transaction: Some(transaction.id),
                data,
            };
            tell(tx, self.coin, event, self.now).await?;
        }
        Ok(())
    }
}
