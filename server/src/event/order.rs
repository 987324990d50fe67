//! Who waits for whom. Deliveries to one handler go out in the order of their events where these concern the same: the
//! same transaction; the same network transaction, where one of the two concerns it as a whole (`broadcast_broken`); the
//! same coin, where neither concerns a transaction (`backend_down`, `backend_up`). All others don't wait for each other.
//! Only the first of those that wait has a time to be tried (`due_at`), so that looking for work reads no more than the
//! work, however long the queue is.

use crate::db::{DbError, Query, Tx, Value, places, query_owned};
use crate::record;
use app::model::{NetworkTransactionId, Time, TransactionId};
use std::collections::BTreeSet;

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

/// Those that waited for them and now wait for no other are due.
pub(crate) async fn release(tx: &mut Tx<'_>, finished: &[Finished], now: Time) -> Result<(), DbError> {
    let handlers: BTreeSet<&str> = finished.iter().map(|one| one.handler.as_str()).collect();
    for handler in handlers {
        let (mut transactions, mut parts, mut wholes, mut coins) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for one in finished.iter().filter(|one| one.handler == handler) {
            match (one.transaction, one.network_transaction) {
                (Some(transaction), network_transaction) => {
                    transactions.insert(transaction.0);
                    parts.extend(network_transaction.map(|id| id.0));
                }
                (None, Some(whole)) => {
                    wholes.insert(whole.0);
                }
                (None, None) => {
                    coins.insert(one.coin.as_str());
                }
            }
        }
        let release = Release { handler, now };
        release.of(tx, "d.\"transaction\"", "TRUE", transactions).await?;
        release.of(tx, "d.network_transaction", "d.\"transaction\" IS NULL", parts).await?;
        release.of(tx, "d.network_transaction", "TRUE", wholes).await?;
        let alone = "d.\"transaction\" IS NULL AND d.network_transaction IS NULL";
        release.of(tx, "d.coin", alone, coins).await?;
    }
    Ok(())
}

struct Release<'a> {
    handler: &'a str,
    now: Time,
}

impl Release<'_> {
    /// Where `column` is one of `values`, and `too` holds.
    async fn of<V: Into<Value>>(
        &self,
        tx: &mut Tx<'_>,
        column: &'static str,
        too: &'static str,
        values: BTreeSet<V>,
    ) -> Result<(), DbError> {
        if values.is_empty() {
            return Ok(());
        }
        let update = query_owned(format!(
            "UPDATE delivery AS d SET due_at = $1 WHERE d.handler = $2 AND d.state = 'pending' AND d.due_at IS NULL
                 AND {column} IN ({}) AND {too} AND NOT {BEHIND}",
            places(3, values.len())
        ));
        let update = update.bind(self.now).bind(self.handler);
        values.into_iter().fold(update, Query::bind).run(tx).await?;
        Ok(())
    }
}
