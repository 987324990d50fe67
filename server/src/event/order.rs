//! Who waits for whom. Deliveries to one handler go out in the order of their events where these concern the same: the
//! same transaction; the same network transaction, where one of the two concerns it as a whole (`broadcast_broken`); the
//! same coin, where neither concerns a transaction (`backend_down`, `backend_up`). All others don't wait for each other.
//! Only the first of those that wait has a time to be tried (`due_at`), so that looking for work reads no more than the
//! work, however long the queue is.

use crate::db::{DbError, Tx, query_owned};
use crate::record;
use app::model::{NetworkTransactionId, Time, TransactionId};

/// A condition of `delivery d`: an earlier one of the same is pending.
pub(super) const BEHIND: &str = "(EXISTS (SELECT 1 FROM delivery e WHERE e.state = 'pending' AND e.handler = d.handler
        AND e.\"transaction\" = d.\"transaction\" AND e.sequence < d.sequence)
    OR EXISTS (SELECT 1 FROM delivery e WHERE e.state = 'pending' AND e.handler = d.handler
        AND e.network_transaction = d.network_transaction AND e.\"transaction\" IS NULL AND e.sequence < d.sequence)
    OR (d.\"transaction\" IS NULL AND EXISTS (SELECT 1 FROM delivery e WHERE e.state = 'pending' AND e.handler = d.handler
        AND e.network_transaction = d.network_transaction AND e.sequence < d.sequence))
    OR (d.\"transaction\" IS NULL AND d.network_transaction IS NULL AND EXISTS (SELECT 1 FROM delivery e
        WHERE e.state = 'pending' AND e.handler = d.handler AND e.coin = d.coin AND e.\"transaction\" IS NULL
        AND e.network_transaction IS NULL AND e.sequence < d.sequence)))";

/// Whoever changes deliveries takes it (`Change::wallets`): they queue for moments instead of failing at each other's rows.
pub(crate) const OUTBOX_LOCK: i64 = -3;

/// A delivery that waits no longer, by what others may wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub handler: String,
    pub coin: String,
    pub network_transaction: Option<NetworkTransactionId>,
    pub transaction: Option<TransactionId>,
}

record!(Finished { handler, coin, network_transaction, transaction });

/// Those that waited for it and now wait for no other are due.
pub(crate) async fn release(tx: &mut Tx<'_>, finished: &Finished, now: Time) -> Result<(), DbError> {
    match (finished.transaction, finished.network_transaction) {
        (Some(transaction), network_transaction) => {
            release_where(tx, finished, "d.\"transaction\" = $3", transaction.0, now).await?;
            if let Some(NetworkTransactionId(id)) = network_transaction {
                let whole = "d.network_transaction = $3 AND d.\"transaction\" IS NULL";
                release_where(tx, finished, whole, id, now).await?;
            }
        }
        (None, Some(NetworkTransactionId(id))) => {
            release_where(tx, finished, "d.network_transaction = $3", id, now).await?;
        }
        (None, None) => {
            let coin = "d.coin = $3 AND d.\"transaction\" IS NULL AND d.network_transaction IS NULL";
            release_where(tx, finished, coin, finished.coin.as_str(), now).await?;
        }
    }
    Ok(())
}

async fn release_where(
    tx: &mut Tx<'_>,
    finished: &Finished,
    same: &'static str,
    value: impl Into<crate::db::Value>,
    now: Time,
) -> Result<(), DbError> {
    query_owned(format!(
        "UPDATE delivery AS d SET due_at = $1 WHERE d.handler = $2 AND d.state = 'pending' AND d.due_at IS NULL
             AND {same} AND NOT {BEHIND}"
    ))
    .bind(now)
    .bind(&finished.handler)
    .bind(value)
    .run(tx)
    .await?;
    Ok(())
}
