//! Who may use Coffer, as people order it through pages and forms, on both databases: what each role may order about
//! users stands here; users, one's own profile, the second factor and the proof that sending may ask for beside it.

mod profile;
mod second_factor;
mod step_up;
mod users;

use anyhow::ensure;
use reqwest::StatusCode;
use server::db::query;
use std::time::Duration;
use tests::app::{PASSWORD, Store, TestApp};
use tests::browser::{Browser, Form, Page};

/// An order, its act in the audit log, and its fields.
type Ordered<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
const LIMIT: Duration = Duration::from_mins(1);
const NEW_PASSWORD: &str = "another horse, another staple";

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
use on_both;

on_both! {
    roles, only_admins_order_about_users_on_sqlite, only_admins_order_about_users_on_postgres;
}

async fn started(store: Store) -> anyhow::Result<TestApp> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("serve", None).await?;
    Ok(app)
}

/// Actor, action, subject and outcome of all that was logged, in order.
async fn log(app: &TestApp) -> anyhow::Result<Vec<String>> {
    let sql =
        "SELECT actor || ' | ' || action || ' | ' || subject || ' | ' || outcome FROM audit_log ORDER BY id";
    let db = app.database(3).await?;
    let rows: Vec<(String,)> = query(sql).all(&mut db.read().await?.tx()).await?;
    Ok(rows.into_iter().map(|(row,)| row).collect())
}

async fn user_id(app: &TestApp, name: &str) -> anyhow::Result<i64> {
    let found = query(r#"SELECT id FROM "user" WHERE name = $1"#).bind(name);
    Ok(found.one::<(i64,)>(&mut app.database(3).await?.read().await?.tx()).await?.0)
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

/// Whether the server's own log has one of these.
fn logs_say(app: &TestApp, secrets: &[&str]) -> anyhow::Result<bool> {
    let text = std::fs::read_to_string(app.folder.join("coffer.log"))?;
    ensure!(text.contains("listening"), "the log is read wrongly");
    Ok(secrets.iter().any(|secret| text.contains(secret)))
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
    let (of_admin,) = query(sql).one::<(i64,)>(&mut app.database(3).await?.read().await?.tx()).await?;
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
