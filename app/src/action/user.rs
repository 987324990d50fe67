//! Orders about users, for admins. No password travels back to a form, and a made one stands on one page only.

use super::{Form, id, lead, must_be_confirmed, response};
use crate::desk::desk;
use crate::model::{SessionId, UserDraft, UserId};
use leptos::prelude::*;

fn page_of(user: &str) -> String {
    format!("/users/{}", user.trim())
}

/// The user's page, saying what was done.
fn done(user: &str, what: &str) -> String {
    format!("{}?done={what}", page_of(user))
}

#[server(prefix = "/act", endpoint = "add_user")]
pub async fn add_user(
    name: String,
    role: String,
    #[server(default)] password: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let draft = UserDraft { name, role, password };
    let answer = async { desk?.add_user(&draft).await }.await;
    let form = Form::at("/users").with("name", &draft.name).with("role", &draft.role);
    lead(&response, answer, &form, |user| done(&user.to_string(), "added"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "change_role")]
pub async fn change_role(user: String, role: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.change_role(id::<UserId>(&user, "user")?, &role).await }.await;
    let form = Form::at(page_of(&user)).with("act", "role").with("role", &role);
    lead(&response, answer, &form, |()| done(&user, "role"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "reset_password")]
pub async fn reset_password(user: String, #[server(default)] password: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.reset_password(id::<UserId>(&user, "user")?, &password).await }.await;
    let form = Form::at(page_of(&user)).with("act", "password");
    lead(&response, answer, &form, |()| done(&user, "password"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "disable_user")]
pub async fn disable_user(user: String, #[server(default)] confirmed: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.disable_user(id::<UserId>(&user, "user")?).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(page_of(&user)).with("act", "disable"), |()| done(&user, "disabled"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "enable_user")]
pub async fn enable_user(user: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.enable_user(id::<UserId>(&user, "user")?).await }.await;
    lead(&response, answer, &Form::at(page_of(&user)), |()| done(&user, "enabled"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "drop_second_factor")]
pub async fn drop_second_factor(
    user: String,
    #[server(default)] confirmed: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.drop_second_factor(id::<UserId>(&user, "user")?).await
    };
    let answer = answer.await;
    let form = Form::at(page_of(&user)).with("act", "second_factor");
    lead(&response, answer, &form, |()| done(&user, "second_factor"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "end_sessions")]
pub async fn end_sessions(user: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.end_sessions(id::<UserId>(&user, "user")?).await }.await;
    lead(&response, answer, &Form::at(page_of(&user)), |()| done(&user, "sessions"));
    Ok(())
}

/// `user`: on whose page it stands; empty on one's own profile.
#[server(prefix = "/act", endpoint = "end_session")]
pub async fn end_session(session: String, #[server(default)] user: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.end_session(id::<SessionId>(&session, "session")?).await }.await;
    let path = if user.trim().is_empty() { "/profile".into() } else { page_of(&user) };
    lead(&response, answer, &Form::at(&path), |()| format!("{path}?done=session"));
    Ok(())
}
