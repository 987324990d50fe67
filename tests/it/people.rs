//! Who may use Coffer, as people order it through pages and forms, on both databases: users, sessions, one's own
//! password, the second factor, and the proof that sending may ask for.

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use server::clock::Clock;
use server::config;
use server::db::{Db, Execute, query};
use server::people::totp;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::browser::{Browser, Form, Page};
use tests::litecoind::eventually;

/// An order, its act in the audit log, and its fields.
type Ordered<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);
/// Of whom `TestApp::signed_in` makes.
const PASSWORD: &str = "correct horse battery staple";
const NEW_PASSWORD: &str = "another horse, another staple";
const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";

/// Two tests, one a database.
macro_rules! on_both {
    ($($test:ident, $sqlite:ident, $postgres:ident;)*) => {$(
        #[tokio::test]
        async fn $sqlite() -> anyhow::Result<()> {
            $test(Store::Sqlite).await
        }
        #[tokio::test]
        async fn $postgres() -> anyhow::Result<()> {
            $test(Store::Postgres).await
        }
    )*};
}

on_both! {
    roles, only_admins_order_about_users_on_sqlite, only_admins_order_about_users_on_postgres;
    users, an_admin_makes_and_changes_users_on_sqlite, an_admin_makes_and_changes_users_on_postgres;
    last_admin, the_last_admin_stays_on_sqlite, the_last_admin_stays_on_postgres;
    sessions, sessions_are_listed_and_ended_on_sqlite, sessions_are_listed_and_ended_on_postgres;
    own_password, a_changed_password_ends_other_sessions_on_sqlite, a_changed_password_ends_other_sessions_on_postgres;
    second_factor, a_code_is_asked_for_and_works_once_on_sqlite, a_code_is_asked_for_and_works_once_on_postgres;
    guessing, wrong_codes_close_the_door_on_sqlite, wrong_codes_close_the_door_on_postgres;
    step_up, sending_asks_for_a_proof_on_sqlite, sending_asks_for_a_proof_on_postgres;
}

async fn started(store: Store) -> anyhow::Result<TestApp> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    Ok(app)
}

async fn database(app: &TestApp) -> anyhow::Result<Db> {
    let text = std::fs::read_to_string(app.folder.join("coffer.yaml"))?;
    let settings = config::read(&text, &|_| None).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    Ok(Db::open(settings.database.url.reveal(), 3, 1).await?)
}

/// Actor, action, subject and outcome of all that was logged, in order.
async fn log(app: &TestApp) -> anyhow::Result<Vec<String>> {
    let sql =
        "SELECT actor || ' | ' || action || ' | ' || subject || ' | ' || outcome FROM audit_log ORDER BY id";
    let db = database(app).await?;
    let rows: Vec<(String,)> = query(sql).all(&mut db.read().await?.tx()).await?;
    Ok(rows.into_iter().map(|(row,)| row).collect())
}

