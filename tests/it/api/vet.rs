//! What a program decides: about broadcasts whose outcome nobody knows, and about money that left behind Coffer's back.

use super::{EVERY, LIMIT, OUTSIDE, Shop};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tests::app::Store;
use tests::litecoind::eventually;
use tests::program::id;

/// As a daemon that can't prepare: every broadcast is one call.
const ONE_SHOT: &str = "  ltc: { network: regtest, confirmation_count: 2, broadcast: { prepared: never }, \
    backend: { class: simulated, block_seconds: 0 } }";
/// The deadline of an attempt is 45 seconds.
const DEADLINE: Duration = Duration::from_mins(2);

/// Sends so that no answer comes and nothing arrived; the path of the broadcast once it is broken, with evidence.
async fn broken(shop: &Shop, key: &str) -> anyhow::Result<String> {
    shop.simulate("fail", &json!({ "call": "send_many", "how": "not_delivered", "times": 1 })).await?;
    let sent = shop.program.post_once("/sends", key, &shop.send("0.5")).await?.is(201)?;
    let mut path = String::new();
    let judged = eventually("evidence", DEADLINE, async || {
        let list = shop.program.get("/broadcasts?state=broken").await?.is(200)?;
        let found = list["items"].as_array().into_iter().flatten();
        let mut found =
            found.filter(|row| row["transactions"] == json!([sent["id"]]) && !row["evidence"].is_null());
        let Some(row) = found.next() else { return Ok(false) };
        path = format!("/broadcasts/{}", id(row)?);
        Ok(true)
    });
    judged.await?;
    Ok(path)
}

async fn until(
    shop: &Shop,
    path: &str,
    what: &str,
    wanted: &dyn Fn(&Value) -> bool,
) -> anyhow::Result<Value> {
    let mut seen = Value::Null;
    let there = eventually(what, LIMIT, async || {
        seen = shop.program.get(path).await?.is(200)?;
        Ok(wanted(&seen))
    });
    there.await.with_context(|| format!("{path}: {seen}; {}", shop.app.log_tail()))?;
    Ok(seen)
}

async fn vetting(store: Store) -> anyhow::Result<()> {
    let shop = Shop::with(store, &EVERY, ONE_SHOT).await?;
    let because = json!({ "reason": "the node was restarted" });
    let first = broken(&shop, "one").await?;
    let (reopen, cancel, close) =
        (format!("{first}/reopen"), format!("{first}/cancel"), format!("{first}/close"));
    let seen = shop.program.get(&first).await?.is(200)?;
    ensure!(seen["evidence"]["verdict"] == "cant_tell" && seen["prepared"] == false, "{seen}");
    ensure!(seen["attempts"][0]["outcome"] == "unknown", "{seen}");
    // Nobody knows: neither sent again, nor given back, nor closed by a txid that the node doesn't have.
    shop.program.post(&reopen, &because).await?.refused(409, "evidence_forbids")?;
    shop.program.post(&cancel, &because).await?.refused(409, "evidence_forbids")?;
    let unknown = json!({ "txid": "ab".repeat(32) });
    shop.program.post(&close, &unknown).await?.refused(409, "evidence_forbids")?;
    let malformed = json!({ "txid": "ab" });
    shop.program.post(&close, &malformed).await?.refused(400, "bad_request")?;
    ensure!(shop.balance(shop.alice).await? == "2.50000000", "debited and nothing else");

    let node = shop.node().await?;
    node.restart().await?;
    until(&shop, &first, "a verdict", &|seen| seen["evidence"]["verdict"] == "not_found").await?;
    let reopened = shop.program.post(&reopen, &because).await?.is(200)?;
    ensure!(reopened["state"] != "broken", "{reopened}");
    let closed = until(&shop, &first, "it to be sent", &|seen| seen["state"] == "closed").await?;
    ensure!(closed["attempts"].as_array().is_some_and(|attempts| attempts.len() == 2), "{closed}");
    // Now it can't be taken back: its inputs are the daemon's, and no other version of it can be made.
    shop.program.post(&cancel, &because).await?.refused(409, "evidence_forbids")?;
    shop.program.post(&reopen, &because).await?.refused(409, "wrong_state")?;

    // Another gets its money back.
    let second = broken(&shop, "two").await?;
    // Its twin's txid is taken.
    let taken = json!({ "txid": closed["txid"], "override_reason": "it must be this one" });
    shop.program.post(&format!("{second}/close"), &taken).await?.refused(409, "evidence_forbids")?;
    node.restart().await?;
    until(&shop, &second, "a verdict", &|seen| seen["evidence"]["verdict"] == "not_found").await?;
    let cancelled = shop.program.post(&format!("{second}/cancel"), &because).await?.is(200)?;
    ensure!(cancelled["state"] == "cancelled", "{cancelled}");
    ensure!(shop.balance(shop.alice).await? == "2.50000000", "the second is back, the first is paid");
    // What the network has is the first alone.
    shop.simulate("mine", &json!({ "blocks": 1 })).await?;
    ensure!(node.outside_received(OUTSIDE).await? == 50_000_000, "paid once");
    Ok(())
}

