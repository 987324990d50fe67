//! Users, as an admin makes and changes them; the last admin stays.

use super::{NEW_PASSWORD, PASSWORD, forged, is_in, log, logs_say, on_both, started, try_in, user_id};
use anyhow::{Context, ensure};
use server::db::query;
use tests::app::Store;
use tests::browser::Form;

on_both! {
    users, an_admin_makes_and_changes_users_on_sqlite, an_admin_makes_and_changes_users_on_postgres;
    last_admin, the_last_admin_stays_on_sqlite, the_last_admin_stays_on_postgres;
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
    let left: Vec<(String,)> = query(sql).all(&mut app.database(3).await?.read().await?.tx()).await?;
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
