//! Further versions of a prepared broadcast: a higher fee, or back to us. All spend its anchor, so at most one of them
//! can confirm; and what else may have spent it.

use super::broadcast::unspent;
use super::prepare::replace;
use super::prepared::{Version, store};
use super::{CoinJobs, JobError};
use crate::ledger::read::LiveBroadcast;
use crate::ledger::{ConflictBroadcast, NewVersion};
use crate::network::{Output, Unspent};

/// The same payments for a higher fee, as a person ordered.
pub(super) async fn bumped(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<Version, JobError> {
    make(jobs, live, NewVersion::Bump, live.outputs.clone()).await
}

/// The version that takes all back to us; made once, then sent until one of the versions is mined.
pub(super) async fn cancelling(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<Version, JobError> {
    if live.versions.last().is_some_and(|version| version.kind == "cancel" && version.raw.is_some()) {
        return Version::newest(live);
    }
    make(jobs, live, NewVersion::Cancel, Vec::new()).await
}

async fn make(
    jobs: &CoinJobs,
    live: &LiveBroadcast,
    kind: NewVersion,
    outputs: Vec<Output>,
) -> Result<Version, JobError> {
    let spent = |(outpoint, amount): &(crate::network::OutPoint, i64)| Unspent {
        outpoint: outpoint.clone(),
        amount: *amount,
        confirmations: 1,
        address: None,
    };
    let inputs: Vec<Unspent> = live.inputs.iter().map(spent).collect();
    let spare = if kind == NewVersion::Bump { unspent(jobs).await? } else { Vec::new() };
    let highest = live.versions.iter().map(|version| version.fee).max().unwrap_or(0);
    let (backend, spec) = (jobs.coin.backend.as_ref(), &jobs.coin.spec);
    let prepared = replace(backend, spec, &inputs, &spare, &outputs, highest)
        .await
        .map_err(|error| JobError::Retry(error.to_string()))?;
    store(jobs, live.id, kind, prepared, outputs).await
}

/// No version got in: has something else spent what they spend? As deep as we follow it is for good, and a person
/// decides what becomes of the payments.
pub(super) async fn look_for_rival(jobs: &CoinJobs, live: &LiveBroadcast) -> Result<(), JobError> {
    let Some(block) = &live.first_block else { return Ok(()) };
    // Not every backend lists what it sent; then the bytes are sent again and again, which is harmless.
    let Ok(sent) = jobs.coin.backend.sent_since(block).await else { return Ok(()) };
    let rival = sent.iter().find(|other| {
        live.versions.iter().all(|version| version.txid != other.txid)
            && other.inputs.iter().any(|input| live.inputs.iter().any(|(ours, _)| ours == input))
    });
    let depth = rival.map_or(0, |rival| rival.confirmations);
    if depth < jobs.coin.spec.max_confirmation_count {
        return Ok(());
    }
    let now = jobs.context.clock.now();
    jobs.context.db.write(ConflictBroadcast { broadcast: live.id, depth, now }).await?;
    Err(JobError::GiveUp(format!("broadcast {} is lost: its inputs were spent by something else", live.id)))
}
