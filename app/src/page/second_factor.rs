//! One's own second factor: off, offered (a QR code that waits for its first code), or on. Recovery codes that were
//! just made stand here once.

use super::{Content, Refused, Visit};
use crate::action::{OfferSecondFactor, RenewRecoveryCodes, TurnOffSecondFactor, TurnOnSecondFactor};
use crate::desk::Answer;
use crate::model::{OfferedFactor, Profile};
use crate::part::qr::Qr;
use crate::part::{Asks, Notice, SecretField, Show, When, count};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let profile = visit.desk.profile().await?;
    let codes = visit.desk.new_recovery_codes().await?;
    let refused = Refused::of(&visit.query);
    let code = refused.as_ref().map(|refused| refused.code().to_owned()).unwrap_or_default();
    let wrong = Wrong {
        password: (code == "wrong_password")
            .then(|| "This isn’t your password. Nothing was changed.".to_owned()),
        code: (code == "wrong_code")
            .then(|| "Not the code of this moment. Is the telephone’s clock right?".to_owned()),
    };
    let above = refused.filter(|_| wrong.password.is_none() && wrong.code.is_none());
    let offered = match profile.user.second_factor_since {
        None => visit.desk.offered_second_factor().await?,
        Some(_) => None,
    };
    let state = match (profile.user.second_factor_since, offered) {
        (Some(_), _) => on(&profile, &wrong, visit.query.get("act")),
        (None, Some(offered)) => waiting(&offered, &wrong),
        (None, None) => off(&wrong),
    };
    let body = view! {
        <div class="head"><div><h1>"Second factor"</h1>
            <p>"With it, signing in asks for a code of an app on your telephone: a password that somebody saw or guessed opens nothing."</p></div></div>
        <div class="measure">
            {above.map(|refused| refused.view())}
            {codes.map(recovery)}
            {state}
        </div>
    };
    Ok(Content::new("Second factor", body).within("/profile", "Your profile"))
}

/// What is said beside the field that was wrong.
struct Wrong {
    password: Option<String>,
    code: Option<String>,
}

fn off(wrong: &Wrong) -> AnyView {
    view! {
        <form class="sheet" method="post" action=OfferSecondFactor::url()>
            <p>"You need an authenticator app: Aegis, FreeOTP, Google Authenticator and password managers do."</p>
            <div class="block"><SecretField name="password" label="Password" asks=Asks::Password error=wrong.password.clone()/></div>
            <div class="acts"><button type="submit" class="primary">"Set it up"</button><a class="button" href="/profile">"Back to your profile"</a></div>
        </form>
    }
    .into_any()
}

fn waiting(offered: &OfferedFactor, wrong: &Wrong) -> AnyView {
    // In fours, as people copy it.
    let secret: Vec<String> =
        offered.secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    view! {
        <form class="sheet" method="post" action=TurnOnSecondFactor::url()>
            <p>"Scan this with the app, or type the secret into it. It isn’t on yet."</p>
            <div class="block"><Qr text=offered.uri.clone() said="QR code with the secret"/></div>
            <dl class="block"><div><dt>"Secret"</dt><dd><code class="whole">{secret.join(" ")}</code></dd></div></dl>
            <div class="block"><SecretField name="code" label="Code that the app shows" asks=Asks::Code error=wrong.code.clone() hint="Six digits."/></div>
            <div class="acts"><button type="submit" class="primary">"Turn it on"</button><a class="button" href="/profile">"Not now"</a></div>
        </form>
    }
    .into_any()
}

fn recovery(codes: Vec<String>) -> AnyView {
    let codes =
        codes.into_iter().map(|code| view! { <li><code class="whole">{code}</code></li> }).collect_view();
    view! {
        <div role="status"><Notice tone="wait" icon="note" title="Your recovery codes">
            <p>"Each replaces one code of the app, once, for when the telephone is lost. They are shown this once: print them or write them down, and keep them apart from the telephone."</p>
            <ol class="block">{codes}</ol>
        </Notice></div>
    }
    .into_any()
}

fn on(profile: &Profile, wrong: &Wrong, act: &str) -> AnyView {
    let left = count(profile.recovery_codes_left, "is left", "are left");
    let error = |here: &str| wrong.password.clone().filter(|_| act == here);
    view! {
        <dl>
            <div><dt>"State"</dt><dd>"On"{profile.user.second_factor_since.map(|at| view! { " since "<When at=at show=Show::Full/><span data-zone>" UTC"</span> })}</dd></div>
            <div><dt>"Recovery codes"</dt><dd>{format!("{left} of ten")}</dd></div>
        </dl>
        <details class="block" open=act == "codes"><summary>"Make new recovery codes"</summary>
            <form class="sheet block" method="post" action=RenewRecoveryCodes::url()>
                <p>"Ten new ones; the old ones are of no use any more."</p>
                <div class="block"><SecretField name="password" label="Password" asks=Asks::Password error=error("codes")/></div>
                <div class="acts"><button type="submit">"Make ten new codes"</button></div>
            </form>
        </details>
        <details class="block" open=act == "off"><summary>"Turn it off"</summary>
            <form class="sheet block" method="post" action=TurnOffSecondFactor::url()>
                <p>"From then on the password alone opens the door. It can be turned on again, with a new secret."</p>
                <div class="block"><SecretField name="password" id="off" label="Password" asks=Asks::Password error=error("off")/></div>
                <div class="acts"><button type="submit">"Turn the second factor off"</button></div>
            </form>
        </details>
    }
    .into_any()
}