async fn user_id(app: &TestApp, name: &str) -> anyhow::Result<i64> {
    let found = query(r#"SELECT id FROM "user" WHERE name = $1"#).bind(name);
    Ok(found.one::<(i64,)>(&mut database(app).await?.read().await?.tx()).await?.0)
}

/// A form that no page has, as somebody might put it together.
fn forged(action: &str, fields: &[(&str, &str)]) -> Form {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Form { action: format!("/act/{action}"), post: true, fields }
}

/// A try to sign in, wherever it leads.
async fn try_in(browser: &Browser, name: &str, password: &str) -> anyhow::Result<Page> {
    let form = browser.get("/sign-in").await?.form("/act/sign_in")?;
    browser.submit(form.fill("name", name).fill("password", password)).await
}

async fn is_in(browser: &Browser) -> anyhow::Result<bool> {
    Ok(!browser.get("/profile").await?.path.starts_with("/sign-in"))
}

async fn roles(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let admin = app.signed_in("ada", "admin").await?;
    let (viewer, operator) =
        (app.signed_in("vera", "viewer").await?, app.signed_in("olga", "operator").await?);
    let vera = user_id(&app, "vera").await?.to_string();
    let ada = user_id(&app, "ada").await?.to_string();
    for path in ["/users".to_owned(), format!("/users/{vera}")] {
        ensure!(admin.get(&path).await?.status == StatusCode::OK, "{path}");
        for browser in [&viewer, &operator] {
            let page = browser.get(&path).await?;
            ensure!(page.status == StatusCode::FORBIDDEN, "{path}: {}", page.status);
            ensure!(
                page.attribute(".nav a[href='/users']", "href").is_none(),
                "the navigation leads to users"
            );
        }
    }
    let sql = r#"SELECT s.id FROM session s JOIN "user" u ON u.id = s."user" WHERE u.name = 'ada'"#;
    let (of_admin,) = query(sql).one::<(i64,)>(&mut database(&app).await?.read().await?.tx()).await?;
    let of_admin = of_admin.to_string();
    let orders: &[Ordered<'_>] = &[
        ("add_user", "user.add", &[("name", "eve"), ("role", "admin"), ("password", NEW_PASSWORD)]),
        ("change_role", "user.role", &[("user", &vera), ("role", "admin")]),
        ("reset_password", "user.password", &[("user", &ada), ("password", NEW_PASSWORD)]),
        ("disable_user", "user.disable", &[("user", &ada), ("confirmed", "1")]),
        ("enable_user", "user.enable", &[("user", &ada)]),
        ("drop_second_factor", "user.drop_second_factor", &[("user", &ada), ("confirmed", "1")]),
        ("end_sessions", "session.end", &[("user", &ada)]),
        ("end_session", "session.end", &[("session", &of_admin)]),
    ];
    let before = log(&app).await?.len();
    for browser in [&viewer, &operator] {
        for (action, _, fields) in orders {
            let page = browser.submit(forged(action, fields)).await?;
            ensure!(
                page.path.contains("refused=forbidden") || page.status == StatusCode::FORBIDDEN,
                "{action}: {}",
                page.path
            );
        }
    }
    let logged = log(&app).await?.split_off(before);
    for name in ["vera", "olga"] {
        for (_, action, _) in orders {
            let mark = format!("{name} | {action} | ");
            ensure!(
                logged.iter().any(|row| row.starts_with(&mark) && row.ends_with("| forbidden")),
                "{mark} isn't in {logged:#?}"
            );
        }
    }
    let stranger = app.browser()?;
    for (action, _, fields) in orders {
        let page = stranger.submit(forged(action, fields)).await?;
        ensure!(page.path.starts_with("/sign-in"), "{action}: {}", page.path);
    }
    ensure!(is_in(&admin).await?, "the admin's session was ended");
    ensure!(
        try_in(&app.browser()?, "eve", NEW_PASSWORD).await?.path.starts_with("/sign-in"),
        "a user was made"
    );
    ensure!(!logged.iter().any(|row| row.contains(NEW_PASSWORD)), "a password was logged");
    // Everyone has a profile.
    for browser in [&viewer, &operator, &admin] {
        ensure!(browser.get("/profile").await?.text().contains("this session"));
    }
    Ok(())
}

async fn users(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let admin = app.signed_in("ada", "admin").await?;
    // A made password shows once.
    let form = admin.get("/users").await?.form("/act/add_user")?;
    let form = form.fill("name", " bo ");
    let page = admin.submit(Form { fields: with_role(form.fields, "operator"), ..form }).await?;
    ensure!(page.path.ends_with("?done=added"), "{}: {}", page.path, page.text());
    let made = page.all("main .notice code").into_iter().next().context("no password is shown")?;
    ensure!(made.len() == 23 && !page.path.contains(&made), "{made}");
    let again = admin.get(&page.path).await?;
    ensure!(!again.html.contains(&made), "the password shows twice");
    let bo_page = page.path.split('?').next().unwrap_or_default().to_owned();

    let bo = app.browser()?;
    bo.sign_in("bo", &made).await?;
    ensure!(bo.get("/wallets").await?.html.contains("/act/create_wallet"), "bo is no operator");

    // The same name is refused, and what was typed is still there.
    let form = admin.get("/users").await?.form("/act/add_user")?;
    let refused = admin.submit(form.fill("name", "bo").fill("password", NEW_PASSWORD)).await?;
    ensure!(
        refused.path.contains("refused=name_taken") && !refused.path.contains("staple"),
        "{}",
        refused.path
    );
    ensure!(refused.attribute("#name", "value").as_deref() == Some("bo"), "{}", refused.html);
    let form = refused.form("/act/add_user")?.fill("name", "cy").fill("password", "short");
    ensure!(admin.submit(form).await?.path.contains("refused=bad_password"));

    // A new role ends the session, and begins with the next one.
    let page = admin.get(&bo_page).await?;
    let form = page.form("/act/change_role")?;
    let page = admin.submit(Form { fields: with_role(form.fields, "viewer"), ..form }).await?;
    ensure!(
        page.text().contains("The role was changed") && page.text().contains("viewer"),
        "{}",
        page.text()
    );
    ensure!(!is_in(&bo).await?, "the role changed, and the session goes on");
    bo.sign_in("bo", &made).await?;
    ensure!(!bo.get("/wallets").await?.html.contains("/act/create_wallet"), "bo still operates");

    // A reset password: the old one is of no use, its sessions are over, the new one shows once.
    let page = admin.submit(admin.get(&bo_page).await?.form("/act/reset_password")?).await?;
    let reset = page.all("main .notice code").into_iter().next().context("no password is shown")?;
    ensure!(reset != made && !admin.get(&bo_page).await?.html.contains(&reset));
    ensure!(!is_in(&bo).await?, "the password was reset, and the session goes on");
    ensure!(try_in(&bo, "bo", &made).await?.path.contains("wrong_password"));
    bo.sign_in("bo", &reset).await?;

    // Disabling needs its box, throws out at once, and enabling lets in again.
    let form = admin.get(&bo_page).await?.form("/act/disable_user")?;
    ensure!(admin.submit(form).await?.path.contains("refused=not_confirmed") && is_in(&bo).await?);
    let form = admin.get(&bo_page).await?.form("/act/disable_user")?.tick("confirmed");
    ensure!(admin.submit(form).await?.text().contains("The user was disabled"));
    ensure!(!is_in(&bo).await?, "disabled, and still in");
    ensure!(try_in(&bo, "bo", &reset).await?.path.contains("wrong_password"), "disabled, and let in");
    admin.submit(admin.get(&bo_page).await?.form("/act/enable_user")?).await?;
    bo.sign_in("bo", &reset).await?;

    // What guards oneself is changed on the profile alone.
    let ada = user_id(&app, "ada").await?.to_string();
    let page = admin.get(&format!("/users/{ada}")).await?;
    ensure!(
        page.form("/act/reset_password").is_err(),
        "an admin resets their own password without the old one"
    );
    let page = admin.submit(forged("reset_password", &[("user", &ada), ("password", NEW_PASSWORD)])).await?;
    ensure!(page.path.contains("refused=own_profile"), "{}", page.path);

    let logged = log(&app).await?.join("\n");
    ensure!(!logged.contains(&made) && !logged.contains(&reset), "a password was logged");
    for row in [
        "ada | user.add | bo, operator | done",
        "ada | user.role | bo, operator to viewer | done",
        "ada | user.password | bo | done",
        "ada | user.disable | bo | done",
        "ada | user.enable | bo | done",
    ] {
        ensure!(logged.contains(row), "{row} isn't in\n{logged}");
    }
    ensure!(!logs_say(&app, &[&made, &reset])?, "a password stands in the log file");
    Ok(())
}

/// Whether the server's own log has one of these.
fn logs_say(app: &TestApp, secrets: &[&str]) -> anyhow::Result<bool> {
    let text = std::fs::read_to_string(app.folder.join("coffer.log"))?;
    ensure!(text.contains("listening"), "the log is read wrongly");
    Ok(secrets.iter().any(|secret| text.contains(secret)))
}

/// One of several radio buttons chosen.
fn with_role(mut fields: Vec<(String, String)>, role: &str) -> Vec<(String, String)> {
    fields.retain(|(name, _)| name != "role");
    fields.push(("role".into(), role.into()));
    fields
}

async fn last_admin(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let (ada, zoe) = (app.signed_in("ada", "admin").await?, app.signed_in("zoe", "admin").await?);
    let (ada_id, zoe_id) = (user_id(&app, "ada").await?.to_string(), user_id(&app, "zoe").await?.to_string());
    // Each takes the other's role, or their access, at the same moment: one of them stays an admin.
    let demote = forged("change_role", &[("user", &zoe_id), ("role", "viewer")]);
    let disable = forged("disable_user", &[("user", &ada_id), ("confirmed", "1")]);
    let (first, second) = tokio::join!(ada.submit(demote), zoe.submit(disable));
    let (first, second) = (first?, second?);
    let sql = r#"SELECT name FROM "user" WHERE role = 'admin' AND disabled_at IS NULL"#;
    let left: Vec<(String,)> = query(sql).all(&mut database(&app).await?.read().await?.tx()).await?;
    ensure!(left.len() == 1, "{left:?} are left; {} {}", first.path, second.path);
    let (name, browser, id) = if left[0].0 == "ada" { ("ada", ada, ada_id) } else { ("zoe", zoe, zoe_id) };
    for (action, fields) in [
        ("change_role", [("user", id.as_str()), ("role", "operator")]),
        ("disable_user", [("user", id.as_str()), ("confirmed", "1")]),
    ] {
        let page = browser.submit(forged(action, &fields)).await?;
        ensure!(
            page.text().contains("This is the last enabled admin"),
            "{action}: {} {}",
            page.path,
            page.text()
        );
    }
    let ran = app.run(&["user", "disable", name], "").await?;
    ensure!(ran.code == Some(1) && ran.stderr.contains("last enabled admin"), "{ran:?}");
    ensure!(is_in(&browser).await?);
    // With another one it may go.
    app.must(&["user", "add", "yan", "--role", "admin"], &format!("{PASSWORD}\n")).await?;
    browser.submit(forged("disable_user", &[("user", &id), ("confirmed", "1")])).await?;
    ensure!(!is_in(&browser).await?);
    Ok(())
}

async fn sessions(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let here = app.signed_in("vera", "viewer").await?;
    let mut others = Vec::new();
    for _ in 0..3 {
        let browser = app.browser()?;
        browser.sign_in("vera", PASSWORD).await?;
        others.push(browser);
    }
    let admin = app.signed_in("ada", "admin").await?;
    let page = here.get("/profile").await?;
    let rows = page.all("table.rows tbody tr");
    ensure!(
        rows.len() == 4 && rows.iter().filter(|row| row.contains("this session")).count() == 1,
        "{rows:?}"
    );
    ensure!(rows.iter().all(|row| row.contains("127.0.0.1") && !row.contains("proxy")), "{rows:?}");

    // Seen is written once a minute, not at each request.
    let db = database(&app).await?;
    let seen = async || -> anyhow::Result<Vec<(i64, Option<i64>)>> {
        Ok(query("SELECT id, last_seen_at FROM session ORDER BY id").all(&mut db.read().await?.tx()).await?)
    };
    let before = seen().await?;
    ensure!(before.iter().all(|(_, at)| at.is_some()), "{before:?}");
    here.get("/wallets").await?;
    ensure!(seen().await? == before, "a request within the minute was written");
    let age = "UPDATE session SET last_seen_at = last_seen_at - 61000000";
    db.write(Execute::one("age_sessions", query(age))).await?;
    here.get("/wallets").await?;
    ensure!(seen().await?.iter().zip(&before).filter(|(now, then)| now.1 >= then.1).count() == 1);

    // One is ended by its owner, one by an admin, the rest by 'everywhere else'.
    let page = here.submit(page.form("/act/end_session")?).await?;
    ensure!(page.path == "/profile?done=session", "{}", page.path);
    ensure!(page.all("table.rows tbody tr").len() == 3 && is_in(&here).await?);
    let vera_page = format!("/users/{}", user_id(&app, "vera").await?);
    let page = admin.get(&vera_page).await?;
    let ids: Vec<String> = before.iter().map(|(id, _)| id.to_string()).collect();
    admin.submit(page.form_where("/act/end_session", "session", &ids[2])?).await?;
    // Nobody ends another's session: somebody else's profile form with this id.
    let olga = app.signed_in("olga", "operator").await?;
    let own = here.get("/profile").await?.form("/act/end_session")?;
    let page = olga.submit(own).await?;
    ensure!(page.path.contains("refused=forbidden"), "{}", page.path);
    let page = here.get("/profile").await?;
    ensure!(page.all("table.rows tbody tr").len() == 2, "{}", page.text());
    let page = here.submit(page.form("/act/end_other_sessions")?).await?;
    ensure!(page.all("table.rows tbody tr").len() == 1 && page.form("/act/end_other_sessions").is_err());
    for browser in &others {
        ensure!(!is_in(browser).await?, "ended, and still in");
    }
    let page = admin.submit(admin.get(&vera_page).await?.form("/act/end_sessions")?).await?;
    ensure!(page.text().contains("No session.") && !is_in(&here).await?, "{}", page.text());
    // Pages name sessions by numbers, and say nothing that a cookie could be found by.
    let hashes: Vec<(String,)> = query("SELECT id_hash FROM session").all(&mut db.read().await?.tx()).await?;
    let pages = [olga.get("/profile").await?.html, admin.get("/profile").await?.html];
    ensure!(hashes.len() == 2 && pages.iter().all(|page| page.contains("this session")), "{hashes:?}");
    ensure!(!hashes.iter().any(|(hash,)| pages.iter().any(|page| page.contains(hash.as_str()))));
    Ok(())
}

async fn own_password(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let (here, there) = (app.signed_in("vera", "viewer").await?, app.browser()?);
    there.sign_in("vera", PASSWORD).await?;
    let cookie = "SELECT id_hash FROM session ORDER BY id";
    let db = database(&app).await?;
    let before: Vec<(String,)> = query(cookie).all(&mut db.read().await?.tx()).await?;
    let change = async |old: &str, new: &str, again: &str| {
        let form = here.get("/profile/password").await?.form("/act/change_password")?;
        here.submit(form.fill("old", old).fill("new", new).fill("again", again)).await
    };
    for (old, new, again, said) in [
        ("wrong horse battery", NEW_PASSWORD, NEW_PASSWORD, "This isn’t your password"),
        (PASSWORD, NEW_PASSWORD, "another horse", "This differs from the new password"),
        (PASSWORD, "short", "short", "8 to 1000 characters. Nothing was changed."),
    ] {
        let page = change(old, new, again).await?;
        ensure!(page.text().contains(said) && !page.path.contains("horse"), "{}: {}", page.path, page.text());
    }
    ensure!(is_in(&there).await?, "a refused change ended a session");
    let page = change(PASSWORD, NEW_PASSWORD, NEW_PASSWORD).await?;
    ensure!(page.path == "/profile?done=password", "{}: {}", page.path, page.text());
    ensure!(is_in(&here).await? && !is_in(&there).await?, "this session goes on, the other ends");
    let after: Vec<(String,)> = query(cookie).all(&mut db.read().await?.tx()).await?;
    ensure!(after.len() == 1 && !before.contains(&after[0]), "the session's id stayed");
    ensure!(try_in(&there, "vera", PASSWORD).await?.path.contains("wrong_password"));
    there.sign_in("vera", NEW_PASSWORD).await?;
    // The door counts here too.
    for _ in 0..5 {
        change("wrong horse battery", PASSWORD, PASSWORD).await?;
    }
    let page = change(NEW_PASSWORD, PASSWORD, PASSWORD).await?;
    ensure!(page.path.contains("too_many_attempts"), "{}", page.path);
    Ok(())
}

/// The secret as the page shows it, back from base 32.
fn secret(page: &Page) -> anyhow::Result<Vec<u8>> {
    let shown = page.all("code.whole").into_iter().next().context("no secret is shown")?;
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for c in shown.bytes().filter(|c| *c != b' ') {
        let five =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == c).context("base 32")?;
        bits = (bits << 5) | u32::try_from(five)?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff)?);
        }
    }
    ensure!(bytes.len() == 20, "{shown}");
    Ok(bytes)
}

