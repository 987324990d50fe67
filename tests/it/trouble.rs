//! Withdrawals by a real litecoind while the way to it, or the daemon itself, fails at every call of the send path:
//! the outside has each payment once, and nobody is needed.

use crate::stage::{LIMIT, Stage};
use anyhow::{Context, ensure};
use app::model::NetworkTransactionId;
use server::clock::Clock;
use server::db::{Db, query};
use server::ledger::{Decision, LedgerError, ReopenBroadcast};
use std::time::Duration;
use tests::app::Store;
use tests::litecoind::eventually;
use tests::proxy::{Proxy, Trouble};

/// A one-shot is broken 30 s after its time-out, which is 5 s here.
const BROKEN_LIMIT: Duration = Duration::from_secs(80);

/// What is asked of the daemon for one prepared broadcast, in order.
const SEND_PATH: [&str; 8] = [
    "listunspent",
    "getrawchangeaddress",
    "createrawtransaction",
    "signrawtransactionwithwallet",
    "lockunspent",
    "testmempoolaccept",
    "sendrawtransaction",
    "gettransaction",
];

/// The call comes too late for its caller, and is carried out all the same.
async fn late(stage: &Stage, proxy: &Proxy, method: &str, amount: &str) -> anyhow::Result<()> {
    proxy.order(method, Trouble::Hold, 1);
    stage.pay_outside(amount).await?;
    eventually("the send to be held", LIMIT, async || Ok(proxy.counts(method).held == 1)).await?;
    stage.nodes.hot.block_thread().await?;
    proxy.release();
    let given_up = async || Ok(proxy.counts(method).given_up == 1);
    eventually("Coffer to give the send up", LIMIT, given_up).await?;
    // The block frees the thread, and what waited for it runs.
    stage.nodes.outside.mine(1).await?;
    stage.until_newest("broadcasted").await
}

async fn prepared_through_every_trouble(store: Store) -> anyhow::Result<()> {
    let (stage, proxy) = Stage::through_proxy(store, "").await?;
    stage.fund(4).await?;
    let troubles = [
        (Trouble::CutReply, "0.11000000"),
        (Trouble::NotDelivered, "0.12000000"),
        (Trouble::Garbled, "0.13000000"),
    ];
    for (trouble, amount) in troubles {
        for method in SEND_PATH {
            proxy.order(method, trouble, 1);
        }
        stage.pay_outside(amount).await?;
        stage.until_newest("broadcasted").await.with_context(|| format!("{trouble:?}"))?;
        let waiting = proxy.waiting();
        ensure!(waiting.is_empty(), "{trouble:?} never met {waiting:?}");
    }
    late(&stage, &proxy, "sendrawtransaction", "0.14000000").await?;
    stage.settle_all(&["0.11000000", "0.12000000", "0.13000000", "0.14000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_broadcasts_pay_once_through_every_trouble_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    prepared_through_every_trouble(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_broadcasts_pay_once_through_every_trouble_by_litecoind_on_postgres() -> anyhow::Result<()> {
    prepared_through_every_trouble(Store::Postgres).await
}

/// The books from outside, as another process of Coffer has them.
struct Books(Db);

impl Books {
    async fn open(stage: &Stage) -> anyhow::Result<Self> {
        Ok(Self(Db::open(&stage.app.database_url, 3, 1).await?))
    }

    /// The oldest broadcast, its state and the last verdict on it.
    async fn first(&self) -> anyhow::Result<(NetworkTransactionId, String, Option<String>)> {
        let mut read = self.0.read().await?;
        let first = query(
            "SELECT id, state, (SELECT verdict FROM evidence e WHERE e.broadcast = n.id ORDER BY e.id DESC LIMIT 1)
             FROM network_transaction n WHERE type = 'broadcast' ORDER BY id LIMIT 1",
        );
        Ok(first.one(&mut read.tx()).await?)
    }

    async fn until_first(&self, stage: &Stage, state: &str, verdict: &str) -> anyhow::Result<()> {
        let mut seen = None;
        let there = eventually("the first broadcast", BROKEN_LIMIT, async || {
            let (_, now, said) = self.first().await?;
            let there = now == state && said.as_deref() == Some(verdict);
            seen = Some((now, said));
            Ok(there)
        });
        there.await.with_context(|| format!("{seen:?}; {}", stage.app.log_tail()))
    }

    async fn reopen_first(&self) -> anyhow::Result<Result<(), LedgerError>> {
        let (broadcast, ..) = self.first().await?;
        let decision =
            Decision { actor: "ines".into(), reason: "the daemon was killed before it ran".into() };
        Ok(self.0.write(ReopenBroadcast { broadcast, decision, now: Clock::system().now() }).await)
    }
}

/// What never arrived is the only one that a person has to decide, and only when it is safe; all else is found.
async fn one_shots_through_every_trouble(store: Store) -> anyhow::Result<()> {
    let (mut stage, proxy) = Stage::through_proxy(store, "    broadcast: { prepared: never }\n").await?;
    stage.fund(5).await?;
    proxy.order("sendmany", Trouble::NotDelivered, 1);
    stage.pay_outside("0.21000000").await?;
    let lost = async || Ok(proxy.waiting().is_empty());
    eventually("the first to be lost", LIMIT, lost).await.with_context(|| stage.app.log_tail())?;
    for (trouble, amount) in [(Trouble::CutReply, "0.22000000"), (Trouble::Garbled, "0.23000000")] {
        proxy.order("sendmany", trouble, 1);
        stage.pay_outside(amount).await?;
        stage.until_newest("broadcasted").await.with_context(|| format!("{trouble:?}"))?;
        ensure!(proxy.waiting().is_empty(), "{trouble:?} was never met");
    }
    late(&stage, &proxy, "sendmany", "0.24000000").await?;
    // Mined and on the daemon's disk, so that the kill takes nothing of them from it.
    stage.nodes.mine(1).await?;
    let books = Books::open(&stage).await?;
    books.until_first(&stage, "broken", "cant_tell").await?;
    let early = books.reopen_first().await?;
    ensure!(matches!(early, Err(LedgerError::EvidenceForbids(_))), "it may still run: {early:?}");
    stage.nodes.hot.kill();
    stage.nodes.restart_hot().await?;
    books.until_first(&stage, "broken", "not_found").await?;
    books.reopen_first().await??;
    stage.settle_all(&["0.21000000", "0.22000000", "0.23000000", "0.24000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shots_pay_once_through_every_trouble_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    one_shots_through_every_trouble(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shots_pay_once_through_every_trouble_by_litecoind_on_postgres() -> anyhow::Result<()> {
    one_shots_through_every_trouble(Store::Postgres).await
}
