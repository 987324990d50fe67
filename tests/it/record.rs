//! What is kept about Coffer itself: the audit log and its chain, API tokens, the settings as loaded.

use crate::audit_log::tamper;
use anyhow::{Context, ensure};
use reqwest::StatusCode;
use server::db::query;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::Browser;
use tests::litecoind::eventually;

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);

/// The running Coffer seals and verifies; the page, the overview and `coffer audit` say what they find.
async fn shown(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let ada = app.signed_in("ada", "admin").await?;
    let wallets = ada.get("/wallets").await?.form("/act/create_wallet")?.fill("coin", "ltc");
    ada.submit(wallets.fill("name", "shop")).await?;
    let verified = eventually("the verification", LIMIT, async || {
        Ok(ada.get("/audit-log").await?.text().contains("Verified up to row"))
    });
    verified.await?;
    let audit = app.must(&["audit"], "").await?;
    ensure!(audit.contains("sealed, none wrong, newest "), "{audit}");
    ensure!(ada.get("/jobs").await?.text().contains("audit_log"));

    tamper(&app.database(3).await?, "DELETE FROM audit_log WHERE sequence = 1").await?;
    let found = eventually("the broken chain", LIMIT, async || {
        Ok(ada.get("/").await?.text().contains("The audit log is broken."))
    });
    found.await?;
    let page = ada.get("/audit-log").await?;
    ensure!(page.text().contains("The audit log is broken: row 1 is missing"), "{}", page.text());
    let audit = app.run(&["audit"], "").await?;
    ensure!(audit.code == Some(1) && audit.stdout.contains("audit log: row 1 is missing"), "{audit:?}");
    Ok(())
}

#[tokio::test]
async fn a_broken_audit_log_waits_for_a_person_on_sqlite() -> anyhow::Result<()> {
    shown(Store::Sqlite).await
}

#[tokio::test]
async fn a_broken_audit_log_waits_for_a_person_on_postgres() -> anyhow::Result<()> {
    shown(Store::Postgres).await
}

async fn rows(browser: &Browser, filter: &str) -> anyhow::Result<Vec<String>> {
    let page = browser.get(&format!("/audit-log?{filter}")).await?;
    ensure!(page.status == StatusCode::OK, "{filter}: {}", page.text());
    Ok(page.all("table.rows tbody tr"))
}

