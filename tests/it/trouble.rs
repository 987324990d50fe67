//! Withdrawals by a real litecoind while the way to it, or the daemon itself, fails at every call of the send path:
//! the outside has each payment once, and nobody is needed.

use crate::stage::{LIMIT, Stage};
use anyhow::{Context, ensure};
use tests::app::Store;
use tests::litecoind::{OUTSIDE, eventually};
use tests::proxy::{Proxy, Trouble};

/// What is asked of the daemon for one prepared broadcast, in order.
const SEND_PATH: [&str; 7] = [
    "listunspent",
    "getrawchangeaddress",
    "createrawtransaction",
    "signrawtransactionwithwallet",
    "lockunspent",
    "sendrawtransaction",
    "gettransaction",
];

/// The account has money in several pieces, so that no send waits for another's change.
async fn funded(stage: &Stage, pieces: usize) -> anyhow::Result<()> {
    for _ in 0..pieces {
        stage.nodes.pay(&stage.address, "1.00000000").await?;
    }
    stage.nodes.mine(3).await?;
    stage.until_states(&vec!["credited"; pieces], LIMIT).await
}

async fn until_newest(stage: &Stage, state: &str) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    let newest = eventually("the newest transaction's state", LIMIT, async || {
        seen = stage.page().await?.all("table.rows tbody .state");
        Ok(seen.first().is_some_and(|newest| newest == state))
    });
    newest.await.with_context(|| format!("{seen:?}; {}", stage.app.log_tail()))
}

async fn pay_outside(stage: &Stage, amount: &str) -> anyhow::Result<()> {
    let address = stage.nodes.outside.new_address(OUTSIDE).await?;
    stage.send(&address, amount).await.map(drop)
}

/// The call comes too late for its caller, and is carried out all the same.
async fn late(stage: &Stage, proxy: &Proxy, amount: &str) -> anyhow::Result<()> {
    proxy.order("sendrawtransaction", Trouble::Hold, 1);
    pay_outside(stage, amount).await?;
    eventually("the send to be held", LIMIT, async || Ok(proxy.counts("sendrawtransaction").held == 1))
        .await?;
    stage.nodes.hot.block_thread().await?;
    proxy.release();
    let given_up = async || Ok(proxy.counts("sendrawtransaction").given_up == 1);
    eventually("Coffer to give the send up", LIMIT, given_up).await?;
    // The block frees the thread, and what waited for it runs.
    stage.nodes.outside.mine(1).await?;
    until_newest(stage, "broadcasted").await
}

async fn prepared_through_every_trouble(store: Store) -> anyhow::Result<()> {
    let (stage, proxy) = Stage::through_proxy(store, "").await?;
    funded(&stage, 4).await?;
    let troubles = [
        (Trouble::CutReply, "0.11000000"),
        (Trouble::NotDelivered, "0.12000000"),
        (Trouble::Garbled, "0.13000000"),
    ];
    for (trouble, amount) in troubles {
        for method in SEND_PATH {
            proxy.order(method, trouble, 1);
        }
        pay_outside(&stage, amount).await?;
        until_newest(&stage, "broadcasted").await.with_context(|| format!("{trouble:?}"))?;
        let waiting = proxy.waiting();
        ensure!(waiting.is_empty(), "{trouble:?} never met {waiting:?}");
    }
    late(&stage, &proxy, "0.14000000").await?;
    stage.settle_broadcasts(4).await?;
    stage.books_equal_daemon().await?;
    stage.settle_accounts(&["0.11000000", "0.12000000", "0.13000000", "0.14000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_broadcasts_pay_once_through_every_trouble_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    prepared_through_every_trouble(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_broadcasts_pay_once_through_every_trouble_by_litecoind_on_postgres() -> anyhow::Result<()> {
    prepared_through_every_trouble(Store::Postgres).await
}
