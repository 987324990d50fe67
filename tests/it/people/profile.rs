//! What everyone changes for themselves: their sessions and their password.

use super::{NEW_PASSWORD, PASSWORD, is_in, on_both, started, try_in, user_id};
use anyhow::ensure;
use server::db::{Execute, query};
use tests::app::Store;

on_both! {
    sessions, sessions_are_listed_and_ended_on_sqlite, sessions_are_listed_and_ended_on_postgres;
    own_password, a_changed_password_ends_other_sessions_on_sqlite, a_changed_password_ends_other_sessions_on_postgres;
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
    let db = app.database(3).await?;
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
    let db = app.database(3).await?;
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
