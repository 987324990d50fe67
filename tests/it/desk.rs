//! Where books and hot wallet part, as people see it and mend it: foreign spends, the balance import, the comparison.

use anyhow::{Context, ensure};
use server::clock::Clock;
use server::config;
use server::db::Db;
use server::network::Backend;
use server::network::simulated::Simulated;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::{Browser, Page};
use tests::litecoind::eventually;

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
/// A one-shot is broken after 45 seconds.
const LIMIT: Duration = Duration::from_secs(90);
const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";

async fn started(store: Store, coin: &str) -> anyhow::Result<TestApp> {
    let mut app = TestApp::prepare(store, coin).await?;
    app.start("serve", None).await?;
    Ok(app)
}

async fn account(browser: &Browser) -> anyhow::Result<i64> {
    let wallets = browser.get("/wallets").await?;
    let new = wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "shop");
    let wallet = browser.submit(new).await?;
    browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?.id()
}

/// An account that holds 3 ltc.
async fn funded_account(browser: &Browser) -> anyhow::Result<i64> {
    let account = account(browser).await?;
    let page = browser.get(&format!("/accounts/{account}")).await?;
    let page = browser.submit(page.form("/act/create_address")?).await?;
    let address = page.all("code.whole").into_iter().next().context("an address")?;
    simulate(browser, "pay", &[("address", &address), ("amount", "3")]).await?;
    simulate(browser, "mine", &[("blocks", "2")]).await?;
    until_shown(browser, "/transactions?state=credited", "Halden Books").await?;
    Ok(account)
}

/// Sends 0.25 ltc outside; the transaction's page.
async fn send(browser: &Browser, account: i64) -> anyhow::Result<Page> {
    let query = format!("review=1&to_address={OUTSIDE}&amount=0.25&force_external=");
    let review = browser.get(&format!("/accounts/{account}/send?{query}")).await?.form("/act/send")?;
    let review = if review.has("typed") { review.fill("typed", "0.25") } else { review };
    browser.submit(review).await
}

async fn simulate(browser: &Browser, act: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
    let form = browser.get("/simulator").await?.form(&format!("/act/simulated_{act}"))?;
    let page = browser.submit(fields.iter().fold(form, |form, (name, value)| form.fill(name, value))).await?;
    ensure!(!page.path.contains("refused"), "{act} was refused: {}", page.text());
    Ok(())
}

/// The scan compares at its end; twice, so that a difference counts.
async fn scan(browser: &Browser) -> anyhow::Result<()> {
    // Right after the start there is no job yet.
    if let Ok(run) = browser.get("/jobs").await?.form("/act/run_job") {
        browser.submit(run.fill("name", "scan").fill("coin", "ltc")).await?;
    }
    Ok(())
}

async fn broadcast_now(browser: &Browser) -> anyhow::Result<()> {
    let asked = browser.submit(browser.get("/wallets/1").await?.form("/act/broadcast_now")?).await?;
    ensure!(asked.text().contains("Broadcast now is asked for"), "{}", asked.text());
    Ok(())
}

async fn until_differ(browser: &Browser) -> anyhow::Result<()> {
    let differ = eventually("the difference", LIMIT, async || {
        scan(browser).await?;
        Ok(browser.get("/").await?.text().contains("Books and hot wallet of ltc differ."))
    });
    differ.await
}

async fn until_shown(browser: &Browser, path: &str, words: &str) -> anyhow::Result<Page> {
    let mut page = browser.get(path).await?;
    let shown = eventually("what the page is to say", LIMIT, async || {
        page = browser.get(path).await?;
        Ok(page.text().contains(words))
    });
    shown.await.with_context(|| format!("{path} doesn't say \"{words}\""))?;
    Ok(page)
}

/// `audit` is content, and has compared books and backend.
async fn until_they_agree(app: &TestApp, browser: &Browser) -> anyhow::Result<()> {
    let mut ran = None;
    let agree = eventually("books and backend to agree", LIMIT, async || {
        scan(browser).await?;
        let audit = app.run(&["audit"], "").await?;
        let agree = audit.code == Some(0) && audit.stdout.contains("difference 0.00000000");
        ran = Some(audit);
        Ok(agree)
    });
    agree.await.with_context(|| format!("{ran:?}"))
}

async fn foreign_spend(store: Store) -> anyhow::Result<()> {
    let app = started(store, COIN).await?;
    let (olga, ada) = (app.signed_in("olga", "operator").await?, app.signed_in("ada", "admin").await?);
    let account = funded_account(&olga).await?;

    simulate(&olga, "spend", &[("address", OUTSIDE), ("amount", "0.1")]).await?;
    // Its change is nobody's broadcast's: it is spent once it has the coin's confirmations.
    simulate(&olga, "mine", &[("blocks", "2")]).await?;
    let page = until_shown(&olga, "/", "ltc sends nothing: a foreign spend.").await?;
    let spend = page.attribute(".needs a[href^='/foreign-spends/']", "href").context("a way to it")?;
    until_differ(&olga).await?;
    let difference = olga.get("/reconciliations/ltc").await?;
    ensure!(difference.text().contains("less than the books say"), "{}", difference.text());
    ensure!(app.run(&["audit"], "").await?.code == Some(1), "a difference is a finding");

    let sent = send(&olga, account).await?;
    broadcast_now(&olga).await?;
    ensure!(olga.get(&sent.path).await?.text().contains("pending"), "nothing leaves before it is booked");

    let page = olga.get(&spend).await?;
    ensure!(page.text().contains("Booking it needs the role admin.") && page.form("/act/adjust").is_err());
    let form = || async {
        let form = ada.get(&spend).await?.form("/act/adjust")?;
        anyhow::Ok(form.fill("account", &account.to_string()).fill("reason", "paid by hand"))
    };
    let refused = ada.submit(form().await?).await?;
    ensure!(refused.text().contains("Not confirmed"), "{}", refused.text());
    let booked = ada.submit(form().await?.tick("confirmed")).await?;
    ensure!(
        booked.path.starts_with("/transactions/") && booked.text().contains("paid by hand"),
        "{}",
        booked.path
    );
    ensure!(ada.get(&spend).await?.text().contains("It is booked"));
    until_shown(&olga, &sent.path, "broadcasted").await?;
    simulate(&olga, "mine", &[("blocks", "1")]).await?;
    until_they_agree(&app, &olga).await?;
    ensure!(!olga.get("/").await?.text().contains("Needs you"), "nothing is left to do");
    Ok(())
}

