//! One user, for admins: role, sessions, and what an admin may do for or against somebody. A password that was just
//! made stands here once.

use super::users::{role_field, state};
use super::{Content, Query, Refused, Visit};
use crate::action::{ChangeRole, DisableUser, DropSecondFactor, EnableUser, EndSessions, ResetPassword};
use crate::desk::Answer;
use crate::model::{Time, UserDetail, UserRow};
use crate::part::{Asks, Hidden, Notice, SecretField, Sessions, Show, When};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let detail = visit.desk.user(visit.id("user")?).await?;
    let password = visit.desk.new_password(detail.user.id).await?;
    let user = &detail.user;
    let said = match &password {
        Some(password) => Some(new_password(user, password.clone())),
        None => done(visit.query.get("done")),
    };
    let body = view! {
        <div class="head"><div><h1>{user.name.clone()}" "{state(user)}</h1><p>{user.role.to_string()}</p></div></div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {said}
        <div class="split broad">
            <section aria-labelledby="sessions">
                <div class="title"><h2 id="sessions">"Sessions"</h2>{end_all(&detail)}</div>
                {sessions(&detail, visit.frame.now)}
            </section>
            <section aria-labelledby="facts">
                <div class="title"><h2 id="facts">"Facts"</h2></div>
                {facts(user)}
                {acts(&detail, &visit.query)}
            </section>
        </div>
    };
    Ok(Content::new(user.name.clone(), body).within("/users", "Users"))
}

/// Two lines that are easily copied; gone with the next load.
fn new_password(user: &UserRow, password: String) -> AnyView {
    let title = format!("The new password of {}", user.name);
    view! {
        <div role="status"><Notice tone="wait" icon="note" title=title>
            <p><code class="whole">{password}</code></p>
            <p>"It is shown this once and kept nowhere. Hand it over on a way that you trust; its owner changes it on the profile."</p>
        </Notice></div>
    }
    .into_any()
}

fn done(what: &str) -> Option<AnyView> {
    let (title, text) = match what {
        "added" => ("The user was added", "It can sign in at once."),
        "role" => (
            "The role was changed",
            "The user’s sessions were ended; the new role begins with the next sign-in.",
        ),
        "password" => ("The password was changed", "The user’s sessions were ended."),
        "disabled" => ("The user was disabled", "It is out at once, and can’t sign in until it is enabled."),
        "enabled" => ("The user was enabled", "It can sign in again."),
        "second_factor" => (
            "The second factor was turned off",
            "The user signs in by the password alone until it is turned on again.",
        ),
        "session" => ("The session was ended", "Whoever used it has to sign in again."),
        "sessions" => ("All sessions were ended", "The user has to sign in again."),
        _ => return None,
    };
    Some(
        view! { <div role="status"><Notice tone="done" icon="done" title=title><p>{text}</p></Notice></div> }
            .into_any(),
    )
}

fn end_all(detail: &UserDetail) -> Option<AnyView> {
    (!detail.sessions.is_empty()).then(|| {
        view! { <form method="post" action=EndSessions::url()><Hidden name="user" value=detail.user.id.to_string()/>
            <button type="submit" class="small">"End all sessions"</button></form> }
        .into_any()
    })
}

fn sessions(detail: &UserDetail, now: Time) -> AnyView {
    if detail.sessions.is_empty() {
        let text = if detail.user.disabled_at.is_some() {
            "Disabled users can’t sign in."
        } else {
            "Not signed in anywhere."
        };
        return view! { <div class="none"><p><strong>"No session."</strong></p><p>{text}</p></div> }
            .into_any();
    }
    view! { <Sessions rows=detail.sessions.clone() now=now of=Some(detail.user.id)/> }.into_any()
}

