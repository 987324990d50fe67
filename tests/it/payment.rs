//! The whole way of money through the running binary, its pages and a real litecoind: in by a deposit, out by a
//! withdrawal, counted in the outside wallet's own blocks.

use anyhow::{Context, ensure};
use app::model::{Amount, Coin};
use serde_json::json;
use std::time::{Duration, Instant};
use tests::app::{Store, TestApp};
use tests::browser::{Browser, Page};
use tests::litecoind::{HOT, OUTSIDE, TwoNodes, eventually, free_port};

const LIMIT: Duration = Duration::from_secs(40);

/// Coffer and two daemons, with a wallet, an account and an address in the books.
struct Stage {
    nodes: TwoNodes,
    app: TestApp,
    browser: Browser,
    account: i64,
    address: String,
}

impl Stage {
    async fn set(store: Store) -> anyhow::Result<Self> {
        let notify = free_port()?;
        let nodes = TwoNodes::start(Some(format!("http://127.0.0.1:{notify}/"))).await?;
        let app = prepare(store, &nodes, notify).await?;
        Self::open(nodes, app).await
    }

    async fn open(nodes: TwoNodes, mut app: TestApp) -> anyhow::Result<Self> {
        app.start("serve", None).await?;
        let browser = app.signed_in("ines", "operator").await?;
        let wallets = browser.get("/wallets").await?;
        let wallet = browser
            .submit(wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "merchants"))
            .await?;
        let account =
            browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?;
        let account = account.id()?;
        let address = new_address(&browser, account, &app).await?;
        Ok(Self { nodes, app, browser, account, address })
    }

    async fn page(&self) -> anyhow::Result<Page> {
        self.browser.get(&format!("/accounts/{}", self.account)).await
    }

    /// Waits until the newest rows of the account's history have these states.
    async fn until_states(&self, states: &[&str], limit: Duration) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let done = eventually("the account's states", limit, async || {
            seen = self.page().await?.all("table.rows tbody .state");
            Ok(seen == states)
        });
        done.await.with_context(|| format!("{seen:?} instead of {states:?}; {}", self.app.log_tail()))
    }

    async fn balance(&self) -> anyhow::Result<String> {
        self.page().await?.attribute(".tiles data", "value").context("no balance on the page")
    }

    /// Fills in the send form, reviews, confirms. The transaction's page.
    async fn send(&self, address: &str, amount: &str) -> anyhow::Result<Page> {
        let form = self.browser.get(&format!("/accounts/{}/send", self.account)).await?.form("/accounts/")?;
        let review = self
            .browser
            .submit(form.fill("to_address", address).fill("amount", amount).fill("label", "Withdrawal 1"))
            .await?;
        let mut form = review.form("/act/send")?;
        if form.has("typed") {
            form = form.fill("typed", amount);
        }
        let page = self.browser.submit(form).await?;
        ensure!(page.path.starts_with("/transactions/"), "the send led to {}: {}", page.path, page.text());
        Ok(page)
    }

    /// Books, daemon and outside agree, and the audit finds nothing.
    async fn settle_accounts(&self, received: &str) -> anyhow::Result<()> {
        let audit = self.app.run(&["audit"], "").await?;
        ensure!(audit.code == Some(0), "the audit ended with {audit:?}");
        let outside = self.nodes.outside.wallet(OUTSIDE, "listtransactions", json!(["*", 1000])).await?;
        let paid =
            outside.as_array().context("a list")?.iter().filter(|entry| entry["category"] == "receive");
        let paid: Vec<String> = paid.map(|entry| entry["amount"].to_string()).collect();
        ensure!(paid == [received], "the outside got {paid:?}, not exactly {received}");
        Ok(())
    }

    /// The daemon's balance is that of the books: all accounts, `Network fees` among them.
    async fn books_equal_daemon(&self) -> anyhow::Result<()> {
        let daemon = self.nodes.hot.wallet(HOT, "getbalance", json!(["*"])).await?.to_string();
        let wallet = self.browser.get("/wallets").await?;
        let rows = wallet.attribute("tbody td.at-tr data", "value").context("no wallet balance")?;
        ensure!(same(&daemon, &rows), "the daemon holds {daemon}, the books {rows}");
        Ok(())
    }
}

/// `0.5` and `0.50000000` are one amount.
fn same(left: &str, right: &str) -> bool {
    let ltc = Coin::new("ltc", 8).expect("ltc is a ticker");
    let units = |text: &str| Amount::parse_or_zero(ltc, text).map(|amount| amount.units);
    units(left).is_ok() && units(left) == units(right)
}

async fn prepare(store: Store, nodes: &TwoNodes, notify: u16) -> anyhow::Result<TestApp> {
    let url = nodes.hot.url();
    let coins = format!(
        "  ltc:\n    network: regtest\n    confirmation_count: 3\n    max_confirmation_count: 6\n    backend:\n      class: bitcoind\n      \
         url: {url}\n      wallet: {HOT}\n      timeout: 5\n      walletnotify: {{ class: http, port: {notify} }}"
    );
    TestApp::prepare(store, &coins).await
}

async fn new_address(browser: &Browser, account: i64, app: &TestApp) -> anyhow::Result<String> {
    let mut made = None;
    // The daemon may not have been reached yet: Coffer then says so, and a person presses again.
    eventually("an address", LIMIT, async || {
        let page = browser.get(&format!("/accounts/{account}")).await?;
        let page = browser.submit(page.form("/act/create_address")?).await?;
        made = page.all("code.whole").into_iter().find(|text| text.starts_with("rltc1"));
        Ok(made.is_some())
    })
    .await
    .with_context(|| app.log_tail())?;
    made.context("the page shows the address")
}

