//! What is refused, by which code, and that it is told as a problem whatever refuses it.

use super::{COIN, EVERY, OUTSIDE, Shop};
use anyhow::ensure;
use serde_json::{Value, json};
use tests::app::{Store, TestApp};
use tests::program::Program;

async fn refusals(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let program = &shop.program;
    unreadable(program).await?;
    let transfer = |body: Value| async move { program.post_once("/transfers", "x", &body).await };
    let with = |name: &str, value: Value| {
        let mut body = shop.transfer("0.1");
        body[name] = value;
        body
    };
    for amount in ["0", "-1", "1e3", "0.123456789", "99999999999999", "", "one"] {
        transfer(with("amount", json!(amount))).await?.refused(400, "bad_amount")?;
    }
    transfer(with("amount", json!(0.1))).await?.refused(400, "bad_request")?;
    transfer(with("to_account", json!(shop.alice))).await?.refused(409, "same_account")?;
    transfer(with("to_account", json!(999))).await?.refused(404, "not_found")?;
    transfer(with("label", json!("x".repeat(256)))).await?.refused(400, "bad_request")?;
    transfer(with("label", json!("a\0b"))).await?.refused(400, "bad_request")?;
    program.post("/transfers", &shop.transfer("0.1")).await?.refused(400, "idempotency_key_required")?;
    program
        .post_once("/transfers", &"k".repeat(256), &shop.transfer("0.1"))
        .await?
        .refused(400, "idempotency_key_required")?;

    let other = program.post("/wallets", &json!({ "coin": "ltc", "name": "other" })).await?.is(201)?;
    let path = format!("/wallets/{}/accounts", other["id"]);
    let carol = program.post(&path, &json!({ "name": "carol" })).await?.is(201)?;
    transfer(with("to_account", carol["id"].clone())).await?.refused(409, "different_wallet")?;
    program.post(&path, &json!({ "name": "Network fees" })).await?.refused(409, "network_fees_reserved")?;

    let send = |body: Value| async move { program.post_once("/sends", "x", &body).await };
    let to = |address: &str, amount: &str| json!({ "from_account": shop.alice, "to_address": address, "amount": amount });
    send(to("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "0.1")).await?.refused(400, "bad_address")?;
    send(to(OUTSIDE, "0.00000001")).await?.refused(409, "below_minimum")?;
    send(to(OUTSIDE, "30")).await?.refused(409, "not_enough_account_balance")?;
    send(to(&shop.address, "0.1")).await?.refused(409, "same_account")?;

    let import = format!("/accounts/{}/addresses/import", shop.bob);
    program
        .post(&import, &json!({ "address": OUTSIDE, "label": null }))
        .await?
        .refused(400, "bad_address")?;
    program
        .post(&import, &json!({ "address": shop.address, "label": null }))
        .await?
        .refused(409, "address_exists")?;
    let list = program.get("/transactions?state=credited").await?.is(200)?;
    let deposit = &list["items"][0]["id"];
    let cancelled =
        program.post(&format!("/transactions/{deposit}/cancel"), &json!({ "reason": "no" })).await?;
    let cancelled = cancelled.refused(409, "wrong_state")?;
    ensure!(cancelled["state"] == "credited", "{cancelled}");
    program.post("/coins/btc/reconcile", &json!({})).await?.refused(404, "not_found")?;
    program.post("/broadcasts/1/reopen", &json!({ "reason": "why" })).await?.refused(404, "not_found")?;
    Ok(())
}

/// What can't be read is named.
async fn unreadable(program: &Program) -> anyhow::Result<()> {
    let named = program.get("/wallets?colour=red").await?.refused(400, "bad_request")?;
    ensure!(named["detail"].as_str().is_some_and(|text| text.contains("colour")), "{named}");
    let body = json!({ "coin": "ltc", "name": "x", "colour": "red" });
    let named = program.post("/wallets", &body).await?.refused(400, "bad_request")?;
    ensure!(named["detail"].as_str().is_some_and(|text| text.contains("colour")), "{named}");
    program.get("/wallets?limit=201").await?.refused(400, "bad_request")?;
    program.get("/wallets?limit=0").await?.refused(400, "bad_request")?;
    program.get("/wallets?after=nowhere").await?.refused(400, "bad_cursor")?;
    program.get("/transactions?state=lost").await?.refused(400, "bad_request")?;
    program.get("/transactions?from=yesterday").await?.refused(400, "bad_request")?;
    program.get("/transactions?label=%00").await?.refused(400, "bad_request")?;
    program.get("/wallets/one").await?.refused(404, "not_found")?;
    program.get("/wallets/999").await?.refused(404, "not_found")?;
    program.get("/nothing").await?.refused(404, "not_found")?;
    program.get("/api/v2/wallets").await?.refused(404, "not_found")?;
    let wrong = program.delete("/wallets").await?;
    ensure!(wrong.header("allow").is_some_and(|methods| methods.contains("POST")), "{wrong:?}");
    wrong.refused(405, "method_not_allowed")?;
    program.post("/wallets", &json!(["ltc", "in order"])).await?.refused(400, "bad_request")?;
    let text = program.request("POST", "/wallets")?.header("content-type", "text/plain").body("{}");
    program.call(text).await?.refused(400, "bad_request")?;
    let broken = program.request("POST", "/wallets")?.header("content-type", "application/json").body("{");
    program.call(broken).await?.refused(400, "bad_request")?;
    let large = json!({ "coin": "ltc", "name": "x".repeat(1_100_000) });
    program.post("/wallets", &large).await?.refused(413, "too_large")?;
    Ok(())
}

#[tokio::test]
async fn refusals_are_problems_with_their_codes_on_sqlite() -> anyhow::Result<()> {
    refusals(Store::Sqlite).await
}

#[tokio::test]
async fn refusals_are_problems_with_their_codes_on_postgres() -> anyhow::Result<()> {
    refusals(Store::Postgres).await
}

async fn bearers(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("web", None).await?;
    let stranger = Program::new(app.port, "coffer_nobody")?;
    let refused = stranger.get("/wallets").await?;
    ensure!(refused.header("www-authenticate") == Some("Bearer"), "{refused:?}");
    refused.refused(401, "unauthorized")?;
    // A session is no token.
    let ada = app.signed_in("ada", "admin").await?;
    ensure!(ada.get("/api/v1/wallets").await?.status.as_u16() == 401);
    // Where it may be used from.
    let inside = app.program_with("inside", &["read"], &["--network", "127.0.0.0/8"]).await?;
    inside.get("/wallets").await?.is(200)?;
    let outside = app.program_with("outside", &["read"], &["--network", "192.0.2.0/24"]).await?;
    outside.get("/wallets").await?.refused(401, "unauthorized")?;
    let forged = outside.request("GET", "/wallets")?.header("x-forwarded-for", "192.0.2.7");
    outside.call(forged).await?.refused(401, "unauthorized")?;
    let listed = app.must(&["token", "list"], "").await?;
    ensure!(listed.contains("outside: read; from 192.0.2.0/24, never expires, never used"), "{listed}");
    ensure!(
        !listed.lines().any(|line| line.starts_with("inside") && line.contains("never used")),
        "{listed}"
    );
    Ok(())
}

#[tokio::test]
async fn only_a_valid_token_from_its_networks_is_let_in_on_sqlite() -> anyhow::Result<()> {
    bearers(Store::Sqlite).await
}

#[tokio::test]
async fn only_a_valid_token_from_its_networks_is_let_in_on_postgres() -> anyhow::Result<()> {
    bearers(Store::Postgres).await
}

#[tokio::test]
async fn a_token_that_asks_too_often_is_told_when_to_come_back() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    let file = app.folder.join("coffer.yaml");
    let config = std::fs::read_to_string(&file)?;
    std::fs::write(&file, config.replace("web: { bind", "web: { token_requests_per_minute: 5, bind"))?;
    app.start("web", None).await?;
    let program = app.program("shop", &["read"]).await?;
    let first = program.get("/wallets").await?;
    ensure!(first.header("ratelimit-limit") == Some("5"), "{first:?}");
    ensure!(first.header("ratelimit") == Some("\"token\";r=4;t=12"), "{first:?}");
    let mut refused = None;
    for _ in 0..6 {
        let reply = program.get("/wallets").await?;
        refused = (reply.status == 429).then_some(reply).or(refused);
    }
    let refused = refused.ok_or_else(|| anyhow::anyhow!("never refused"))?;
    ensure!(
        refused.header("retry-after").is_some_and(|seconds| seconds.parse().is_ok_and(|n: u64| n > 0)),
        "{refused:?}"
    );
    refused.refused(429, "rate_limited")?;
    // Others aren't held up.
    app.program("other", &["read"]).await?.get("/wallets").await?.is(200)?;
    Ok(())
}
