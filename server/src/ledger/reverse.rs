//! A credited deposit that the chain took back: the opposite entry, even where the money is spent already.

use super::LedgerError;
use super::deposit_book::{Deposit, move_address};
use super::entry::{Floor, Movement, book};
use super::event::{Event, tell};
use super::row::{Account, after};
use crate::db::{Tx, query};
use app::model::{Amount, Coin, NetworkTransactionId, Time, TransactionEvent};
use serde_json::json;

/// What the event says of the network transaction.
pub(super) struct Fall<'a> {
    pub coin: Coin,
    pub network_transaction: NetworkTransactionId,
    pub txid: &'a str,
    pub confirmations: i64,
    pub now: Time,
}

/// Each once per generation: single winner by the state that was read.
pub(super) async fn reverse(
    tx: &mut Tx<'_>,
    fall: &Fall<'_>,
    deposits: &[Deposit],
) -> Result<(), LedgerError> {
    let mut movements = Vec::with_capacity(deposits.len());
    for deposit in deposits {
        let reversed = after(deposit.state, TransactionEvent::FallsToZero)?;
        query("UPDATE \"transaction\" SET state = $3 WHERE id = $1 AND state = $2")
            .bind(deposit.id)
            .bind(deposit.state)
            .bind(reversed)
            .run_one(tx)
            .await?;
        move_address(tx, deposit.address, -deposit.amount).await?;
        movements.push(Movement {
            account: deposit.receiving_account,
            transaction: deposit.id,
            units: -deposit.amount,
            floor: Floor::None,
        });
        let data = json!({
            "coin_name": fall.coin.ticker(),
            "transaction": deposit.id,
            "txid": fall.txid,
            "account": deposit.receiving_account,
            "amount": Amount::new(fall.coin, deposit.amount).to_string(),
            "confirmations": fall.confirmations,
        });
        let event = Event {
            name: "deposit_reversed",
            network_transaction: Some(fall.network_transaction),
            transaction: Some(deposit.id),
            data,
        };
        tell(tx, fall.coin, event, fall.now).await?;
    }
    book(tx, movements, fall.now).await?;
    for deposit in deposits {
        bar_if_negative(tx, fall, deposit).await?;
    }
    Ok(())
}

/// The money was spent on: nothing more leaves the account until it is back at zero.
async fn bar_if_negative(tx: &mut Tx<'_>, fall: &Fall<'_>, deposit: &Deposit) -> Result<(), LedgerError> {
    let account = Account::load(tx, deposit.receiving_account).await?;
    if account.balance >= 0 || account.barred {
        return Ok(());
    }
    query("UPDATE account SET barred_at = $2 WHERE id = $1 AND barred_at IS NULL")
        .bind(account.id)
        .bind(fall.now)
        .run_one(tx)
        .await?;
    let data = json!({
        "coin_name": fall.coin.ticker(),
        "account": account.id,
        "balance": Amount::new(fall.coin, account.balance).to_string(),
        "transaction": deposit.id,
    });
    let event = Event {
        name: "account_negative",
        network_transaction: Some(fall.network_transaction),
        transaction: Some(deposit.id),
        data,
    };
    tell(tx, fall.coin, event, fall.now).await
}
