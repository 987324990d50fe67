//! A broadcast with all that a job needs to go on with it.

use super::outpoint;
use crate::db::{DbError, Query, Tx, places, query, query_owned};
use crate::ledger::vetting::BUMP_WAITS;
use crate::network::{OutPoint, Output};
use crate::record;
use app::model::{AttemptId, Coin, NetworkTransactionId, NetworkTransactionState, Time, VersionId, WalletId};

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
    /// Comments of its one-shot attempts, oldest first.
    pub comments: Vec<String>,
    /// Block that was the best when it was first opened.
    pub first_block: Option<String>,
    pub missing_since: Option<Time>,
    /// A person asked for a higher fee, and its version isn't made yet.
    pub bump_waits: bool,
}

impl LiveBroadcast {
    /// Whether this is the txid of a version that pays us back instead of the recipients.
    pub fn cancels(&self, txid: &str) -> bool {
        self.versions.iter().any(|version| version.txid == txid && version.kind == "cancel")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    pub number: i64,
    /// `payment` or `cancel`.
    pub kind: String,
    pub txid: String,
    /// `None` once erased.
    pub raw: Option<Vec<u8>>,
    pub fee: i64,
}

record!(Version { id, number, kind, txid, raw, fee });

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

record!(Attempt { id, number, version, runner, epoch, deadline, best_block, outcome, started_at });

struct Head {
    id: NetworkTransactionId,
    wallet: WalletId,
    paused_at: Option<Time>,
    state: NetworkTransactionState,
    txid: Option<String>,
    confirmations: Option<i64>,
    fee: Option<i64>,
    last_error: Option<String>,
    retry_at: Option<Time>,
    opened_at: Option<Time>,
    closed_at: Option<Time>,
    created_at: Time,
    missing_since: Option<Time>,
    bump_waits: bool,
}

record!(Head {
    id,
    wallet,
    paused_at,
    state,
    txid,
    confirmations,
    fee,
    last_error,
    retry_at,
    opened_at,
    closed_at,
    created_at,
    missing_since,
    bump_waits
});

const HEAD: &str = "n.id, n.wallet, w.paused_at, n.state, n.txid, n.confirmations, n.fee, n.last_error,
        n.retry_at, n.opened_at, n.closed_at, n.created_at, n.missing_since";

/// Broadcasts `n` of which `which` is true, with its order and limit.
fn heads(which: &str) -> Query {
    query_owned(format!(
        "SELECT {HEAD}, {BUMP_WAITS}
         FROM network_transaction n JOIN wallet w ON w.id = n.wallet WHERE n.type = 'broadcast' AND {which}"
    ))
}

/// Broadcasts of the coin in these states, oldest first, at most `limit`.
pub async fn broadcasts(
    tx: &mut Tx<'_>,
    coin: Coin,
    states: &[NetworkTransactionState],
    limit: i64,
) -> Result<Vec<LiveBroadcast>, DbError> {
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let marks = places(3, states.len());
    let heads = heads(&format!("n.coin = $1 AND n.state IN ({marks}) ORDER BY n.id LIMIT $2"));
    let heads = heads.bind(coin.ticker()).bind(limit);
    let heads: Vec<Head> = states.iter().fold(heads, |query, state| query.bind(*state)).all(tx).await?;
    let mut broadcasts = Vec::with_capacity(heads.len());
    for head in heads {
        broadcasts.push(whole(tx, head).await?);
    }
    Ok(broadcasts)
}

/// Closed ones that something is to be done about: a higher fee was ordered, or they have been in neither mempool nor
/// block since before `missing_before`.
pub async fn restless(
    tx: &mut Tx<'_>,
    coin: Coin,
    missing_before: Time,
    limit: i64,
) -> Result<Vec<LiveBroadcast>, DbError> {
    let heads: Vec<Head> = heads(
        "n.coin = $1 AND n.state = 'closed' AND (n.missing_since <= $2 OR EXISTS
             (SELECT 1 FROM decision d WHERE d.broadcast = n.id AND d.act = 'bump'))
         ORDER BY n.id LIMIT $3",
    )
    .bind(coin.ticker())
    .bind(missing_before)
    .bind(limit)
    .all(tx)
    .await?;
    let mut broadcasts = Vec::new();
    for head in heads {
        if head.missing_since.is_some() || head.bump_waits {
            broadcasts.push(whole(tx, head).await?);
        }
    }
    Ok(broadcasts)
}

