//! What operators look up: the search box, the lists' filters in the viewer's days, orders and pages, one address, one
//! network transaction. The books are written by the ledger's verbs, at moments that the tests choose.

use anyhow::{Context, ensure};
use app::model::{AccountId, AddressId, Amount, Coin, Time, WalletId};
use server::db::{Db, query};
use server::ledger::{
    AddAddress, Collect, CreateAccount, CreateWallet, RecordDeposit, RegisterCoin, Send, Transfer,
};
use server::network::Output;
use tests::app::{Store, TestApp};
use tests::browser::Browser;

const COIN: &str = "  btc: { network: regtest, confirmation_count: 2, max_confirmation_count: 6, backend: { class: simulated, block_seconds: 0 } }";
const NOW: Time = Time(1_795_000_000_000_000);
const OURS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const OUTSIDE: &str = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";

/// Coffer's pages alone, so that no job moves anything, and its books.
struct Scene {
    db: Db,
    browser: Browser,
    wallet: WalletId,
    alice: AccountId,
    bob: AccountId,
    ours: AddressId,
    _app: TestApp,
}

fn btc(units: i64) -> Amount {
    Amount::new(Coin::new("btc", 8).expect("a ticker and its decimals"), units)
}

fn txid(digit: &str) -> String {
    digit.repeat(64 / digit.len())
}

impl Scene {
    /// Alice holds 5 btc by a deposit of txid `ab…`.
    async fn set(store: Store) -> anyhow::Result<Self> {
        let mut app = TestApp::prepare(store, COIN).await?;
        app.must(&["initialize-database"], "").await?;
        let db = Db::open(&app.database_url, 3, 1).await?;
        let coin = btc(0).coin;
        let (network, backend) = ("regtest".into(), "simulated".into());
        db.write(RegisterCoin { coin, network, backend, now: NOW }).await?;
        let wallet = db.write(CreateWallet { coin, name: "merchants".into(), now: NOW }).await?.id;
        let account = async |name: &str| {
            anyhow::Ok(db.write(CreateAccount { wallet, name: name.into(), now: NOW }).await?.id)
        };
        let (alice, bob) = (account("Halden Books").await?, account("Orrin Coffee").await?);
        let (address, label) = (OURS.to_owned(), Some("Till in the shop".to_owned()));
        let ours = db.write(AddAddress { account: alice, address, label, import: false, now: NOW }).await?;
        app.start("web", None).await?;
        let browser = app.signed_in("ines", "operator").await?;
        let scene = Self { db, browser, wallet, alice, bob, ours, _app: app };
        scene.deposit(&txid("ab"), 3, 500_000_000).await?;
        Ok(scene)
    }

    async fn deposit(&self, txid: &str, confirmations: i64, units: i64) -> anyhow::Result<()> {
        let report = RecordDeposit {
            coin: btc(0).coin,
            txid: txid.into(),
            confirmations,
            block: (confirmations > 0).then(|| "block".into()),
            height: None,
            in_mempool: None,
            conflicts: vec![],
            coinbase: false,
            abandoned: false,
            spends_ours: false,
            received: vec![Output { address: OURS.into(), amount: units }],
            confirmation_count: 2,
            max_confirmation_count: 6,
            now: NOW,
        };
        self.db.write(report).await?;
        Ok(())
    }

    async fn transfer(&self, units: i64, label: &str, now: Time) -> anyhow::Result<()> {
        let (from, to, amount) = (self.alice, self.bob, btc(units));
        let label = label.to_owned();
        self.db.write(Transfer { from, to, amount, label, allow_negative: false, now }).await?;
        Ok(())
    }

    async fn send(&self, units: i64, label: &str) -> anyhow::Result<()> {
        let send = Send {
            from: self.alice,
            to_address: OUTSIDE.into(),
            amount: btc(units),
            label: label.into(),
            force_external: false,
            minimum_send: btc(1),
            now: NOW,
        };
        self.db.write(send).await?;
        Ok(())
    }

    /// Texts of the hits, and where they lead.
    async fn find(&self, typed: &str) -> anyhow::Result<Vec<(String, String)>> {
        let path = reqwest::Url::parse_with_params(&format!("{}/find", self.browser.base), [("q", typed)])?;
        let page = self.browser.get(&format!("/find?{}", path.query().unwrap_or_default())).await?;
        ensure!(page.status.is_success(), "{typed}: {}", page.status);
        Ok(page.all("#hits a.hit").into_iter().zip(page.hrefs("#hits a.hit")).collect())
    }

    /// Labels of the list, in its order.
    async fn labels(&self, query: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.browser.get(&format!("/transactions?{query}")).await?.all("table.rows tbody td.at-bl"))
    }
}

