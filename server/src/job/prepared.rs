//! The prepared way of a broadcast: signed bytes are stored with the inputs they reserve, committed, and only then
//! handed over; sending the same bytes again pays only once. `version` makes what takes their place.

use super::broadcast::unspent;
use super::prepare::{PrepareError, Prepared, prepare};
use super::{CoinJobs, JobError, version};
use crate::ledger::read::LiveBroadcast;
use crate::ledger::{
    CloseBroadcast, EraseVersion, FinishAttempt, Installation, NewVersion, NoteTrouble, OpenBroadcast,
    Opened, ReduceBroadcast, StorePrepared,
};
use crate::network::{BackendError, OutPoint, Output, SendOutcome, is_about_payments};
use app::model::{AttemptId, NetworkTransactionId, NetworkTransactionState as State, Time, VersionId};

/// Beyond the backend's time-out nothing of an attempt can still be under way on our side.
const DEADLINE_MARGIN_SECONDS: i64 = 30;
/// An unknown outcome is answered by sending the same bytes again after 2, 4, 8 … seconds, at most this many.
const RESEND_SECONDS_MAX: i64 = 300;
/// What was handed over again is left alone for so long.
pub(super) const AGAIN_SECONDS: i64 = 600;
/// A payment that nodes would not take is tried again after so long: what they take may change.
const REFUSED_SECONDS: i64 = 300;

/// Opens, sends, closes. What is closed or being cancelled is handed over again and stays so.
pub(super) async fn hand_over(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    version: Version,
    best_block: &str,
) -> Result<bool, JobError> {
    let attempt = open(jobs, live.id, Some(version.id), best_block).await?;
    let outcome = send(jobs, live, &attempt, &version).await?;
    let now = jobs.context.clock.now();
    let attempts_before = live.last_attempt.as_ref().map_or(0, |attempt| attempt.number);
    let stays = matches!(live.state, State::Closed | State::Cancelling);
    if let Some((outcome, detail)) = outcome {
        finish(jobs, &attempt, outcome, &detail, resend_after(attempts_before)).await?;
        return Err(JobError::Retry(detail));
    }
    if stays {
        finish(jobs, &attempt, "sent", "", AGAIN_SECONDS).await?;
        jobs.wake.confirm.notify_one();
        return Ok(true);
    }
    let close = CloseBroadcast {
        broadcast: live.id,
        txid: version.txid,
        fee: Some(version.fee),
        attempt: Some(attempt.id),
        decision: None,
        now,
    };
    jobs.context.db.write(close).await?;
    Ok(true)
}

pub(super) async fn finish(
    jobs: &CoinJobs,
    attempt: &Attempt,
    outcome: &'static str,
    detail: &str,
    retry_seconds: i64,
) -> Result<(), JobError> {
    let now = jobs.context.clock.now();
    let finish = FinishAttempt {
        attempt: attempt.id,
        epoch: attempt.epoch,
        outcome,
        detail: detail.to_owned(),
        retry_at: Some(now.plus_seconds(retry_seconds)),
        now,
    };
    Ok(jobs.context.db.write(finish).await?)
}

/// The signed bytes that are sent, as stored.
pub(super) struct Version {
    pub id: VersionId,
    pub txid: String,
    pub fee: i64,
    pub raw: Vec<u8>,
}

impl Version {
    /// Versions without bytes are others' copies of ours.
    pub fn newest(live: &LiveBroadcast) -> Result<Self, JobError> {
        let stored = live.versions.iter().rev().find_map(|version| {
            let raw = version.raw.clone()?;
            Some(Self { id: version.id, txid: version.txid.clone(), fee: version.fee, raw })
        });
        stored.ok_or_else(|| JobError::GiveUp("its signed bytes were erased".into()))
    }
}

