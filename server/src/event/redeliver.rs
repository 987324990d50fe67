//! Delivering again, by a person's order: one, all from an event on, or all of a handler that didn't arrive. They go out in
//! the order that `order.rs` keeps, as the first time, under the same ids.

use super::order::{BEHIND, OUTBOX_LOCK};
use crate::db::{Change, Query, Tx, Value, query_owned};
use crate::ledger::LedgerError;
use app::model::{Redelivered, Redelivery, Time};
use async_trait::async_trait;
use std::collections::BTreeSet;

/// Deliveries that one order sends out again: more than an outage of a day leaves, yet one database transaction of
/// seconds at most. Whoever needs more orders once more.
pub const REDELIVERED_AT_ONCE: i64 = 5_000;

#[derive(Clone, Debug)]
pub struct Redeliver {
    pub which: Redelivery,
    pub now: Time,
}

#[async_trait]
impl Change for Redeliver {
    type Output = Redelivered;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "redeliver"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![OUTBOX_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Redelivered, LedgerError> {
        let (condition, values) = self.condition();
        // A handler that no configuration names has nobody to deliver for it.
        let sql = format!(
            "UPDATE delivery SET state = 'pending', finished_at = NULL, due_at = NULL, failures = 0, first_failed_at = NULL
             WHERE id IN (SELECT d.id FROM delivery d JOIN handler h ON h.name = d.handler
                 WHERE h.gone_at IS NULL AND {condition} ORDER BY d.sequence LIMIT $1)
             RETURNING handler, sequence"
        );
        let update = query_owned(sql).bind(REDELIVERED_AT_ONCE);
        let ordered: Vec<(String, i64)> = values.into_iter().fold(update, Query::bind).all(tx).await?;
        let handlers: BTreeSet<&str> = ordered.iter().map(|(handler, _)| handler.as_str()).collect();
        for handler in handlers {
            self.put_in_order(tx, handler).await?;
        }
        Ok(Redelivered {
            count: i64::try_from(ordered.len()).unwrap_or(i64::MAX),
            up_to: ordered.iter().map(|(_, sequence)| *sequence).max().unwrap_or(0),
        })
    }
}

impl Redeliver {
    fn condition(&self) -> (&'static str, Vec<Value>) {
        match &self.which {
            Redelivery::One(id) => ("d.id = $2", vec![(*id).into()]),
            Redelivery::Since { handler, after } => {
                ("d.handler = $2 AND d.sequence > $3", vec![handler.into(), (*after).into()])
            }
            Redelivery::Failed { handler } => (
                "d.handler = $2 AND (d.state = 'parked' OR (d.state = 'pending' AND d.failures > 0))",
                vec![handler.into()],
            ),
        }
    }

    /// What is first of its kind is due, and what now has an earlier one before it waits again.
    async fn put_in_order(&self, tx: &mut Tx<'_>, handler: &str) -> Result<(), LedgerError> {
        query_owned(format!(
            "UPDATE delivery AS d SET due_at = NULL
             WHERE d.handler = $1 AND d.state = 'pending' AND d.due_at IS NOT NULL AND {BEHIND}"
        ))
        .bind(handler)
        .run(tx)
        .await?;
        query_owned(format!(
            "UPDATE delivery AS d SET due_at = $2
             WHERE d.handler = $1 AND d.state = 'pending' AND d.due_at IS NULL AND NOT {BEHIND}"
        ))
        .bind(handler)
        .bind(self.now)
        .run(tx)
        .await?;
        Ok(())
    }
}
