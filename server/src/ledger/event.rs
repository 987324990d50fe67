//! What the application is told of, written in the database transaction of the change itself: never for one that
//! rolled back, never lost for one that didn't.

use super::LedgerError;
use crate::db::{Tx, query};
use app::model::{Coin, NetworkTransactionId, Time, TransactionId};
use serde_json::Value;

pub(super) struct Event {
    /// One of PRODUCT's names.
    pub name: &'static str,
    pub network_transaction: Option<NetworkTransactionId>,
    pub transaction: Option<TransactionId>,
    pub data: Value,
}

pub(super) async fn tell(tx: &mut Tx<'_>, coin: Coin, event: Event, now: Time) -> Result<(), LedgerError> {
    query(
        "INSERT INTO event (coin, name, network_transaction, \"transaction\", data, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(coin.ticker())
    .bind(event.name)
    .bind(event.network_transaction)
    .bind(event.transaction)
    .bind(event.data.to_string())
    .bind(now)
    .run_one(tx)
    .await?;
    Ok(())
}
