//! Who may come in, and what a request must have to change anything; then the pages' forms, on both databases.

use anyhow::{Context, ensure};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response, StatusCode, redirect};
use server::db::{Execute, query};
use std::time::Duration;
use tests::app::{PASSWORD, Store, TestApp};
use tests::browser::Browser;
use tests::litecoind::{eventually, free_port};

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);

async fn started(store: Store) -> anyhow::Result<TestApp> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    Ok(app)
}

/// Requests by hand: no cookie jar, no redirects followed.
struct Raw {
    client: Client,
    base: String,
}

impl Raw {
    fn new(app: &TestApp) -> anyhow::Result<Self> {
        let browser = app.browser()?;
        let client =
            Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(LIMIT).build()?;
        Ok(Self { client, base: browser.base })
    }

    async fn get(&self, path: &str, cookie: &str) -> anyhow::Result<Response> {
        Ok(self.client.get(format!("{}{path}", self.base)).header(COOKIE, cookie).send().await?)
    }

    async fn post(
        &self,
        path: &str,
        cookie: &str,
        origin: Option<&str>,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Response> {
        let request = self.client.post(format!("{}{path}", self.base)).header(COOKIE, cookie).form(form);
        let request = match origin {
            Some(origin) => request.header(ORIGIN, origin),
            None => request,
        };
        Ok(request.send().await?)
    }

    async fn sign_in(&self, cookie: &str, name: &str, password: &str) -> anyhow::Result<Response> {
        self.post("/act/sign_in", cookie, Some(&self.base), &[("name", name), ("password", password)]).await
    }

    /// Whether this cookie sees the overview, or is led to the sign-in page.
    async fn is_in(&self, cookie: &str) -> anyhow::Result<bool> {
        Ok(self.get("/wallets", cookie).await?.status() == StatusCode::OK)
    }
}

fn cookie(answer: &Response) -> anyhow::Result<String> {
    let set = answer.headers().get(SET_COOKIE).context("no cookie was set")?.to_str()?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}

fn leads_to(answer: &Response) -> &str {
    answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn readyz_says_why_it_is_not_ready() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.start("web", None).await?;
    let raw = Raw::new(&app)?;
    ensure!(raw.get("/healthz", "").await?.status() == StatusCode::OK);
    let db = app.database(3).await?;
    db.write(Execute::one("unmigrate", query("DELETE FROM _sqlx_migrations"))).await?;
    let answer = raw.get("/readyz", "").await?;
    ensure!(answer.status() == StatusCode::SERVICE_UNAVAILABLE);
    ensure!(answer.text().await?.contains("initialize-database"));
    ensure!(raw.get("/healthz", "").await?.status() == StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn the_status_server_shows_jobs_and_no_money() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    let port = free_port()?;
    let file = app.folder.join("coffer.yaml");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, format!("{text}status_server: {{ port: {port} }}\n"))?;
    app.start("serve", None).await?;
    let raw = Raw { client: Raw::new(&app)?.client, base: format!("http://127.0.0.1:{port}") };
    let shown = async || Ok(raw.get("/", "").await?.text().await?.contains("ltc simulated up"));
    eventually("the backend on the status server", LIMIT, shown).await?;
    ensure!(raw.get("/readyz", "").await?.status() == StatusCode::OK);
    ensure!(raw.get("/wallets", "").await?.status() == StatusCode::NOT_FOUND);
    Ok(())
}

async fn signing_in(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    app.must(&["user", "add", "ada", "--role", "operator"], &format!("{PASSWORD}\n")).await?;
    let raw = Raw::new(&app)?;
    let stranger = raw.get("/wallets", "").await?;
    ensure!(
        stranger.status().is_redirection() && leads_to(&stranger).starts_with("/sign-in"),
        "{stranger:?}"
    );

    let planted = "coffer=AAAAAAAAAAAAAAAAAAAAAA";
    let first = raw.sign_in(planted, "ada", PASSWORD).await?;
    let set = first.headers().get(SET_COOKIE).context("no cookie was set")?.to_str()?.to_owned();
    for word in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        ensure!(set.contains(word), "{set} lacks {word}");
    }
    let first = cookie(&first)?;
    ensure!(first != planted && raw.is_in(&first).await? && !raw.is_in(planted).await?);

    // Signing in again gives another id, and the one before opens nothing any more.
    let second = cookie(&raw.sign_in(&first, "ada", PASSWORD).await?)?;
    ensure!(second != first && raw.is_in(&second).await? && !raw.is_in(&first).await?);

    // The database holds no id that a cookie could be made of.
    let db = app.database(3).await?;
    let rows: Vec<(String, String)> =
        query("SELECT id_hash, data FROM session").all(&mut db.read().await?.tx()).await?;
    let id = second.trim_start_matches("coffer=");
    ensure!(rows.len() == 1 && !rows[0].0.contains(id) && !rows[0].1.contains(id), "{rows:?}");

    raw.post("/act/sign_out", &second, Some(&raw.base), &[]).await?;
    ensure!(!raw.is_in(&second).await?, "signed out, and still in");