#[tokio::test]
async fn a_program_vets_broken_broadcasts_by_their_evidence_on_sqlite() -> anyhow::Result<()> {
    vetting(Store::Sqlite).await
}

#[tokio::test]
async fn a_program_vets_broken_broadcasts_by_their_evidence_on_postgres() -> anyhow::Result<()> {
    vetting(Store::Postgres).await
}

async fn foreign_spend(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let txid = shop.node().await?.spend_behind(OUTSIDE, 10_000_000).await?;
    shop.program.post("/coins/ltc/scan", &json!({})).await?.is(200)?;
    let mut told = Value::Null;
    let heard = eventually("the event", LIMIT, async || {
        let list = shop.program.get("/events?name=foreign_spend").await?.is(200)?;
        told = list["items"][0]["data"].clone();
        Ok(told["txid"] == txid)
    });
    heard.await?;
    let left = told["amount"].as_str().context("an amount")?;
    let path = "/coins/ltc/adjustments";
    let booking = |amount: &str| json!({ "account": shop.alice, "amount": amount, "reason": "paid by hand", "network_transaction": txid });
    shop.program.post(path, &booking("-0.01")).await?.refused(409, "wrong_state")?;
    let strange = json!({ "account": shop.alice, "amount": "-0.1", "reason": "x", "network_transaction": "ab".repeat(32) });
    shop.program.post(path, &strange).await?.refused(404, "not_found")?;
    let right = booking(&format!("-{left}"));
    let booked = shop.program.post_once(path, "book", &right).await?.is(201)?;
    ensure!(booked["state"] == "adjustment" && booked["amount"] == left, "{booked}");
    ensure!(
        shop.program.post_once(path, "book", &right).await?.is(201)? == booked,
        "the same key, the same answer"
    );
    shop.program.post(path, &right).await?.refused(409, "wrong_state")?;
    // Books and hot wallet agree again, and the coin sends.
    let mut compared = Value::Null;
    let agreed = eventually("a comparison", LIMIT, async || {
        let reply = shop.program.post("/coins/ltc/reconcile", &json!({})).await?;
        compared = reply.body;
        Ok(reply.status == 200)
    });
    agreed.await?;
    ensure!(compared["difference"] == "0.00000000", "{compared}");
    let sent = shop.program.post_once("/sends", "after", &shop.send("0.2")).await?.is(201)?;
    // The change of somebody else's transaction is spent once it has the confirmations of a deposit; until then its job
    // says what it waits for.
    let waits = |seen: &Value| {
        let jobs = seen["items"].as_array().into_iter().flatten();
        let mut said =
            jobs.filter(|job| job["name"] == "broadcast").filter_map(|job| job["last_result"].as_str());
        said.any(|said| said.contains("1 pending of wallet") && said.contains("can pay 0.00000000 now"))
    };
    until(&shop, "/jobs?coin=ltc", "the job to say so", &waits).await?;
    shop.simulate("mine", &json!({ "blocks": 2 })).await?;
    let path = format!("/transactions/{}", id(&sent)?);
    until(&shop, &path, "the send", &|seen| seen["state"] == "broadcasted").await?;
    Ok(())
}

#[tokio::test]
async fn a_program_books_what_left_behind_coffers_back_on_sqlite() -> anyhow::Result<()> {
    foreign_spend(Store::Sqlite).await
}

#[tokio::test]
async fn a_program_books_what_left_behind_coffers_back_on_postgres() -> anyhow::Result<()> {
    foreign_spend(Store::Postgres).await
}