/// The code of now, or of steps away.
fn code(secret: &[u8], away: i64) -> String {
    totp::code(secret, totp::step_at(Clock::system().now()) + away)
}

/// Turns the second factor on by its pages; the secret.
async fn turn_on(browser: &Browser) -> anyhow::Result<Vec<u8>> {
    let form = browser.get("/profile/second-factor").await?.form("/act/offer_second_factor")?;
    let page = browser.submit(form.fill("password", PASSWORD)).await?;
    let secret = secret(&page)?;
    let page =
        browser.submit(page.form("/act/turn_on_second_factor")?.fill("code", &code(&secret, 0))).await?;
    ensure!(page.path.ends_with("?done=on"), "{}: {}", page.path, page.text());
    Ok(secret)
}

async fn second_factor(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let vera = app.signed_in("vera", "viewer").await?;
    let form = vera.get("/profile/second-factor").await?.form("/act/offer_second_factor")?;
    let page = vera.submit(form.fill("password", "wrong horse battery")).await?;
    ensure!(page.text().contains("This isn’t your password"), "{}", page.text());
    // Offered isn't on: a wrong code leaves it so.
    let form = page.form("/act/offer_second_factor")?.fill("password", PASSWORD);
    let page = vera.submit(form).await?;
    ensure!(page.attribute(".qr svg", "aria-label").as_deref() == Some("QR code with the secret"));
    let page = vera.submit(page.form("/act/turn_on_second_factor")?.fill("code", "000000")).await?;
    ensure!(page.text().contains("Not the code of this moment"), "{}", page.text());
    let plain = app.browser()?;
    plain.sign_in("vera", PASSWORD).await?;

    let form = page.form("/act/turn_on_second_factor")?;
    let secret = secret(&page)?;
    let used = code(&secret, 0);
    let page = vera.submit(form.fill("code", &used)).await?;
    ensure!(page.path.ends_with("?done=on"), "{}: {}", page.path, page.text());
    let codes = page.all("main .notice ol code");
    ensure!(codes.len() == 10, "{codes:?}");
    let again = vera.get("/profile/second-factor").await?;
    ensure!(!codes.iter().any(|code| again.html.contains(code.as_str())), "recovery codes show twice");
    ensure!(again.text().contains("10 are left of ten"), "{}", again.text());

    // The password alone opens nothing now.
    let half = app.browser()?;
    let page = try_in(&half, "vera", PASSWORD).await?;
    ensure!(page.path.starts_with("/sign-in/code"), "{}", page.path);
    for path in ["/", "/wallets", "/profile", "/users", "/no/such/page"] {
        let shown = half.get(path).await?;
        ensure!(shown.path.starts_with("/sign-in"), "half in sees {path}");
    }
    let refused = half.submit(forged("create_wallet", &[("coin", "ltc"), ("name", "half")])).await?;
    ensure!(refused.path.starts_with("/sign-in"), "{}", refused.path);
    ensure!(half.submit(forged("end_other_sessions", &[])).await?.path.starts_with("/sign-in"));
    // A used code, a wrong one, the right one.
    let give = async |browser: &Browser, code: &str| {
        let form = browser.get("/sign-in/code").await?.form("/act/give_code")?;
        browser.submit(form.fill("code", code)).await
    };
    let page = give(&half, &used).await?;
    ensure!(page.path.contains("refused=wrong_code"), "the code of turning on works again: {}", page.path);
    ensure!(give(&half, "12345").await?.text().contains("3 tries are left"), "{}", page.text());
    // One step ahead of the one that was used, which a clock may be.
    let now = code(&secret, 1);
    ensure!(give(&half, &now).await?.path == "/" && is_in(&half).await?);
    // The same code, at another door, within its half minute.
    let other = app.browser()?;
    try_in(&other, "vera", PASSWORD).await?;
    ensure!(give(&other, &now).await?.path.contains("refused=wrong_code"), "a code works twice");
    // A recovery code works once, however it is typed.
    let typed = codes[3].to_uppercase().replace('-', " ");
    ensure!(give(&other, &typed).await?.path == "/" && is_in(&other).await?);
    let third = app.browser()?;
    try_in(&third, "vera", PASSWORD).await?;
    ensure!(
        give(&third, &codes[3]).await?.path.contains("refused=wrong_code"),
        "a recovery code works twice"
    );
    ensure!(give(&third, &codes[4]).await?.path == "/");
    ensure!(vera.get("/profile").await?.text().contains("8 recovery codes left"));

    // New codes make the old ones worthless; turning off asks for the password.
    let form = vera.get("/profile/second-factor").await?.form("/act/renew_recovery_codes")?;
    let page = vera.submit(form.fill("password", PASSWORD)).await?;
    ensure!(page.all("main .notice ol code").len() == 10, "{}", page.text());
    let fourth = app.browser()?;
    try_in(&fourth, "vera", PASSWORD).await?;
    ensure!(
        give(&fourth, &codes[5]).await?.path.contains("refused=wrong_code"),
        "an old recovery code works"
    );
    let form = vera.get("/profile/second-factor").await?.form("/act/turn_off_second_factor")?;
    ensure!(vera.submit(form.fill("password", "wrong horse")).await?.path.contains("refused=wrong_password"));
    let form = vera.get("/profile/second-factor").await?.form("/act/turn_off_second_factor")?;
    ensure!(vera.submit(form.fill("password", PASSWORD)).await?.path == "/profile?done=second_factor_off");
    fourth.sign_in("vera", PASSWORD).await?;

    // Nothing of it stands where somebody could read it.
    let logged = log(&app).await?.join("\n");
    let hidden = [used.as_str(), now.as_str(), codes[3].as_str(), PASSWORD];
    ensure!(!hidden.iter().any(|secret| logged.contains(secret)), "{logged}");
    ensure!(!logs_say(&app, &[codes[3].as_str(), PASSWORD])?, "a secret stands in the log file");
    for row in [
        "vera | second_factor.turn_on | vera | wrong_password",
        "vera | second_factor.turn_on | vera | done",
        "vera | sign_in | vera | wrong_code",
        "vera | second_factor.recover | vera | done",
        "vera | second_factor.renew_codes | vera | done",
        "vera | second_factor.turn_off | vera | done",
    ] {
        ensure!(logged.contains(row), "{row} isn't in\n{logged}");
    }
    let rows: Vec<(String,)> = query("SELECT code_hash FROM recovery_code")
        .all(&mut database(&app).await?.read().await?.tx())
        .await?;
    ensure!(rows.is_empty(), "{rows:?}");
    Ok(())
}

