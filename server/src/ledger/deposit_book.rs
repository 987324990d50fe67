//! The rows of a deposit: its network transaction, one transaction an address, and the credit that books it.

use super::LedgerError;
use super::deposit::Paid;
use super::entry::{Floor, Movement, book};
use super::row::{Document, after};
use crate::db::{Tx, query};
use crate::record;
use app::model::{
    AccountId, AddressId, Coin, NetworkTransactionId, NetworkTransactionState as State,
    NetworkTransactionType, Time, TransactionEvent, TransactionId, TransactionState,
};

/// A deposit as it is recorded: incoming, credited or reversed.
pub(super) struct Deposit {
    pub id: TransactionId,
    pub address: AddressId,
    pub receiving_account: AccountId,
    pub state: TransactionState,
    pub amount: i64,
}

record!(Deposit { id, address, receiving_account, state, amount });

/// What the network says now.
pub(super) struct Report<'a> {
    pub coin: Coin,
    pub txid: &'a str,
    pub confirmations: i64,
    pub block: Option<&'a str>,
    pub abandoned: bool,
    /// It counts as money on its way: mined, or the one of its conflicts that waits.
    pub live: bool,
    /// Confirmations from which on nothing is expected to change.
    pub settled_at: i64,
    pub now: Time,
}

impl Report<'_> {
    fn state(&self) -> State {
        match self.confirmations {
            ..=-1 => State::Conflicted,
            ..=0 if self.abandoned => State::Abandoned,
            0 => State::Seen,
            confirmations if confirmations >= self.settled_at => State::Settled,
            _ => State::Confirmed,
        }
    }
}

struct Known {
    id: NetworkTransactionId,
    state: State,
    confirmations: Option<i64>,
    block: Option<String>,
    live: bool,
}

record!(Known { id, state, confirmations, block, live });

pub(super) async fn network_transaction(
    tx: &mut Tx<'_>,
    coin: Coin,
    txid: &str,
) -> Result<Option<NetworkTransactionId>, LedgerError> {
    Ok(known(tx, coin, txid).await?.map(|known| known.id))
}

async fn known(tx: &mut Tx<'_>, coin: Coin, txid: &str) -> Result<Option<Known>, LedgerError> {
    let found = query(
        "SELECT id, state, confirmations, block, live FROM network_transaction
         WHERE coin = $1 AND type = $2 AND txid = $3",
    )
    .bind(coin.ticker())
    .bind(NetworkTransactionType::Deposit)
    .bind(txid)
    .optional(tx)
    .await?;
    Ok(found)
}

/// What is recorded of this txid, oldest first.
pub(super) async fn deposits(tx: &mut Tx<'_>, coin: Coin, txid: &str) -> Result<Vec<Deposit>, LedgerError> {
    let Some(network_transaction) = network_transaction(tx, coin, txid).await? else { return Ok(Vec::new()) };
    let rows = query(
        "SELECT id, address, receiving_account, state, amount FROM \"transaction\"
         WHERE network_transaction = $1 AND state IN ('incoming', 'credited', 'reversed') ORDER BY id",
    )
    .bind(network_transaction)
    .all(tx)
    .await?;
    Ok(rows)
}

/// What bringing the network transaction up to the report wrote.
pub(super) struct Written {
    pub id: NetworkTransactionId,
    /// Anything at all.
    pub changed: bool,
    /// Its confirmations, which the application is told of.
    pub confirmations: bool,
}

/// Brings the network transaction up to the report.
pub(super) async fn write_network_transaction(
    tx: &mut Tx<'_>,
    report: &Report<'_>,
) -> Result<Written, LedgerError> {
    let state = report.state();
    let Some(known) = known(tx, report.coin, report.txid).await? else {
        let id = insert_network_transaction(tx, report, state).await?;
        return Ok(Written { id, changed: true, confirmations: true });
    };
    let confirmations = known.confirmations != Some(report.confirmations);
    let same = known.state == state
        && known.confirmations == Some(report.confirmations)
        && known.block.as_deref() == report.block
        && known.live == report.live;
    if same {
        return Ok(Written { id: known.id, changed: false, confirmations: false });
    }
    query(
        "UPDATE network_transaction SET state = $3, confirmations = $4, block = $5, updated_at = $6, live = $7,
             settled_at = CASE WHEN $3 = 'settled' THEN COALESCE(settled_at, $6) ELSE NULL END
         WHERE id = $1 AND state = $2",
    )
    .bind(known.id)
    .bind(known.state)
    .bind(state)
    .bind(report.confirmations)
    .bind(report.block)
    .bind(report.now)
    .bind(report.live)
    .run_one(tx)
    .await?;
    Ok(Written { id: known.id, changed: true, confirmations })
}

async fn insert_network_transaction(
    tx: &mut Tx<'_>,
    report: &Report<'_>,
    state: State,
) -> Result<NetworkTransactionId, LedgerError> {
    let (id,) = query(
        "INSERT INTO network_transaction
             (coin, type, state, txid, confirmations, block, created_at, updated_at, settled_at, live)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) RETURNING id",
    )
    .bind(report.coin.ticker())
    .bind(NetworkTransactionType::Deposit)
    .bind(state)
    .bind(report.txid)
    .bind(report.confirmations)
    .bind(report.block)
    .bind(report.now)
    .bind((state == State::Settled).then_some(report.now))
    .bind(report.live)
    .one(tx)
    .await?;
    Ok(id)
}

pub(super) async fn insert_incoming(
    tx: &mut Tx<'_>,
    coin: Coin,
    network_transaction: NetworkTransactionId,
    paid: &Paid,
    now: Time,
) -> Result<Deposit, LedgerError> {
    let document = Document {
        coin,
        wallet: paid.wallet,
        state: TransactionState::Incoming,
        units: paid.units,
        label: "",
        sending: None,
        receiving: Some(paid.account),
        address: Some(paid.address),
        network_transaction: Some(network_transaction),
        now,
    };
    Ok(Deposit {
        id: document.insert(tx).await?,
        address: paid.address,
        receiving_account: paid.account,
        state: TransactionState::Incoming,
        amount: paid.units,
    })
}

/// Credits each once per generation: single winner by the state that was read.
pub(super) async fn credit(tx: &mut Tx<'_>, deposits: &[Deposit], now: Time) -> Result<(), LedgerError> {
    let mut movements = Vec::with_capacity(deposits.len());
    for deposit in deposits {
        let credited = after(deposit.state, TransactionEvent::ThresholdReached)?;
        query(
            "UPDATE \"transaction\" SET state = $3, generation = generation + 1, credited_at = $4
             WHERE id = $1 AND state = $2",
        )
        .bind(deposit.id)
        .bind(deposit.state)
        .bind(credited)
        .bind(now)
        .run_one(tx)
        .await?;
        move_address(tx, deposit.address, deposit.amount).await?;
        movements.push(Movement {
            account: deposit.receiving_account,
            transaction: deposit.id,
            units: deposit.amount,
            floor: Floor::None,
        });
    }
    book(tx, movements, now).await
}

/// `units`: signed; an address' balance is its credited and unreversed deposits.
pub(super) async fn move_address(tx: &mut Tx<'_>, address: AddressId, units: i64) -> Result<(), LedgerError> {
    let (balance,): (i64,) = query("SELECT balance FROM address WHERE id = $1").bind(address).one(tx).await?;
    let after = balance.checked_add(units).ok_or(LedgerError::TooLarge)?;
    query("UPDATE address SET balance = $3 WHERE id = $1 AND balance = $2")
        .bind(address)
        .bind(balance)
        .bind(after)
        .run_one(tx)
        .await?;
    Ok(())
}