async fn search(store: Store) -> anyhow::Result<()> {
    let scene = Scene::set(store).await?;
    scene.transfer(25_000_000, "Order 55817", NOW).await?;
    scene.send(1_200_000, "Weekly tips").await?;
    let collect =
        Collect { coin: btc(0).coin, wallet: scene.wallet, max_outputs: 200, available: i64::MAX, now: NOW };
    let broadcast = scene.db.write(collect).await?.context("a broadcast")?;

    // What is typed, a word of the hit that it must bring, and where that leads.
    let (alice, ours) = (format!("/accounts/{}", scene.alice), format!("/addresses/{}", scene.ours));
    let wallet = format!("/wallets/{}", scene.wallet);
    let to_broadcast = format!("/broadcasts/{broadcast}");
    let whole = txid("ab");
    let cases: &[(&str, &str, &str)] = &[
        (&whole, "Deposit", "/network-transactions/"),
        ("ABAB", "Deposit", "/network-transactions/"),
        (OURS, "Address", &ours),
        (&OURS[..12], "Address", &ours),
        (&OURS.to_uppercase(), "Address", &ours),
        (&format!("bitcoin:{OURS}?amount=1"), "Address", &ours),
        (&OUTSIDE[..8], "external", "/addresses/"),
        ("55817", "Order 55817", "/transactions/"),
        ("order 558", "Order 55817", "/transactions/"),
        ("till in", "Address", &ours),
        ("halden", "Account", &alice),
        ("chants", "Wallet", &wallet),
        ("0.25", "Order 55817", "/transactions/"),
        ("0.25000000", "Order 55817", "/transactions/"),
        (".25 BTC", "Order 55817", "/transactions/"),
        (&format!("broadcast {broadcast}"), "Broadcast", &to_broadcast),
        (&format!("account {}", scene.alice), "Halden Books", &alice),
        ("1", "Transaction 1", "/transactions/1"),
    ];
    for (typed, word, leads) in cases {
        let hits = scene.find(typed).await?;
        let hit = hits.iter().find(|(text, href)| text.contains(word) && href.starts_with(leads));
        let (_, href) = hit.with_context(|| format!("“{typed}” brings {hits:?}, not {word} at {leads}"))?;
        ensure!(scene.browser.get(href).await?.status.is_success(), "{href} isn't there");
    }
    for (typed, said) in [
        ("", "Write above what to find"),
        ("ab", "That is too short"),
        ("no such words", "It was looked for as: name, label, label of an address"),
        ("0.26", "Nothing fits"),
        ("%_%", "Nothing fits"),
        ("<script>", "Nothing fits"),
    ] {
        let page =
            scene.browser.get(&format!("/find?q={}", typed.replace(' ', "+").replace('%', "%25"))).await?;
        ensure!(page.text().contains(said), "“{typed}” says {}", page.text());
    }
    // Without scripts the box on every page is a form.
    let form = scene.browser.get("/").await?.form("/find")?.fill("q", "halden");
    ensure!(scene.browser.submit(form).await?.text().contains("Halden Books"));
    Ok(())
}

#[tokio::test]
async fn everything_is_found_by_what_one_knows_of_it_on_sqlite() -> anyhow::Result<()> {
    search(Store::Sqlite).await
}

#[tokio::test]
async fn everything_is_found_by_what_one_knows_of_it_on_postgres() -> anyhow::Result<()> {
    search(Store::Postgres).await
}