async fn everything(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let (ada, olga) = (app.signed_in("ada", "admin").await?, app.signed_in("olga", "operator").await?);
    let vera = app.signed_in("vera", "viewer").await?;

    // Done, refused by the role, by the form, by a confirmation that is missing, by the network, by what isn't there.
    let wallets = olga.get("/wallets").await?.form("/act/create_wallet")?.fill("coin", "ltc");
    olga.submit(wallets.fill("name", "shop")).await?;
    let form = |action: &str, fields: &[(&str, &str)]| tests::browser::Form {
        action: format!("/act/{action}"),
        post: true,
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    vera.submit(form("create_wallet", &[("coin", "ltc"), ("name", "hers")])).await?;
    olga.submit(form("create_wallet", &[("coin", "none"), ("name", "x")])).await?;
    olga.submit(form("cancel_transaction", &[("transaction", "7"), ("reason", "x")])).await?;
    olga.submit(form("run_job", &[("name", "nothing"), ("coin", "ltc")])).await?;
    olga.submit(form("simulated_mine", &[("coin", "ltc"), ("blocks", "0")])).await?;
    olga.submit(form("simulated_mine", &[("coin", "ltc"), ("blocks", "1")])).await?;
    // Nobody signed in, and a page elsewhere.
    app.browser()?.submit(form("create_wallet", &[("coin", "ltc"), ("name", "x")])).await?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer =
        client.post(format!("{}/act/transfer", ada.base)).header("origin", "http://evil.example").send();
    ensure!(answer.await?.status() == StatusCode::FORBIDDEN);
    // Looking where one may not.
    for path in ["/audit-log", "/tokens", "/settings"] {
        ensure!(olga.get(path).await?.status == StatusCode::FORBIDDEN, "{path}");
    }
    app.must(&["scan-received"], "").await?;

    let db = app.database(3).await?;
    let log: Vec<(String, String, String)> =
        query("SELECT actor, action, outcome FROM audit_log ORDER BY id")
            .all(&mut db.read().await?.tx())
            .await?;
    for expected in [
        ("ada", "sign_in", "done"),
        ("olga", "wallet.create", "done"),
        ("vera", "wallet.create", "forbidden"),
        ("olga", "wallet.create", "bad_coin"),
        ("olga", "cancel_transaction", "not_confirmed"),
        ("olga", "job.run", "not_found"),
        ("olga", "simulated.mine", "bad_blocks"),
        ("olga", "simulated.mine", "done"),
        ("nobody", "create_wallet", "unauthorized"),
        ("nobody", "transfer", "foreign_origin"),
        ("olga", "audit_log.read", "forbidden"),
        ("olga", "token.list", "forbidden"),
        ("olga", "settings.read", "forbidden"),
        ("command line", "scan", "done"),
    ] {
        let (actor, action, outcome) = expected;
        let found = log.iter().filter(|row| row.0 == actor && row.1 == action && row.2 == outcome).count();
        ensure!(found == 1, "{expected:?} stands {found} times in {log:#?}");
    }
    filters(&ada).await
}

async fn filters(ada: &Browser) -> anyhow::Result<()> {
    let all = rows(ada, "").await?;
    ensure!(all.len() > 12, "{all:?}");
    for (filter, part) in [
        ("actor=vera", "vera"),
        ("action=simulated.", "simulated.mine"),
        ("subject=SHOP", "shop"),
        ("outcome=done", "done"),
        ("outcome=refused&actor=vera", "forbidden"),
        ("from=2020-01-01&to=2999-01-01&actor=nobody", "nobody"),
    ] {
        let found = rows(ada, filter).await?;
        ensure!(!found.is_empty() && found.len() < all.len(), "{filter}: {found:?}");
        ensure!(found.iter().all(|row| row.contains(part)), "{filter}: {found:?}");
    }
    for nothing in ["actor=nobody-of-this-name", "to=2020-01-01", "subject=%25", "action=%5F"] {
        ensure!(rows(ada, nothing).await?.is_empty(), "{nothing}");
    }
    let wrong = ada.get("/audit-log?from=yesterday").await?;
    ensure!(wrong.text().contains("A day is written as"), "{}", wrong.text());
    Ok(())
}

#[tokio::test]
async fn everything_done_or_tried_is_in_the_audit_log_on_sqlite() -> anyhow::Result<()> {
    everything(Store::Sqlite).await
}

#[tokio::test]
async fn everything_done_or_tried_is_in_the_audit_log_on_postgres() -> anyhow::Result<()> {
    everything(Store::Postgres).await
}

async fn tokens(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("web", None).await?;
    let (ada, olga) = (app.signed_in("ada", "admin").await?, app.signed_in("olga", "operator").await?);
    let page = ada.get("/tokens").await?;
    ensure!(page.text().contains("No token."), "{}", page.text());
    let form = || page.form("/act/create_token");

    let refused = ada.submit(form()?.fill("name", "shop").fill("days", "0").tick("scope_read")).await?;
    ensure!(refused.text().contains("whole number of days from 1 to 3650"), "{}", refused.text());
    let again = refused.form("/act/create_token")?;
    ensure!(again.has("scope_read") && again.fields.contains(&("name".into(), "shop".into())));
    let refused = ada.submit(form()?.fill("name", "shop")).await?;
    ensure!(refused.text().contains("Choose at least one scope."), "{}", refused.text());

    let made = ada
        .submit(form()?.fill("name", "shop").fill("days", "30").tick("scope_send").tick("scope_read"))
        .await?;
    let secret = made.all("[role=status] code.whole").into_iter().next().context("the secret")?;
    ensure!(secret.starts_with("coffer_") && secret.len() == 40, "{secret}");
    ensure!(made.path == "/tokens" && made.text().contains("read, send"), "{}", made.path);
    let again = ada.get("/tokens").await?;
    ensure!(!again.html.contains(&secret) && again.text().contains("shop"), "shown twice");
    ensure!(app.must(&["token", "list"], "").await?.starts_with("shop: read send; expires "));
    let twice = ada.submit(form()?.fill("name", "shop").tick("scope_read")).await?;
    ensure!(twice.text().contains("There is a token of this name."), "{}", twice.text());

    // The database and the log know no secret, and an operator may neither look nor order.
    let db = app.database(3).await?;
    let sessions: Vec<(String,)> = query("SELECT data FROM session").all(&mut db.read().await?.tx()).await?;
    ensure!(sessions.iter().all(|(data,)| !data.contains(&secret)), "{sessions:?}");
    let forged = tests::browser::Form {
        action: "/act/create_token".into(),
        post: true,
        fields: vec![("name".into(), "hers".into()), ("scope_admin".into(), "1".into())],
    };
    olga.submit(forged).await?;
    let list = app.must(&["token", "list"], "").await?;
    ensure!(!list.contains("hers"), "{list}");

    let revoke = again.attribute("a[href^='/tokens?revoke=']", "href").context("a way to revoke it")?;
    let confirm = ada.get(&revoke).await?;
    ensure!(confirm.text().contains("Revoke shop?"), "{}", confirm.text());
    let form = confirm.form("/act/revoke_token")?;
    let gone = ada.submit(form).await?;
    ensure!(gone.text().contains("shop was revoked"), "{}", gone.text());
    ensure!(app.must(&["token", "list"], "").await?.is_empty());
    let log: Vec<(String, String, String)> =
        query("SELECT actor, subject, outcome FROM audit_log WHERE action LIKE 'token.%' ORDER BY id")
            .all(&mut db.read().await?.tx())
            .await?;
    let told: Vec<(&str, &str)> = log.iter().map(|row| (row.0.as_str(), row.2.as_str())).collect();
    let expected = [
        ("ada", "bad_request"),
        ("ada", "bad_request"),
        ("ada", "done"),
        ("ada", "token_exists"),
        // The order, and the page that she was led to.
        ("olga", "forbidden"),
        ("olga", "forbidden"),
        ("ada", "done"),
    ];
    ensure!(told == expected && !format!("{log:?}").contains(&secret), "{log:#?}");
    Ok(())
}

#[tokio::test]
async fn tokens_are_made_shown_once_and_revoked_on_sqlite() -> anyhow::Result<()> {
    tokens(Store::Sqlite).await
}

#[tokio::test]
async fn tokens_are_made_shown_once_and_revoked_on_postgres() -> anyhow::Result<()> {
    tokens(Store::Postgres).await
}

#[tokio::test]
async fn the_settings_page_tells_no_secret() -> anyhow::Result<()> {
    let coin = "  ltc: { network: regtest, backend: { class: bitcoind, wallet: hot, timeout: 7,
      url: \"http://hunter1:hunter2@127.0.0.1:1/hunter3?key=hunter4\" } }";
    let mut app = TestApp::prepare(Store::Sqlite, coin).await?;
    app.start("web", None).await?;
    let ada = app.signed_in("ada", "admin").await?;
    let page = ada.get("/settings").await?;
    ensure!(!page.html.contains("hunter"), "a secret stands on the page");
    let text = page.text();
    for shown in [
        "http://127.0.0.1:1/ (the rest is set, hidden)",
        "SQLite",
        "up to date",
        "coffer.yaml",
        "timeout7 sfile",
        "cryptoassetsdefault",
    ] {
        ensure!(text.contains(shown), "{shown} isn't in {text}");
    }
    Ok(())
}
