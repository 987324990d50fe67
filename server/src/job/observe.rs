//! One network transaction, asked about and booked: the step that notifications, scan and confirmations share.

use super::{CoinJobs, JobError};
use crate::ledger::{CloseBroadcast, ConfirmBroadcast, RecordDeposit, read};
use crate::network::{Output, WalletTransaction};
use app::model::{NetworkTransactionId, NetworkTransactionState};

/// Asks the backend for `txid` and books what it says. `None`: the backend's wallet knows no such transaction.
/// Answers whether anything in the books changed.
pub(super) async fn observe(jobs: &CoinJobs, txid: &str) -> Result<Option<bool>, JobError> {
    jobs.fit()?;
    let Some(found) = jobs.coin.backend.transaction(txid).await? else { return Ok(None) };
    let mut changed = false;
    if let Some((broadcast, state)) = broadcast_of(jobs, txid).await? {
        changed |= book_broadcast(jobs, broadcast, state, &found).await?;
    }
    changed |= book_deposit(jobs, found).await?;
    Ok(Some(changed))
}

async fn broadcast_of(
    jobs: &CoinJobs,
    txid: &str,
) -> Result<Option<(NetworkTransactionId, NetworkTransactionState)>, JobError> {
    let mut open = jobs.context.db.read().await?;
    let Some(id) = read::broadcast_of_txid(&mut open.tx(), jobs.coin.spec.coin, txid).await? else {
        return Ok(None);
    };
    let broadcast = read::broadcast(&mut open.tx(), id).await?;
    Ok(Some((id, broadcast.state)))
}

async fn book_broadcast(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    state: NetworkTransactionState,
    found: &WalletTransaction,
) -> Result<bool, JobError> {
    let db = &jobs.context.db;
    let now = jobs.context.clock.now();
    let mut changed = false;
    if matches!(state, NetworkTransactionState::Open | NetworkTransactionState::Broken) {
        // Unmined, it may be known to our node alone: a daemon that was killed takes it up again from its wallet
        // and tells nobody for hours. The broadcast job sends the same bytes again, and closes.
        if found.confirmations < 1 {
            jobs.wake.broadcast.notify_one();
            return Ok(false);
        }
        changed = true;
        db.write(CloseBroadcast { broadcast, txid: found.txid.clone(), fee: found.fee, attempt: None, now })
            .await?;
    }
    let confirm = ConfirmBroadcast {
        broadcast,
        confirmations: found.confirmations,
        block: found.block.clone(),
        fee: found.fee,
        max_confirmation_count: jobs.coin.spec.max_confirmation_count,
        now,
    };
    Ok(db.write(confirm).await?.changed || changed)
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
