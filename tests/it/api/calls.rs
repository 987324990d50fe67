//! Every call, as an application uses it, and its answers as the document describes them.

use super::{EVERY, LIMIT, OUTSIDE, Shop};
use crate::api::document::Schemas;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use server::network::Backend;
use tests::app::Store;
use tests::litecoind::eventually;
use tests::program::{Reply, id};

/// A shop whose every answer is held against the document.
struct Checked {
    shop: Shop,
    schemas: Schemas,
}

impl Checked {
    async fn get(&self, call: &str, path: &str) -> anyhow::Result<Value> {
        self.check("get", call, 200, self.shop.program.get(path).await?)
    }

    async fn post(&self, call: &str, path: &str, status: u16, body: &Value) -> anyhow::Result<Value> {
        self.check("post", call, status, self.shop.program.post(path, body).await?)
    }

    async fn once(&self, call: &str, path: &str, status: u16, body: &Value) -> anyhow::Result<Value> {
        let key = format!("{call} {body}").replace(|c: char| !c.is_ascii_graphic(), "-");
        let reply = self.shop.program.post_once(path, &key[..key.len().min(255)], body).await?;
        self.check("post", call, status, reply)
    }

    fn check(&self, method: &str, call: &str, status: u16, reply: Reply) -> anyhow::Result<Value> {
        self.schemas.check(method, call, &reply)?;
        reply.is(status)
    }
}

async fn whole(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let schemas = Schemas::of(&shop.program).await?;
    let api = Checked { shop, schemas };
    coins(&api).await?;
    books(&api).await?;
    money(&api).await?;
    network(&api).await?;
    operation(&api).await?;
    people(&api).await
}

async fn coins(api: &Checked) -> anyhow::Result<()> {
    let coins = api.get("/coins", "/coins").await?;
    ensure!(coins["items"][0]["coin"] == "ltc" && coins["next"].is_null(), "{coins}");
    let coin = api.get("/coins/{coin}", "/coins/ltc").await?;
    ensure!(coin["decimals"] == 8 && coin["testnet"] == true && coin["confirmation_count"] == 2, "{coin}");
    ensure!(coin["backend"]["class"] == "simulated" && coin["books_balance"] == "3.00000000", "{coin}");
    let check = |address: &str| json!({ "address": address });
    let (call, path) = ("/coins/{coin}/validate-address", "/coins/ltc/validate-address");
    let own = api.post(call, path, 200, &check(&api.shop.address)).await?;
    ensure!(own["valid"] == true && own["own_account"] == api.shop.alice, "{own}");
    let wrong = api.post(call, path, 200, &check("rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs4")).await?;
    ensure!(wrong["valid"] == false && wrong["reason"].is_string(), "{wrong}");
    let fee = api.get("/coins/{coin}/fee-estimate", "/coins/ltc/fee-estimate?target_blocks=2").await?;
    ensure!(fee["fee_rate"].is_string() && fee["source"].is_string(), "{fee}");
    let job = api.post("/coins/{coin}/scan", "/coins/ltc/scan", 200, &json!({})).await?;
    ensure!(job["name"] == "scan" && job["coin"] == "ltc", "{job}");
    Ok(())
}

