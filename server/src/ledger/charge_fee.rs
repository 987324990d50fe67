//! The network's fee of a broadcast: a `network_fee` transaction debits `Network fees`; when the fee turns out
//! another, a further one books the difference.

use super::broadcast::Broadcast;
use super::entry::{Floor, Movement, book};
use super::row::Document;
use super::{LedgerError, NETWORK_FEES};
use crate::db::{Tx, query};
use app::model::{AccountId, Time, TransactionState};

/// Makes `fee` (minor units) what is booked for the broadcast; says whether anything was written.
pub(super) async fn charge_fee(
    tx: &mut Tx<'_>,
    broadcast: &Broadcast,
    fee: i64,
    now: Time,
) -> Result<bool, LedgerError> {
    if fee < 0 {
        return Err(LedgerError::Contradiction(format!("A fee of {fee} units is none.")));
    }
    let (booked, known): (i64, i64) = query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN sending_account IS NULL THEN -amount ELSE amount END), 0) AS BIGINT),
             COUNT(*)
         FROM \"transaction\" WHERE network_transaction = $1 AND state = $2",
    )
    .bind(broadcast.id)
    .bind(TransactionState::NetworkFee)
    .one(tx)
    .await?;
    let difference = fee - booked;
    if difference == 0 && known > 0 {
        return Ok(false);
    }
    query("UPDATE network_transaction SET fee = $2, updated_at = $3 WHERE id = $1")
        .bind(broadcast.id)
        .bind(fee)
        .bind(now)
        .run_one(tx)
        .await?;
    if difference != 0 {
        book_difference(tx, broadcast, difference, known > 0, now).await?;
    }
    Ok(difference != 0)
}

async fn book_difference(
    tx: &mut Tx<'_>,
    broadcast: &Broadcast,
    difference: i64,
    again: bool,
    now: Time,
) -> Result<(), LedgerError> {
    let (account,): (AccountId,) = query("SELECT id FROM account WHERE wallet = $1 AND name = $2")
        .bind(broadcast.wallet)
        .bind(NETWORK_FEES)
        .one(tx)
        .await?;
    let debit = difference > 0;
    let what = if again { "Difference to the network fee" } else { "Network fee" };
    let document = Document {
        coin: broadcast.coin()?,
        wallet: broadcast.wallet,
        state: TransactionState::NetworkFee,
        units: difference.abs(),
        label: &format!("{what} of broadcast {}", broadcast.id),
        sending: debit.then_some(account),
        receiving: (!debit).then_some(account),
        address: None,
        network_transaction: Some(broadcast.id),
        now,
    };
    let transaction = document.insert(tx).await?;
    let movement = Movement { account, transaction, units: -difference, floor: Floor::None };
    book(tx, vec![movement], now).await
}
