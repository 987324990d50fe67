//! What goes wrong beneath a call: others hold the books, the database is away, money was taken back by the chain.

use super::{COIN, EVERY, LIMIT, Shop};
use anyhow::ensure;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::sync::Arc;
use tests::app::{Store, TestApp};
use tests::litecoind::{eventually, free_port};
use tests::program::{Program, Reply, id};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// No job writes beside the calls, and who meets others is told at once.
async fn quiet(store: Store, url: Option<&str>) -> anyhow::Result<(TestApp, Program)> {
    let mut app = TestApp::prepare(store, COIN).await?;
    let file = app.folder.join("coffer.yaml");
    let mut config =
        std::fs::read_to_string(&file)?.replace("database: {", "database: { transaction_retries: 0,");
    if let Some(url) = url {
        config = config.replace(&app.database_url, url);
    }
    std::fs::write(&file, config)?;
    app.start("web", None).await?;
    let program = app.program("shop", &EVERY).await?;
    Ok((app, program))
}

/// Three calls that change the books, at once: who waits for the writer longer than ten seconds is told that others were
/// faster, and who waits for a connection that the database doesn't answer. Nothing of it is done.
#[tokio::test]
async fn a_database_that_somebody_holds_is_told_and_nothing_is_done_on_sqlite() -> anyhow::Result<()> {
    let (app, program) = quiet(Store::Sqlite, None).await?;
    let program = Arc::new(program);
    // Its use is noted, which isn't written again within the minute.
    program.get("/wallets").await?.is(200)?;
    let mut holder = SqliteConnection::connect(&app.database_url).await?;
    holder.execute("BEGIN IMMEDIATE").await?;
    let mut calls = JoinSet::new();
    for name in ["one", "two", "three"] {
        let program = program.clone();
        calls.spawn(async move { program.post("/wallets", &json!({ "coin": "ltc", "name": name })).await });
    }
    let replies: Vec<Reply> = calls.join_all().await.into_iter().collect::<anyhow::Result<_>>()?;
    let mut codes = Vec::new();
    for reply in replies {
        let code = reply.body["code"].as_str().unwrap_or_default().to_owned();
        reply.refused(503, &code)?;
        codes.push(code);
    }
    for code in ["conflict_unresolved", "database_unavailable"] {
        ensure!(codes.iter().any(|had| had == code), "{codes:?}");
    }
    holder.execute("ROLLBACK").await?;
    let wallets = program.get("/wallets").await?.is(200)?;
    ensure!(wallets["items"].as_array().is_some_and(Vec::is_empty), "{wallets}");
    program.post("/wallets", &json!({ "coin": "ltc", "name": "one" })).await?.is(201)?;
    Ok(())
}

#[tokio::test]
async fn a_wallet_that_somebody_holds_is_told_and_nothing_is_done_on_postgres() -> anyhow::Result<()> {
    let (app, program) = quiet(Store::Postgres, None).await?;
    let wallet = id(&program.post("/wallets", &json!({ "coin": "ltc", "name": "shop" })).await?.is(201)?)?;
    let mut holder = PgConnection::connect(&app.database_url).await?;
    // The lock that `Db::write` takes for every change of this wallet.
    sqlx::query("SELECT pg_advisory_lock($1)").bind(wallet).execute(&mut holder).await?;
    let (accounts, alice) = (format!("/wallets/{wallet}/accounts"), json!({ "name": "alice" }));
    program.post(&accounts, &alice).await?.refused(503, "conflict_unresolved")?;
    holder.close().await?;
    let listed = program.get(&accounts).await?.is(200)?;
    ensure!(listed["items"].as_array().is_some_and(|items| items.len() == 1), "Network fees alone: {listed}");
    program.post(&accounts, &alice).await?.is(201)?;
    Ok(())
}

/// Coffer reaches its PostgreSQL through a way that can be cut.
struct Way {
    port: u16,
    open: watch::Sender<bool>,
}

