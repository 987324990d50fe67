//! kill -9 of Coffer and of the daemon at every step of a payment by a real litecoind, and of both between the steps:
//! the outside has each payment once, and only a one-shot that may have left needs a person.

use crate::stage::{LIMIT, Stage};
use anyhow::Context;
use std::time::Duration;
use tests::app::Store;
use tests::litecoind::eventually;

/// A one-shot is broken 30 s after its time-out, which is 5 s here.
const BROKEN_LIMIT: Duration = Duration::from_secs(80);
/// Their clocks may differ by 5 seconds: only a daemon that starts later surely started after the attempt.
const CLOCKS: Duration = Duration::from_secs(6);
/// As long as a supervisor waits; Coffer looks every two seconds.
const DOWN: Duration = Duration::from_secs(3);
const ONE_SHOTS: &str = "    broadcast: { prepared: never }\n";

/// Commits and calls of one prepared broadcast, in order.
const PREPARED: [&str; 20] = [
    "commit.collect.before",
    "commit.collect.after",
    "rpc.unspent.before",
    "rpc.unspent.after",
    "rpc.change_address.before",
    "rpc.change_address.after",
    "rpc.sign.before",
    "rpc.sign.after",
    "commit.store_prepared.before",
    "commit.store_prepared.after",
    "rpc.lock.before",
    "rpc.lock.after",
    "rpc.test_prepared.before",
    "rpc.test_prepared.after",
    "commit.open_broadcast.before",
    "commit.open_broadcast.after",
    "rpc.send_prepared.before",
    "rpc.send_prepared.after",
    "commit.close_broadcast.before",
    "commit.close_broadcast.after",
];
/// Where both are gone and nothing but the database knows.
const BETWEEN: [&str; 3] =
    ["commit.store_prepared.after", "commit.open_broadcast.after", "rpc.send_prepared.after"];
/// Of a one-shot, where a killed helper leaves no doubt.
const ONE_SHOT: [&str; 6] = [
    "commit.collect.before",
    "commit.collect.after",
    "commit.open_broadcast.before",
    "rpc.send_many.after",
    "commit.close_broadcast.before",
    "commit.close_broadcast.after",
];
/// Where only a daemon that was started anew proves that nothing left.
const IN_DOUBT: [&str; 2] = ["commit.open_broadcast.after", "rpc.send_many.before"];

#[derive(Clone, Copy, PartialEq)]
enum Killed {
    Helper,
    Daemon,
    Both,
}

/// Sends, and kills at the point; everything runs again afterwards.
async fn kill_at(stage: &mut Stage, point: &str, killed: Killed, amount: &str) -> anyhow::Result<()> {
    stage.app.terminate().await?;
    let reached = stage.app.folder.join(point);
    stage.app.start("serve", Some(&format!("{point}={}", reached.display()))).await?;
    stage.pay_outside(amount).await?;
    let there = eventually("the failpoint", LIMIT, async || Ok(reached.exists()));
    there.await.with_context(|| stage.app.log_tail())?;
    if killed != Killed::Daemon {
        stage.app.kill().await?;
    }
    if killed != Killed::Helper {
        stage.nodes.hot.kill();
    }
    // It goes on, if it lives.
    std::fs::remove_file(&reached)?;
    if killed != Killed::Helper {
        let in_doubt = killed == Killed::Both && IN_DOUBT.contains(&point);
        tokio::time::sleep(if in_doubt { CLOCKS } else { DOWN }).await;
        stage.nodes.restart_hot().await?;
    }
    if killed != Killed::Daemon {
        stage.app.start("serve", None).await?;
    }
    Ok(())
}

/// A payment for each point, each mined before the next, so that its change can be spent.
async fn pays_once(stage: &mut Stage, points: &[&str], killed: Killed) -> anyhow::Result<()> {
    stage.fund(2).await?;
    let mut amounts = Vec::new();
    for (number, point) in (11..).zip(points) {
        let amount = format!("0.0{number}00000");
        kill_at(stage, point, killed, &amount).await?;
        stage.until_newest("broadcasted").await.with_context(|| (*point).to_owned())?;
        stage.nodes.mine(1).await.with_context(|| (*point).to_owned())?;
        amounts.push(amount);
    }
    let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
    stage.settle_all(&amounts).await
}

async fn prepared(store: Store, killed: Killed) -> anyhow::Result<()> {
    let points = if killed == Killed::Both { &BETWEEN[..] } else { &PREPARED[..] };
    pays_once(&mut Stage::set(store).await?, points, killed).await
}

async fn one_shots(store: Store, killed: Killed) -> anyhow::Result<()> {
    let mut stage = Stage::set_with(store, &[], ONE_SHOTS).await?;
    // A daemon that died before the call got to it refused the connection: certainly not sent.
    let doubtless = if killed == Killed::Helper { &[][..] } else { &IN_DOUBT[..] };
    pays_once(&mut stage, &[&ONE_SHOT, doubtless].concat(), killed).await
}

/// Nobody knows whether it left until the daemon was started anew; then a person reopens it.
async fn in_doubt(store: Store) -> anyhow::Result<()> {
    let mut stage = Stage::set_with(store, &[], ONE_SHOTS).await?;
    stage.fund(1).await?;
    kill_at(&mut stage, IN_DOUBT[0], Killed::Both, "0.75000000").await?;
    let broadcast = stage.newest_broadcast().await?;
    stage.until_broadcast(&broadcast, "broken", BROKEN_LIMIT).await?;
    stage.vet(&broadcast, "reopen", LIMIT).await?;
    stage.settle_all(&["0.75000000"]).await
}

macro_rules! on_both {
    ($($name:ident: $run:ident $(($killed:ident))?;)*) => {$(mod $name {
        use super::*;

        #[tokio::test(flavor = "multi_thread")]
        async fn by_litecoind_on_sqlite() -> anyhow::Result<()> {
            $run(Store::Sqlite $(, Killed::$killed)?).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn by_litecoind_on_postgres() -> anyhow::Result<()> {
            $run(Store::Postgres $(, Killed::$killed)?).await
        }
    })*};
}

on_both! {
    prepared_broadcasts_pay_once_when_the_helper_is_killed: prepared(Helper);
    prepared_broadcasts_pay_once_when_the_daemon_is_killed: prepared(Daemon);
    prepared_broadcasts_pay_once_when_both_are_killed: prepared(Both);
    one_shots_pay_once_when_the_helper_is_killed: one_shots(Helper);
    one_shots_pay_once_when_the_daemon_is_killed: one_shots(Daemon);
    a_one_shot_in_doubt_is_reopened_once: in_doubt;
}
