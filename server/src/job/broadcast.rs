//! Broadcasts: collect what is pending, prepare, open, send, close. Each step is committed before the next acts, so
//! that a pass that died is carried on by the next one: prepared bytes are simply sent again, which pays only once.

use super::prepare::{prepare, spendable};
use super::{BROADCASTS_MAX, CoinJobs, JobError, Pass};
use crate::failpoint;
use crate::ledger::read::{self, LiveBroadcast};
use crate::ledger::{CloseBroadcast, Collect, FinishAttempt, NoteTrouble, OpenBroadcast, StorePrepared};
use crate::network::{OutPoint, Output, SendOutcome, Unspent};
use app::model::{AttemptId, NetworkTransactionId, NetworkTransactionState as State, Time, VersionId};
use std::collections::HashSet;

/// Beyond the backend's time-out nothing of an attempt can still be under way on our side.
const DEADLINE_MARGIN_SECONDS: i64 = 30;
/// An unknown outcome is answered by sending the same bytes again after 2, 4, 8 … seconds, at most this many.
const RESEND_SECONDS_MAX: i64 = 300;

#[derive(Default)]
struct Done {
    collected: usize,
    sent: usize,
    waiting: Vec<String>,
}

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    let best_block = jobs.fit()?;
    let mut done = Done { collected: collect(jobs).await?, ..Done::default() };
    let mut open = jobs.context.db.read().await?;
    let states = [State::Collected, State::Prepared, State::Open];
    let live = read::broadcasts(&mut open.tx(), jobs.coin.spec.coin, &states, BROADCASTS_MAX).await?;
    drop(open);
    let now = jobs.context.clock.now();
    for broadcast in live {
        let id = broadcast.id;
        if broadcast.retry_at.is_some_and(|at| now < at) {
            done.waiting.push(format!("broadcast {id} is tried again later"));
            continue;
        }
        // One broadcast in trouble must not hold up the others.
        match carry_on(jobs, broadcast, &best_block).await {
            Ok(true) => done.sent += 1,
            Ok(false) => {}
            Err(JobError::LeaseLost) => return Err(JobError::LeaseLost),
            Err(error) => {
                tracing::warn!(coin = jobs.ticker(), broadcast = id.0, %error, "a broadcast waits");
                done.waiting.push(format!("broadcast {id} waits: {error}"));
            }
        }
    }
    Ok(in_words(&done))
}

fn in_words(done: &Done) -> String {
    let mut words = match (done.collected, done.sent) {
        (0, 0) => "nothing to send".to_owned(),
        (collected, sent) => format!("{collected} collected, {sent} sent"),
    };
    for waiting in done.waiting.iter().take(3) {
        words.push_str("; ");
        words.push_str(waiting);
    }
    words
}

/// Pending transactions join new broadcasts as far as the hot wallet can pay them now.
async fn collect(jobs: &CoinJobs) -> Result<usize, JobError> {
    let spec = &jobs.coin.spec;
    let mut open = jobs.context.db.read().await?;
    let wallets = read::pending_work(&mut open.tx(), spec.coin).await?;
    drop(open);
    if wallets.is_empty() {
        return Ok(0);
    }
    if !jobs.coin.backend.can_prepare() {
        return Err(JobError::GiveUp(
            "this backend can't build and sign broadcasts; what is pending stays pending".into(),
        ));
    }
    let mut available = spendable(&unspent(jobs).await?, spec);
    let mut open = jobs.context.db.read().await?;
    for waiting in read::broadcasts(&mut open.tx(), spec.coin, &[State::Collected], BROADCASTS_MAX).await? {
        available = available.saturating_sub(paid_by(&waiting));
    }
    drop(open);
    let mut collected = 0;
    for wallet in wallets {
        let now = jobs.context.clock.now();
        let change =
            Collect { coin: spec.coin, wallet: wallet.wallet, max_outputs: spec.max_outputs, available, now };
        if let Some(broadcast) = jobs.context.db.write(change).await? {
            collected += 1;
            let mut open = jobs.context.db.read().await?;
            available = available.saturating_sub(paid_by(&read::broadcast(&mut open.tx(), broadcast).await?));
        }
    }
    failpoint::reach("broadcast.collected").await;
    Ok(collected)
}

fn paid_by(broadcast: &LiveBroadcast) -> i64 {
    broadcast.outputs.iter().fold(0, |sum, output| sum.saturating_add(output.amount))
}

/// Confirmed outputs that no live broadcast reserves, largest first; our own change from one confirmation on.
async fn unspent(jobs: &CoinJobs) -> Result<Vec<Unspent>, JobError> {
    let spec = &jobs.coin.spec;
    let all = jobs.coin.backend.unspent().await?;
    let mut open = jobs.context.db.read().await?;
    let reserved: HashSet<OutPoint> =
        read::reserved_outpoints(&mut open.tx(), spec.coin).await?.into_iter().collect();
    let mut usable = Vec::with_capacity(all.len());
    for output in all {
        if reserved.contains(&output.outpoint) {
            continue;
        }
        let confirmed = output.confirmations >= spec.confirmation_count;
        if confirmed
            || read::broadcast_of_txid(&mut open.tx(), spec.coin, &output.outpoint.txid).await?.is_some()
        {
            usable.push(output);
        }
    }
    Ok(usable)
}

