//! The whole way of money through the running binary, its pages and a real litecoind: in by a deposit, out by a
//! withdrawal, counted in the outside wallet's own blocks.

use crate::stage::{LIMIT, Stage, same};
use anyhow::ensure;
use std::time::{Duration, Instant};
use tests::app::Store;
use tests::litecoind::OUTSIDE;

async fn deposit_and_withdrawal(store: Store) -> anyhow::Result<()> {
    let stage = Stage::set(store).await?;
    stage.nodes.pay(&stage.address, "1.50000000").await?;
    let paid = Instant::now();
    stage.until_states(&["incoming"], Duration::from_secs(2)).await?;
    eprintln!("incoming after {:?}", paid.elapsed());
    stage.nodes.mine(2).await?;
    ensure!(same(&stage.balance().await?, "0"), "two confirmations count already");
    stage.nodes.mine(1).await?;
    stage.until_states(&["credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "1.5"));

    let outside = stage.nodes.outside.new_address(OUTSIDE).await?;
    stage.send(&outside, "0.25").await?;
    ensure!(same(&stage.balance().await?, "1.25"), "a send debits at once");
    stage.until_states(&["broadcasted", "credited"], LIMIT).await?;
    stage.settle_broadcasts(1).await?;
    let fees = stage.browser.get("/transactions?state=network_fee").await?.all("table.rows tbody .state");
    ensure!(fees == ["network_fee"], "the fee is booked once, not {fees:?}");
    stage.books_equal_daemon().await?;
    stage.settle_accounts(&["0.25000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deposit_and_withdrawal_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    deposit_and_withdrawal(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deposit_and_withdrawal_by_litecoind_on_postgres() -> anyhow::Result<()> {
    deposit_and_withdrawal(Store::Postgres).await
}

async fn lost_notifications(store: Store) -> anyhow::Result<()> {
    let mut stage = Stage::set(store).await?;
    let code = stage.app.terminate().await?;
    ensure!(code == Some(0), "SIGTERM ended with {code:?}");
    for amount in ["0.10000000", "0.20000000", "0.30000000"] {
        stage.nodes.pay(&stage.address, amount).await?;
        stage.nodes.mine(1).await?;
    }
    stage.nodes.mine(3).await?;
    stage.app.start("serve", None).await?;
    stage.until_states(&["credited", "credited", "credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "0.6"));
    // Once: another scan, and another start, change nothing.
    stage.app.must(&["scan-received"], "").await?;
    stage.app.kill().await?;
    stage.app.start("serve", None).await?;
    stage.app.must(&["scan-received"], "").await?;
    stage.until_states(&["credited", "credited", "credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "0.6"));
    stage.app.must(&["audit"], "").await?;
    stage.books_equal_daemon().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_while_off_is_scanned_once_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    lost_notifications(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_while_off_is_scanned_once_by_litecoind_on_postgres() -> anyhow::Result<()> {
    lost_notifications(Store::Postgres).await
}
