//! What operators decide about broadcasts, ordered on the pages and carried out by a real litecoind: a higher fee, a
//! cancel by a version, and what becomes of payments whose inputs something else has spent.

use crate::stage::{LIMIT, Stage, same};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tests::app::Store;
use tests::litecoind::{HOT, OUTSIDE, eventually, mempool};

/// Waits until the outside's mempool has one transaction, and not this one. The new one.
async fn until_replaced(stage: &Stage, old: &str) -> anyhow::Result<String> {
    let mut waiting = Vec::new();
    let replaced = eventually("another version in the outside's mempool", LIMIT, async || {
        waiting = mempool(&stage.nodes.outside).await?;
        Ok(waiting.len() == 1 && waiting[0] != old)
    });
    replaced.await.with_context(|| format!("{waiting:?}; {}", stage.app.log_tail()))?;
    Ok(waiting.remove(0))
}

/// The only transaction that waits, on both sides.
async fn waiting(stage: &Stage) -> anyhow::Result<String> {
    stage.nodes.sync().await?;
    let mut waiting = mempool(&stage.nodes.outside).await?;
    ensure!(waiting.len() == 1, "{waiting:?} waits");
    Ok(waiting.remove(0))
}

/// The fee of a transaction of the hot wallet, positive.
async fn fee_of(stage: &Stage, txid: &str) -> anyhow::Result<String> {
    let found = stage.nodes.hot.wallet(HOT, "gettransaction", json!([txid])).await?;
    Ok(found["fee"].to_string().trim_start_matches('-').to_owned())
}

