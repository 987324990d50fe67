//! What jobs ask of the books. Plain reads on one consistent view; they change nothing.

use crate::db::{DbError, Tx};
use crate::network::{OutPoint, Output};
use app::model::{
    AttemptId, Coin, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType, Time, VersionId,
    WalletId,
};

/// A wallet with pending transactions in no broadcast. Paused wallets are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingWork {
    pub wallet: WalletId,
    pub transactions: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveBroadcast {
    pub id: NetworkTransactionId,
    pub wallet: WalletId,
    pub paused: bool,
    pub state: NetworkTransactionState,
    pub txid: Option<String>,
    pub confirmations: Option<i64>,
    pub fee: Option<i64>,
    pub last_error: Option<String>,
    pub retry_at: Option<Time>,
    pub opened_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub created_at: Time,
    /// What its transactions ask for, oldest first, so that a job can tell how many fit.
    pub transactions: Vec<Output>,
    /// What it pays: one output an address.
    pub outputs: Vec<Output>,
    /// Oldest first.
    pub versions: Vec<Version>,
    /// With their amounts; the first is the anchor.
    pub inputs: Vec<(OutPoint, i64)>,
    pub last_attempt: Option<Attempt>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    pub number: i64,
    /// `payment` or `cancel`.
    pub kind: String,
    pub txid: String,
    pub raw: Option<Vec<u8>>,
    pub fee: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub number: i64,
    pub version: Option<VersionId>,
    pub runner: String,
    pub epoch: i64,
    pub deadline: Time,
    pub best_block: String,
    /// `None` while it is under way, or when its runner died.
    pub outcome: Option<String>,
    pub started_at: Time,
}

/// A network transaction whose confirmations are still followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub id: NetworkTransactionId,
    pub kind: NetworkTransactionType,
    pub state: NetworkTransactionState,
    pub txid: String,
    pub confirmations: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub cursor: Option<String>,
    /// For `StoreCursor::read_at`.
    pub updated_at: Option<Time>,
}

pub async fn pending_work(_tx: &mut Tx<'_>, _coin: Coin) -> Result<Vec<PendingWork>, DbError> {
    todo!("lands within the hour")
}

/// Broadcasts of the coin in these states, oldest first, at most `limit`.
pub async fn broadcasts(
    _tx: &mut Tx<'_>,
    _coin: Coin,
    _states: &[NetworkTransactionState],
    _limit: i64,
) -> Result<Vec<LiveBroadcast>, DbError> {
    todo!("lands within the hour")
}

pub async fn broadcast(_tx: &mut Tx<'_>, _id: NetworkTransactionId) -> Result<LiveBroadcast, DbError> {
    todo!("lands within the hour")
}

/// Deposits and broadcasts that are not settled (nor conflicted for good), by id, from `after` on.
pub async fn followed(
    _tx: &mut Tx<'_>,
    _coin: Coin,
    _max_confirmation_count: i64,
    _after: NetworkTransactionId,
    _limit: i64,
) -> Result<Vec<Followed>, DbError> {
    todo!("lands within the hour")
}

/// Those of `txids` that neither a deposit nor a broadcast has, in the order given.
pub async fn unknown_txids(_tx: &mut Tx<'_>, _coin: Coin, _txids: &[String]) -> Result<Vec<String>, DbError> {
    todo!("lands within the hour")
}

/// Outputs of ours that live broadcasts spend.
pub async fn reserved_outpoints(_tx: &mut Tx<'_>, _coin: Coin) -> Result<Vec<OutPoint>, DbError> {
    todo!("lands within the hour")
}

/// By the txid it closed with, or by that of any of its versions.
pub async fn broadcast_of_txid(
    _tx: &mut Tx<'_>,
    _coin: Coin,
    _txid: &str,
) -> Result<Option<NetworkTransactionId>, DbError> {
    todo!("lands within the hour")
}

pub async fn cursor(_tx: &mut Tx<'_>, _coin: Coin) -> Result<Cursor, DbError> {
    todo!("lands within the hour")
}

/// Whether `runner` still has the coin's jobs; asked again right before the first byte of a send.
pub async fn holds_lease(
    _tx: &mut Tx<'_>,
    _coin: Coin,
    _runner: &str,
    _epoch: i64,
    _now: Time,
) -> Result<bool, DbError> {
    todo!("lands within the hour")
}