pub(super) async fn prepare_first(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<Version, JobError> {
    let unspent = unspent(jobs).await?;
    let backend = jobs.coin.backend.as_ref();
    let prepared = match prepare(backend, &jobs.coin.spec, &unspent, &live.outputs).await {
        Ok(prepared) => prepared,
        Err(error) => {
            let trouble = error.to_string();
            if is_about_content(&error) && live.transactions.len() > 1 {
                halve(jobs, live).await?;
            }
            let now = jobs.context.clock.now();
            let note = NoteTrouble {
                broadcast: live.id,
                trouble: Some(trouble.clone()),
                retry_at: live.retry_at,
                now,
            };
            jobs.context.db.write(note).await?;
            return Err(JobError::Retry(trouble));
        }
    };
    store(jobs, live.id, NewVersion::First, prepared, live.outputs.clone()).await
}

/// Asks the node whether it would take what was never handed over. What it wouldn't has not left, so that a batch can
/// be halved until the culprit stands alone.
pub(super) async fn must_be_taken(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    version: &Version,
) -> Result<(), JobError> {
    match jobs.coin.backend.test_prepared(&version.raw).await {
        Ok(Some(reason)) => {
            let trouble = format!("nodes would not take it: {reason}");
            erase(jobs, live, trouble.clone()).await?;
            Err(JobError::Retry(trouble))
        }
        // Not every backend can say; sending finds out.
        Ok(None) | Err(BackendError::Unsupported(_)) => Ok(()),
        // One that could and didn't is asked again: once handed over, a batch can't be halved.
        Err(error) => Err(error.into()),
    }
}

async fn erase(jobs: &CoinJobs, live: &LiveBroadcast, trouble: String) -> Result<(), JobError> {
    let now = jobs.context.clock.now();
    let many = live.transactions.len() > 1;
    let retry_at = (!many).then(|| now.plus_seconds(REFUSED_SECONDS));
    jobs.context.db.write(EraseVersion { broadcast: live.id, trouble, retry_at, now }).await?;
    if many { halve(jobs, live).await } else { Ok(()) }
}

/// The older half stays, the others are pending again and join another broadcast.
pub(super) async fn halve(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<(), JobError> {
    let keep = live.transactions.len() / 2;
    let now = jobs.context.clock.now();
    jobs.context.db.write(ReduceBroadcast { broadcast: live.id, keep, now }).await?;
    jobs.wake.broadcast.notify_one();
    Ok(())
}

/// One of the payments may be the reason, so that fewer of them may pass.
fn is_about_content(error: &PrepareError) -> bool {
    match error {
        PrepareError::ShortFunds { .. } => true,
        PrepareError::Backend(BackendError::Refused { code, .. }) => is_about_payments(*code),
        _ => false,
    }
}

pub(super) async fn store(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    version: NewVersion,
    prepared: Prepared,
    outputs: Vec<Output>,
) -> Result<Version, JobError> {
    let context = &jobs.context;
    let now = context.clock.now();
    let store = StorePrepared {
        broadcast,
        version,
        epoch: jobs.lease.epoch(now)?,
        runner: context.runner.clone(),
        raw: prepared.raw.clone(),
        txid: prepared.txid.clone(),
        fee: prepared.fee,
        inputs: prepared.inputs.clone(),
        outputs,
        now,
    };
    let id = context.db.write(store).await?;
    let inputs: Vec<OutPoint> = prepared.inputs.into_iter().map(|(outpoint, _)| outpoint).collect();
    if let Err(error) = jobs.coin.backend.lock(&inputs).await {
        tracing::info!(coin = jobs.ticker(), %error, "inputs could not be locked in the daemon; they are reserved here");
    }
    Ok(Version { id, txid: prepared.txid, fee: prepared.fee, raw: prepared.raw })
}

pub(super) struct Attempt {
    pub id: AttemptId,
    pub epoch: i64,
    pub deadline: Time,
    /// Of a one-shot.
    pub comment: Option<String>,
}

impl Attempt {
    /// Right before the first byte: still ours, still in time?
    pub fn may_send(&self, jobs: &CoinJobs) -> Result<(), JobError> {
        let now = jobs.context.clock.now();
        if jobs.lease.epoch(now)? == self.epoch && now < self.deadline {
            Ok(())
        } else {
            Err(JobError::LeaseLost)
        }
    }
}

/// Commits the attempt before a byte leaves.
pub(super) async fn open(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    version: Option<VersionId>,
    best_block: &str,
) -> Result<Attempt, JobError> {
    let db = &jobs.context.db;
    let installation = match version {
        Some(_) => String::new(),
        None => db.write(Installation { fresh: db.random_id() }).await?,
    };
    let now = jobs.context.clock.now();
    let epoch = jobs.lease.epoch(now)?;
    let timeout = i64::try_from(jobs.coin.backend.timeout().as_secs()).unwrap_or(i64::MAX);
    let deadline = now.plus_seconds(timeout.saturating_add(DEADLINE_MARGIN_SECONDS));
    let open = OpenBroadcast {
        broadcast,
        version,
        installation,
        runner: jobs.context.runner.clone(),
        epoch,
        deadline,
        best_block: best_block.to_owned(),
        now,
    };
    let Opened { attempt, comment } = db.write(open).await?;
    Ok(Attempt { id: attempt, epoch, deadline, comment })
}

/// Hands the bytes over. `None`: the network has them; else the outcome's name and why.
async fn send(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    attempt: &Attempt,
    version: &Version,
) -> Result<Option<(&'static str, String)>, JobError> {
    attempt.may_send(jobs)?;
    let failure = match jobs.coin.backend.send_prepared(&version.raw).await {
        SendOutcome::Sent { .. } => return Ok(None),
        SendOutcome::Refused { reason, .. } => ("refused", reason),
        SendOutcome::Unknown { reason } => ("unknown", reason),
    };
    // No error decides alone: what is mined or was accepted already is answered by errors too.
    let found = jobs.coin.backend.transaction(&version.txid).await;
    let known =
        found.is_ok_and(|found| found.is_some_and(|found| found.confirmations >= 0 && !found.abandoned));
    if known {
        return Ok(None);
    }
    version::look_for_rival(jobs, live).await?;
    Ok(Some(failure))
}

pub(super) fn resend_after(attempts_before: i64) -> i64 {
    let doublings = u32::try_from(attempts_before + 1).unwrap_or(u32::MAX).min(16);
    RESEND_SECONDS_MAX.min(1 << doublings)
}