async fn filters(store: Store) -> anyhow::Result<()> {
    let scene = Scene::set(store).await?;
    let at = |text: &str| {
        let (day, clock) = text.split_once(' ').expect("a day and a clock");
        let seconds = clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<i64>().expect("digits"));
        Time::parse_date(day).expect("a day").plus_seconds(seconds)
    };
    // Around the day on which summer begins in New Zealand, and the one on which it ends in New York.
    scene.transfer(10, "before Auckland", at("2026-09-26 11:59:59")).await?;
    scene.transfer(20, "first of Auckland", at("2026-09-26 12:00:00")).await?;
    scene.transfer(30, "last of Auckland", at("2026-09-27 10:59:59")).await?;
    scene.transfer(40, "after Auckland", at("2026-09-27 11:00:00")).await?;
    scene.transfer(50, "before New York", at("2026-11-01 03:59:59")).await?;
    scene.transfer(60, "first of New York", at("2026-11-01 04:00:00")).await?;
    scene.transfer(70, "last of New York", at("2026-11-02 04:59:59")).await?;
    scene.transfer(80, "after New York", at("2026-11-02 05:00:00")).await?;
    let zone = |day: &str, zone: &str| format!("from={day}&to={day}&zone={zone}");
    ensure!(
        scene.labels(&zone("2026-09-27", "Pacific/Auckland")).await?
            == ["last of Auckland", "first of Auckland"]
    );
    ensure!(
        scene.labels(&zone("2026-11-01", "America/New_York")).await?
            == ["last of New York", "first of New York"]
    );
    ensure!(scene.labels(&zone("2026-09-27", "")).await? == ["after Auckland", "last of Auckland"]);
    // The account's way and the days together.
    let both = format!("{}&account=orrin", zone("2026-11-01", "America/New_York"));
    ensure!(scene.labels(&both).await? == ["last of New York", "first of New York"]);

    scene.send(1_000, "payout").await?;
    ensure!(scene.labels("type=send").await? == ["payout"]);
    ensure!(scene.labels("type=deposit").await?.len() == 1);
    ensure!(scene.labels("type=transfer&min_amount=0.0000007").await?.len() == 2);
    ensure!(
        scene.labels("min_amount=0.0000003&max_amount=0.00000030&coin=btc").await? == ["last of Auckland"]
    );
    ensure!(scene.labels("label=of+NEW").await?.len() == 2);
    ensure!(scene.labels("state=pending&account=halden").await? == ["payout"]);
    ensure!(scene.labels("state=pending&account=orrin").await?.is_empty());
    ensure!(scene.labels(&format!("address={}", &OUTSIDE[..6])).await? == ["payout"]);
    ensure!(scene.labels("txid=abab").await?.len() == 1);
    ensure!(scene.labels("txid=abac").await?.is_empty());
    let wallet = scene.wallet;
    ensure!(scene.labels(&format!("wallet={wallet}&type=transfer")).await?.len() == 8);
    for (query, said) in [
        ("zone=Moon/Base&from=2026-01-01", "There is no such time zone"),
        ("from=yesterday", "A day is written as"),
        ("state=lost", "There is no such state"),
        ("min_amount=much", "plain digits"),
        ("sort=largest", "choose a coin"),
    ] {
        let page = scene.browser.get(&format!("/transactions?{query}")).await?;
        ensure!(page.text().contains(said) && page.all("table.rows").is_empty(), "{query}: {}", page.text());
    }
    Ok(())
}

#[tokio::test]
async fn lists_are_narrowed_by_days_of_the_viewers_zone_and_all_else_on_sqlite() -> anyhow::Result<()> {
    filters(Store::Sqlite).await
}

#[tokio::test]
async fn lists_are_narrowed_by_days_of_the_viewers_zone_and_all_else_on_postgres() -> anyhow::Result<()> {
    filters(Store::Postgres).await
}

/// Through the whole list by its pager, and back.
async fn walk(scene: &Scene, query: &str) -> anyhow::Result<Vec<String>> {
    let mut page = scene.browser.get(&format!("/transactions?{query}")).await?;
    let mut labels = page.all("table.rows tbody td.at-bl");
    let first = labels.clone();
    let mut turns = 0;
    while let Some(next) = page.attribute("a[rel=next]", "href") {
        ensure!(query.split('&').all(|pair| next.contains(pair)), "{next} has lost {query}");
        page = scene.browser.get(&next).await?;
        labels.extend(page.all("table.rows tbody td.at-bl"));
        turns += 1;
        ensure!(turns < 10, "it never ends: {query}");
    }
    for _ in 0..turns {
        let back = page.attribute("a[rel=prev]", "href").context("a way back")?;
        page = scene.browser.get(&back).await?;
    }
    ensure!(page.all("table.rows tbody td.at-bl") == first, "{query}: the way back leads elsewhere");
    Ok(labels)
}

async fn orders(store: Store) -> anyhow::Result<()> {
    let scene = Scene::set(store).await?;
    for number in 0..120_i64 {
        // Amounts rise and fall, and some are equal.
        scene.transfer(1 + number * 37 % 50, &format!("t{number}"), NOW.plus_seconds(number)).await?;
    }
    let label = |number: i64| format!("t{number}");
    let newest: Vec<_> = (0..120).rev().map(label).collect();
    let oldest: Vec<_> = (0..120).map(label).collect();
    let mut by_amount: Vec<_> = (0..120).map(|number| (1 + number * 37 % 50, number)).collect();
    by_amount.sort_unstable();
    let smallest: Vec<_> = by_amount.iter().map(|(_, number)| label(*number)).collect();
    let largest: Vec<_> = smallest.iter().rev().cloned().collect();
    let day = "from=2026-01-01&to=2030-01-01";
    for (query, expected) in [
        ("type=transfer", &newest),
        ("type=transfer&sort=oldest", &oldest),
        ("type=transfer&coin=btc&sort=largest", &largest),
        ("type=transfer&coin=btc&sort=smallest", &smallest),
        (&format!("type=transfer&{day}"), &newest),
        (&format!("type=transfer&{day}&sort=oldest"), &oldest),
        ("account=orrin", &newest),
        ("account=orrin&sort=oldest", &oldest),
        ("label=t&account=orrin&coin=btc&sort=largest", &largest),
    ] {
        let walked = walk(&scene, query).await.with_context(|| query.to_owned())?;
        ensure!(walked == *expected, "{query}: {walked:?}");
    }
    let page = scene.browser.get("/transactions?coin=btc&sort=largest").await?;
    ensure!(page.all("th[aria-sort=descending]") == ["Amount ↓"], "{:?}", page.all("th[aria-sort]"));
    ensure!(scene.browser.get("/transactions?after=nonsense").await?.text().contains("place in the list"));
    Ok(())
}

