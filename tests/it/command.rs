//! The command line as a person uses it: what is printed, exit codes, signals, one runner.

use anyhow::{Context, ensure};
use server::db::{Execute, query};
use std::process::Stdio;
use std::time::Duration;
use tests::app::{Store, TestApp, binary};
use tests::browser::Browser;
use tests::litecoind::{eventually, free_port};
use tokio::io::{AsyncBufReadExt, BufReader};

const COIN: &str = "  ltc: { network: regtest, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);

/// The test's own connection to the same database.
#[tokio::test]
async fn wrong_usage_exits_64_and_help_0() -> anyhow::Result<()> {
    let app = TestApp::prepare(Store::Sqlite, COIN).await?;
    for wrong in [&["frobnicate"][..], &["user", "add"], &["user", "add", "ada", "--role", "king"], &[]] {
        let ran = app.run(wrong, "").await?;
        ensure!(ran.code == Some(64), "{wrong:?}: {ran:?}");
    }
    for right in
        [&["--help"][..], &["user", "add", "--help"], &["token", "create", "--help"], &["demo", "--help"]]
    {
        let ran = app.run(right, "").await?;
        ensure!(ran.code == Some(0) && ran.stdout.contains("Usage:"), "{right:?}: {ran:?}");
    }
    Ok(())
}

async fn people(store: Store) -> anyhow::Result<()> {
    let app = TestApp::prepare(store, COIN).await?;
    app.must(&["user", "add", "ada", "--role", "admin"], "correct horse battery\n").await?;
    let again = app.run(&["user", "add", "ada", "--role", "viewer"], "correct horse battery\n").await?;
    ensure!(again.code == Some(1) && again.stderr.contains("A user named ada exists already."), "{again:?}");
    let short = app.run(&["user", "add", "bo", "--role", "viewer"], "short\n").await?;
    ensure!(short.code == Some(1) && short.stderr.contains("8 to 1000 characters"), "{short:?}");
    let none = app.run(&["user", "password", "ada"], "").await?;
    ensure!(none.code == Some(1) && none.stderr.contains("--generate"), "{none:?}");
    let nobody = app.run(&["user", "disable", "zoe"], "").await?;
    ensure!(nobody.code == Some(1) && nobody.stderr.contains("There is no user named zoe."), "{nobody:?}");
    let generated = app.must(&["user", "add", "bo", "--role", "viewer", "--generate"], "").await?;
    ensure!(
        generated.lines().next().is_some_and(|line| line.starts_with("Password: ") && line.len() > 30),
        "{generated}"
    );
    app.must(&["user", "disable", "bo"], "").await?;
    let list = app.must(&["user", "list"], "").await?;
    ensure!(
        list.contains("ada: admin") && list.contains("bo: viewer") && list.contains("disabled"),
        "{list}"
    );

    let secret =
        app.must(&["token", "create", "--name", "shop", "--scope", "read", "--scope", "send"], "").await?;
    let secret = secret.trim();
    ensure!(secret.starts_with("coffer_") && secret.len() == 40, "{secret}");
    let list = app.must(&["token", "list"], "").await?;
    ensure!(
        list.starts_with("shop: read send; never expires, never used") && !list.contains(secret),
        "{list}"
    );
    let twice = app.run(&["token", "create", "--name", "shop", "--scope", "read"], "").await?;
    ensure!(twice.code == Some(1), "{twice:?}");
    app.must(&["token", "revoke", "shop"], "").await?;
    ensure!(app.must(&["token", "list"], "").await?.is_empty());
    let gone = app.run(&["token", "revoke", "shop"], "").await?;
    ensure!(gone.code == Some(1) && gone.stderr.contains("There is no token named shop."), "{gone:?}");

    // Everything was logged, and no secret with it.
    let db = app.database(3).await?;
    let log: Vec<(String, String, String)> =
        query("SELECT actor, action, outcome FROM audit_log ORDER BY id")
            .all(&mut db.read().await?.tx())
            .await?;
    let actions: Vec<&str> = log.iter().map(|(_, action, _)| action.as_str()).collect();
    ensure!(
        actions == ["user.add", "user.add", "user.disable", "token.create", "token.revoke"],
        "{actions:?}"
    );
    ensure!(log.iter().all(|(actor, _, outcome)| actor == "command line" && !outcome.contains(secret)));
    Ok(())
}

#[tokio::test]
async fn users_and_tokens_are_managed_on_sqlite() -> anyhow::Result<()> {
    people(Store::Sqlite).await
}

#[tokio::test]
async fn users_and_tokens_are_managed_on_postgres() -> anyhow::Result<()> {
    people(Store::Postgres).await
}

async fn schema(store: Store) -> anyhow::Result<()> {
    let app = TestApp::prepare(store, COIN).await?;
    let file = app.folder.join("coffer.yaml");
    let text = std::fs::read_to_string(&file)?.replacen(" }", ", migrate: false }", 1);
    std::fs::write(&file, text)?;
    let early = app.run(&["user", "list"], "").await?;
    ensure!(early.code == Some(1) && early.stderr.contains("coffer initialize-database"), "{early:?}");
    let first = app.must(&["initialize-database"], "").await?;
    ensure!(first.contains("migrations were run") && first.contains("Coins: ltc."), "{first}");
    let second = app.must(&["initialize-database"], "").await?;
    ensure!(second.starts_with("The schema is up to date."), "{second}");
    let scan = app.must(&["scan-received"], "").await?;
    ensure!(scan == "ltc: 0 compared, 0 changed\n", "{scan}");
    let unknown = app.run(&["scan-received", "--coin", "btc"], "").await?;
    ensure!(unknown.code == Some(1) && unknown.stderr.contains("no coin \"btc\""), "{unknown:?}");
    Ok(())
}

