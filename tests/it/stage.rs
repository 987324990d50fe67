//! Coffer's binary and two connected litecoinds, with a wallet, an account and an address in the books, worked by its
//! pages as a person does.

use anyhow::{Context, ensure};
use app::model::{Amount, Coin};
use serde_json::json;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::{Browser, Page};
use tests::litecoind::{HOT, OUTSIDE, TwoNodes, eventually, free_port};
use tests::proxy::Proxy;

pub const LIMIT: Duration = Duration::from_secs(40);

pub struct Stage {
    pub nodes: TwoNodes,
    pub app: TestApp,
    pub browser: Browser,
    /// The path of the wallet's page.
    pub wallet: String,
    pub account: i64,
    pub address: String,
}

impl Stage {
    pub async fn set(store: Store) -> anyhow::Result<Self> {
        Self::set_counting(store, 3, 6).await
    }

    /// `credited` and `settled`: at how many confirmations.
    pub async fn set_counting(store: Store, credited: u32, settled: u32) -> anyhow::Result<Self> {
        let notify = free_port()?;
        let nodes = TwoNodes::start(Some(format!("http://127.0.0.1:{notify}/"))).await?;
        let app = TestApp::prepare(store, &coin(&nodes.hot.url(), notify, (credited, settled), "")).await?;
        Self::open(nodes, app).await
    }

    /// `options`: of both daemons. `more`: of the coin's settings, four blanks deep.
    pub async fn set_with(store: Store, options: &[&str], more: &str) -> anyhow::Result<Self> {
        let notify = free_port()?;
        let nodes = TwoNodes::start_with(Some(format!("http://127.0.0.1:{notify}/")), &[], options).await?;
        let app = TestApp::prepare(store, &coin(&nodes.hot.url(), notify, (3, 6), more)).await?;
        Self::open(nodes, app).await
    }

    /// Coffer talks to its daemon by way of the proxy. `more`: of the coin's settings, four blanks deep.
    pub async fn through_proxy(store: Store, more: &str) -> anyhow::Result<(Self, Proxy)> {
        let notify = free_port()?;
        // One thread, so that a test may take it.
        let hot = ["-rpcthreads=1", "-rpcworkqueue=64"];
        let nodes = TwoNodes::start_with(Some(format!("http://127.0.0.1:{notify}/")), &hot, &[]).await?;
        let proxy = Proxy::start(&nodes.hot).await?;
        let app = TestApp::prepare(store, &coin(&proxy.url(&nodes.hot), notify, (3, 6), more)).await?;
        Ok((Self::open(nodes, app).await?, proxy))
    }