pub async fn broadcast(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<LiveBroadcast, DbError> {
    let head = heads("n.id = $1").bind(id).one(tx).await?;
    whole(tx, head).await
}

async fn whole(tx: &mut Tx<'_>, head: Head) -> Result<LiveBroadcast, DbError> {
    let id = head.id;
    let last_attempt = query(
        "SELECT id, number, version, runner, epoch, deadline, best_block, outcome, started_at
         FROM attempt WHERE broadcast = $1 ORDER BY number DESC LIMIT 1",
    );
    let versions = query(
        "SELECT id, number, kind, txid, raw, fee FROM broadcast_version WHERE broadcast = $1 ORDER BY number",
    );
    Ok(LiveBroadcast {
        id,
        wallet: head.wallet,
        paused: head.paused_at.is_some(),
        state: head.state,
        txid: head.txid,
        confirmations: head.confirmations,
        fee: head.fee,
        last_error: head.last_error,
        retry_at: head.retry_at,
        opened_at: head.opened_at,
        closed_at: head.closed_at,
        created_at: head.created_at,
        transactions: outputs(
            tx,
            "SELECT d.address, t.amount FROM \"transaction\" t JOIN address d ON d.id = t.address
             WHERE t.network_transaction = $1 ORDER BY t.id",
            id,
        )
        .await?,
        outputs: outputs(
            tx,
            "SELECT d.address, o.amount FROM broadcast_output o JOIN address d ON d.id = o.address
             WHERE o.broadcast = $1 ORDER BY o.id",
            id,
        )
        .await?,
        versions: versions.bind(id).all(tx).await?,
        inputs: inputs(tx, id).await?,
        last_attempt: last_attempt.bind(id).optional(tx).await?,
        comments: comments(tx, id).await?,
        first_block: first_block(tx, id).await?,
        missing_since: head.missing_since,
        bump_waits: head.bump_waits,
    })
}

async fn outputs(
    tx: &mut Tx<'_>,
    sql: &'static str,
    id: NetworkTransactionId,
) -> Result<Vec<Output>, DbError> {
    let rows: Vec<(String, i64)> = query(sql).bind(id).all(tx).await?;
    Ok(rows.into_iter().map(|(address, amount)| Output { address, amount }).collect())
}

async fn comments(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT comment FROM attempt WHERE broadcast = $1 AND comment IS NOT NULL ORDER BY number";
    let rows: Vec<(String,)> = query(sql).bind(id).all(tx).await?;
    Ok(rows.into_iter().map(|(comment,)| comment).collect())
}

async fn first_block(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<Option<String>, DbError> {
    let sql = "SELECT best_block FROM attempt WHERE broadcast = $1 ORDER BY number LIMIT 1";
    Ok(query(sql).bind(id).optional::<(String,)>(tx).await?.map(|(block,)| block))
}

async fn inputs(tx: &mut Tx<'_>, id: NetworkTransactionId) -> Result<Vec<(OutPoint, i64)>, DbError> {
    let rows: Vec<(String, i64, i64)> = query(
        "SELECT txid, vout, amount FROM broadcast_input WHERE broadcast = $1 AND freed_at IS NULL
         ORDER BY anchor DESC, id",
    )
    .bind(id)
    .all(tx)
    .await?;
    rows.into_iter().map(|(txid, vout, amount)| Ok((outpoint(txid, vout)?, amount))).collect()
}