async fn books(api: &Checked) -> anyhow::Result<()> {
    let (wallet, alice) = (api.shop.wallet, api.shop.alice);
    let found = api.post("/wallets", "/wallets", 200, &json!({ "coin": "ltc", "name": " shop " })).await?;
    ensure!(id(&found)? == wallet && found["broadcasting"] == true, "{found}");
    let listed = api.get("/wallets", "/wallets?limit=1").await?;
    ensure!(listed["items"][0]["id"] == wallet && listed["next"].is_null(), "{listed}");
    api.get("/wallets/{id}", &format!("/wallets/{wallet}")).await?;
    let paused =
        api.post("/wallets/{id}/pause", &format!("/wallets/{wallet}/pause"), 200, &json!({})).await?;
    ensure!(paused["broadcasting"] == false, "{paused}");

    let path = format!("/wallets/{wallet}/accounts");
    // The two of the shop, and Network fees; page by page, newest first.
    let first = api.get("/wallets/{id}/accounts", &format!("{path}?limit=2")).await?;
    let next = first["next"].as_str().context("a further page")?;
    let second = api.get("/wallets/{id}/accounts", &format!("{path}?limit=2&after={next}")).await?;
    let names: Vec<&Value> = [&first, &second]
        .iter()
        .filter_map(|page| page["items"].as_array())
        .flatten()
        .map(|row| &row["name"])
        .collect();
    ensure!(names == ["bob", "alice", "Network fees"], "{names:?}");
    let by_name = api.get("/accounts", &format!("/accounts?coin=ltc&wallet={wallet}&name=alice")).await?;
    ensure!(by_name["items"][0]["id"] == alice, "{by_name}");
    api.post("/wallets/{id}/accounts", &path, 201, &json!({ "name": "carol" })).await?;
    let account = api.get("/accounts/{id}", &format!("/accounts/{alice}")).await?;
    ensure!(account["balance"] == "3.00000000" && account["wallet"] == wallet, "{account}");

    let path = format!("/accounts/{alice}/addresses");
    let made = api.once("/accounts/{id}/addresses", &path, 201, &json!({ "label": "till 2" })).await?;
    let address = id(&made)?;
    ensure!(made["label"] == "till 2" && made["account"] == alice && made["archived_at"].is_null(), "{made}");
    let archived = api
        .post("/addresses/{id}/archive", &format!("/addresses/{address}/archive"), 200, &json!({}))
        .await?;
    ensure!(archived["archived_at"].is_string(), "{archived}");
    let live = api.get("/accounts/{id}/addresses", &path).await?;
    ensure!(live["items"].as_array().is_some_and(|items| items.len() == 1), "{live}");
    let all = api.get("/addresses", &format!("/addresses?account={alice}&archived=true")).await?;
    ensure!(all["items"][0]["id"] == address, "{all}");
    let paid = api.get("/addresses", &format!("/addresses?address={}", api.shop.address)).await?;
    let path = format!("/addresses/{}?confirmations=1", id(&paid["items"][0])?);
    let received = api.get("/addresses/{id}", &path).await?;
    ensure!(received["received"] == "3.00000000", "{received}");
    Ok(())
}

async fn money(api: &Checked) -> anyhow::Result<()> {
    let moved = api.once("/transfers", "/transfers", 201, &api.shop.transfer("0.50")).await?;
    ensure!(
        moved["state"] == "internal" && moved["amount"] == "0.50000000" && moved["label"] == "rent",
        "{moved}"
    );
    let own = json!({ "from_account": api.shop.bob, "to_address": api.shop.address, "amount": "0.1" });
    let own = api.once("/sends", "/sends", 201, &own).await?;
    ensure!(own["state"] == "internal" && own["receiving_account"] == api.shop.alice, "{own}");
    let sent = api.once("/sends", "/sends", 201, &api.shop.send("0.25")).await?;
    ensure!(sent["state"] == "pending" && sent["address"] == OUTSIDE, "{sent}");
    let path = format!("/transactions/{}/cancel", id(&sent)?);
    let cancelled =
        api.post("/transactions/{id}/cancel", &path, 200, &json!({ "reason": "typed wrong" })).await?;
    ensure!(cancelled["state"] == "cancelled" && cancelled["reason"] == "typed wrong", "{cancelled}");
    batches(api).await?;

    let list = api
        .get("/transactions", "/transactions?coin=ltc&state=credited&min_amount=1&from=2020-01-01T00:00:00Z")
        .await?;
    let deposit = &list["items"][0];
    ensure!(deposit["amount"] == "3.00000000" && deposit["credited_at"].is_string(), "{list}");
    let deposit = id(deposit)?;
    let path = format!("/transactions/{deposit}/processed");
    let processed = api.post("/transactions/{id}/processed", &path, 200, &json!({})).await?;
    let again = api.post("/transactions/{id}/processed", &path, 200, &json!({})).await?;
    ensure!(processed["processed_at"].is_string() && processed == again, "{processed} {again}");
    let one = api.get("/transactions/{id}", &format!("/transactions/{deposit}")).await?;
    let network = one["network_transaction"].as_i64().context("a network transaction")?;
    let list = api.get("/network-transactions", "/network-transactions?type=deposit&coin=ltc").await?;
    ensure!(list["items"][0]["transactions"] == json!([deposit]), "{list}");
    let one = api.get("/network-transactions/{id}", &format!("/network-transactions/{network}")).await?;
    ensure!(one["type"] == "deposit" && one["confirmations"] == 2, "{one}");
    Ok(())
}

