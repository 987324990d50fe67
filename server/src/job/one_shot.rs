//! The one-shot way of a broadcast: the backend picks, signs and sends in one call, which is never repeated unless it
//! certainly didn't leave. Past its deadline without an answer it is broken, and evidence is gathered.

use super::prepared::{AGAIN_SECONDS, Attempt, finish, halve, open, resend_after};
use super::{CoinJobs, JobError, announce, evidence};
use crate::ledger::read::LiveBroadcast;
use crate::ledger::{BreakBroadcast, CloseBroadcast, NoteTrouble, StoreEvidence};
use crate::network::{SendOutcome, is_about_payments};
use app::model::{Evidence, NetworkTransactionState as State, Verdict};

/// Answers whether it went to the network.
pub(super) async fn carry_on(
    jobs: &CoinJobs,
    live: LiveBroadcast,
    best_block: &str,
) -> Result<bool, JobError> {
    let now = jobs.context.clock.now();
    match live.state {
        State::Collected if certainly_not_sent(&live) => send(jobs, &live, best_block).await,
        // A person ordered it to be sent again, and it may have been found since.
        State::Collected => match look(jobs, &live).await? {
            Verdict::Found => Ok(true),
            Verdict::NotFound => send(jobs, &live, best_block).await,
            Verdict::CantTell => {
                jobs.context.db.write(BreakBroadcast { broadcast: live.id, now }).await?;
                Ok(false)
            }
        },
        State::Open if live.last_attempt.as_ref().is_some_and(|attempt| attempt.deadline <= now) => {
            jobs.context.db.write(BreakBroadcast { broadcast: live.id, now }).await?;
            look(jobs, &live).await.map(|verdict| verdict == Verdict::Found)
        }
        State::Broken => look(jobs, &live).await.map(|verdict| verdict == Verdict::Found),
        State::Closed => send_again(jobs, &live).await,
        _ => Ok(false),
    }
}

fn certainly_not_sent(live: &LiveBroadcast) -> bool {
    live.last_attempt.as_ref().is_none_or(|attempt| attempt.outcome.as_deref() == Some("refused"))
}

/// Gathers evidence and keeps it; what is found is told to the network again and closed at once.
async fn look(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<Verdict, JobError> {
    let evidence = evidence::gather(jobs, live).await?;
    let Evidence { verdict, txid, .. } = evidence.clone();
    jobs.context.db.write(StoreEvidence { broadcast: live.id, evidence }).await?;
    if let (Verdict::Found, Some(txid)) = (verdict, txid) {
        if let Some(found) = jobs.coin.backend.transaction(&txid).await? {
            announce::again(jobs, &found).await;
        }
        close(jobs, live, None, txid).await?;
    }
    Ok(verdict)
}

async fn send(jobs: &CoinJobs, live: &LiveBroadcast, best_block: &str) -> Result<bool, JobError> {
    let attempt = open(jobs, live.id, None, best_block).await?;
    attempt.may_send(jobs)?;
    let comment = attempt.comment.as_deref().unwrap_or_default();
    let before = live.last_attempt.as_ref().map_or(0, |attempt| attempt.number);
    match jobs.coin.backend.send_many(&live.outputs, comment).await {
        SendOutcome::Sent { txid } => {
            close(jobs, live, Some(&attempt), txid).await?;
            Ok(true)
        }
        SendOutcome::Refused { code, reason } => {
            finish(jobs, &attempt, "refused", &reason, resend_after(before)).await?;
            if live.transactions.len() > 1 && code.is_some_and(is_about_payments) {
                halve(jobs, live).await?;
            }
            Err(JobError::Retry(reason))
        }
        SendOutcome::Unknown { reason } => {
            // The deadline is still ahead: the call may run until then, so only finding it says anything.
            finish(jobs, &attempt, "unknown", &reason, 0).await?;
            if let Some(txid) = evidence::found_by_comment(jobs, live, comment).await {
                close(jobs, live, Some(&attempt), txid).await?;
                return Ok(true);
            }
            Err(JobError::Retry(reason))
        }
    }
}

/// Closed, and in neither mempool nor block: the wallet that made it has its bytes, and the same bytes pay once.
async fn send_again(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<bool, JobError> {
    let Some(txid) = &live.txid else { return Ok(false) };
    let trouble = match jobs.coin.backend.transaction(txid).await? {
        Some(found) => announce::again(jobs, &found).await,
        None => Some("The backend's wallet doesn't know it.".to_owned()),
    };
    let now = jobs.context.clock.now();
    let sent = trouble.is_none();
    let retry_at = Some(now.plus_seconds(AGAIN_SECONDS));
    jobs.context.db.write(NoteTrouble { broadcast: live.id, trouble, retry_at, now }).await?;
    jobs.wake.confirm.notify_one();
    Ok(sent)
}

async fn close(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    attempt: Option<&Attempt>,
    txid: String,
) -> Result<(), JobError> {
    let close = CloseBroadcast {
        broadcast: live.id,
        txid,
        // The daemon chose it; closing never waits for it.
        fee: None,
        attempt: attempt.map(|attempt| attempt.id),
        decision: None,
        now: jobs.context.clock.now(),
    };
    jobs.context.db.write(close).await?;
    jobs.wake.confirm.notify_one();
    Ok(())
}
