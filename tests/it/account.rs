//! One account's page on both databases: its balance over time, few changes and many, and what is on its way; and the
//! hot wallet that holds too little for what waits.

use anyhow::{Context, ensure};
use app::model::{AccountId, Amount, Coin};
use server::clock::Clock;
use server::ledger::Transfer;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::{Browser, Page};
use tests::litecoind::eventually;

const COIN: &str = "  ltc: { network: regtest, confirmation_count: 2, low_hot_wallet: \"1\", backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);
const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";

async fn simulate(browser: &Browser, act: &str, fields: &[(&str, &str)]) -> anyhow::Result<()> {
    let form = browser.get("/simulator").await?.form(&format!("/act/simulated_{act}"))?;
    let page = browser.submit(fields.iter().fold(form, |form, (name, value)| form.fill(name, value))).await?;
    ensure!(!page.path.contains("refused"), "{act} was refused: {}", page.text());
    Ok(())
}

async fn until_said(browser: &Browser, path: &str, what: &str) -> anyhow::Result<Page> {
    let mut page = browser.get(path).await?;
    let said = eventually(what, LIMIT, async || {
        page = browser.get(path).await?;
        Ok(page.text().contains(what))
    });
    said.await?;
    Ok(page)
}

/// Two accounts of one wallet; the first holds 3 ltc and is about to get 0.5.
async fn accounts(browser: &Browser) -> anyhow::Result<(i64, i64)> {
    let wallets = browser.get("/wallets").await?;
    let wallet =
        browser.submit(wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "shop")).await?;
    let other = browser.submit(wallet.form("/act/create_account")?.fill("name", "Sund Café")).await?.id()?;
    let account =
        browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?.id()?;
    let page = browser.get(&format!("/accounts/{account}")).await?;
    ensure!(page.text().contains("no deposit under way") && page.text().contains("no send waits"));
    let page = browser.submit(page.form("/act/create_address")?).await?;
    let address = page.all("code.whole").into_iter().next().context("an address")?;
    simulate(browser, "pay", &[("address", &address), ("amount", "3")]).await?;
    simulate(browser, "mine", &[("blocks", "2")]).await?;
    until_said(browser, "/transactions?state=credited", "Halden Books").await?;
    simulate(browser, "pay", &[("address", &address), ("amount", "0.5")]).await?;
    simulate(browser, "mine", &[("blocks", "1")]).await?;
    Ok((account, other))
}

async fn over_time(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let browser = app.signed_in("olga", "operator").await?;
    let (account, other) = accounts(&browser).await?;
    let path = format!("/accounts/{account}");
    let page = until_said(&browser, &path, "1 deposit, 1 of 2 confirmations").await?;
    ensure!(page.text().contains("every change is drawn"), "{}", page.text());
    let values = |page: &Page| page.all(".chart tbody data");
    ensure!(values(&page) == ["3.00000000", "0.00000000"], "{:?}", values(&page));
    let finding = page.attribute(".chart svg", "aria-label").context("the drawing says nothing")?;
    ensure!(
        finding.starts_with(
            "Balance of the last 30 days: from 0.00000000 to 3.00000000 ltc, highest 3.00000000"
        ),
        "{finding}"
    );

    // More changes than are drawn one by one: readings at equal distances then, and the balance at the end.
    let db = app.database(20).await?;
    for _ in 0..301 {
        let change = Transfer {
            from: AccountId(account),
            to: AccountId(other),
            amount: Amount::new(Coin::new("ltc", 8)?, 1),
            label: String::new(),
            allow_negative: false,
            now: Clock::system().now(),
        };
        db.write(change).await?;
    }
    for range in ["24h", "1y"] {
        let page = browser.get(&format!("{path}?range={range}")).await?;
        ensure!(page.text().contains("read at equal distances"), "{range}: {}", page.text());
        let values = values(&page);
        ensure!(values.first().is_some_and(|value| value == "2.99999699"), "{range}: {values:?}");
        ensure!(values.last().is_some_and(|value| value == "0.00000000"), "{range}: {values:?}");
    }
    ensure!(app.run(&["audit"], "").await?.code == Some(0));
    Ok(())
}

#[tokio::test]
async fn a_balance_over_time_is_read_whole_or_at_equal_distances_on_sqlite() -> anyhow::Result<()> {
    over_time(Store::Sqlite).await
}

#[tokio::test]
async fn a_balance_over_time_is_read_whole_or_at_equal_distances_on_postgres() -> anyhow::Result<()> {
    over_time(Store::Postgres).await
}

/// What waits exceeds what can be paid once another program has emptied the hot wallet.
async fn low(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let browser = app.signed_in("olga", "operator").await?;
    let (account, _) = accounts(&browser).await?;
    let wallet = browser.get("/wallets/1").await?;
    browser.submit(wallet.form("/act/pause_wallet")?).await?;
    let query = format!("review=1&to_address={OUTSIDE}&amount=2&force_external=");
    let review = browser.get(&format!("/accounts/{account}/send?{query}")).await?.form("/act/send")?;
    browser.submit(review.fill("typed", "2")).await?;
    // The backend's job reads what can be spent a moment after the blocks that brought it.
    eventually("a hot wallet that can pay what waits", LIMIT, async || {
        Ok(!browser.get("/").await?.text().contains("is low"))
    })
    .await?;
    simulate(&browser, "spend", &[("address", OUTSIDE), ("amount", "2.2")]).await?;
    simulate(&browser, "mine", &[("blocks", "1")]).await?;
    let page = until_said(&browser, "/", "The hot wallet of ltc is low.").await?;
    ensure!(page.text().contains("Sends of 2.00000000 ltc wait"), "{}", page.text());
    Ok(())
}

#[tokio::test]
async fn a_hot_wallet_that_can_not_pay_what_waits_is_low_on_sqlite() -> anyhow::Result<()> {
    low(Store::Sqlite).await
}

#[tokio::test]
async fn a_hot_wallet_that_can_not_pay_what_waits_is_low_on_postgres() -> anyhow::Result<()> {
    low(Store::Postgres).await
}
