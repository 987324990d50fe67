//! What jobs ask of the books. Plain reads on one consistent view; they change nothing.

mod broadcast;

pub use broadcast::{Attempt, LiveBroadcast, Version, broadcast, broadcasts, restless};

use crate::db::{DbError, Tx, query};
use crate::network::OutPoint;
use crate::record;
use app::model::{
    Coin, NetworkTransactionId, NetworkTransactionState, NetworkTransactionType, Time, WalletId,
};

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
        // One that is cancelled before it was closed has no txid yet, only versions.
        "SELECT n.id, n.type AS kind, n.state, n.confirmations, COALESCE(n.txid, v.txid) AS txid
         FROM network_transaction n LEFT JOIN broadcast_version v ON v.broadcast = n.id AND v.number = 1
         WHERE n.coin = $1 AND n.state IN ('seen', 'confirmed', 'closed', 'conflicted', 'abandoned', 'cancelling')
             AND COALESCE(n.txid, v.txid) IS NOT NULL AND COALESCE(n.confirmations, 0) > $2 AND n.id > $3
         ORDER BY n.id LIMIT $4",
    )
    .bind(coin.ticker())
    .bind(-max_confirmation_count)
    .bind(after)
    .bind(limit)
    .all(tx)
    .await
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

/// The one-shot that carried this comment.
pub async fn broadcast_of_comment(
    tx: &mut Tx<'_>,
    coin: Coin,
    comment: &str,
) -> Result<Option<NetworkTransactionId>, DbError> {
    let found: Option<(NetworkTransactionId,)> =
        query("SELECT broadcast FROM attempt WHERE coin = $1 AND comment = $2")
            .bind(coin.ticker())
            .bind(comment)
            .optional(tx)
            .await?;
    Ok(found.map(|(id,)| id))
}

/// The broadcast that reserves this output.
pub async fn broadcast_of_input(
    tx: &mut Tx<'_>,
    coin: Coin,
    outpoint: &OutPoint,
) -> Result<Option<NetworkTransactionId>, DbError> {
    let found: Option<(NetworkTransactionId,)> = query(
        "SELECT broadcast FROM broadcast_input WHERE coin = $1 AND txid = $2 AND vout = $3 AND freed_at IS NULL",
    )
    .bind(coin.ticker())
    .bind(&outpoint.txid)
    .bind(i64::from(outpoint.vout))
    .optional(tx)
    .await?;
    Ok(found.map(|(id,)| id))
}

/// Inputs that broadcasts let go since `since`; the daemon may still have them locked.
pub async fn freed_outpoints(tx: &mut Tx<'_>, coin: Coin, since: Time) -> Result<Vec<OutPoint>, DbError> {
    let rows: Vec<(String, i64)> = query(
        "SELECT i.txid, i.vout FROM broadcast_input i WHERE i.coin = $1 AND i.freed_at >= $2 AND NOT EXISTS
             (SELECT 1 FROM broadcast_input o WHERE o.coin = i.coin AND o.txid = i.txid AND o.vout = i.vout
                 AND o.freed_at IS NULL)
         ORDER BY i.id",
    )
    .bind(coin.ticker())
    .bind(since)
    .all(tx)
    .await?;
    rows.into_iter().map(|(txid, vout)| outpoint(txid, vout)).collect()
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
