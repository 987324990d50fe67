//! Users: who may come in, as what, and a new one. For admins.

use super::{Content, Query, Refused, Visit};
use crate::action::AddUser;
use crate::desk::Answer;
use crate::model::{Role, Time, UserRow};
use crate::part::state::Mark;
use crate::part::{Asks, SecretField, Show, When, count, grouped};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let users = visit.desk.users().await?;
    let people = count(i64::try_from(users.len()).unwrap_or(i64::MAX), "user", "users");
    let body = view! {
        <div class="head">
            <div><h1>"Users"</h1><p>{format!("{people}. None is ever deleted: the audit log names them.")}</p></div>
            <div class="acts"><a class="button primary" href="#new">"New user"</a></div>
        </div>
        {Refused::of(&visit.query).map(|refused| refused.view())}
        {table(&users, visit.frame.now)}
        <section class="measure" aria-labelledby="new"><h2 id="new">"New user"</h2>{form(&visit.query)}</section>
    };
    Ok(Content::new("Users", body))
}

fn table(users: &[UserRow], now: Time) -> AnyView {
    let rows = users.iter().map(|user| row(user, now)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Users by name"</caption>
            <thead><tr>
                <th scope="col">"User"</th><th scope="col">"Role"</th><th scope="col">"State"</th><th scope="col">"Second factor"</th>
                <th scope="col" class="n">"Sessions"</th><th scope="col" class="n">"Last seen"<span data-zone>" (UTC)"</span></th>
                <th scope="col" class="n wide">"Added"<span data-zone>" (UTC)"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(user: &UserRow, now: Time) -> AnyView {
    let moment = |at: Time| view! { <When at=at show=Show::for_list(now, std::iter::once(at))/> };
    view! {
        <tr class=user.disabled_at.map(|_| "off")>
            <th scope="row" class="at-tl"><a href=format!("/users/{}", user.id)><strong>{user.name.clone()}</strong></a></th>
            <td class="at-tr">{user.role.to_string()}</td>
            <td class="at-bl">{state(user)}</td>
            <td class="at-br" data-name="second factor">{if user.second_factor_since.is_some() { "on" } else { "off" }}</td>
            <td class="n at-none">{grouped(user.session_count)}</td>
            <td class="n at-none">{user.last_seen_at.map(moment)}</td>
            <td class="n at-none wide"><When at=user.created_at show=Show::Day/></td>
        </tr>
    }
    .into_any()
}

pub fn state(user: &UserRow) -> AnyView {
    if user.disabled_at.is_some() {
        view! { <Mark icon="off" word="disabled"/> }.into_any()
    } else {
        view! { <Mark icon="done" word="enabled"/> }.into_any()
    }
}

fn form(query: &Query) -> AnyView {
    view! {
        <form class="sheet block" method="post" action=AddUser::url()>
            <div class="field"><label for="name">"User name"</label>
                <input type="text" id="name" name="name" value=query.get("name").to_owned() maxlength="255" autocomplete="off" autocapitalize="none" spellcheck="false" required/></div>
            {role_field(query.get("role"), None)}
            <SecretField name="password" label="Password" asks=Asks::NewPassword required=false
                hint="8 to 1000 characters. Left empty, Coffer makes one and shows it once."/>
            <div class="acts"><button type="submit" class="primary">"Add user"</button></div>
        </form>
    }
    .into_any()
}

/// `now`: the role that somebody has, which needn't be chosen again.
pub fn role_field(chosen: &str, now: Option<Role>) -> AnyView {
    let chosen = chosen.parse().ok().or(now).unwrap_or(Role::Viewer);
    let roles = [
        (Role::Viewer, "looks at everything but users, API tokens, the audit log and settings"),
        (Role::Operator, "also moves money, decides about broadcasts and runs jobs"),
        (Role::Admin, "may do everything"),
    ];
    let roles = roles.into_iter().map(|(role, may)| {
        view! { <p><label><input type="radio" name="role" value=role.as_str() checked=role == chosen/>{role.as_str()}</label>
            <small>{format!(": {may}")}</small></p> }
    });
    view! { <fieldset class="field"><legend>"Role"</legend>{roles.collect_view()}</fieldset> }.into_any()
}
