//! What becomes of a broadcast's transactions and inputs when it will never pay.

use super::broadcast::Broadcast;
use super::entry::{Floor, Movement, book};
use super::row::after;
use super::{LedgerError, name};
use crate::db::{Tx, query};
use crate::record;
use app::model::{AccountId, Time, TransactionEvent, TransactionId, TransactionState};

struct Carried {
    id: TransactionId,
    state: TransactionState,
    amount: i64,
    sending_account: AccountId,
}

record!(Carried { id, state, amount, sending_account });

/// The opposite entry for each: pending ones are cancelled, broadcasted ones have failed. They stay with the
/// broadcast, as its history.
pub(super) async fn give_back(
    tx: &mut Tx<'_>,
    broadcast: &Broadcast,
    reason: &str,
    now: Time,
) -> Result<(), LedgerError> {
    let carried: Vec<Carried> = query(
        "SELECT id, state, amount, sending_account FROM \"transaction\"
         WHERE network_transaction = $1 AND state IN ('pending', 'broadcasted') ORDER BY id",
    )
    .bind(broadcast.id)
    .all(tx)
    .await?;
    let mut movements = Vec::with_capacity(carried.len());
    for transaction in carried {
        let event = match transaction.state {
            TransactionState::Pending => TransactionEvent::Cancelled,
            _ => TransactionEvent::BroadcastLost,
        };
        query("UPDATE \"transaction\" SET state = $3, reason = $4 WHERE id = $1 AND state = $2")
            .bind(transaction.id)
            .bind(transaction.state)
            .bind(after(transaction.state, event)?)
            .bind(name::label(reason)?)
            .run_one(tx)
            .await?;
        movements.push(Movement {
            account: transaction.sending_account,
            transaction: transaction.id,
            units: transaction.amount,
            floor: Floor::None,
        });
    }
    book(tx, movements, now).await
}

/// Its signed bytes are erased and its inputs free: only for what was never handed over, or is lost for good.
pub(super) async fn let_go(tx: &mut Tx<'_>, broadcast: &Broadcast, now: Time) -> Result<(), LedgerError> {
    query("UPDATE broadcast_version SET raw = NULL WHERE broadcast = $1").bind(broadcast.id).run(tx).await?;
    query("UPDATE broadcast_input SET freed_at = $2 WHERE broadcast = $1 AND freed_at IS NULL")
        .bind(broadcast.id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}
