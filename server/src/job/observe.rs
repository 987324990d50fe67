//! One network transaction, asked about and booked: the step that notifications, scan and confirmations share.

use super::{CoinJobs, JobError, announce};
use crate::ledger::read::{self, LiveBroadcast};
use crate::ledger::{
    AdoptVersion, CloseBroadcast, ConfirmBroadcast, FinishCancel, RecordDeposit, RecordForeignSpend,
};
use crate::network::{Output, WalletTransaction};
use app::model::{NetworkTransactionId, NetworkTransactionState as State};

/// Asks the backend for `txid` and books what it says. `None`: the backend's wallet knows no such transaction.
/// Answers whether anything in the books changed.
pub(super) async fn observe(jobs: &CoinJobs, txid: &str) -> Result<Option<bool>, JobError> {
    jobs.fit()?;
    let Some(found) = jobs.coin.backend.transaction(txid).await? else { return unknown(jobs, txid).await };
    let mut changed = false;
    match broadcast_of(jobs, &found).await? {
        Some(broadcast) => changed |= book_broadcast(jobs, broadcast, &found).await?,
        None if found.spends_ours => changed |= book_foreign_spend(jobs, &found, 0).await?,
        None => {}
    }
    changed |= book_deposit(jobs, found).await?;
    Ok(Some(changed))
}

/// The wallet may know another version of the broadcast; if it knows none, the bytes are sent again.
async fn unknown(jobs: &CoinJobs, txid: &str) -> Result<Option<bool>, JobError> {
    let mut open = jobs.context.db.read().await?;
    let Some(id) = read::broadcast_of_txid(&mut open.tx(), jobs.coin.spec.coin, txid).await? else {
        return Ok(None);
    };
    let broadcast = read::broadcast(&mut open.tx(), id).await?;
    drop(open);
    for version in broadcast.versions.iter().rev().filter(|version| version.txid != txid) {
        if let Some(found) = jobs.coin.backend.transaction(&version.txid).await? {
            return book_broadcast(jobs, broadcast, &found).await.map(Some);
        }
    }
    // Unless it was mined the bytes are sent again, as those of one that fell out of the mempool.
    let mined = broadcast.confirmations.is_some_and(|confirmations| confirmations > 0);
    if broadcast.state != State::Closed || mined {
        return Ok(None);
    }
    let confirm = ConfirmBroadcast {
        broadcast: id,
        txid: txid.to_owned(),
        confirmations: 0,
        block: None,
        missing: true,
        fee: None,
        max_confirmation_count: jobs.coin.spec.max_confirmation_count,
        now: jobs.context.clock.now(),
    };
    Ok(Some(jobs.context.db.write(confirm).await?.changed))
}

async fn broadcast_of(jobs: &CoinJobs, found: &WalletTransaction) -> Result<Option<LiveBroadcast>, JobError> {
    let mut open = jobs.context.db.read().await?;
    let tx = &mut open.tx();
    let coin = jobs.coin.spec.coin;
    let mut id = read::broadcast_of_txid(tx, coin, &found.txid).await?;
    if id.is_none()
        && let Some(comment) = &found.comment
    {
        id = read::broadcast_of_comment(tx, coin, comment).await?;
    }
    if let Some(id) = id {
        return Ok(Some(read::broadcast(tx, id).await?));
    }
    if !found.spends_ours {
        return Ok(None);
    }
    let Some(broadcast) = malleated(jobs, tx, found).await? else { return Ok(None) };
    drop(open);
    let now = jobs.context.clock.now();
    let (id, txid) = (broadcast.id, found.txid.clone());
    tracing::info!(
        coin = jobs.ticker(),
        broadcast = id.0,
        txid,
        "a broadcast's transaction got another txid"
    );
    jobs.context.db.write(AdoptVersion { broadcast: id, txid, now }).await?;
    let mut open = jobs.context.db.read().await?;
    Ok(Some(read::broadcast(&mut open.tx(), id).await?))
}

/// The same inputs and outputs as a version of ours under another txid.
async fn malleated(
    jobs: &CoinJobs,
    tx: &mut crate::db::Tx<'_>,
    found: &WalletTransaction,
) -> Result<Option<LiveBroadcast>, JobError> {
    for input in &found.inputs {
        let Some(id) = read::broadcast_of_input(tx, jobs.coin.spec.coin, input).await? else { continue };
        let broadcast = read::broadcast(tx, id).await?;
        for raw in broadcast.versions.iter().filter_map(|version| version.raw.as_deref()) {
            let ours = jobs.coin.backend.decode(raw)?;
            if ours.inputs == found.inputs && ours.outputs == found.outputs {
                return Ok(Some(broadcast));
            }
        }
    }
    Ok(None)
}

