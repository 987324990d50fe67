//! What was sent and isn't mined may be known to our node alone: a daemon that was killed takes it up again from its
//! wallet, and tells nobody for hours. The same bytes once more make it tell, and pay once.

use super::{BROADCASTS_MAX, CoinJobs, JobError};
use crate::db::query;
use crate::network::{SendOutcome, WalletTransaction};
use app::model::NetworkTransactionState as State;
use std::sync::atomic::Ordering;

/// After the daemon was started anew, as soon as somebody hears it: a peer that comes later isn't told.
pub(super) async fn when_heard(jobs: &CoinJobs) -> Result<(), JobError> {
    if jobs.untold.load(Ordering::SeqCst) && jobs.coin.backend.peers().await? != Some(0) {
        unconfirmed(jobs).await?;
        jobs.untold.store(false, Ordering::SeqCst);
    }
    Ok(())
}

/// All closed broadcasts without a confirmation. What can't be handed over now is followed like any other.
async fn unconfirmed(jobs: &CoinJobs) -> Result<(), JobError> {
    let mut open = jobs.context.db.read().await?;
    let waiting = query(
        "SELECT txid FROM network_transaction WHERE coin = $1 AND state = $2 AND type = 'broadcast'
             AND COALESCE(confirmations, 0) = 0 AND txid IS NOT NULL ORDER BY id LIMIT $3",
    );
    let waiting = waiting.bind(jobs.ticker()).bind(State::Closed).bind(BROADCASTS_MAX);
    let waiting: Vec<(String,)> = waiting.all(&mut open.tx()).await?;
    drop(open);
    for (txid,) in waiting {
        if let Some(found) = jobs.coin.backend.transaction(&txid).await? {
            again(jobs, &found).await;
        }
    }
    Ok(())
}

/// Answers why it didn't go out; `None` when it did, or needn't. What comes of it shows in the confirmations.
pub(super) async fn again(jobs: &CoinJobs, found: &WalletTransaction) -> Option<String> {
    if found.confirmations != 0 {
        return None;
    }
    if found.raw.is_empty() {
        return Some("The backend doesn't tell its bytes.".into());
    }
    match jobs.coin.backend.send_prepared(&found.raw).await {
        SendOutcome::Sent { .. } => None,
        SendOutcome::Refused { reason, .. } | SendOutcome::Unknown { reason } => {
            tracing::info!(coin = jobs.ticker(), txid = found.txid, reason, "could not be handed over again");
            Some(reason)
        }
    }
}