    async fn open(nodes: TwoNodes, mut app: TestApp) -> anyhow::Result<Self> {
        app.start("serve", None).await?;
        let browser = app.signed_in("ines", "operator").await?;
        let wallets = browser.get("/wallets").await?;
        let wallet = browser
            .submit(wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "merchants"))
            .await?;
        let path = wallet.path.clone();
        let account =
            browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?;
        let account = account.id()?;
        let address = new_address(&browser, account, &app).await?;
        Ok(Self { nodes, app, browser, wallet: path, account, address })
    }

    pub async fn page(&self) -> anyhow::Result<Page> {
        self.browser.get(&format!("/accounts/{}", self.account)).await
    }

    /// Waits until the newest rows of the account's history have these states.
    pub async fn until_states(&self, states: &[&str], limit: Duration) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let done = eventually("the account's states", limit, async || {
            seen = self.page().await?.all("table.rows tbody .state");
            Ok(seen == states)
        });
        done.await.with_context(|| format!("{seen:?} instead of {states:?}; {}", self.app.log_tail()))
    }

    pub async fn balance(&self) -> anyhow::Result<String> {
        self.page().await?.attribute(".tiles data", "value").context("no balance on the page")
    }

    /// The account gets money in several pieces, so that no send waits for another's change.
    pub async fn fund(&self, pieces: usize) -> anyhow::Result<()> {
        for _ in 0..pieces {
            self.nodes.pay(&self.address, "1.00000000").await?;
        }
        self.nodes.mine(3).await?;
        self.until_states(&vec!["credited"; pieces], LIMIT).await
    }

    /// Waits until the account's newest transaction has this state.
    pub async fn until_newest(&self, state: &str) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        let newest = eventually("the newest transaction's state", LIMIT, async || {
            seen = self.page().await?.all("table.rows tbody .state");
            Ok(seen.first().is_some_and(|newest| newest == state))
        });
        newest.await.with_context(|| format!("{seen:?}; {}", self.app.log_tail()))
    }

    /// Sends to a new address outside.
    pub async fn pay_outside(&self, amount: &str) -> anyhow::Result<()> {
        let address = self.nodes.outside.new_address(OUTSIDE).await?;
        self.send(&address, amount).await.map(drop)
    }

    /// Path of the newest broadcast's page.
    pub async fn newest_broadcast(&self) -> anyhow::Result<String> {
        let broadcasts = self.browser.get("/broadcasts").await?;
        broadcasts.attribute("table.rows tbody a[href^='/broadcasts/']", "href").context("no broadcast")
    }

    /// Waits until a broadcast has this state; its page.
    pub async fn until_broadcast(&self, path: &str, state: &str, limit: Duration) -> anyhow::Result<Page> {
        let mut page = self.browser.get(path).await?;
        let there = eventually("the broadcast's state", limit, async || {
            page = self.browser.get(path).await?;
            Ok(page.all("h1 .state").first().is_some_and(|shown| shown == state))
        });
        let done = there.await;
        done.with_context(|| format!("{path} isn't {state}: {}; {}", page.text(), self.app.log_tail()))?;
        Ok(page)
    }

    /// Orders something about a broadcast on its page, once the page offers it.
    pub async fn vet(&self, path: &str, act: &str, limit: Duration) -> anyhow::Result<()> {
        let mut form = None;
        let offered = eventually("the act to be offered", limit, async || {
            form = self.browser.get(path).await?.form_where("/act/vet_broadcast", "act", act).ok();
            Ok(form.is_some())
        });
        offered.await.with_context(|| format!("{path} doesn't offer {act}; {}", self.app.log_tail()))?;
        let mut form = form.context("the wait ends with it")?.fill("reason", "decided by hand");
        if form.has("typed") {
            form = form.fill("typed", path.rsplit('/').next().unwrap_or_default());
        }
        let page = self.browser.submit(form).await?;
        ensure!(!page.path.contains("refused"), "{act} was refused: {}", page.text());
        Ok(())
    }

    /// Another account of the wallet: its id and an address.
    pub async fn new_account(&self, name: &str) -> anyhow::Result<(i64, String)> {
        let wallet = self.browser.get(&self.wallet).await?;
        let account = self.browser.submit(wallet.form("/act/create_account")?.fill("name", name)).await?;
        let account = account.id()?;
        Ok((account, new_address(&self.browser, account, &self.app).await?))
    }

    /// Fills in the transfer form, reviews, confirms.
    pub async fn transfer(&self, from: i64, to: i64, amount: &str) -> anyhow::Result<()> {
        let form = self.browser.get(&format!("/accounts/{from}/transfer")).await?.form("/accounts/")?;
        let filled = form.fill("to_account", &to.to_string()).fill("amount", amount);
        let review = self.browser.submit(filled).await?;
        let page = self.browser.submit(review.form("/act/transfer")?).await?;
        ensure!(
            page.path.starts_with("/transactions/"),
            "the transfer led to {}: {}",
            page.path,
            page.text()
        );
        Ok(())
    }

    /// Minor units, negative ones too.
    pub async fn units_of(&self, account: i64) -> anyhow::Result<i64> {
        let page = self.browser.get(&format!("/accounts/{account}")).await?;
        let balance = page.attribute(".tiles data", "value").context("no balance on the page")?;
        Ok(balance.replace('.', "").parse()?)
    }

    /// Fills in the send form, reviews, confirms. The transaction's page.
    pub async fn send(&self, address: &str, amount: &str) -> anyhow::Result<Page> {
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

    /// The audit finds nothing, and the outside got exactly these payments, counted in its own blocks.
    pub async fn settle_accounts(&self, received: &[&str]) -> anyhow::Result<()> {
        let audit = self.app.run(&["audit"], "").await?;
        ensure!(audit.code == Some(0), "the audit ended with {audit:?}");
        let outside = self.nodes.outside.wallet(OUTSIDE, "listtransactions", json!(["*", 1000])).await?;
        let paid =
            outside.as_array().context("a list")?.iter().filter(|entry| entry["category"] == "receive");
        let confirmed = paid.filter(|entry| entry["confirmations"].as_i64() >= Some(1));
        let mut paid: Vec<String> = confirmed.map(|entry| entry["amount"].to_string()).collect();
        paid.sort();
        let mut received = received.to_vec();
        received.sort_unstable();
        ensure!(paid == received, "the outside got {paid:?}, not exactly {received:?}");
        Ok(())
    }

    /// Everything comes to rest: each payment once, a broadcast each, books and daemon equal.
    pub async fn settle_all(&self, received: &[&str]) -> anyhow::Result<()> {
        let unsent = async || {
            Ok(self.page().await?.all("table.rows tbody .state").iter().all(|state| state != "pending"))
        };
        let sent = eventually("everything to be sent", LIMIT, unsent);
        sent.await.with_context(|| self.app.log_tail())?;
        self.settle_broadcasts(received.len()).await?;
        self.books_equal_daemon().await?;
        self.settle_accounts(received).await
    }

    /// Mines until the network is done with all broadcasts, `count` of them.
    pub async fn settle_broadcasts(&self, count: usize) -> anyhow::Result<()> {
        self.nodes.mine(6).await?;
        let mut seen = Vec::new();
        let settled = eventually("the broadcasts to settle", LIMIT, async || {
            seen = self.browser.get("/broadcasts").await?.all("table.rows tbody .state");
            Ok(seen.len() == count && seen.iter().all(|state| state == "settled"))
        });
        settled.await.with_context(|| format!("{seen:?}; {}", self.app.log_tail()))
    }

    /// The daemon's balance is that of the books: all accounts, `Network fees` among them.
    pub async fn books_equal_daemon(&self) -> anyhow::Result<()> {
        let daemon = self.nodes.hot.wallet(HOT, "getbalance", json!(["*"])).await?.to_string();
        let wallet = self.browser.get("/wallets").await?;
        let rows = wallet.attribute("tbody td.at-tr data", "value").context("no wallet balance")?;
        ensure!(same(&daemon, &rows), "the daemon holds {daemon}, the books {rows}");
        Ok(())
    }
}

/// `0.5` and `0.50000000` are one amount.
pub fn same(left: &str, right: &str) -> bool {
    let ltc = Coin::new("ltc", 8).expect("ltc is a ticker");
    let units = |text: &str| Amount::parse_or_zero(ltc, text).map(|amount| amount.units);
    units(left).is_ok() && units(left) == units(right)
}

/// A time-out as short as a test can wait for it, and long enough for a daemon on a busy machine.
fn coin(url: &str, notify: u16, (credited, settled): (u32, u32), more: &str) -> String {
    format!(
        "  ltc:\n    network: regtest\n    confirmation_count: {credited}\n    max_confirmation_count: {settled}\n{more}    backend:\n      \
         class: bitcoind\n      url: {url}\n      wallet: {HOT}\n      timeout: 5\n      \
         walletnotify: {{ class: http, port: {notify} }}"
    )
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
