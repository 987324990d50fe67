//! What is known about a broadcast for the person who vets it, and gathering it anew. Pages read what the broadcast
//! job has stored; no backend is asked here.

use super::order::Order;
use super::{PersonalDesk, broadcast, error};
use crate::db::{DbError, Execute, Tx, query};
use crate::ledger::BroadcastNow;
use crate::record;
use app::desk::{Answer, AppError};
use app::model::{
    Amount, BroadcastRow, Coin, DecisionRow, Evidence, NetworkTransactionId, Scope, Time, VersionRow,
    Vetting, WalletId,
};

/// Versions and decisions that one page shows: a person makes a handful.
const SHOWN_MAX: i64 = 100;

/// Without its offers: those depend on what is read here.
pub async fn read(tx: &mut Tx<'_>, row: &BroadcastRow) -> Result<Vetting, DbError> {
    let versions = versions(tx, row).await?;
    Ok(Vetting {
        one_shot: versions.is_empty() && row.opened_at.is_some(),
        evidence: evidence(tx, row.id).await?,
        gather_asked: gather_asked(tx, row.coin).await?,
        versions,
        offers: Vec::new(),
        decisions: decisions(tx, row.id).await?,
    })
}

/// The newest; an older one says nothing more.
async fn evidence(tx: &mut Tx<'_>, broadcast: NetworkTransactionId) -> Result<Option<Evidence>, DbError> {
    let sql = "SELECT detail FROM evidence WHERE broadcast = $1 ORDER BY id DESC LIMIT 1";
    let found: Option<(String,)> = query(sql).bind(broadcast).optional(tx).await?;
    let read = |(detail,): (String,)| {
        serde_json::from_str(&detail).map_err(|error| DbError::Failed(format!("evidence: {error}")))
    };
    found.map(read).transpose()
}

async fn gather_asked(tx: &mut Tx<'_>, coin: Coin) -> Result<bool, DbError> {
    let sql =
        "SELECT run_asked_at FROM job WHERE name = 'broadcast' AND coin = $1 AND run_asked_at IS NOT NULL";
    Ok(query(sql).bind(coin.ticker()).optional::<(i64,)>(tx).await?.is_some())
}

struct Version {
    number: i64,
    kind: String,
    txid: String,
    fee: i64,
    erased: bool,
    created_at: Time,
}

record!(Version { number, kind, txid, fee, erased, created_at });

async fn versions(tx: &mut Tx<'_>, row: &BroadcastRow) -> Result<Vec<VersionRow>, DbError> {
    let sql = "SELECT number, kind, txid, fee, raw IS NULL AS erased, created_at FROM broadcast_version
        WHERE broadcast = $1 ORDER BY number DESC LIMIT $2";
    let found = query(sql).bind(row.id).bind(SHOWN_MAX).all::<Version>(tx).await?;
    let version = |of: Version| VersionRow {
        number: of.number,
        cancels: of.kind == "cancel",
        txid: of.txid,
        fee: Amount::new(row.coin, of.fee),
        erased: of.erased,
        created_at: of.created_at,
    };
    Ok(found.into_iter().map(version).collect())
}

record!(DecisionRow { act, actor, reason, txid, verdict, decided_at });

pub async fn decisions(
    tx: &mut Tx<'_>,
    broadcast: NetworkTransactionId,
) -> Result<Vec<DecisionRow>, DbError> {
    let sql = "SELECT d.act, d.actor, d.reason, d.txid, e.verdict, d.decided_at
        FROM decision d LEFT JOIN evidence e ON e.id = d.evidence WHERE d.broadcast = $1 ORDER BY d.id LIMIT $2";
    query(sql).bind(broadcast).bind(SHOWN_MAX).all(tx).await
}

pub async fn gather(desk: &PersonalDesk, id: NetworkTransactionId) -> Answer<()> {
    let order = Order { needs: Scope::Vet, action: "broadcast.gather", subject: format!("broadcast {id}") };
    desk.allowed(&order).await?;
    let coin = broadcast::find(&mut desk.read().await?.tx(), &desk.shared.coins, id).await?.coin;
    ask(desk, &order, coin).await
}

/// Whatever of the wallet backs off needn't wait any longer; the job collects and sends at its next look, a second
/// or so from now.
pub async fn broadcast_now(desk: &PersonalDesk, wallet: WalletId) -> Answer<()> {
    let order =
        Order { needs: Scope::Vet, action: "wallet.broadcast_now", subject: format!("wallet {wallet}") };
    desk.allowed(&order).await?;
    let coin = super::wallet::one(desk, wallet).await?.coin;
    let now = desk.shared.clock.now();
    desk.shared.db.write(BroadcastNow { wallet, now }).await.map_err(error::from_ledger)?;
    ask(desk, &order, coin).await
}

/// Sets the coin's broadcast job going, whichever process has it: it needn't wait for its period, nor back off any longer.
/// Answers whether there is such a job.
async fn run_soon(desk: &PersonalDesk, coin: Coin) -> Result<bool, DbError> {
    let ask = crate::job::ask("broadcast", coin.ticker(), desk.shared.clock.now());
    Ok(desk.shared.db.write(Execute::one("ask_broadcast", ask)).await? != [0])
}

/// After what was done already, and stands whether or not the job hears of it now.
pub async fn wake(desk: &PersonalDesk, coin: Coin) {
    if let Err(problem) = run_soon(desk, coin).await {
        tracing::warn!(%problem, %coin, "the broadcast job could not be woken");
    }
}

async fn ask(desk: &PersonalDesk, order: &Order, coin: Coin) -> Answer<()> {
    if !run_soon(desk, coin).await.map_err(error::from_db)? {
        return Err(AppError::NotFound("job"));
    }
    desk.log(order, "done").await;
    Ok(())
}