#[tokio::test]
async fn the_schema_is_made_on_order_on_sqlite() -> anyhow::Result<()> {
    schema(Store::Sqlite).await
}

#[tokio::test]
async fn the_schema_is_made_on_order_on_postgres() -> anyhow::Result<()> {
    schema(Store::Postgres).await
}

#[tokio::test]
async fn audit_exits_1_on_a_balance_without_entries() -> anyhow::Result<()> {
    let app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.must(&["initialize-database"], "").await?;
    let clean = app.must(&["audit"], "").await?;
    ensure!(clean.starts_with("ltc: ") && clean.contains(" 0 wrong"), "{clean}");
    let db = app.database(3).await?;
    let insert =
        "INSERT INTO wallet (coin, name, balance, created_at, updated_at) VALUES ('ltc', 'x', 5, 1, 1)";
    db.write(Execute::one("tamper", query(insert))).await?;
    let wrong = app.run(&["audit", "--coin", "ltc"], "").await?;
    ensure!(wrong.code == Some(1) && wrong.stdout.contains("wallet 1"), "{wrong:?}");
    Ok(())
}

#[tokio::test]
async fn sigterm_ends_every_part_with_0() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    for part in ["serve", "web"] {
        app.start(part, None).await?;
        let code = app.terminate().await?;
        ensure!(code == Some(0), "{part} ended with {code:?}; {}", app.log_tail());
    }
    let db = app.database(3).await?;
    let audited = async || {
        let sql = "SELECT COALESCE(MAX(last_finished_at), 0) FROM job WHERE name = 'audit'";
        anyhow::Ok(query(sql).one::<(i64,)>(&mut db.read().await?.tx()).await?.0)
    };
    let by_serve = audited().await?;
    app.start("helper", None).await?;
    eventually("the helper's first pass", LIMIT, async || Ok(audited().await? > by_serve)).await?;
    let code = app.terminate().await?;
    ensure!(code == Some(0), "helper ended with {code:?}; {}", app.log_tail());
    Ok(())
}

/// So that whoever supervises the process starts it again, instead of a Coffer that lacks a job.
#[tokio::test]
async fn a_job_that_dies_ends_the_helper_with_2() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.start("helper", Some("rpc.since.before=panic")).await?;
    let code = app.ended().await?;
    ensure!(code == Some(2), "it ended with {code:?}; {}", app.log_tail());
    ensure!(app.log_tail().contains("a helper job died"), "{}", app.log_tail());
    Ok(())
}

#[tokio::test]
async fn on_sqlite_a_second_runner_exits_78_and_a_web_works_beside() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.start("serve", None).await?;
    for second in ["serve", "helper"] {
        let ran = app.run(&[second], "").await?;
        ensure!(
            ran.code == Some(78) && ran.stderr.contains("another coffer runs the jobs"),
            "{second}: {ran:?}"
        );
    }
    let mut beside = TestApp::beside(&app)?;
    beside.start("web", None).await?;
    ensure!(beside.terminate().await? == Some(0));
    // Killed, the lock is free at once.
    app.kill().await?;
    app.start("serve", None).await?;
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_named() -> anyhow::Result<()> {
    let app = TestApp::prepare(Store::Sqlite, COIN).await?;
    let _taken = tokio::net::TcpListener::bind(("127.0.0.1", app.port)).await?;
    let ran = app.run(&["web"], "").await?;
    ensure!(
        ran.code == Some(1) && ran.stderr.contains(&format!("can't listen on 127.0.0.1:{}", app.port)),
        "{ran:?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_demo_needs_nothing_and_leaves_nothing() -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("coffer-demo-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let port = free_port()?;
    let mut child = tokio::process::Command::new(binary()?)
        .args(["demo", "--port", &port.to_string()])
        .env("TMPDIR", &folder)
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("it was piped")?).lines();
    let mut password = None;
    while let Some(line) = tokio::time::timeout(LIMIT, lines.next_line()).await?? {
        password = line.strip_prefix("Password: ").map(ToOwned::to_owned);
        if password.is_some() {
            break;
        }
    }
    let browser = Browser::new(format!("http://127.0.0.1:{port}"))?;
    let ready = async || Ok(browser.get("/readyz").await.is_ok_and(|page| page.status.is_success()));
    eventually("the demo", LIMIT, ready).await?;
    let page = browser.sign_in("demo", &password.context("it prints a password")?).await?;
    ensure!(page.text().contains("btc") && page.text().contains("doge"), "{}", page.text());
    let deposits = async || Ok(browser.get("/").await?.text().contains("Lantern Hostel"));
    eventually("the demo's first deposit", LIMIT, deposits).await?;
    let pid = child.id().context("it runs")?.to_string();
    tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await?;
    let code = tokio::time::timeout(LIMIT, child.wait()).await??.code();
    ensure!(code == Some(0), "it ended with {code:?}");
    ensure!(std::fs::read_dir(&folder)?.next().is_none(), "it left something in its folder");
    std::fs::remove_dir(&folder)?;
    Ok(())
}
