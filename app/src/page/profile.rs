//! One's own account with Coffer: what guards it, and where it is signed in.

use super::{Content, Refused, Visit};
use crate::action::EndOtherSessions;
use crate::desk::Answer;
use crate::model::Profile;
use crate::part::{Notice, Sessions, Show, When, count};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let profile = visit.desk.profile().await?;
    let elsewhere = profile.sessions.iter().any(|session| !session.current);
    let others = elsewhere.then(|| {
        view! { <form method="post" action=EndOtherSessions::url()><button type="submit" class="small">"Sign out everywhere else"</button></form> }
    });
    let body = view! {
        <div class="head"><div><h1>"Your profile"</h1><p>{format!("{}, {}", profile.user.name, profile.user.role)}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {done(visit.query.get("done"))}
        <div class="measure">{guards(&profile)}</div>
        <section aria-labelledby="sessions">
            <div class="title"><h2 id="sessions">"Where you are signed in"</h2>{others}</div>
            <Sessions rows=profile.sessions.clone() now=visit.frame.now/>
            <p class="block"><small>"A session that you don’t know? End it, then change your password."</small></p>
        </section>
    };
    Ok(Content::new("Your profile", body))
}

fn guards(profile: &Profile) -> AnyView {
    let second_factor = match profile.user.second_factor_since {
        Some(at) => {
            let left = count(profile.recovery_codes_left, "recovery code", "recovery codes");
            view! { "On since "<When at=at show=Show::Day/>{format!(", {left} left. ")}<a href="/profile/second-factor">"Recovery codes, turn off"</a> }
                .into_any()
        }
        None => view! { "Off. "<a href="/profile/second-factor">"Turn on"</a> }.into_any(),
    };
    view! {
        <dl>
            <div><dt>"User name"</dt><dd>{profile.user.name.clone()}</dd></div>
            <div><dt>"Role"</dt><dd>{profile.user.role.to_string()}</dd></div>
            <div><dt>"Password"</dt><dd><a href="/profile/password">"Change"</a></dd></div>
            <div><dt>"Second factor"</dt><dd>{second_factor}</dd></div>
        </dl>
    }
    .into_any()
}

fn done(what: &str) -> Option<AnyView> {
    let (title, text) = match what {
        "password" => ("Your password was changed", "All your other sessions were ended."),
        "second_factor_off" => (
            "The second factor is off",
            "The password alone opens the door. The recovery codes are of no use any more.",
        ),
        "session" => ("The session was ended", "Whoever used it has to sign in again."),
        "sessions" => ("You are signed out everywhere else", "Only this session is left."),
        _ => return None,
    };
    Some(
        view! { <div role="status"><Notice tone="done" icon="done" title=title><p>{text}</p></Notice></div> }
            .into_any(),
    )
}