    let third = cookie(&raw.sign_in("", "ada", PASSWORD).await?)?;
    ensure!(raw.is_in(&third).await?);
    app.must(&["user", "disable", "ada"], "").await?;
    ensure!(!raw.is_in(&third).await?, "disabled, and still in");
    let refused = raw.sign_in("", "ada", PASSWORD).await?;
    ensure!(leads_to(&refused).contains("wrong_password"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn sessions_are_renewed_and_end_on_sqlite() -> anyhow::Result<()> {
    signing_in(Store::Sqlite).await
}

#[tokio::test]
async fn sessions_are_renewed_and_end_on_postgres() -> anyhow::Result<()> {
    signing_in(Store::Postgres).await
}

async fn guessing(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    for name in ["ada", "bo"] {
        app.must(&["user", "add", name, "--role", "viewer"], &format!("{PASSWORD}\n")).await?;
    }
    let raw = Raw::new(&app)?;
    // At once, so that counting after the look at the password would let more than five through.
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (client, base) = (raw.client.clone(), raw.base.clone());
        tries.spawn(async move {
            Raw { client, base }
                .sign_in("", "ada", &format!("wrong password {number}"))
                .await
                .map(|answer| leads_to(&answer).to_owned())
        });
    }
    let (mut wrong, mut paused) = (0, 0);
    while let Some(led) = tries.join_next().await {
        let led = led??;
        wrong += usize::from(led.contains("wrong_password"));
        paused += usize::from(led.contains("too_many_attempts"));
    }
    ensure!((wrong, paused) == (5, 3), "{wrong} tries were judged, {paused} were put off");
    let right = raw.sign_in("", "ada", PASSWORD).await?;
    ensure!(
        leads_to(&right).contains("too_many_attempts") && right.headers().get(SET_COOKIE).is_none(),
        "{right:?}"
    );
    // Nobody else waits for it, and names that don't exist are counted alike.
    ensure!(raw.is_in(&cookie(&raw.sign_in("", "bo", PASSWORD).await?)?).await?);
    for _ in 0..5 {
        ensure!(leads_to(&raw.sign_in("", "nobody", "x").await?).contains("wrong_password"));
    }
    ensure!(leads_to(&raw.sign_in("", "nobody", "x").await?).contains("too_many_attempts"));
    Ok(())
}

#[tokio::test]
async fn five_wrong_passwords_close_the_door_on_sqlite() -> anyhow::Result<()> {
    guessing(Store::Sqlite).await
}

#[tokio::test]
async fn five_wrong_passwords_close_the_door_on_postgres() -> anyhow::Result<()> {
    guessing(Store::Postgres).await
}

#[tokio::test]
async fn forged_requests_and_viewers_change_nothing() -> anyhow::Result<()> {
    let app = started(Store::Sqlite).await?;
    for (name, role) in [("olga", "operator"), ("vera", "viewer")] {
        app.must(&["user", "add", name, "--role", role], &format!("{PASSWORD}\n")).await?;
    }
    let raw = Raw::new(&app)?;
    let operator = cookie(&raw.sign_in("", "olga", PASSWORD).await?)?;
    let viewer = cookie(&raw.sign_in("", "vera", PASSWORD).await?)?;
    let form = [("coin", "ltc"), ("name", "forged")];
    for origin in [None, Some("null"), Some("http://evil.example"), Some("https://127.0.0.1")] {
        let answer = raw.post("/act/create_wallet", &operator, origin, &form).await?;
        ensure!(answer.status() == StatusCode::FORBIDDEN, "{origin:?}: {answer:?}");
    }
    let answer = raw.post("/act/create_wallet", &viewer, Some(&raw.base), &form).await?;
    ensure!(leads_to(&answer).contains("forbidden"), "{answer:?}");
    let stranger = raw.post("/act/create_wallet", "", Some(&raw.base), &form).await?;
    ensure!(leads_to(&stranger).starts_with("/sign-in"), "{stranger:?}");
    let page = raw.get("/wallets", &operator).await?.text().await?;
    ensure!(!page.contains("forged"), "a wallet was made");

    let db = app.database(3).await?;
    let sql = "SELECT actor, outcome FROM audit_log WHERE action = 'wallet.create' ORDER BY id";
    let log: Vec<(String, String)> = query(sql).all(&mut db.read().await?.tx()).await?;
    let expected = [("vera", "forbidden"), ("nobody", "unauthorized")]
        .map(|(who, what)| (who.to_owned(), what.to_owned()));
    ensure!(log == expected[..1] || log == expected, "{log:?}");

    let large = "x".repeat(70_000);
    let answer = raw
        .post("/act/create_wallet", &operator, Some(&raw.base), &[("coin", "ltc"), ("name", &large)])
        .await?;
    ensure!(answer.status() == StatusCode::PAYLOAD_TOO_LARGE || leads_to(&answer).is_empty(), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn every_answer_is_guarded_by_headers() -> anyhow::Result<()> {
    let app = started(Store::Sqlite).await?;
    let raw = Raw::new(&app)?;
    for path in ["/sign-in", "/healthz", "/no/such/page", "/pkg/no-such-file.js"] {
        let answer = raw.get(path, "").await?;
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ensure!(header("x-content-type-options") == "nosniff", "{path}");
        ensure!(header("referrer-policy") == "same-origin", "{path}");
        ensure!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        ensure!(
            header("x-frame-options") == "DENY" && header("cross-origin-opener-policy") == "same-origin",
            "{path}"
        );
        ensure!(header("cache-control") == "no-store", "{path}: {}", header("cache-control"));
    }
    // Strangers aren't told which paths there are.
    ensure!(leads_to(&raw.get("/no/such/page", "").await?).starts_with("/sign-in"));
    let browser = app.signed_in("vera", "viewer").await?;
    ensure!(browser.get("/no/such/page").await?.status == StatusCode::NOT_FOUND);
    Ok(())
}

/// A deposit on the simulated network, credited, and a transfer of a part of it: all by forms.
async fn money(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let browser = app.signed_in("olga", "operator").await?;
    let wallets = browser.get("/wallets").await?;
    let wallet = browser
        .submit(wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", " Shop "))
        .await?;
    let first = browser.submit(wallet.form("/act/create_account")?.fill("name", "Halden Books")).await?;
    let second = browser.submit(wallet.form("/act/create_account")?.fill("name", "Sund Café")).await?;
    let (first, second) = (first.id()?, second.id()?);

    // The same form sent twice makes one address: its key acts once.
    let form = |page: &tests::browser::Page| page.form("/act/create_address");
    let page = browser.get(&format!("/accounts/{first}")).await?;
    browser.submit(form(&page)?).await?;
    browser.submit(form(&page)?).await?;
    let db = app.database(3).await?;
    let addresses: Vec<(String,)> =
        query("SELECT address FROM address").all(&mut db.read().await?.tx()).await?;
    ensure!(addresses.len() == 1, "{addresses:?}");

    let simulator = browser.get("/simulator").await?;
    let pay = simulator
        .form("/act/simulated_pay")?
        .fill("coin", "ltc")
        .fill("address", &addresses[0].0)
        .fill("amount", "1.5");
    browser.submit(pay).await?;
    browser.submit(simulator.form("/act/simulated_mine")?.fill("coin", "ltc").fill("blocks", "2")).await?;
    until_balance(&browser, first, "1.50000000").await.with_context(|| app.log_tail())?;

    let form = browser.get(&format!("/accounts/{first}/transfer")).await?.form("/accounts/")?;
    let review = browser
        .submit(form.fill("to_account", &second.to_string()).fill("amount", "0.5").fill("label", "rent"))
        .await?;
    let page = browser.submit(review.form("/act/transfer")?).await?;
    ensure!(page.path.starts_with("/transactions/"), "{}: {}", page.path, page.text());
    let again = browser.submit(review.form("/act/transfer")?).await?;
    ensure!(again.path == page.path, "a repeated form led to {} instead of {}", again.path, page.path);
    until_balance(&browser, first, "1.00000000").await?;
    until_balance(&browser, second, "0.50000000").await?;

    let form = browser.get(&format!("/accounts/{first}/transfer")).await?.form("/accounts/")?;
    let refused =
        browser.submit(form.fill("to_account", &second.to_string()).fill("amount", "1.00000001")).await?;
    ensure!(refused.text().contains("0.00000001 ltc too little"), "{}", refused.text());

    for (filter, found) in [
        ("label=RENT", 1),
        ("state=credited", 1),
        ("min_amount=0.6", 1),
        ("max_amount=2", 2),
        ("account=caf", 1),
        ("label=%25", 0),
    ] {
        let page = browser.get(&format!("/transactions?{filter}")).await?;
        let rows = page.all("table.rows tbody .state").len();
        ensure!(rows == found, "{filter}: {rows} rows instead of {found}");
    }
    ensure!(app.run(&["audit"], "").await?.code == Some(0));
    // Nothing is under way: the overview compares the hot wallet with the books, and they agree.
    let mut shown = String::new();
    let compared = async || {
        shown = browser.get("/").await?.text();
        Ok(!shown.contains("not compared"))
    };
    eventually("the comparison", LIMIT, compared).await.with_context(|| app.log_tail())?;
    ensure!(!shown.contains("Needs you"), "{shown}");
    Ok(())
}

async fn until_balance(browser: &Browser, account: i64, balance: &str) -> anyhow::Result<()> {
    let mut shown = None;
    let there = eventually("the balance", LIMIT, async || {
        shown = browser.get(&format!("/accounts/{account}")).await?.attribute(".tiles data", "value");
        Ok(shown.as_deref() == Some(balance))
    });
    there.await.with_context(|| format!("the page shows {shown:?} instead of {balance}"))
}

#[tokio::test]
async fn a_deposit_and_a_transfer_go_through_the_pages_on_sqlite() -> anyhow::Result<()> {
    money(Store::Sqlite).await
}

#[tokio::test]
async fn a_deposit_and_a_transfer_go_through_the_pages_on_postgres() -> anyhow::Result<()> {
    money(Store::Postgres).await
}
