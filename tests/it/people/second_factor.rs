//! The second factor: turned on, asked for, guessed at, lost.

use super::{NEW_PASSWORD, PASSWORD, forged, is_in, log, logs_say, on_both, started, try_in, user_id};
use anyhow::{Context, ensure};
use server::clock::Clock;
use server::db::{Execute, query};
use server::people::totp;
use tests::app::Store;
use tests::browser::{Browser, Page};

on_both! {
    second_factor, a_code_is_asked_for_and_works_once_on_sqlite, a_code_is_asked_for_and_works_once_on_postgres;
    guessing, wrong_codes_close_the_door_on_sqlite, wrong_codes_close_the_door_on_postgres;
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
pub fn code(secret: &[u8], away: i64) -> String {
    totp::code(secret, totp::step_at(Clock::system().now()) + away)
}

/// Turns the second factor on by its pages; the secret.
pub async fn turn_on(browser: &Browser) -> anyhow::Result<Vec<u8>> {
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
        .all(&mut app.database(3).await?.read().await?.tx())
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
    app.database(3).await?.write(Execute::one("forget", forget)).await?;
    vera.sign_in("vera", PASSWORD).await?;

    // A password that is changed while a code is waited for was given in vain.
    let secret = turn_on(&vera).await?;
    try_in(&half, "vera", PASSWORD).await?;
    app.must(&["user", "password", "vera"], &format!("{NEW_PASSWORD}\n")).await?;
    let page = half.submit(forged("give_code", &[("code", &code(&secret, 0))])).await?;
    ensure!(page.path.contains("refused=wrong_password") && !is_in(&half).await?, "{}", page.path);
    Ok(())
}
