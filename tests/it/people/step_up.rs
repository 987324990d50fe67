//! The proof that sending may ask for.

use super::second_factor::turn_on;
use super::{COIN, LIMIT, PASSWORD, forged, log, on_both};
use anyhow::{Context, ensure};
use reqwest::StatusCode;
use server::db::{Execute, query};
use tests::app::{Store, TestApp};
use tests::browser::Browser;
use tests::litecoind::eventually;

const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";

on_both! {
    step_up, sending_asks_for_a_proof_on_sqlite, sending_asks_for_a_proof_on_postgres;
}

/// An account that holds 3 ltc.
async fn funded_account(browser: &Browser) -> anyhow::Result<i64> {
    let wallets = browser.get("/wallets").await?;
    let new = wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "shop");
    let wallet = browser.submit(new).await?;
    let account = browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?;
    let page = browser.submit(account.form("/act/create_address")?).await?;
    let address = page.all("code.whole").into_iter().next().context("an address")?;
    let pay = browser.get("/simulator").await?.form("/act/simulated_pay")?;
    browser.submit(pay.fill("address", &address).fill("amount", "3")).await?;
    let mine = browser.get("/simulator").await?.form("/act/simulated_mine")?;
    browser.submit(mine.fill("blocks", "2")).await?;
    let credited =
        async || Ok(browser.get("/transactions?state=credited").await?.text().contains("Halden Books"));
    eventually("the deposit", LIMIT, credited).await?;
    account.id()
}

async fn step_up(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    let file = app.folder.join("coffer.yaml");
    let text = std::fs::read_to_string(&file)?.replacen("web: { ", "web: { step_up_minutes: 5, ", 1);
    std::fs::write(&file, text)?;
    app.start("serve", None).await?;
    let olga = app.signed_in("olga", "operator").await?;
    let account = funded_account(&olga).await?;
    let review =
        format!("/accounts/{account}/send?review=1&to_address={OUTSIDE}&amount=0.25&label=rent+%26+more");
    let order = async |typed: bool| {
        let form = olga.get(&review).await?.form("/act/send")?;
        olga.submit(if typed && form.has("typed") { form.fill("typed", "0.25") } else { form }).await
    };
    let sent = async || -> anyhow::Result<i64> {
        let sql = r#"SELECT CAST(COUNT(*) AS BIGINT) FROM "transaction" WHERE label = 'rent & more'"#;
        Ok(query(sql).one::<(i64,)>(&mut app.database(3).await?.read().await?.tx()).await?.0)
    };
    // Signing in was a proof; then it grows old.
    let page = order(true).await?;
    ensure!(page.path.starts_with("/transactions/") && sent().await? == 1, "{}: {}", page.path, page.text());
    let grow_old = async || -> anyhow::Result<()> {
        let db = app.database(3).await?;
        let sessions: Vec<(i64, String)> =
            query("SELECT id, data FROM session").all(&mut db.read().await?.tx()).await?;
        for (id, data) in sessions {
            let mut data: serde_json::Value = serde_json::from_str(&data)?;
            let proven = data["proven_at"].as_i64().context("a session without its proof")?;
            data["proven_at"] = (proven - 301_000_000).into();
            let update = query("UPDATE session SET data = $2 WHERE id = $1").bind(id).bind(data.to_string());
            db.write(Execute::one("grow_old", update)).await?;
        }
        Ok(())
    };
    grow_old().await?;
    let page = order(true).await?;
    ensure!(page.path.starts_with("/step-up?next=") && sent().await? == 1, "{}: {}", page.path, page.text());
    let refused = olga.submit(page.form("/act/step_up")?.fill("typed", "wrong horse battery")).await?;
    ensure!(refused.text().contains("This isn’t your password"), "{}", refused.text());
    // The confirmation moves no money; it leads back to the review as it was filled in.
    let back = olga.submit(refused.form("/act/step_up")?.fill("typed", PASSWORD)).await?;
    ensure!(back.path.starts_with(&format!("/accounts/{account}/send?review=1")), "{}", back.path);
    ensure!(sent().await? == 1, "confirming sent something");
    let form = back.form("/act/send")?;
    for (name, value) in [("amount", "0.25"), ("to_address", OUTSIDE), ("label", "rent & more")] {
        ensure!(
            form.fields.iter().any(|field| field.0 == name && field.1 == value),
            "{name}: {:?}",
            form.fields
        );
    }
    let form = if form.has("typed") { form.fill("typed", "0.25") } else { form };
    let page = olga.submit(form).await?;
    ensure!(page.path.starts_with("/transactions/") && sent().await? == 2, "{}: {}", page.path, page.text());

    // Vetting asks alike, transfers and looking do not; a forged post of the order is no way around.
    grow_old().await?;
    let vet =
        forged("vet_broadcast", &[("broadcast", "1"), ("act", "cancel"), ("reason", "x"), ("typed", "1")]);
    let page = olga.submit(vet).await?;
    ensure!(page.path.starts_with("/step-up"), "{}", page.path);
    let close = forged("close_broadcast", &[("broadcast", "1"), ("txid", &"0".repeat(64)), ("reason", "x")]);
    ensure!(olga.submit(close).await?.path.starts_with("/step-up"));
    ensure!(olga.get("/transactions").await?.status == StatusCode::OK);
    let (id, amount) = (account.to_string(), "0.25");
    let send = [
        ("account", id.as_str()),
        ("to_address", OUTSIDE),
        ("amount", amount),
        ("label", "rent & more"),
        ("typed", amount),
        ("idempotency_key", "forged"),
    ];
    let page = olga.submit(forged("send", &send)).await?;
    ensure!(page.path.starts_with("/step-up") && sent().await? == 2, "{}", page.path);
    let admin = app.signed_in("ada", "admin").await?;
    grow_old().await?;
    let adjust = [
        ("account", id.as_str()),
        ("amount", "1"),
        ("way", "debit"),
        ("reason", "x"),
        ("confirmed", "1"),
        ("from", "/"),
        ("idempotency_key", "forged"),
    ];
    ensure!(admin.submit(forged("adjust", &adjust)).await?.path.starts_with("/step-up"));
    // Where it leads is a page of ours, whatever a link says.
    let page = olga.get("/step-up?next=https://evil.example/").await?;
    ensure!(page.attribute("[name=next]", "value").as_deref() == Some("/"), "it leads away");
    // With a second factor on, the code is asked for and not the password.
    turn_on(&olga).await.context("turning on")?;
    grow_old().await?;
    let page = order(true).await?;
    ensure!(page.attribute("#typed", "autocomplete").as_deref() == Some("one-time-code"), "{}", page.html);
    let refused = olga.submit(page.form("/act/step_up")?.fill("typed", PASSWORD)).await?;
    ensure!(refused.path.contains("refused=wrong_code"), "the password passes for a code: {}", refused.path);
    let logged = log(&app).await?.join("\n");
    for row in [
        "olga | send | ",
        "| step_up_needed",
        "olga | step_up | olga | wrong_password",
        "olga | step_up | olga | done",
    ] {
        ensure!(logged.contains(row), "{row} isn't in\n{logged}");
    }
    Ok(())
}