async fn book_broadcast(
    jobs: &CoinJobs,
    broadcast: LiveBroadcast,
    found: &WalletTransaction,
) -> Result<bool, JobError> {
    let (mut counts, cancels) = version_that_counts(jobs, &broadcast, found).await?;
    let spec = &jobs.coin.spec;
    let in_one_call = broadcast.versions.is_empty();
    let deep = counts.confirmations >= spec.confirmation_count;
    let id = broadcast.id;
    match broadcast.state {
        // Unmined, it may be known to our node alone: a daemon that was killed takes it up again from its wallet
        // and tells nobody for hours. The broadcast job sends the same bytes again, and closes.
        State::Open if !in_one_call && counts.confirmations < 1 => {
            jobs.wake.broadcast.notify_one();
            Ok(false)
        }
        State::Cancelling if cancels && deep => finish_cancel(jobs, id, &counts).await,
        State::Cancelling if !deep => Ok(false),
        State::Open | State::Broken | State::Collected | State::Cancelling => {
            if in_one_call {
                announce::again(jobs, &counts).await;
            }
            close(jobs, id, &counts).await?;
            confirm(jobs, id, &counts).await?;
            Ok(true)
        }
        State::Closed | State::Settled | State::Conflicted if cancels => {
            // A reorganisation mined the version that pays us back after all: the payments are beaten by it, as deep
            // as it lies.
            if counts.confirmations < 1 {
                return Ok(false);
            }
            counts.confirmations = -counts.confirmations;
            confirm(jobs, id, &counts).await
        }
        State::Closed | State::Settled | State::Conflicted => confirm(jobs, id, &counts).await,
        // And the other way round: what was taken back is paid after all, and no books know of it.
        State::Cancelled if !broadcast.cancels(&found.txid) => {
            let there = found.confirmations != 0 || found.in_mempool != Some(false);
            let charged = broadcast.fee.unwrap_or(0);
            if there { book_foreign_spend(jobs, found, charged).await } else { Ok(false) }
        }
        _ => Ok(false),
    }
}

/// Of several versions the one that was mined, since all spend the same anchor; else the newest that waits; else
/// whichever is the least beaten. The second: whether it pays us back instead of the recipients, which counts only
/// while that is wanted, or once it is mined.
async fn version_that_counts(
    jobs: &CoinJobs,
    broadcast: &LiveBroadcast,
    found: &WalletTransaction,
) -> Result<(WalletTransaction, bool), JobError> {
    let rank = |candidate: &WalletTransaction| {
        (
            candidate.confirmations > 0,
            broadcast.state == State::Cancelling || !broadcast.cancels(&candidate.txid),
            candidate.confirmations,
            candidate.in_mempool != Some(false),
            !candidate.abandoned,
        )
    };
    let mut best = found.clone();
    for version in broadcast.versions.iter().filter(|version| version.txid != found.txid) {
        let Some(other) = jobs.coin.backend.transaction(&version.txid).await? else { continue };
        if rank(&other) >= rank(&best) {
            best = other;
        }
    }
    let cancels = broadcast.cancels(&best.txid);
    Ok((best, cancels))
}

async fn close(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    counts: &WalletTransaction,
) -> Result<(), JobError> {
    let close = CloseBroadcast {
        broadcast,
        txid: counts.txid.clone(),
        fee: counts.fee,
        attempt: None,
        decision: None,
        now: jobs.context.clock.now(),
    };
    Ok(jobs.context.db.write(close).await?)
}

async fn confirm(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    counts: &WalletTransaction,
) -> Result<bool, JobError> {
    let confirm = ConfirmBroadcast {
        broadcast,
        txid: counts.txid.clone(),
        confirmations: counts.confirmations,
        block: counts.block.clone(),
        missing: counts.confirmations == 0 && counts.in_mempool == Some(false),
        fee: counts.fee,
        max_confirmation_count: jobs.coin.spec.max_confirmation_count,
        now: jobs.context.clock.now(),
    };
    Ok(jobs.context.db.write(confirm).await?.changed)
}

async fn finish_cancel(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    counts: &WalletTransaction,
) -> Result<bool, JobError> {
    let finish = FinishCancel {
        broadcast,
        txid: counts.txid.clone(),
        confirmations: counts.confirmations,
        block: counts.block.clone(),
        fee: counts.fee,
        now: jobs.context.clock.now(),
    };
    jobs.context.db.write(finish).await?;
    Ok(true)
}

/// `charged`: what the books have of it already, in minor units.
async fn book_foreign_spend(
    jobs: &CoinJobs,
    found: &WalletTransaction,
    charged: i64,
) -> Result<bool, JobError> {
    let spec = &jobs.coin.spec;
    let record = RecordForeignSpend {
        coin: spec.coin,
        txid: found.txid.clone(),
        amount: -found.net - charged,
        confirmations: found.confirmations,
        height: found.height,
        at: found.at,
        abandoned: found.abandoned,
        max_confirmation_count: spec.max_confirmation_count,
        now: jobs.context.clock.now(),
    };
    let new = jobs.context.db.write(record).await?;
    if new {
        let (coin, txid) = (jobs.ticker(), &found.txid);
        tracing::warn!(coin, txid, "the hot wallet was spent from by no broadcast");
    }
    Ok(new)
}

async fn book_deposit(jobs: &CoinJobs, found: WalletTransaction) -> Result<bool, JobError> {
    if found.received.is_empty() {
        return Ok(false);
    }
    let spec = &jobs.coin.spec;
    let mut received = Vec::with_capacity(found.received.len());
    for output in found.received {
        match spec.versions.canonical(&output.address) {
            Ok(address) => received.push(Output { address, amount: output.amount }),
            Err(error) => {
                tracing::warn!(coin = jobs.ticker(), txid = found.txid, %error, "an output's address can't be read");
            }
        }
    }
    let recorded = jobs.context.db.write(RecordDeposit {
        coin: spec.coin,
        txid: found.txid,
        confirmations: found.confirmations,
        block: found.block,
        height: found.height,
        in_mempool: found.in_mempool,
        conflicts: found.conflicts,
        coinbase: found.coinbase,
        abandoned: found.abandoned,
        spends_ours: found.spends_ours,
        received,
        confirmation_count: spec.confirmation_count,
        max_confirmation_count: spec.max_confirmation_count,
        now: jobs.context.clock.now(),
    });
    Ok(recorded.await?.changed)
}