impl Way {
    async fn to(server: String) -> anyhow::Result<Self> {
        let port = free_port()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let (open, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let (server, mut state) = (server.clone(), state.clone());
                tokio::spawn(async move {
                    // Dropped where it is cut, as by a server that died.
                    let through = async {
                        let mut there = TcpStream::connect(server).await?;
                        tokio::io::copy_bidirectional(&mut here, &mut there).await
                    };
                    tokio::select! {
                        biased;
                        _ = state.wait_for(|open| !open) => {}
                        _ = through => {}
                    }
                });
            }
        });
        Ok(Self { port, open })
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told_and_found_again_on_postgres() -> anyhow::Result<()> {
    let direct = TestApp::prepare(Store::Postgres, COIN).await?.database_url.clone();
    let url = url::Url::parse(&direct)?;
    let server = format!("127.0.0.1:{}", url.port().unwrap_or(5432));
    let way = Way::to(server).await?;
    let mut through = url.clone();
    ensure!(through.set_port(Some(way.port)).is_ok(), "{url} has no port");
    let (app, program) = quiet(Store::Postgres, Some(through.as_str())).await?;
    let wallets = program.get("/wallets").await?.is(200)?;
    ensure!(wallets["items"].as_array().is_some_and(Vec::is_empty), "{wallets}");
    way.open.send_replace(false);
    let wallet = json!({ "coin": "ltc", "name": "shop" });
    program.post("/wallets", &wallet).await?.refused(503, "database_unavailable")?;
    program.get("/wallets").await?.refused(503, "database_unavailable")?;
    ensure!(app.browser()?.get("/readyz").await.is_err(), "it isn't ready");
    way.open.send_replace(true);
    let back = eventually("the database", LIMIT, async || Ok(program.get("/wallets").await?.status == 200));
    back.await?;
    program.post("/wallets", &wallet).await?.is(201)?;
    Ok(())
}

/// The chain takes a deposit back after its money was used: the account owes, and pays nothing more.
async fn reversed(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    shop.program.post_once("/transfers", "all", &shop.transfer("3")).await?.is(201)?;
    shop.simulate("reorg", &json!({ "depth": 2 })).await?;
    shop.until_balance(shop.alice, "-3.00000000").await?;
    shop.program
        .post_once("/transfers", "more", &shop.transfer("0.1"))
        .await?
        .refused(409, "account_barred")?;
    shop.program.post_once("/sends", "more", &shop.send("0.1")).await?.refused(409, "account_barred")?;
    // What comes back in pays the debt.
    shop.simulate("mine", &json!({ "blocks": 2 })).await?;
    shop.until_balance(shop.alice, "0.00000000").await
}

#[tokio::test]
async fn an_account_whose_deposit_was_taken_back_pays_nothing_on_sqlite() -> anyhow::Result<()> {
    reversed(Store::Sqlite).await
}

#[tokio::test]
async fn an_account_whose_deposit_was_taken_back_pays_nothing_on_postgres() -> anyhow::Result<()> {
    reversed(Store::Postgres).await
}

async fn last_admin(store: Store) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let password = "a long and silly one";
    shop.app.remember(password);
    let new = |name: &str| json!({ "name": name, "role": "admin", "password": password });
    let ada = id(&shop.program.post("/users", &new("ada")).await?.is(201)?)?;
    let path = format!("/users/{ada}");
    shop.program.delete(&path).await?.refused(409, "last_admin")?;
    shop.program.patch(&path, &json!({ "role": "viewer" })).await?.refused(409, "last_admin")?;
    shop.program.post("/users", &new("ben")).await?.is(201)?;
    shop.program.delete(&path).await?.is(204)?;
    Ok(())
}

#[tokio::test]
async fn the_last_admin_stays_on_sqlite() -> anyhow::Result<()> {
    last_admin(Store::Sqlite).await
}

#[tokio::test]
async fn the_last_admin_stays_on_postgres() -> anyhow::Result<()> {
    last_admin(Store::Postgres).await
}

/// Who is told that it took too long doesn't know whether it was done. Repeated with its key, it is done once.
#[tokio::test]
async fn a_call_that_takes_too_long_is_done_once_on_sqlite() -> anyhow::Result<()> {
    let mut shop = Shop::open(Store::Sqlite, &EVERY).await?;
    // No job holds the writer beside the call.
    ensure!(shop.app.terminate().await? == Some(0));
    shop.app.start("web", None).await?;
    let mut holder = SqliteConnection::connect(&shop.app.database_url).await?;
    holder.execute("BEGIN IMMEDIATE").await?;
    shop.program.post_once("/transfers", "slow", &shop.transfer("0.5")).await?.refused(503, "timed_out")?;
    holder.execute("ROLLBACK").await?;
    let done = shop.program.post_once("/transfers", "slow", &shop.transfer("0.5")).await?.is(201)?;
    shop.until_balance(shop.alice, "2.50000000").await?;
    let listed = shop.program.get("/transactions?state=internal").await?.is(200)?;
    let ids: Vec<_> = listed["items"].as_array().into_iter().flatten().map(|row| &row["id"]).collect();
    ensure!(ids == [&done["id"]], "{listed}");
    Ok(())
}
