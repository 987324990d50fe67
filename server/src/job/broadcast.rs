//! Broadcasts: collect what is pending, prepare, open, send, close. Each step is committed before the next acts, so
//! that a pass that died is carried on by the next one: prepared bytes are simply sent again, which pays only once.
//! Start with `pass`; `prepared` and `one_shot` are the two ways a broadcast goes.

use super::prepare::spendable;
use super::prepared::{Version, hand_over, must_be_taken, prepare_first};
use super::{BROADCASTS_MAX, CoinJobs, JobError, Pass, one_shot, version};
use crate::ledger::Collect;
use crate::ledger::read::{self, LiveBroadcast};
use crate::network::{OutPoint, Unspent};
use app::model::{Amount, NetworkTransactionState as State, Time};
use std::collections::HashSet;

/// In neither mempool nor block for so long, a closed broadcast is sent again.
const MISSING_SECONDS: i64 = 600;
/// Inputs that were let go so long ago have been unlocked by now.
const UNLOCK_SECONDS: i64 = 3600;

#[derive(Default)]
struct Done {
    collected: usize,
    sent: usize,
    waiting: Vec<String>,
}

pub(super) async fn pass(jobs: &CoinJobs) -> Pass {
    let best_block = jobs.fit()?;
    let mut done = Done::default();
    match collect(jobs, &mut done).await {
        Ok(()) => {}
        // What stands in the way of new ones doesn't hold up those that are under way.
        Err(JobError::LeaseLost) => return Err(JobError::LeaseLost),
        Err(error) => done.waiting.push(error.to_string()),
    }
    let now = jobs.context.clock.now();
    let live = under_way(jobs, now).await?;
    unlock_freed(jobs, now).await?;
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

async fn under_way(jobs: &CoinJobs, now: Time) -> Result<Vec<LiveBroadcast>, JobError> {
    let coin = jobs.coin.spec.coin;
    let mut open = jobs.context.db.read().await?;
    let states = [State::Collected, State::Prepared, State::Open, State::Broken, State::Cancelling];
    let mut live = read::broadcasts(&mut open.tx(), coin, &states, BROADCASTS_MAX).await?;
    let missing_before = now.plus_seconds(-MISSING_SECONDS);
    live.extend(read::restless(&mut open.tx(), coin, missing_before, BROADCASTS_MAX).await?);
    Ok(live)
}

/// What a cancelled broadcast let go, others may spend again.
async fn unlock_freed(jobs: &CoinJobs, now: Time) -> Result<(), JobError> {
    let mut open = jobs.context.db.read().await?;
    let since = now.plus_seconds(-UNLOCK_SECONDS);
    let freed = read::freed_outpoints(&mut open.tx(), jobs.coin.spec.coin, since).await?;
    drop(open);
    if !freed.is_empty()
        && let Err(error) = jobs.coin.backend.unlock(&freed).await
    {
        tracing::info!(coin = jobs.ticker(), %error, "freed inputs could not be unlocked in the daemon");
    }
    Ok(())
}

fn in_words(done: &Done) -> String {
    let mut words = match (done.collected, done.sent) {
        (0, 0) if done.waiting.is_empty() => "nothing to send".to_owned(),
        (0, 0) => "nothing sent".to_owned(),
        (collected, sent) => format!("{collected} collected, {sent} sent"),
    };
    for waiting in done.waiting.iter().take(3) {
        words.push_str("; ");
        words.push_str(waiting);
    }
    words
}

/// Pending transactions join new broadcasts as far as the hot wallet can pay them now.
async fn collect(jobs: &CoinJobs, done: &mut Done) -> Result<(), JobError> {
    let spec = &jobs.coin.spec;
    let mut open = jobs.context.db.read().await?;
    let wallets = read::pending_work(&mut open.tx(), spec.coin).await?;
    drop(open);
    if wallets.is_empty() {
        return Ok(());
    }
    // A one-shot's inputs are the daemon's choice; it says itself when it has too little.
    let mut available = if jobs.coin.prepares() { spendable(&unspent(jobs).await?, spec) } else { i64::MAX };
    let mut open = jobs.context.db.read().await?;
    for waiting in read::broadcasts(&mut open.tx(), spec.coin, &[State::Collected], BROADCASTS_MAX).await? {
        available = available.saturating_sub(paid_by(&waiting));
    }
    drop(open);
    for wallet in wallets {
        let now = jobs.context.clock.now();
        let change =
            Collect { coin: spec.coin, wallet: wallet.wallet, max_outputs: spec.max_outputs, available, now };
        let Some(broadcast) = jobs.context.db.write(change).await? else {
            if jobs.coin.prepares() {
                let (id, count) = (wallet.wallet, wallet.transactions);
                let pays = Amount::new(spec.coin, available);
                done.waiting
                    .push(format!("{count} pending of wallet {id} wait: the hot wallet can pay {pays} now"));
            }
            continue;
        };
        done.collected += 1;
        let mut open = jobs.context.db.read().await?;
        available = available.saturating_sub(paid_by(&read::broadcast(&mut open.tx(), broadcast).await?));
    }
    Ok(())
}

fn paid_by(broadcast: &LiveBroadcast) -> i64 {
    broadcast.outputs.iter().fold(0, |sum, output| sum.saturating_add(output.amount))
}

/// Confirmed outputs that no live broadcast reserves, largest first; our own change from one confirmation on.
pub(super) async fn unspent(jobs: &CoinJobs) -> Result<Vec<Unspent>, JobError> {
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
    if live.paused && matches!(live.state, State::Collected | State::Prepared) {
        return Ok(false);
    }
    if live.versions.is_empty() && (live.last_attempt.is_some() || !jobs.coin.prepares()) {
        return one_shot::carry_on(jobs, live, best_block).await;
    }
    let version = match live.state {
        State::Collected => prepare_first(jobs, &live).await?,
        State::Cancelling => version::cancelling(jobs, &live).await?,
        _ if live.bump_waits => version::bumped(jobs, &live).await?,
        _ => Version::newest(&live)?,
    };
    if matches!(live.state, State::Collected | State::Prepared) {
        must_be_taken(jobs, &live, &version).await?;
    }
    hand_over(jobs, &live, version, best_block).await
}