async fn bumped_and_cancelled(store: Store) -> anyhow::Result<()> {
    let replaces = "    broadcast: { replaceable: true }\n";
    let stage = Stage::set_with(store, &["-mempoolreplacement=1"], replaces).await?;
    stage.fund(2).await?;

    stage.pay_outside("0.30000000").await?;
    stage.until_newest("broadcasted").await?;
    let bumped = stage.newest_broadcast().await?;
    let first = waiting(&stage).await?;
    stage.vet(&bumped, "bump", LIMIT).await?;
    let second = until_replaced(&stage, &first).await?;
    let (old, new) = (fee_of(&stage, &first).await?, fee_of(&stage, &second).await?);
    ensure!(old.parse::<f64>()? < new.parse::<f64>()?, "a fee of {old} became {new}");
    stage.nodes.sync().await?;
    stage.nodes.mine(6).await?;
    let page = stage.until_broadcast(&bumped, "settled", LIMIT).await?;
    ensure!(page.text().contains(&second) && page.text().contains("Version 2"), "{}", page.text());
    stage.books_equal_daemon().await?;

    stage.pay_outside("0.40000000").await?;
    stage.until_newest("broadcasted").await?;
    let cancelled = stage.newest_broadcast().await?;
    let paying = waiting(&stage).await?;
    stage.vet(&cancelled, "cancel", LIMIT).await?;
    stage.until_broadcast(&cancelled, "cancelling", LIMIT).await?;
    ensure!(same(&stage.balance().await?, "1.3"), "the money isn't back before the network has it");
    until_replaced(&stage, &paying).await?;
    stage.nodes.sync().await?;
    stage.nodes.mine(3).await?;
    stage.until_broadcast(&cancelled, "cancelled", LIMIT).await?;
    ensure!(same(&stage.balance().await?, "1.7"), "the money is back");
    stage.until_newest("failed").await?;
    stage.books_equal_daemon().await?;
    stage.settle_accounts(&["0.30000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bump_and_a_cancel_are_carried_out_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    bumped_and_cancelled(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bump_and_a_cancel_are_carried_out_by_litecoind_on_postgres() -> anyhow::Result<()> {
    bumped_and_cancelled(Store::Postgres).await
}

/// Somebody who has the keys spends the inputs of the unconfirmed transactions `txids` in a block of the outside.
async fn mine_a_rival(stage: &Stage, txids: &[String]) -> anyhow::Result<()> {
    let mut inputs = Vec::new();
    for txid in txids {
        let ours = stage.nodes.hot.wallet(HOT, "gettransaction", json!([txid, true, true])).await?;
        let spent = ours["decoded"]["vin"].as_array().context("inputs")?;
        inputs.extend(spent.iter().map(|input| json!({ "txid": input["txid"], "vout": input["vout"] })));
    }
    let theirs = stage.nodes.outside.new_address(OUTSIDE).await?;
    let change: Value = stage.nodes.hot.wallet(HOT, "getrawchangeaddress", json!([])).await?;
    let change = change.as_str().context("an address")?;
    let outputs = json!([{ &theirs: "0.5" }, { change: "1.4999" }]);
    let rival = stage.nodes.hot.rpc("createrawtransaction", json!([inputs, outputs])).await?;
    let rival = stage.nodes.hot.wallet(HOT, "signrawtransactionwithwallet", json!([rival])).await?;
    ensure!(rival["complete"] == true, "not signed: {rival}");
    let home = stage.nodes.outside.new_address(OUTSIDE).await?;
    stage.nodes.outside.rpc("generateblock", json!([home, [rival["hex"]]])).await.map(drop)
}

/// Two payments are lost to one rival: the one is given up, the other paid anew.
async fn failed_and_renewed(store: Store) -> anyhow::Result<()> {
    let stage = Stage::set(store).await?;
    stage.fund(2).await?;
    stage.nodes.connect(false).await?;
    let (mut broadcasts, mut txids) = (Vec::new(), Vec::new());
    for amount in ["0.30000000", "0.40000000"] {
        stage.pay_outside(amount).await?;
        stage.until_newest("broadcasted").await?;
        broadcasts.push(stage.newest_broadcast().await?);
        txids = mempool(&stage.nodes.hot).await?;
    }
    ensure!(txids.len() == 2, "each has a broadcast of its own: {txids:?}");
    mine_a_rival(&stage, &txids).await?;
    stage.nodes.connect(true).await?;
    stage.nodes.mine(1).await?;
    for broadcast in &broadcasts {
        let page = stage.until_broadcast(broadcast, "conflicted", LIMIT).await?;
        ensure!(page.form("/act/vet_broadcast").is_err(), "it may still come back");
    }
    stage.nodes.mine(4).await?;
    stage.vet(&broadcasts[0], "fail", LIMIT).await?;
    stage.vet(&broadcasts[1], "renew", LIMIT).await?;
    // A foreign spend stands in the way of the new payment until an admin has booked it.
    let admin = stage.app.signed_in("ada", "admin").await?;
    let needs = admin.get("/").await?;
    let spend = needs.attribute(".needs a[href^='/foreign-spends/']", "href").context("a way to it")?;
    let form = admin.get(&spend).await?.form("/act/adjust")?.fill("account", &stage.account.to_string());
    let booked = admin.submit(form.fill("reason", "spent by hand").tick("confirmed")).await?;
    ensure!(booked.path.starts_with("/transactions/"), "{}", booked.text());

    let states = ["adjustment", "broadcasted", "failed", "credited", "credited"];
    let mut seen = Vec::new();
    let renewed = eventually("the renewed payment to be sent", LIMIT, async || {
        seen = stage.page().await?.all("table.rows tbody .state");
        Ok(seen == states)
    });
    renewed.await.with_context(|| format!("{seen:?}; {}", stage.app.log_tail()))?;
    stage.nodes.sync().await?;
    stage.nodes.mine(6).await?;
    let paid = stage.newest_broadcast().await?;
    ensure!(!broadcasts.contains(&paid), "it is paid by a new broadcast");
    stage.until_broadcast(&paid, "settled", LIMIT).await?;
    stage.until_broadcast(&broadcasts[0], "conflicted", LIMIT).await?;
    stage.until_broadcast(&broadcasts[1], "cancelled", LIMIT).await?;
    // 2 less the rival's 0.5001 and the renewed 0.4.
    ensure!(same(&stage.balance().await?, "1.0999"), "{}", stage.balance().await?);
    stage.books_equal_daemon().await?;
    stage.settle_accounts(&["0.40000000", "0.50000000"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_lost_payments_one_fails_and_one_is_renewed_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    failed_and_renewed(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_lost_payments_one_fails_and_one_is_renewed_by_litecoind_on_postgres() -> anyhow::Result<()> {
    failed_and_renewed(Store::Postgres).await
}
