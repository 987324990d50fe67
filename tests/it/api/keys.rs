//! `Idempotency-Key`: an order acts once and is answered the same, whoever repeats it and when.

use super::{EVERY, Shop};
use anyhow::ensure;
use serde_json::json;
use tests::app::Store;
use tests::program::id;
use tokio::task::JoinSet;

async fn racing(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let mut racers = JoinSet::new();
    for _ in 0..1_000 {
        let (program, body) = (shop.program.clone(), shop.send("0.01"));
        racers.spawn(async move { program.post_once("/sends", "the one", &body).await });
    }
    let mut ids = Vec::new();
    while let Some(reply) = racers.join_next().await {
        let reply = reply??;
        match reply.status {
            201 => ids.push(id(&reply.body)?),
            _ => drop(reply.refused(409, "in_progress")?),
        }
    }
    ids.dedup();
    ensure!(ids.len() == 1, "{ids:?}");
    let sent = shop.program.get(&format!("/transactions?address={}", super::OUTSIDE)).await?.is(200)?;
    ensure!(sent["items"].as_array().is_some_and(|items| items.len() == 1), "{sent}");
    ensure!(shop.balance(shop.alice).await? == "2.99000000");
    Ok(())
}

#[tokio::test]
async fn a_thousand_racing_sends_with_one_key_make_one_transaction_on_sqlite() -> anyhow::Result<()> {
    racing(Store::Sqlite).await
}

#[tokio::test]
async fn a_thousand_racing_sends_with_one_key_make_one_transaction_on_postgres() -> anyhow::Result<()> {
    racing(Store::Postgres).await
}

async fn replayed(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let program = &shop.program;
    let first = program.post_once("/transfers", "rent-11", &shop.transfer("0.1")).await?;
    ensure!(first.status == 201 && first.header("idempotency-replayed").is_none(), "{first:?}");
    let transaction = id(&first.body)?;
    // However it is spelt, and whatever became of the account since.
    program.post_once("/transfers", "rent-12", &shop.transfer("2.9")).await?.is(201)?;
    let again = program.post_once("/transfers", "rent-11", &shop.transfer("0.10")).await?;
    ensure!(again.status == 201 && again.header("idempotency-replayed") == Some("true"), "{again:?}");
    ensure!(again.text == first.text, "{} became {}", first.text, again.text);
    program
        .post_once("/transfers", "rent-11", &shop.transfer("0.2"))
        .await?
        .refused(422, "idempotency_mismatch")?;
    program.post_once("/sends", "rent-11", &shop.send("0.1")).await?.refused(422, "idempotency_mismatch")?;
    // Refusals aren't kept: once there is money again, the same key pays.
    let refused = program.post_once("/transfers", "rent-13", &shop.transfer("1")).await?;
    let refused = refused.refused(409, "not_enough_account_balance")?;
    ensure!(refused["available"] == "0.00000000" && refused["requested"] == "1.00000000", "{refused}");
    shop.simulate("pay", &json!({ "address": shop.address, "amount": "1" })).await?;
    shop.simulate("mine", &json!({ "blocks": 2 })).await?;
    shop.until_balance(shop.alice, "1.00000000").await?;
    program.post_once("/transfers", "rent-13", &shop.transfer("1")).await?.is(201)?;

    // A token that replaces another goes on with its keys; one of another owner has keys of its own.
    let rotated = shop.app.program_with("shop-2", &["read", "send"], &["--owner", "shop"]).await?;
    shop.app.must(&["token", "revoke", "shop"], "").await?;
    program.get("/wallets").await?.refused(401, "unauthorized")?;
    let again = rotated.post_once("/transfers", "rent-11", &shop.transfer("0.1")).await?;
    ensure!(id(&again.body)? == transaction && again.text == first.text, "{again:?}");
    let other = shop.app.program("other", &["read", "send"]).await?;
    let own = other.post_once("/transfers", "rent-11", &shop.transfer("0.1")).await?;
    own.refused(409, "not_enough_account_balance")?;
    Ok(())
}

#[tokio::test]
async fn an_order_is_answered_the_same_also_after_its_token_was_replaced_on_sqlite() -> anyhow::Result<()> {
    replayed(Store::Sqlite).await
}

#[tokio::test]
async fn an_order_is_answered_the_same_also_after_its_token_was_replaced_on_postgres() -> anyhow::Result<()> {
    replayed(Store::Postgres).await
}

async fn every_post(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let program = &shop.program;
    let path = format!("/accounts/{}/addresses", shop.alice);
    let mut made = JoinSet::new();
    for _ in 0..20 {
        let (program, path) = (program.clone(), path.clone());
        made.spawn(async move { program.post_once(&path, "one address", &json!({ "label": "till" })).await });
    }
    let mut addresses = Vec::new();
    while let Some(reply) = made.join_next().await {
        let reply = reply??;
        match reply.status {
            201 => addresses.push(reply.body["address"].to_string()),
            _ => drop(reply.refused(409, "in_progress")?),
        }
    }
    addresses.sort();
    addresses.dedup();
    ensure!(addresses.len() == 1, "{addresses:?}");
    // A failure of the backend leaves nothing behind, and the key is free again.
    let fail = json!({ "call": "new_address", "how": "unavailable", "times": 1 });
    shop.simulate("fail", &fail).await?;
    let body = json!({ "label": "later" });
    program.post_once(&path, "two", &body).await?.refused(503, "backend_unavailable")?;
    program.post_once(&path, "two", &body).await?.is(201)?;

    let wallet = json!({ "coin": "ltc", "name": "second" });
    let first = program.post_once("/wallets", "w", &wallet).await?;
    let again = program.post_once("/wallets", "w", &wallet).await?;
    ensure!(first.status == 201 && again.status == 201 && first.text == again.text, "{first:?} {again:?}");
    ensure!(again.header("idempotency-replayed") == Some("true"), "{again:?}");
    program.post("/wallets", &wallet).await?.is(200)?;
    let other = json!({ "coin": "ltc", "name": "third" });
    program.post_once("/wallets", "w", &other).await?.refused(422, "idempotency_mismatch")?;

    // A secret is shown once, also to whoever repeats.
    let token = json!({ "name": "child", "scopes": ["read"] });
    let first = program.post_once("/tokens", "t", &token).await?.is(201)?;
    shop.app.remember(first["secret"].as_str().unwrap_or("a token without its secret"));
    let again = program.post_once("/tokens", "t", &token).await?.is(201)?;
    ensure!(
        first["secret"].is_string() && again["secret"].is_null() && first["id"] == again["id"],
        "{again}"
    );
    Ok(())
}

#[tokio::test]
async fn every_post_takes_a_key_on_sqlite() -> anyhow::Result<()> {
    every_post(Store::Sqlite).await
}

#[tokio::test]
async fn every_post_takes_a_key_on_postgres() -> anyhow::Result<()> {
    every_post(Store::Postgres).await
}