async fn batches(api: &Checked) -> anyhow::Result<()> {
    let (one, much) = (api.shop.transfer("0.01"), api.shop.transfer("99"));
    let mut strange = one.clone();
    strange["to_account"] = json!(api.shop.alice);
    let mut unreadable = one.clone();
    unreadable["amount"] = json!("much");
    let body = json!({ "transfers": [one, much, strange, unreadable, one], "atomic": false });
    let done = api.once("/transfers/batch", "/transfers/batch", 200, &body).await?;
    let of = |at: usize| &done["results"][at];
    ensure!(of(0)["transaction"]["amount"] == "0.01000000" && of(4)["transaction"]["id"].is_i64(), "{done}");
    ensure!(
        of(1)["problem"]["code"] == "not_enough_account_balance"
            && of(1)["problem"]["requested"] == "99.00000000",
        "{done}"
    );
    ensure!(of(2)["problem"]["code"] == "same_account" && of(3)["problem"]["code"] == "bad_amount", "{done}");
    let before = api.shop.balance(api.shop.alice).await?;
    let body = json!({ "transfers": [one, much], "atomic": true });
    let refused = api.shop.program.post_once("/transfers/batch", "together", &body).await?;
    let refused = refused.refused(409, "not_enough_account_balance")?;
    ensure!(refused["index"] == "1" && api.shop.balance(api.shop.alice).await? == before, "{refused}");
    let many = json!({ "transfers": vec![api.shop.transfer("0.0001"); 1_000], "atomic": true });
    let done = api.once("/transfers/batch", "/transfers/batch", 200, &many).await?;
    ensure!(done["results"].as_array().is_some_and(|results| results.len() == 1_000));
    let more = json!({ "transfers": vec![api.shop.transfer("0.0001"); 1_001] });
    api.shop.program.post_once("/transfers/batch", "too many", &more).await?.refused(400, "bad_request")?;
    Ok(())
}

/// A payment whose outcome nobody knows, and what a program decides about it.
async fn network(api: &Checked) -> anyhow::Result<()> {
    let wallet = api.shop.wallet;
    let sent = api.once("/sends", "/sends", 201, &api.shop.send("0.33")).await?;
    api.post("/wallets/{id}/resume", &format!("/wallets/{wallet}/resume"), 200, &json!({})).await?;
    api.post("/wallets/{id}/broadcast", &format!("/wallets/{wallet}/broadcast"), 200, &json!({})).await?;
    let path = format!("/transactions/{}", id(&sent)?);
    let broadcasted = eventually("the broadcast", LIMIT, async || {
        Ok(api.get("/transactions/{id}", &path).await?["state"] == "broadcasted")
    });
    broadcasted.await?;
    let list = api.get("/broadcasts", &format!("/broadcasts?coin=ltc&wallet={wallet}")).await?;
    let broadcast = &list["items"][0];
    ensure!(broadcast["outputs"] == json!([{ "address": OUTSIDE, "amount": "0.33000000" }]), "{list}");
    ensure!(broadcast["prepared"] == true && broadcast["attempts"][0]["outcome"] == "sent", "{list}");
    let one = format!("/broadcasts/{}", id(broadcast)?);
    let one_answer = api.get("/broadcasts/{id}", &one).await?;
    ensure!(
        one_answer["transactions"] == json!([id(&sent)?]) && one_answer["fee"].is_string(),
        "{one_answer}"
    );
    let body = json!({ "txid": "00".repeat(32), "override_reason": "seen elsewhere" });
    for (act, body) in [("close", body), ("reopen", json!({ "reason": "a test" }))] {
        let reply = api.shop.program.post(&format!("{one}/{act}"), &body).await?;
        api.schemas.check("post", &format!("/broadcasts/{{id}}/{act}"), &reply)?;
        ensure!(reply.status == 409, "{reply:?}");
    }
    // Handed over and unconfirmed: cancelling is a version of its own.
    let path = format!("{one}/cancel");
    let cancelling = api.post("/broadcasts/{id}/cancel", &path, 200, &json!({ "reason": "a test" })).await?;
    ensure!(cancelling["state"] == "cancelling", "{cancelling}");
    Ok(())
}

async fn operation(api: &Checked) -> anyhow::Result<()> {
    let compared = eventually("a comparison", LIMIT, async || {
        // Nothing is compared until the cancelling is confirmed.
        api.shop.simulate("mine", &json!({ "blocks": 1 })).await?;
        let reply = api.shop.program.post("/coins/ltc/reconcile", &json!({})).await?;
        api.schemas.check("post", "/coins/{coin}/reconcile", &reply)?;
        Ok(reply.status == 200 && reply.body["difference"] == "0.00000000")
    });
    compared.await?;
    let body = json!({ "account": api.shop.bob, "amount": "0.5", "reason": "found behind the sofa" });
    let path = "/coins/ltc/adjustments";
    let adjusted = api.post("/coins/{coin}/adjustments", path, 201, &body).await?;
    ensure!(adjusted["state"] == "adjustment" && adjusted["receiving_account"] == api.shop.bob, "{adjusted}");
    let back = json!({ "account": api.shop.bob, "amount": "-0.5", "reason": "put back" });
    let back = api.post("/coins/{coin}/adjustments", path, 201, &back).await?;
    ensure!(back["sending_account"] == api.shop.bob && back["reason"] == "put back", "{back}");
    let jobs = api.get("/jobs", "/jobs?coin=ltc").await?;
    ensure!(jobs["items"].as_array().is_some_and(|jobs| jobs.len() == 5), "{jobs}");
    let run = api.post("/jobs/{name}/run", "/jobs/audit/run", 200, &json!({ "coin": "ltc" })).await?;
    ensure!(run["name"] == "audit", "{run}");
    let audit = api.post("/audit", "/audit", 200, &json!({ "coin": "ltc" })).await?;
    ensure!(audit["clean"] == true && audit["checked"].as_i64() > Some(0), "{audit}");
    api.shop.simulate("reorg", &json!({ "depth": 1 })).await?;
    Ok(())
}

