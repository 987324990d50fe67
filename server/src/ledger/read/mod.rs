//! What jobs ask of the books. Plain reads on one consistent view; they change nothing.

mod broadcast;

pub use broadcast::{Attempt, LiveBroadcast, Version, broadcast, broadcasts};

use crate::db::{DbError, Tx, query, query_owned};
use crate::network::OutPoint;
use crate::record;
use app::model::{
    Coin, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType, Time, WalletId,
};
use std::collections::HashSet;

/// A wallet with pending transactions in no broadcast. Paused wallets are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingWork {
    pub wallet: WalletId,
    pub transactions: i64,
}

record!(PendingWork { wallet, transactions });

/// A network transaction whose confirmations are still followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub id: NetworkTransactionId,
    pub kind: NetworkTransactionType,
    pub state: NetworkTransactionState,
    pub txid: String,
    pub confirmations: Option<i64>,
}

record!(Followed { id, kind, state, txid, confirmations });

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub cursor: Option<String>,
    /// For `StoreCursor::read_at`.
    pub updated_at: Option<Time>,
}

record!(Cursor { cursor, updated_at });

/// As many parameters as one query takes with room to spare (SQLite allows 32,766, PostgreSQL 65,535).
const TXIDS_A_QUERY: usize = 500;

pub async fn pending_work(tx: &mut Tx<'_>, coin: Coin) -> Result<Vec<PendingWork>, DbError> {
    query(
        "SELECT t.wallet, COUNT(*) AS transactions FROM \"transaction\" t JOIN wallet w ON w.id = t.wallet
         WHERE t.state = 'pending' AND t.network_transaction IS NULL AND w.coin = $1 AND w.paused_at IS NULL
         GROUP BY t.wallet ORDER BY t.wallet",
    )
    .bind(coin.ticker())
    .all(tx)
    .await
}

/// Deposits and broadcasts that are not settled (nor conflicted for good), by id, from `after` on.
pub async fn followed(
    tx: &mut Tx<'_>,
    coin: Coin,
    max_confirmation_count: i64,
    after: NetworkTransactionId,
    limit: i64,
) -> Result<Vec<Followed>, DbError> {
    query(
        "SELECT id, type AS kind, state, txid, confirmations FROM network_transaction
         WHERE coin = $1 AND state IN ('seen', 'confirmed', 'closed', 'conflicted', 'abandoned')
             AND txid IS NOT NULL AND COALESCE(confirmations, 0) > $2 AND id > $3
         ORDER BY id LIMIT $4",
    )
    .bind(coin.ticker())
    .bind(-max_confirmation_count)
    .bind(after)
    .bind(limit)
    .all(tx)
    .await
}

/// Those of `txids` that neither a deposit nor a broadcast has, in the order given.
pub async fn unknown_txids(tx: &mut Tx<'_>, coin: Coin, txids: &[String]) -> Result<Vec<String>, DbError> {
    let mut known = HashSet::new();
    for part in txids.chunks(TXIDS_A_QUERY) {
        let marks: Vec<String> = (2..part.len() + 2).map(|number| format!("${number}")).collect();
        let marks = marks.join(", ");
        let sql = format!(
            "SELECT txid FROM network_transaction WHERE coin = $1 AND type = 'deposit' AND txid IN ({marks})
             UNION SELECT txid FROM network_transaction WHERE coin = $1 AND type = 'broadcast' AND txid IN ({marks})
             UNION SELECT txid FROM broadcast_version WHERE coin = $1 AND txid IN ({marks})"
        );
        let rows = part.iter().fold(query_owned(sql).bind(coin.ticker()), |query, txid| query.bind(txid));
        known.extend(rows.all::<(String,)>(tx).await?.into_iter().map(|(txid,)| txid));
    }
    Ok(txids.iter().filter(|txid| !known.contains(*txid)).cloned().collect())
}

/// Outputs of ours that live broadcasts spend.
pub async fn reserved_outpoints(tx: &mut Tx<'_>, coin: Coin) -> Result<Vec<OutPoint>, DbError> {
    // A settled broadcast's inputs are spent and never listed as unspent again; leaving them out keeps this short.
    let rows: Vec<(String, i64)> = query(
        "SELECT i.txid, i.vout FROM broadcast_input i JOIN network_transaction n ON n.id = i.broadcast
         WHERE n.coin = $1 AND n.state IN ('collected', 'prepared', 'open', 'broken', 'closed', 'conflicted', 'cancelling')
             AND i.freed_at IS NULL ORDER BY i.id",
    )
    .bind(coin.ticker())
    .all(tx)
    .await?;
    rows.into_iter().map(|(txid, vout)| outpoint(txid, vout)).collect()
}

fn outpoint(txid: String, vout: i64) -> Result<OutPoint, DbError> {
    let vout = u32::try_from(vout).map_err(|error| DbError::Failed(error.to_string()))?;
    Ok(OutPoint { txid, vout })
}

/// By the txid it closed with, or by that of any of its versions.
pub async fn broadcast_of_txid(
    tx: &mut Tx<'_>,
    coin: Coin,
    txid: &str,
) -> Result<Option<NetworkTransactionId>, DbError> {
    let found: Option<(NetworkTransactionId,)> = query(
        "SELECT id FROM network_transaction WHERE coin = $1 AND type = 'broadcast' AND txid = $2
         UNION SELECT broadcast FROM broadcast_version WHERE coin = $1 AND txid = $2",
    )
    .bind(coin.ticker())
    .bind(txid)
    .optional(tx)
    .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn cursor(tx: &mut Tx<'_>, coin: Coin) -> Result<Cursor, DbError> {
    let found = query("SELECT cursor, updated_at FROM scan_cursor WHERE coin = $1")
        .bind(coin.ticker())
        .optional(tx)
        .await?;
    Ok(found.unwrap_or_default())
}

/// Whether `runner` still has the coin's jobs; asked again right before the first byte of a send.
pub async fn holds_lease(
    tx: &mut Tx<'_>,
    coin: Coin,
    runner: &str,
    epoch: i64,
    now: Time,
) -> Result<bool, DbError> {
    let found: Option<(i64,)> =
        query("SELECT epoch FROM lease WHERE coin = $1 AND runner = $2 AND epoch = $3 AND expires_at > $4")
            .bind(coin.ticker())
            .bind(runner)
            .bind(epoch)
            .bind(now)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}
