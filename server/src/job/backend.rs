//! Asks each backend whether it is there, whether it is the right node, and what it holds; keeps the answers for
//! the pages, and decides whether the other jobs may believe it.

use super::{BROADCASTS_MAX, CoinJobs, Fitness, JobError, Pass, announce};
use crate::db::{DbError, Execute, query};
use crate::ledger::{RecordBackend, read};
use crate::network::{BackendError, NodeStatus, OutPoint};
use app::model::{BackendState, NetworkTransactionState as State, Time};
use std::sync::atomic::Ordering;

/// Wallet calls are slow on large wallets: asked on a new block, else this often.
const TOTALS_SECONDS: i64 = 30;
/// How many of our addresses are checked at connect: a wrong wallet lacks all of them.
const ADDRESSES_CHECKED: i64 = 10;
/// Confirmed transactions that the wallet has told us of: an older copy of it lacks the newest.
const TXIDS_CHECKED: i64 = 3;

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    if let Some(simulated) = jobs.coin.backend.simulated() {
        // Failing to mine shows in what follows, where it is an answer of the backend like any other.
        if let Err(error) = simulated.tick().await {
            tracing::debug!(coin = jobs.ticker(), %error, "the simulated network's clock stands still");
        }
    }
    let before = jobs.fitness.borrow().clone();
    let found = look(jobs, &before).await;
    let now = jobs.context.clock.now();
    let (fitness, node) = match found {
        Ok((node, started_at)) => {
            (Fitness::Fit { best_block: node.best_block.clone(), started_at }, Some(node))
        }
        Err(Trouble::Unfit(why, node)) => (Fitness::Unfit(why), node.map(|node| *node)),
        Err(Trouble::Down(why)) => (Fitness::Down(why), None),
    };
    let new_block = node.as_ref().is_some_and(|node| best_block(&before) != Some(node.best_block.as_str()));
    if fitness != before {
        save_state(jobs, &fitness, node.as_ref(), now).await?;
    }
    jobs.fitness.send_if_modified(|kept| {
        let changed = *kept != fitness;
        kept.clone_from(&fitness);
        changed
    });
    match &fitness {
        Fitness::Fit { .. } => {
            if new_block {
                jobs.wake.confirm.notify_one();
            }
            announce::when_heard(jobs).await?;
            save_totals(jobs, node.as_ref(), new_block, now).await?;
            Ok(format!("height {}", node.map_or(0, |node| node.height)))
        }
        Fitness::Unfit(why) | Fitness::Down(why) => Err(JobError::Retry(why.clone())),
        Fitness::Unknown => Err(JobError::Retry("the backend was not reached yet".into())),
    }
}

fn best_block(fitness: &Fitness) -> Option<&str> {
    match fitness {
        Fitness::Fit { best_block, .. } => Some(best_block),
        _ => None,
    }
}

enum Trouble {
    Unfit(String, Option<Box<NodeStatus>>),
    Down(String),
}

impl From<BackendError> for Trouble {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable(why) => Self::Down(why),
            other => Self::Unfit(other.to_string(), None),
        }
    }
}

/// A backend that was away or was started anew is connected to anew and checked whole, since it may be another one
/// now; then it is told what it may have forgotten. Answers also when it was started.
async fn look(jobs: &CoinJobs, before: &Fitness) -> Result<(NodeStatus, Option<Time>), Trouble> {
    let backend = &jobs.coin.backend;
    if let Fitness::Fit { started_at: known, .. } = before
        && !is_later(started_at(jobs).await?, *known)
    {
        return Ok((judge(jobs, backend.node().await?)?, *known));
    }
    let node = judge(jobs, backend.connect().await?)?;
    check_ownership(jobs).await?;
    check_memory(jobs).await?;
    lock_reserved(jobs).await?;
    jobs.untold.store(true, Ordering::SeqCst);
    Ok((node, started_at(jobs).await?))
}

async fn started_at(jobs: &CoinJobs) -> Result<Option<Time>, Trouble> {
    let now = jobs.context.clock.now();
    Ok(jobs.coin.backend.uptime().await?.map(|seconds| now.plus_seconds(-seconds)))
}

/// Told in whole seconds, the same start looks up to a second different each time. Taking one for another does no
/// harm; a daemon that ran no longer than this isn't noticed, unless it is seen down.
fn is_later(started_at: Option<Time>, known: Option<Time>) -> bool {
    match (started_at, known) {
        (Some(started_at), Some(known)) => started_at.seconds_since(known) > 1,
        _ => false,
    }
}

fn judge(jobs: &CoinJobs, node: NodeStatus) -> Result<NodeStatus, Trouble> {
    match jobs.coin.spec.unfit(&node) {
        None => Ok(node),
        Some(why) => Err(Trouble::Unfit(why, Some(Box::new(node)))),
    }
}

/// A wallet that doesn't know our addresses is not ours: crediting and judging by it would be wrong.
async fn check_ownership(jobs: &CoinJobs) -> Result<(), Trouble> {
    for address in newest_addresses(jobs).await.map_err(our_own)? {
        if !jobs.coin.backend.owns(&address).await? {
            return Err(Trouble::Unfit(format!("its wallet doesn't own our address {address}"), None));
        }
    }
    Ok(())
}