async fn guessing(store: Store) -> anyhow::Result<()> {
    let app = started(store).await?;
    let (vera, admin) = (app.signed_in("vera", "viewer").await?, app.signed_in("ada", "admin").await?);
    let secret = turn_on(&vera).await?;
    let half = app.browser()?;
    // The right password between wrong codes gives no new tries.
    for number in 0..5 {
        try_in(&half, "vera", PASSWORD).await?;
        let page = half.submit(forged("give_code", &[("code", &format!("wrong-{number}"))])).await?;
        ensure!(page.path.contains("refused=wrong_code"), "try {number}: {}", page.path);
    }
    let page = half.submit(forged("give_code", &[("code", &code(&secret, 0))])).await?;
    ensure!(page.path.contains("refused=too_many_attempts"), "{}", page.path);
    ensure!(page.text().contains("Too many tries"), "{}", page.text());
    ensure!(!is_in(&half).await?);
    let page = try_in(&app.browser()?, "vera", PASSWORD).await?;
    ensure!(page.path.contains("refused=too_many_attempts"), "{}", page.path);

    // An admin turns it off for somebody who lost the telephone; it ends their sessions.
    let path = format!("/users/{}", user_id(&app, "vera").await?);
    let form = admin.get(&path).await?.form("/act/drop_second_factor")?;
    ensure!(admin.submit(form).await?.path.contains("refused=not_confirmed"));
    let form = admin.get(&path).await?.form("/act/drop_second_factor")?.tick("confirmed");
    let page = admin.submit(form).await?;
    ensure!(page.text().contains("The second factor was turned off"), "{}", page.text());
    ensure!(!is_in(&vera).await?);
    let forget = query("DELETE FROM sign_in_failure");
    database(&app).await?.write(Execute::one("forget", forget)).await?;
    vera.sign_in("vera", PASSWORD).await?;

    // A password that is changed while a code is waited for was given in vain.
    let secret = turn_on(&vera).await?;
    try_in(&half, "vera", PASSWORD).await?;
    app.must(&["user", "password", "vera"], &format!("{NEW_PASSWORD}\n")).await?;
    let page = half.submit(forged("give_code", &[("code", &code(&secret, 0))])).await?;
    ensure!(page.path.contains("refused=wrong_password") && !is_in(&half).await?, "{}", page.path);
    Ok(())
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
        Ok(query(sql).one::<(i64,)>(&mut database(&app).await?.read().await?.tx()).await?.0)
    };
    // Signing in was a proof; then it grows old.
    let page = order(true).await?;
    ensure!(page.path.starts_with("/transactions/") && sent().await? == 1, "{}: {}", page.path, page.text());
    let grow_old = async || -> anyhow::Result<()> {
        let db = database(&app).await?;
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