fn facts(user: &UserRow) -> AnyView {
    let moment = |at: Time| view! { <When at=at show=Show::Full/><span data-zone>" UTC"</span> };
    let second_factor = match user.second_factor_since {
        Some(at) => view! { "on since "{moment(at)} }.into_any(),
        None => "off".into_any(),
    };
    view! {
        <dl>
            <div><dt>"Role"</dt><dd>{user.role.to_string()}</dd></div>
            <div><dt>"Second factor"</dt><dd>{second_factor}</dd></div>
            <div><dt>"Added"</dt><dd>{moment(user.created_at)}</dd></div>
            {user.disabled_at.map(|at| view! { <div><dt>"Disabled"</dt><dd>{moment(at)}</dd></div> })}
        </dl>
    }
    .into_any()
}

/// Folded, so that none is pressed by mistake; the one that was refused is open.
fn acts(detail: &UserDetail, query: &Query) -> AnyView {
    let user = &detail.user;
    let own = detail.own.then(|| {
        view! { <p class="block"><small>"That is you. Your password and second factor are changed on "<a href="/profile">"your profile"</a>"."</small></p> }
    });
    let open = |act: &str| query.get("act") == act;
    view! {
        {own}
        {role(user, query, open("role"))}
        {(!detail.own).then(|| password(user, open("password")))}
        {(!detail.own && user.second_factor_since.is_some()).then(|| second_factor(user, open("second_factor")))}
        {if user.disabled_at.is_some() { enable(user) } else { disable(user, open("disable")) }}
    }
    .into_any()
}

fn role(user: &UserRow, query: &Query, open: bool) -> AnyView {
    view! {
        <details class="block" open=open><summary>"Change the role"</summary>
            <form class="sheet block" method="post" action=ChangeRole::url()>
                <Hidden name="user" value=user.id.to_string()/>
                {role_field(if open { query.get("role") } else { "" }, Some(user.role))}
                <p>"The user’s sessions end; the new role begins with the next sign-in."</p>
                <div class="acts block"><button type="submit">{format!("Change the role of {}", user.name)}</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn password(user: &UserRow, open: bool) -> AnyView {
    view! {
        <details class="block" open=open><summary>"Reset the password"</summary>
            <form class="sheet block" method="post" action=ResetPassword::url()>
                <Hidden name="user" value=user.id.to_string()/>
                <SecretField name="password" label="New password" asks=Asks::NewPassword required=false
                    hint="8 to 1000 characters. Left empty, Coffer makes one and shows it once."/>
                <p>"The old password is of no use any more, and the user’s sessions end."</p>
                <div class="acts block"><button type="submit">{format!("Reset the password of {}", user.name)}</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn second_factor(user: &UserRow, open: bool) -> AnyView {
    view! {
        <details class="block" open=open><summary>"Turn the second factor off"</summary>
            <form class="sheet block" method="post" action=DropSecondFactor::url()>
                <Hidden name="user" value=user.id.to_string()/>
                <p>"For somebody who lost the telephone and the recovery codes. Be sure that it is them who ask: from then on the password alone opens the door. Their sessions end."</p>
                <div class="field block"><label><input type="checkbox" name="confirmed" value="1" required/>"I know who asked for it"</label></div>
                <div class="acts"><button type="submit">{format!("Turn off the second factor of {}", user.name)}</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn disable(user: &UserRow, open: bool) -> AnyView {
    view! {
        <details class="block" open=open><summary>"Disable this user"</summary>
            <form class="sheet block" method="post" action=DisableUser::url()>
                <Hidden name="user" value=user.id.to_string()/>
                <p>"The user is out at once and can’t sign in. It can be enabled again; what it did stays in the audit log."</p>
                <div class="field block"><label><input type="checkbox" name="confirmed" value="1" required/>"Disable this user"</label></div>
                <div class="acts"><button type="submit">{format!("Disable {}", user.name)}</button></div>
            </form>
        </details>
    }
    .into_any()
}

fn enable(user: &UserRow) -> AnyView {
    view! {
        <form class="block" method="post" action=EnableUser::url()><Hidden name="user" value=user.id.to_string()/>
            <button type="submit">{format!("Enable {}", user.name)}</button></form>
    }
    .into_any()
}
