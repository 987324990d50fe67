//! Lists as files: the rows of their pages under the same filter, safe to open, whole or broken off.

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use server::db::{Execute, query, query_owned};
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::Browser;
use tests::litecoind::eventually;

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);
/// What a stranger may get into a list by naming things.
const HOSTILE: [&str; 5] =
    ["=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-2+3", "@SUM(A1)", "a,b \"c\" Café"];

/// Reads comma-separated values as RFC 4180 says.
fn parse(text: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(next) = characters.next() {
        match next {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                ensure!(characters.next() == Some('\n'), "a line ends with both");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    ensure!(!quoted && cell.is_empty() && row.is_empty(), "the file ends within a line");
    Ok(rows)
}

/// The rows without their head, by its names.
fn column(rows: &[Vec<String>], name: &str) -> anyhow::Result<Vec<String>> {
    let at = rows.first().context("a head")?.iter().position(|head| head == name).context("a column")?;
    Ok(rows[1..].iter().map(|row| row[at].clone()).collect())
}

async fn file(browser: &Browser, path: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let page = browser.get(path).await?;
    ensure!(page.status == StatusCode::OK, "{path}: {} {}", page.status, page.html);
    parse(&page.html)
}

async fn exports(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    let (ada, olga) = (app.signed_in("ada", "admin").await?, app.signed_in("olga", "operator").await?);
    let vera = app.signed_in("vera", "viewer").await?;
    let account = funded(&olga).await?;

    // The same rows as the page, hostile names defused, amounts as numbers.
    let rows = file(&vera, "/transactions.csv").await?;
    let page = vera.get("/transactions").await?;
    ensure!(page.all("table.rows tbody tr").len() == rows.len() - 1, "{rows:?}");
    let labels = column(&rows, "label")?;
    for typed in HOSTILE {
        let defused =
            if typed.starts_with(['=', '+', '-', '@']) { format!("'{typed}") } else { typed.to_owned() };
        ensure!(labels.contains(&defused), "{typed} isn't in {labels:?}");
    }
    ensure!(column(&rows, "amount")?.contains(&"0.00100000".to_owned()), "{rows:?}");
    let times = column(&rows, "time")?;
    ensure!(times.iter().all(|time| time.len() == 27 && time.ends_with('Z')), "{times:?}");
    // Filtered as the page is.
    for filter in ["state=credited", "label=caf", "min_amount=0.5", "state=reversed"] {
        let rows = file(&vera, &format!("/transactions.csv?{filter}")).await?.len() - 1;
        let shown = vera.get(&format!("/transactions?{filter}")).await?.all("table.rows tbody .state").len();
        ensure!(rows == shown, "{filter}: {rows} in the file, {shown} on the page");
    }
    let wrong = vera.get("/transactions.csv?min_amount=lots").await?;
    ensure!(wrong.status == StatusCode::BAD_REQUEST, "{}", wrong.status);

    let rows = file(&vera, &format!("/accounts/{account}/history.csv")).await?;
    let changes = column(&rows, "change")?;
    ensure!(
        changes.contains(&"-0.00100000".to_owned()) && changes.contains(&"3.00000000".to_owned()),
        "{changes:?}"
    );
    ensure!(vera.get("/accounts/99/history.csv").await?.status == StatusCode::NOT_FOUND);
    ensure!(vera.get("/accounts/x/history.csv").await?.status == StatusCode::NOT_FOUND);

    of_the_network(&olga, &vera, account).await?;

    // The audit log is the admin's, and has every export.
    ensure!(olga.get("/audit-log.csv").await?.status == StatusCode::FORBIDDEN);
    let rows = file(&ada, "/audit-log.csv?action=transactions.").await?;
    let subjects = column(&rows, "subject")?;
    ensure!(
        subjects.len() == 5 && subjects.contains(&"/transactions.csv?label=caf".to_owned()),
        "{subjects:?}"
    );
    ensure!(column(&rows, "actor")?.iter().all(|actor| actor == "vera"));
    headers(&app, &ada).await
}

/// Addresses, network transactions and broadcasts, each filtered as its page is.
async fn of_the_network(olga: &Browser, vera: &Browser, account: i64) -> anyhow::Result<()> {
    let outside = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";
    let form = olga.get(&format!("/accounts/{account}/send")).await?.form("/accounts/")?;
    let review = olga.submit(form.fill("to_address", outside).fill("amount", "0.5")).await?;
    let sent = olga.submit(review.form("/act/send")?.fill("typed", "0.5")).await?;
    ensure!(sent.path.starts_with("/transactions/"), "{}", sent.text());
    eventually("the broadcast", LIMIT, async || {
        Ok(!vera.get("/broadcasts?state=closed").await?.all("table.rows tbody tr").is_empty())
    })
    .await?;
    for (list, filters) in [
        ("addresses", ["", "?kind=external", "?label=nobody"]),
        ("network-transactions", ["", "?type=deposit", "?state=abandoned"]),
        ("broadcasts", ["", "?state=closed", "?state=broken"]),
    ] {
        let mut counts = Vec::new();
        for filter in filters {
            let rows = file(vera, &format!("/{list}.csv{filter}")).await?;
            let shown = vera.get(&format!("/{list}{filter}")).await?.all("table.rows tbody tr").len();
            ensure!(
                rows.len() - 1 == shown,
                "{list}{filter}: {} in the file, {shown} on the page",
                rows.len()
            );
            counts.push(shown);
        }
        ensure!(counts[0] >= counts[1] && counts[1] > 0 && counts[2] == 0, "{list}: {counts:?}");
    }
    let paid = file(vera, "/addresses.csv?kind=external").await?;
    ensure!(column(&paid, "address")? == [outside], "{paid:?}");
    let received = column(&file(vera, "/addresses.csv?kind=receiving").await?, "received")?;
    ensure!(received == ["3.00000000"], "{received:?}");
    let deposits = column(&file(vera, "/network-transactions.csv?type=deposit").await?, "amount")?;
    ensure!(deposits == ["3.00000000"], "{deposits:?}");
    let sent = file(vera, "/broadcasts.csv").await?;
    ensure!(column(&sent, "amount")? == ["0.50000000"] && column(&sent, "wallet")? == ["shop"], "{sent:?}");
    for list in ["addresses", "network-transactions", "broadcasts"] {
        let newest = column(&file(vera, &format!("/{list}.csv")).await?, "id")?;
        let mut oldest = column(&file(vera, &format!("/{list}.csv?sort=oldest")).await?, "id")?;
        oldest.reverse();
        ensure!(newest == oldest, "{list}: {newest:?} downwards, {oldest:?} upwards");
        let shown = vera.get(&format!("/{list}?sort=oldest")).await?;
        ensure!(shown.attribute("thead th[aria-sort]", "aria-sort").as_deref() == Some("ascending"));
        ensure!(vera.get(&format!("/{list}.csv?sort=largest")).await?.status == StatusCode::BAD_REQUEST);
    }
    ensure!(vera.get("/addresses.csv?archived=perhaps").await?.status == StatusCode::BAD_REQUEST);
    Ok(())
}

async fn headers(app: &TestApp, ada: &Browser) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let stranger = client.get(format!("{}/transactions.csv?state=credited", ada.base)).send().await?;
    let location =
        stranger.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    ensure!(
        stranger.status().is_redirection()
            && location == "/sign-in?next=%2Ftransactions.csv%3Fstate%3Dcredited",
        "{stranger:?}"
    );
    let answer = ada.head("/transactions.csv").await?;
    let header = |name: &str| answer.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ensure!(header("content-type") == "text/csv; charset=utf-8; header=present", "{answer:?}");
    ensure!(
        header("content-disposition").starts_with("attachment; filename=\"coffer-transactions-2"),
        "{answer:?}"
    );
    ensure!(
        header("x-content-type-options") == "nosniff" && header("cache-control") == "no-store",
        "{answer:?}"
    );
    let _ = app;
    Ok(())
}

#[tokio::test]
async fn files_have_the_rows_of_their_pages_on_sqlite() -> anyhow::Result<()> {
    exports(Store::Sqlite).await
}

#[tokio::test]
async fn files_have_the_rows_of_their_pages_on_postgres() -> anyhow::Result<()> {
    exports(Store::Postgres).await
}

/// An account that got 3 ltc, and gave some away under hostile labels.
async fn funded(olga: &Browser) -> anyhow::Result<i64> {
    let wallets = olga.get("/wallets").await?;
    let wallet = wallets.form("/act/create_wallet")?.fill("coin", "ltc").fill("name", "shop");
    let wallet = olga.submit(wallet).await?;
    let first = olga.submit(wallet.form("/act/create_account")?.fill("name", "=cmd")).await?.id()?;
    let second = olga.submit(wallet.form("/act/create_account")?.fill("name", "rent")).await?.id()?;
    let page = olga.get(&format!("/accounts/{first}")).await?;
    let page = olga.submit(page.form("/act/create_address")?).await?;
    let address = page.all("code.whole").into_iter().next().context("an address")?;
    let simulator = olga.get("/simulator").await?;
    let pay = simulator.form("/act/simulated_pay")?.fill("coin", "ltc").fill("address", &address);
    olga.submit(pay.fill("amount", "3")).await?;
    olga.submit(simulator.form("/act/simulated_mine")?.fill("coin", "ltc").fill("blocks", "2")).await?;
    let credited = eventually("the deposit", LIMIT, async || {
        Ok(olga.get("/transactions?state=credited").await?.all("table.rows tbody .state").len() == 1)
    });
    credited.await?;
    for label in HOSTILE {
        let form = olga.get(&format!("/accounts/{first}/transfer")).await?.form("/accounts/")?;
        let form = form.fill("to_account", &second.to_string()).fill("amount", "0.001").fill("label", label);
        let review = olga.submit(form).await?;
        let sent = olga.submit(review.form("/act/transfer")?).await?;
        ensure!(sent.path.starts_with("/transactions/"), "{}", sent.text());
    }
    Ok(first)
}

/// Row by row as the books would have it but for the entries: only the list is read.
async fn many(store: Store) -> anyhow::Result<()> {
    /// The first file has a tenth: what any file takes once (connections, statements, buffers) isn't the rows'.
    const FEW: usize = 10_000;
    const ROWS: usize = 100_000;
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("web", None).await?;
    let vera = app.signed_in("vera", "viewer").await?;
    let db = app.database(3).await?;
    let fill = |from: usize, to: usize| {
        query_owned(format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} + 1 UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO \"transaction\" (coin, wallet, state, amount, sending_account, receiving_account, label, created_at)
             SELECT 'ltc', 1, 'internal', 5, 1, 2, 'rent ' || i, i FROM n"
        ))
    };
    let queries = vec![
        query("INSERT INTO wallet (coin, name, created_at, updated_at) VALUES ('ltc', 'shop', 1, 1)"),
        query(
            "INSERT INTO account (coin, wallet, name, created_at, updated_at) VALUES ('ltc', 1, 'a', 1, 1), ('ltc', 1, 'b', 1, 1)",
        ),
        fill(0, FEW),
    ];
    db.write(Execute { name: "fill", queries }).await?;
    ensure!(file(&vera, "/transactions.csv").await?.len() == FEW + 1);
    db.write(Execute::one("fill", fill(FEW, ROWS))).await?;
    db.close().await;

    let before = memory(app.pid())?;
    let rows = file(&vera, "/transactions.csv").await?;
    let after = memory(app.pid())?;
    let ids = column(&rows, "id")?;
    ensure!(ids.len() == ROWS, "{} rows", ids.len());
    ensure!(ids.windows(2).all(|pair| pair[0].parse::<i64>().unwrap() > pair[1].parse::<i64>().unwrap()));
    // The file has some 12 MB; held in memory it would be more than that.
    println!("{before} kB before, {after} kB at most while {ROWS} rows were sent");
    ensure!(after < before + 6_000, "{before} kB became {after} kB");
    Ok(())
}

/// The most that a process ever had, in kB.
fn memory(pid: Option<u32>) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.context("it runs")?))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("VmHWM")?;
    Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
}

#[tokio::test]
async fn a_hundred_thousand_rows_need_no_more_memory_on_sqlite() -> anyhow::Result<()> {
    many(Store::Sqlite).await
}

#[tokio::test]
async fn a_hundred_thousand_rows_need_no_more_memory_on_postgres() -> anyhow::Result<()> {
    many(Store::Postgres).await
}