/// Takes one broadcast as far as it goes now. Answers whether it went to the network.
async fn carry_on(jobs: &CoinJobs, live: LiveBroadcast, best_block: &str) -> Result<bool, JobError> {
    // A paused wallet opens nothing new; what was opened is finished.
    if live.paused && live.state != State::Open {
        return Ok(false);
    }
    let id = live.id;
    let attempts_before = live.last_attempt.as_ref().map_or(0, |attempt| attempt.number);
    let version = match live.versions.into_iter().next_back() {
        Some(version) => Version::stored(version)?,
        None if live.state == State::Collected => prepare_and_store(jobs, id, &live.outputs).await?,
        None => {
            return Err(JobError::GiveUp("it was opened without signed bytes; a person must decide".into()));
        }
    };
    let attempt = open(jobs, id, version.id, best_block).await?;
    failpoint::reach("broadcast.opened").await;
    let outcome = send(jobs, &attempt, &version).await?;
    failpoint::reach("broadcast.sent").await;
    let now = jobs.context.clock.now();
    if let Some((outcome, detail)) = outcome {
        let retry_at = Some(now.plus_seconds(resend_after(attempts_before)));
        let finish = FinishAttempt {
            attempt: attempt.id,
            epoch: attempt.epoch,
            outcome,
            detail: detail.clone(),
            retry_at,
            now,
        };
        jobs.context.db.write(finish).await?;
        return Err(JobError::Retry(detail));
    }
    let close = CloseBroadcast {
        broadcast: id,
        txid: version.txid,
        fee: Some(version.fee),
        attempt: Some(attempt.id),
        now,
    };
    jobs.context.db.write(close).await?;
    failpoint::reach("broadcast.closed").await;
    Ok(true)
}

/// The signed bytes that are sent, as stored.
struct Version {
    id: VersionId,
    txid: String,
    fee: i64,
    raw: Vec<u8>,
}

impl Version {
    fn stored(version: read::Version) -> Result<Self, JobError> {
        let read::Version { id, txid, fee, raw, .. } = version;
        let raw = raw.ok_or_else(|| JobError::GiveUp("its signed bytes were erased".into()))?;
        Ok(Self { id, txid, fee, raw })
    }
}

async fn prepare_and_store(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    outputs: &[Output],
) -> Result<Version, JobError> {
    let context = &jobs.context;
    let unspent = unspent(jobs).await?;
    let prepared = match prepare(jobs.coin.backend.as_ref(), &jobs.coin.spec, &unspent, outputs).await {
        Ok(prepared) => prepared,
        Err(error) => {
            let (trouble, now) = (error.to_string(), context.clock.now());
            context.db.write(NoteTrouble { broadcast, trouble: trouble.clone(), now }).await?;
            return Err(JobError::Retry(trouble));
        }
    };
    let now = context.clock.now();
    let store = StorePrepared {
        broadcast,
        epoch: jobs.lease.epoch(now)?,
        runner: context.runner.clone(),
        raw: prepared.raw.clone(),
        txid: prepared.txid.clone(),
        fee: prepared.fee,
        inputs: prepared.inputs.clone(),
        outputs: outputs.to_vec(),
        now,
    };
    let id = context.db.write(store).await?;
    failpoint::reach("broadcast.prepared").await;
    let inputs: Vec<OutPoint> = prepared.inputs.into_iter().map(|(outpoint, _)| outpoint).collect();
    if let Err(error) = jobs.coin.backend.lock(&inputs).await {
        tracing::info!(coin = jobs.ticker(), %error, "inputs could not be locked in the daemon; they are reserved here");
    }
    Ok(Version { id, txid: prepared.txid, fee: prepared.fee, raw: prepared.raw })
}

struct Attempt {
    id: AttemptId,
    epoch: i64,
    deadline: Time,
}

/// Commits the attempt before a byte leaves.
async fn open(
    jobs: &CoinJobs,
    broadcast: NetworkTransactionId,
    version: VersionId,
    best_block: &str,
) -> Result<Attempt, JobError> {
    let now = jobs.context.clock.now();
    let epoch = jobs.lease.epoch(now)?;
    let timeout = i64::try_from(jobs.coin.backend.timeout().as_secs()).unwrap_or(i64::MAX);
    let deadline = now.plus_seconds(timeout.saturating_add(DEADLINE_MARGIN_SECONDS));
    let open = OpenBroadcast {
        broadcast,
        version: Some(version),
        runner: jobs.context.runner.clone(),
        epoch,
        deadline,
        best_block: best_block.to_owned(),
        now,
    };
    Ok(Attempt { id: jobs.context.db.write(open).await?, epoch, deadline })
}

/// Hands the bytes over. `None`: the network has them; else the outcome's name and why.
async fn send(
    jobs: &CoinJobs,
    attempt: &Attempt,
    version: &Version,
) -> Result<Option<(&'static str, String)>, JobError> {
    // Right before the first byte: still ours, still in time?
    let now = jobs.context.clock.now();
    if jobs.lease.epoch(now)? != attempt.epoch || now >= attempt.deadline {
        return Err(JobError::LeaseLost);
    }
    let failure = match jobs.coin.backend.send_prepared(&version.raw).await {
        SendOutcome::Sent { .. } => return Ok(None),
        SendOutcome::Refused { reason } => ("refused", reason),
        SendOutcome::Unknown { reason } => ("unknown", reason),
    };
    // No error decides alone: what is mined or was accepted already is answered by errors too.
    let found = jobs.coin.backend.transaction(&version.txid).await;
    let known =
        found.is_ok_and(|found| found.is_some_and(|found| found.confirmations >= 0 && !found.abandoned));
    Ok(if known { None } else { Some(failure) })
}

fn resend_after(attempts_before: i64) -> i64 {
    let doublings = u32::try_from(attempts_before + 1).unwrap_or(u32::MAX).min(16);
    RESEND_SECONDS_MAX.min(1 << doublings)
}