#[tokio::test]
async fn every_order_pages_through_the_list_and_back_on_sqlite() -> anyhow::Result<()> {
    orders(Store::Sqlite).await
}

#[tokio::test]
async fn every_order_pages_through_the_list_and_back_on_postgres() -> anyhow::Result<()> {
    orders(Store::Postgres).await
}

async fn one_address(store: Store) -> anyhow::Result<()> {
    let scene = Scene::set(store).await?;
    scene.deposit(&txid("cd"), 1, 70).await?;
    scene.deposit(&txid("ef"), 0, 9).await?;
    let path = format!("/addresses/{}", scene.ours);
    let received = async |query: &str| {
        let page = scene.browser.get(&format!("{path}{query}")).await?;
        page.all(".tiles > div:nth-child(2) dd").into_iter().next().context("what it received")
    };
    ensure!(received("").await?.starts_with("5.00000000"), "{}", received("").await?);
    ensure!(received("?confirmations=1").await?.starts_with("5.00000070"));
    ensure!(received("?confirmations=0").await?.starts_with("5.00000079"));
    ensure!(received("?confirmations=6").await?.starts_with("0.00000000"));
    for no in ["7", "-1", "many", "1e1"] {
        let page = scene.browser.get(&format!("{path}?confirmations={no}")).await?;
        ensure!(page.text().contains("whole number from 0 to 6"), "{no}: {}", page.text());
    }
    // The deposit, by its page.
    let page = scene.browser.get(&path).await?;
    let deposit = page.attribute("tbody a[href^='/network-transactions/']", "href").context("its txid")?;
    let deposit = scene.browser.get(&deposit).await?;
    ensure!(deposit.text().contains("Seen on the network") && deposit.text().contains("A deposit of btc"));
    // A broadcast's number leads to its own page.
    scene.send(1_000, "payout").await?;
    let collect =
        Collect { coin: btc(0).coin, wallet: scene.wallet, max_outputs: 200, available: i64::MAX, now: NOW };
    let broadcast = scene.db.write(collect).await?.context("a broadcast")?;
    let led = scene.browser.get(&format!("/network-transactions/{broadcast}")).await?;
    ensure!(led.path == format!("/broadcasts/{broadcast}"), "{}", led.path);

    // Archiving asks once, and says so afterwards.
    let form = page.form("/act/archive_address")?;
    let refused = scene.browser.submit(form).await?;
    ensure!(refused.text().contains("Not confirmed"), "{}", refused.text());
    let archived = scene.browser.submit(refused.form("/act/archive_address")?.tick("confirmed")).await?;
    ensure!(archived.path == path && archived.text().contains("Archived"), "{}", archived.text());
    ensure!(archived.form("/act/archive_address").is_err(), "it is archived already");
    let listed = async |query: &str| {
        anyhow::Ok(scene.browser.get(&format!("/addresses{query}")).await?.text().contains(OURS))
    };
    ensure!(!listed("").await? && listed("?archived=1").await? && listed("?archived=all").await?);
    ensure!(listed("?archived=all&label=till&account=halden&kind=receiving").await?);
    ensure!(!listed("?archived=all&kind=external").await?);
    ensure!(scene.find("till in").await?.iter().any(|(text, _)| text.contains("archived")));
    let sql = "SELECT COUNT(*) FROM audit_log WHERE action = 'address.archive'";
    let (logged,): (i64,) = query(sql).one(&mut scene.db.read().await?.tx()).await?;
    ensure!(logged == 1, "{logged} rows tell of it");
    Ok(())
}

#[tokio::test]
async fn an_address_says_what_it_received_at_so_many_confirmations_on_sqlite() -> anyhow::Result<()> {
    one_address(Store::Sqlite).await
}

#[tokio::test]
async fn an_address_says_what_it_received_at_so_many_confirmations_on_postgres() -> anyhow::Result<()> {
    one_address(Store::Postgres).await
}