/// A wallet that forgot what it told us is an older copy: what it doesn't find proves nothing.
async fn check_memory(jobs: &CoinJobs) -> Result<(), Trouble> {
    for txid in newest_txids(jobs).await.map_err(our_own)? {
        if jobs.coin.backend.transaction(&txid).await?.is_none() {
            return Err(Trouble::Unfit(
                format!(
                    "its wallet doesn't know our transaction {txid}: is it an older copy? Let it rescan the chain"
                ),
                None,
            ));
        }
    }
    Ok(())
}

async fn newest_txids(jobs: &CoinJobs) -> Result<Vec<String>, DbError> {
    let mut open = jobs.context.db.read().await?;
    let newest = query(
        "SELECT txid FROM network_transaction WHERE coin = $1 AND confirmations > 0 AND txid IS NOT NULL
         ORDER BY id DESC LIMIT $2",
    );
    let rows = newest.bind(jobs.ticker()).bind(TXIDS_CHECKED).all::<(String,)>(&mut open.tx()).await?;
    Ok(rows.into_iter().map(|(txid,)| txid).collect())
}

async fn newest_addresses(jobs: &CoinJobs) -> Result<Vec<String>, DbError> {
    let mut open = jobs.context.db.read().await?;
    let newest =
        query("SELECT address FROM address WHERE coin = $1 AND kind = 'receiving' ORDER BY id DESC LIMIT $2");
    let rows = newest.bind(jobs.ticker()).bind(ADDRESSES_CHECKED).all::<(String,)>(&mut open.tx()).await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// A daemon forgets its locks when it restarts. They only keep others away; our own reservation is in the database.
async fn lock_reserved(jobs: &CoinJobs) -> Result<(), Trouble> {
    let reserved = reserved(jobs).await.map_err(our_own)?;
    if !reserved.is_empty()
        && let Err(error) = jobs.coin.backend.lock(&reserved).await
    {
        tracing::info!(coin = jobs.ticker(), %error, "reserved inputs could not be locked in the daemon");
    }
    Ok(())
}

async fn reserved(jobs: &CoinJobs) -> Result<Vec<OutPoint>, DbError> {
    let mut open = jobs.context.db.read().await?;
    let live = [State::Prepared, State::Open, State::Broken];
    let live = read::broadcasts(&mut open.tx(), jobs.coin.spec.coin, &live, BROADCASTS_MAX).await?;
    Ok(live.into_iter().flat_map(|broadcast| broadcast.inputs).map(|(outpoint, _)| outpoint).collect())
}

fn our_own(error: DbError) -> Trouble {
    Trouble::Down(format!("not asked, our own database: {error}"))
}

async fn save_state(
    jobs: &CoinJobs,
    fitness: &Fitness,
    node: Option<&NodeStatus>,
    now: Time,
) -> Result<(), JobError> {
    let (state, error) = match fitness {
        Fitness::Unknown => (BackendState::Unknown, None),
        Fitness::Fit { .. } => (BackendState::Up, None),
        Fitness::Unfit(why) => (BackendState::Unfit, Some(why.clone())),
        Fitness::Down(why) => (BackendState::Down, Some(why.clone())),
    };
    let record = RecordBackend {
        coin: jobs.coin.spec.coin,
        class: jobs.coin.backend.class().as_str(),
        state,
        height: node.map(|node| node.height),
        lag: node.and_then(|node| node.lag),
        tip_at: node.and_then(|node| node.tip_at),
        error,
        now,
    };
    jobs.context.db.write(record).await?;
    Ok(())
}

async fn save_totals(
    jobs: &CoinJobs,
    node: Option<&NodeStatus>,
    new_block: bool,
    now: Time,
) -> Result<(), JobError> {
    let mut open = jobs.context.db.read().await?;
    let as_of = query("SELECT as_of FROM backend WHERE coin = $1").bind(jobs.ticker());
    let as_of = as_of.optional::<(Option<Time>,)>(&mut open.tx()).await?.and_then(|(as_of,)| as_of);
    drop(open);
    if !new_block && as_of.is_some_and(|as_of| now.seconds_since(as_of) < TOTALS_SECONDS) {
        return Ok(());
    }
    let totals = jobs.coin.backend.totals().await?;
    let fee_rate = jobs.coin.backend.fee_rate(jobs.coin.spec.fee_target_blocks).await?;
    let sum = i128::from(totals.trusted) + i128::from(totals.untrusted_pending) + i128::from(totals.immature);
    let save = query(
        "UPDATE backend SET hot_wallet_balance = $2, fee_rate = $3, as_of = $4, spendable = $5, lag = $6 WHERE coin = $1",
    );
    let save = save.bind(jobs.ticker()).bind(i64::try_from(sum).ok()).bind(fee_rate).bind(now);
    let save = save.bind(totals.trusted).bind(node.and_then(|node| node.lag));
    jobs.context.db.write(Execute::one("backend totals", save)).await?;
    Ok(())
}