async fn people(api: &Checked) -> anyhow::Result<()> {
    let new = json!({ "name": "till", "scopes": ["send", "read"], "networks": ["10.0.0.1/8"],
        "expires_at": "2100-01-01T00:00:00+01:00", "owner": "shop" });
    let made = api.post("/tokens", "/tokens", 201, &new).await?;
    api.shop.app.remember(made["secret"].as_str().context("a secret")?);
    ensure!(made["scopes"] == json!(["read", "send"]) && made["networks"] == json!(["10.0.0.0/8"]), "{made}");
    ensure!(made["expires_at"] == "2099-12-31T23:00:00.000000Z" && made["owner"] == "shop", "{made}");
    let tokens = api.get("/tokens", "/tokens").await?;
    ensure!(
        tokens["items"][0]["name"] == "till" && tokens["items"][1]["last_used_at"].is_string(),
        "{tokens}"
    );
    ensure!(tokens["items"][0].get("secret").is_none(), "{tokens}");
    api.shop.program.delete(&format!("/tokens/{}", id(&made)?)).await?.is(204)?;
    api.shop.program.delete(&format!("/tokens/{}", id(&made)?)).await?.refused(404, "not_found")?;

    let password = "a long and silly one";
    api.shop.app.remember(password);
    let new = json!({ "name": "olga", "role": "operator", "password": password });
    let olga = api.post("/users", "/users", 201, &new).await?;
    ensure!(olga["role"] == "operator" && olga["disabled_at"].is_null(), "{olga}");
    api.shop.program.post("/users", &new).await?.refused(409, "name_taken")?;
    api.shop.app.browser()?.sign_in("olga", password).await?;
    let path = format!("/users/{}", id(&olga)?);
    let changed = api.shop.program.patch(&path, &json!({ "name": "olga b", "role": "viewer" })).await?;
    let changed = api.check("patch", "/users/{id}", 200, changed)?;
    ensure!(changed["role"] == "viewer" && changed["name"] == "olga b", "{changed}");
    api.shop.program.delete(&path).await?.is(204)?;
    let users = api.get("/users", "/users").await?;
    ensure!(users["items"][0]["disabled_at"].is_string(), "{users}");
    let log = api.get("/audit-log", "/audit-log?actor=token%20shop&outcome=done&limit=200").await?;
    let actions: Vec<&str> =
        log["items"].as_array().into_iter().flatten().filter_map(|row| row["action"].as_str()).collect();
    for action in [
        "wallet.create",
        "address.create",
        "transfer",
        "transfer.batch",
        "send",
        "account.adjust",
        "user.rename",
    ] {
        ensure!(actions.contains(&action), "{action} isn't told: {actions:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_application_can_do_all_that_the_contract_says_on_sqlite() -> anyhow::Result<()> {
    whole(Store::Sqlite).await
}

#[tokio::test]
async fn an_application_can_do_all_that_the_contract_says_on_postgres() -> anyhow::Result<()> {
    whole(Store::Postgres).await
}

/// An address that the hot wallet has and the books don't.
#[tokio::test]
async fn an_address_of_the_hot_wallet_is_imported() -> anyhow::Result<()> {
    let shop = Shop::open(Store::Sqlite, &EVERY).await?;
    // What the backend made for a request that never came back to write it.
    let lost = shop.node().await?.new_address("lost").await?;
    let path = format!("/accounts/{}/addresses/import", shop.bob);
    let imported = shop.program.post(&path, &json!({ "address": lost, "label": "found" })).await?.is(201)?;
    ensure!(imported["address"] == lost && imported["account"] == shop.bob, "{imported}");
    // On its page, too.
    let lost = shop.node().await?.new_address("lost").await?;
    let ines = shop.app.signed_in("ines", "operator").await?;
    let form = ines.get(&format!("/accounts/{}/addresses", shop.bob)).await?.form("/act/import_address")?;
    let page = ines.submit(form.fill("address", &lost).fill("import_label", "by hand")).await?;
    ensure!(page.text().contains(&lost) && page.text().contains("by hand"), "{}", page.text());
    Ok(())
}