async fn deposit_and_withdrawal(store: Store) -> anyhow::Result<()> {
    let stage = Stage::set(store).await?;
    stage.nodes.pay(&stage.address, "1.50000000").await?;
    let paid = Instant::now();
    stage.until_states(&["incoming"], Duration::from_secs(2)).await?;
    eprintln!("incoming after {:?}", paid.elapsed());
    stage.nodes.mine(2).await?;
    ensure!(same(&stage.balance().await?, "0"), "two confirmations count already");
    stage.nodes.mine(1).await?;
    stage.until_states(&["credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "1.5"));

    let outside = stage.nodes.outside.new_address(OUTSIDE).await?;
    stage.send(&outside, "0.25").await?;
    ensure!(same(&stage.balance().await?, "1.25"), "a send debits at once");
    stage.until_states(&["broadcasted", "credited"], LIMIT).await?;
    stage.nodes.mine(6).await?;
    let settled = eventually("the broadcast to settle", LIMIT, async || {
        Ok(stage.browser.get("/broadcasts").await?.all("table.rows tbody .state") == ["settled"])
    });
    settled.await.with_context(|| stage.app.log_tail())?;
    let fees = stage.browser.get("/transactions?state=network_fee").await?.all("table.rows tbody .state");
    ensure!(fees == ["network_fee"], "the fee is booked once, not {fees:?}");
    stage.books_equal_daemon().await?;
    stage.settle_accounts("0.25000000").await
}

#[tokio::test(flavor = "multi_thread")]
async fn deposit_and_withdrawal_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    deposit_and_withdrawal(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deposit_and_withdrawal_by_litecoind_on_postgres() -> anyhow::Result<()> {
    deposit_and_withdrawal(Store::Postgres).await
}

async fn lost_notifications(store: Store) -> anyhow::Result<()> {
    let mut stage = Stage::set(store).await?;
    let code = stage.app.terminate().await?;
    ensure!(code == Some(0), "SIGTERM ended with {code:?}");
    for amount in ["0.10000000", "0.20000000", "0.30000000"] {
        stage.nodes.pay(&stage.address, amount).await?;
        stage.nodes.mine(1).await?;
    }
    stage.nodes.mine(3).await?;
    stage.app.start("serve", None).await?;
    stage.until_states(&["credited", "credited", "credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "0.6"));
    // Once: another scan, and another start, change nothing.
    stage.app.must(&["scan-received"], "").await?;
    stage.app.kill().await?;
    stage.app.start("serve", None).await?;
    stage.app.must(&["scan-received"], "").await?;
    stage.until_states(&["credited", "credited", "credited"], LIMIT).await?;
    ensure!(same(&stage.balance().await?, "0.6"));
    stage.app.must(&["audit"], "").await?;
    stage.books_equal_daemon().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_while_off_is_scanned_once_by_litecoind_on_sqlite() -> anyhow::Result<()> {
    lost_notifications(Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_while_off_is_scanned_once_by_litecoind_on_postgres() -> anyhow::Result<()> {
    lost_notifications(Store::Postgres).await
}

/// Kills Coffer at `failpoint`, then the daemon; restarts both; the outside must have the payment exactly once.
async fn killed_at(store: Store, failpoint: &str) -> anyhow::Result<()> {
    let mut stage = Stage::set(store).await?;
    stage.nodes.pay(&stage.address, "2.00000000").await?;
    stage.nodes.mine(3).await?;
    stage.until_states(&["credited"], LIMIT).await?;
    stage.app.terminate().await?;
    let reached = stage.app.folder.join("reached");
    stage.app.start("serve", Some(&format!("{failpoint}={}", reached.display()))).await?;
    let outside = stage.nodes.outside.new_address(OUTSIDE).await?;
    stage.send(&outside, "0.75").await?;
    let there = eventually("the failpoint", LIMIT, async || Ok(reached.exists()));
    there.await.with_context(|| stage.app.log_tail())?;
    stage.app.kill().await?;
    stage.nodes.hot.kill();
    stage.nodes.restart_hot().await?;
    stage.app.start("serve", None).await?;
    stage.until_states(&["broadcasted", "credited"], LIMIT).await?;
    stage.nodes.mine(6).await?;
    let settled = eventually("the broadcast to settle", LIMIT, async || {
        Ok(stage.browser.get("/broadcasts").await?.all("table.rows tbody .state") == ["settled"])
    });
    settled.await.with_context(|| stage.app.log_tail())?;
    stage.books_equal_daemon().await?;
    stage.settle_accounts("0.75000000").await
}

macro_rules! killed {
    ($($name:ident: $store:ident at $failpoint:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() -> anyhow::Result<()> {
            killed_at(Store::$store, $failpoint).await
        }
    )*};
}

killed! {
    killed_after_preparing_pays_once_by_litecoind_on_sqlite: Sqlite at "broadcast.prepared";
    killed_after_preparing_pays_once_by_litecoind_on_postgres: Postgres at "broadcast.prepared";
    killed_after_opening_pays_once_by_litecoind_on_sqlite: Sqlite at "broadcast.opened";
    killed_after_opening_pays_once_by_litecoind_on_postgres: Postgres at "broadcast.opened";
    killed_after_sending_pays_once_by_litecoind_on_sqlite: Sqlite at "broadcast.sent";
    killed_after_sending_pays_once_by_litecoind_on_postgres: Postgres at "broadcast.sent";
}
