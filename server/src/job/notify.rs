//! Wallet notifications: a txid comes in, the backend is asked for the details, the books follow. Losing one is
//! harmless: scan and confirmations come by anyway.

use super::observe::observe;
use super::record::ask;
use super::{CoinJobs, Context, JobError, RunError};
use crate::config::WalletNotify;
use crate::db::Execute;
use crate::notify::Notification;
use crate::notify::http::HttpNotify;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

/// Waiting notifications; beyond it the listener answers 503 and the scan brings what was missed.
const QUEUE: usize = 1000;

/// Starts the listeners and the one task that works off what they bring.
pub(super) async fn start(
    context: &Context,
    coins: &[Arc<CoinJobs>],
    tasks: &mut JoinSet<()>,
) -> Result<(), RunError> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    for (address, tickers) in listeners(coins) {
        let mut stop = context.stop.clone();
        let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
        let listener = HttpNotify::bind(address).await.map_err(|error| RunError::Start(error.to_string()))?;
        let sender = sender.clone();
        tasks.spawn(async move {
            if let Err(error) = listener.serve(tickers, sender, stopped).await {
                tracing::error!(%error, "the listener for wallet notifications failed");
            }
        });
    }
    for jobs in coins {
        if let Some(simulated) = jobs.coin.backend.simulated() {
            tasks.spawn(forward(jobs.clone(), simulated.subscribe(), sender.clone()));
        }
    }
    tasks.spawn(work_off(context.clone(), coins.to_vec(), receiver));
    Ok(())
}

/// One listener an address; coins may share one.
fn listeners(coins: &[Arc<CoinJobs>]) -> BTreeMap<SocketAddr, Vec<String>> {
    let mut listeners: BTreeMap<SocketAddr, Vec<String>> = BTreeMap::new();
    for jobs in coins {
        if let Some(WalletNotify::Http { bind }) = jobs.coin.walletnotify {
            listeners.entry(bind).or_default().push(jobs.ticker().to_owned());
        }
    }
    listeners
}

async fn forward(
    jobs: Arc<CoinJobs>,
    mut txids: broadcast::Receiver<String>,
    sender: mpsc::Sender<Notification>,
) {
    let mut stop = jobs.context.stop.clone();
    loop {
        let txid = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            txid = txids.recv() => txid,
        };
        match txid {
            // A full queue loses it; the scan brings it.
            Ok(txid) => drop(sender.try_send(Notification { coin: Some(jobs.ticker().to_owned()), txid })),
            Err(broadcast::error::RecvError::Lagged(_)) => jobs.wake.scan.notify_one(),
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

async fn work_off(context: Context, coins: Vec<Arc<CoinJobs>>, mut receiver: mpsc::Receiver<Notification>) {
    let mut stop = context.stop.clone();
    loop {
        let notification = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            notification = receiver.recv() => notification,
        };
        let Some(Notification { coin, txid }) = notification else {
            // No listener is configured: nothing will come, but ending by itself would be a fault.
            let _ = stop.wait_for(|stop| *stop).await;
            return;
        };
        for jobs in coins.iter().filter(|jobs| coin.as_deref().is_none_or(|coin| coin == jobs.ticker())) {
            match observe(jobs, &txid).await {
                Ok(Some(_)) | Err(JobError::LeaseLost) => {}
                Ok(None) => tracing::debug!(
                    coin = jobs.ticker(),
                    txid,
                    "a notification of a transaction that the backend doesn't know"
                ),
                Err(error) => {
                    tracing::info!(coin = jobs.ticker(), txid, %error, "a notification waits for the next scan");
                    ask_for_scan(jobs).await;
                }
            }
        }
    }
}

async fn ask_for_scan(jobs: &CoinJobs) {
    let ask = ask("scan", jobs.ticker(), jobs.context.clock.now());
    if let Err(error) = jobs.context.db.write(Execute::one("ask for a scan", ask)).await {
        tracing::info!(coin = jobs.ticker(), %error, "no scan could be asked for; the next one comes by itself");
    }
}