#[tokio::test]
async fn a_foreign_spend_stops_sends_until_an_admin_books_it_on_sqlite() -> anyhow::Result<()> {
    foreign_spend(Store::Sqlite).await
}

#[tokio::test]
async fn a_foreign_spend_stops_sends_until_an_admin_books_it_on_postgres() -> anyhow::Result<()> {
    foreign_spend(Store::Postgres).await
}

/// The hot wallet got 5 ltc on an address that the books don't know.
async fn import(store: Store) -> anyhow::Result<()> {
    let app = started(store, COIN).await?;
    let olga = app.signed_in("olga", "operator").await?;
    let account = account(&olga).await?.to_string();
    let text = std::fs::read_to_string(app.folder.join("coffer.yaml"))?;
    let settings = config::read(&text, &|_| None).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let db = Db::open(settings.database.url.reveal(), 3, 1).await?;
    let spec = settings.coins[0].spec.clone();
    let address = Simulated::new(db, spec, Clock::system(), 7, 0).new_address("before the books").await?;
    simulate(&olga, "pay", &[("address", &address), ("amount", "5")]).await?;
    simulate(&olga, "mine", &[("blocks", "2")]).await?;
    until_differ(&olga).await?;

    let command = ["import-balance", "--coin", "ltc", "--account", &account];
    let dry = app.must(&[&command[..], &["--dry-run"]].concat(), "").await?;
    ensure!(dry.contains(&format!("5.00000000 ltc would be imported to account {account}")), "{dry}");
    let page = olga.get(&format!("/accounts/{account}")).await?;
    ensure!(page.attribute(".tiles data", "value").as_deref() == Some("0.00000000"), "a dry run booked");

    let done = app.must(&command, "").await?;
    ensure!(done.contains(&format!("5.00000000 ltc imported to account {account}: transaction")), "{done}");
    let again = app.must(&command, "").await?;
    ensure!(again.contains("nothing is missing in the books"), "{again}");
    let page = olga.get(&format!("/accounts/{account}")).await?;
    ensure!(page.attribute(".tiles data", "value").as_deref() == Some("5.00000000"), "{}", page.text());
    until_they_agree(&app, &olga).await
}

#[tokio::test]
async fn an_import_books_what_the_hot_wallet_held_before_once_on_sqlite() -> anyhow::Result<()> {
    import(Store::Sqlite).await
}

#[tokio::test]
async fn an_import_books_what_the_hot_wallet_held_before_once_on_postgres() -> anyhow::Result<()> {
    import(Store::Postgres).await
}

/// What the backend can't show, a person may know all the same; why is kept.
async fn closed_unchecked(store: Store) -> anyhow::Result<()> {
    let app = started(store, &COIN.replace("backend:", "broadcast: { prepared: never }, backend:")).await?;
    let olga = app.signed_in("olga", "operator").await?;
    let account = funded_account(&olga).await?;
    simulate(&olga, "fail", &[("call", "send_many"), ("how", "not_delivered"), ("times", "1")]).await?;
    let sent = send(&olga, account).await?;
    let broken = async || Ok(olga.get("/broadcasts").await?.all("table.rows tbody .state") == ["broken"]);
    eventually("the broadcast to be broken", LIMIT, broken).await?;
    let broadcasts = olga.get("/broadcasts").await?;
    let broken =
        broadcasts.attribute("table.rows tbody a[href^='/broadcasts/']", "href").context("its page")?;
    let page = olga.get(&broken).await?;
    let txid = "ab".repeat(32);
    let close = page.form("/act/close_broadcast")?.fill("txid", &txid).fill("reason", "the exchange has it");
    let refused = olga.submit(close).await?;
    ensure!(refused.text().contains("doesn’t know this txid"), "{}", refused.text());
    let again = refused.form("/act/close_broadcast")?;
    let closed = olga.submit(again.fill("override_reason", "seen in two explorers")).await?;
    ensure!(closed.all("h1 .state") == ["closed"], "{}", closed.text());
    let kept = "the exchange has it Not checked: seen in two explorers";
    ensure!(closed.text().contains(kept) && closed.text().contains(&txid), "{}", closed.text());
    ensure!(olga.get(&sent.path).await?.text().contains("broadcasted"));
    Ok(())
}

#[tokio::test]
async fn what_the_backend_cannot_show_is_closed_with_a_reason_on_sqlite() -> anyhow::Result<()> {
    closed_unchecked(Store::Sqlite).await
}

#[tokio::test]
async fn what_the_backend_cannot_show_is_closed_with_a_reason_on_postgres() -> anyhow::Result<()> {
    closed_unchecked(Store::Postgres).await
}
