//! What became of a one-shot whose answer never came: the backend's wallet is searched for its comment. *Not found*
//! counts only when the call can't run any more; until then nobody can tell.

use super::{CoinJobs, JobError};
use crate::ledger::read::{self, LiveBroadcast};
use crate::network::WalletTransaction;
use app::model::{Check, Evidence, SentRow, Time, Verdict};

/// A call that timed out may run later, on a busy daemon. After this long none does.
const LATE_SECONDS: i64 = 900;
/// The daemon's clock and ours may differ by so much.
const CLOCK_SECONDS: i64 = 5;
/// Rows that a person can look through; the newest.
const SHOWN_MAX: usize = 50;

pub(super) async fn gather(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<Evidence, JobError> {
    let now = jobs.context.clock.now();
    let backend = &jobs.coin.backend;
    let sent = match &live.first_block {
        Some(block) => backend.sent_since(block).await,
        None => return Err(JobError::GiveUp("it was never opened".into())),
    };
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) => {
            let reason = format!("The backend can't list what it has sent: {error}.");
            return Ok(verdict(Verdict::CantTell, reason, now));
        }
    };
    let rows = rows(jobs, live, &sent).await?;
    if let Some(found) = rows.iter().find(|row| row.comment && row.broadcast.is_none_or(|id| id == live.id)) {
        let reason =
            format!("The backend's wallet has sent {} with this broadcast's own comment.", found.txid);
        let txid = Some(found.txid.clone());
        return Ok(Evidence { txid, sent: rows, ..verdict(Verdict::Found, reason, now) });
    }
    let (quiet, settled) = may_still_run(jobs, live, now).await?;
    let outputs = i64::try_from(live.outputs.len()).unwrap_or(i64::MAX);
    let twin = rows.iter().find(|row| row.broadcast.is_none() && row.matching == outputs);
    let mut evidence = match (twin, settled) {
        (Some(twin), _) => verdict(
            Verdict::CantTell,
            format!(
                "{} pays the same outputs without this broadcast's comment, and no broadcast has it. Look who sent it.",
                twin.txid
            ),
            now,
        ),
        (None, Some(at)) => Evidence {
            may_change_at: Some(at),
            ..verdict(
                Verdict::CantTell,
                "It was not found, yet the call may still be carried out.".into(),
                now,
            )
        },
        (None, None) => verdict(
            Verdict::NotFound,
            "The backend's wallet has sent nothing with this broadcast's comment, and the call can't be carried out any more.".into(),
            now,
        ),
    };
    evidence.checks = vec![
        Check { good: true, text: "The backend is up, synced and of the same chain and wallet.".into() },
        Check {
            good: true,
            text: "Looked from the block that was the best when it was first opened.".into(),
        },
        quiet,
    ];
    evidence.sent = rows;
    Ok(evidence)
}

/// The txid that carries this very comment, if the backend answers at all.
pub(super) async fn found_by_comment(jobs: &CoinJobs, live: &LiveBroadcast, comment: &str) -> Option<String> {
    let fit = jobs.fit().ok()?;
    let block = live.first_block.as_deref().unwrap_or(&fit);
    let sent = jobs.coin.backend.sent_since(block).await.ok()?;
    sent.into_iter().find(|sent| sent.comment.as_deref() == Some(comment)).map(|sent| sent.txid)
}

fn verdict(verdict: Verdict, reason: String, now: Time) -> Evidence {
    Evidence {
        verdict,
        reason,
        txid: None,
        may_change_at: None,
        sent: Vec::new(),
        checks: Vec::new(),
        gathered_at: now,
    }
}

/// Whether a call of the last attempt may still be carried out, and when that ends.
async fn may_still_run(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    now: Time,
) -> Result<(Check, Option<Time>), JobError> {
    let Some(attempt) = &live.last_attempt else {
        return Err(JobError::GiveUp("it was never attempted".into()));
    };
    let uptime = jobs.coin.backend.uptime().await.unwrap_or(None);
    let started_at = uptime.map(|uptime| now.plus_seconds(-uptime));
    if started_at.is_some_and(|at| at > attempt.started_at.plus_seconds(CLOCK_SECONDS)) {
        let text = "The daemon was started anew after the attempt: a call that waited is gone.";
        return Ok((Check { good: true, text: text.into() }, None));
    }
    let quiet_at = attempt.deadline.plus_seconds(LATE_SECONDS);
    if now >= quiet_at {
        let text = "More than 15 minutes have passed since the attempt's deadline: no call waits so long.";
        return Ok((Check { good: true, text: text.into() }, None));
    }
    let text = "The daemon has run on since the attempt, and 15 minutes have not passed: a busy daemon may still carry the call out.";
    Ok((Check { good: false, text: text.into() }, Some(quiet_at)))
}

async fn rows(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    sent: &[WalletTransaction],
) -> Result<Vec<SentRow>, JobError> {
    let mut open = jobs.context.db.read().await?;
    let mut rows = Vec::new();
    for transaction in sent {
        let coin = jobs.coin.spec.coin;
        let mut broadcast = read::broadcast_of_txid(&mut open.tx(), coin, &transaction.txid).await?;
        // One that nobody has closed yet, by its comment.
        if let (None, Some(comment)) = (broadcast, &transaction.comment) {
            broadcast = read::broadcast_of_comment(&mut open.tx(), coin, comment).await?;
        }
        let comment = transaction
            .comment
            .as_ref()
            .is_some_and(|comment| live.comments.iter().any(|ours| ours == comment));
        if rows.len() >= SHOWN_MAX && !comment {
            continue;
        }
        rows.push(SentRow {
            txid: transaction.txid.clone(),
            at: transaction.at,
            matching: matching(jobs, live, transaction),
            confirmations: transaction.confirmations,
            comment,
            broadcast,
        });
    }
    Ok(rows)
}

/// How many of the broadcast's outputs it pays, each once.
fn matching(jobs: &CoinJobs, live: &LiveBroadcast, transaction: &WalletTransaction) -> i64 {
    let mut paid: Vec<(String, i64)> = transaction
        .outputs
        .iter()
        .filter_map(|(address, amount)| {
            let address = address.as_ref()?;
            Some((jobs.coin.spec.versions.canonical(address).ok()?, *amount))
        })
        .collect();
    let mut matching = 0;
    for output in &live.outputs {
        let hit =
            paid.iter().position(|(address, amount)| *address == output.address && *amount == output.amount);
        if let Some(hit) = hit {
            paid.swap_remove(hit);
            matching += 1;
        }
    }
    matching
}
