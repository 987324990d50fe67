//! Orders about oneself: password, second factor, sessions elsewhere, and proving once more who sits there.

use super::{Form, lead, response};
use crate::desk::{AppError, desk};
use crate::page::{link, local_path};
use leptos::prelude::*;

const PASSWORD: &str = "/profile/password";
const SECOND_FACTOR: &str = "/profile/second-factor";

#[server(prefix = "/act", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.end_other_sessions().await }.await;
    lead(&response, answer, &Form::at("/profile"), |()| "/profile?done=sessions".into());
    Ok(())
}

/// `again`: the new one once more, since a slip of the hand would lock its owner out.
#[server(prefix = "/act", endpoint = "change_password")]
pub async fn change_password(old: String, new: String, again: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        if new != again {
            let message = "The new password was typed in two ways.";
            return Err(AppError::refused("passwords_differ", message));
        }
        desk?.change_password(&old, &new).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(PASSWORD), |()| "/profile?done=password".into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "offer_second_factor")]
pub async fn offer_second_factor(password: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.offer_second_factor(&password).await }.await;
    lead(&response, answer, &Form::at(SECOND_FACTOR), |()| SECOND_FACTOR.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "turn_on_second_factor")]
pub async fn turn_on_second_factor(code: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.turn_on_second_factor(&code).await }.await;
    lead(&response, answer, &Form::at(SECOND_FACTOR), |()| format!("{SECOND_FACTOR}?done=on"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "turn_off_second_factor")]
pub async fn turn_off_second_factor(password: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.turn_off_second_factor(&password).await }.await;
    let form = Form::at(SECOND_FACTOR).with("act", "off");
    lead(&response, answer, &form, |()| "/profile?done=second_factor_off".into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "renew_recovery_codes")]
pub async fn renew_recovery_codes(password: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.renew_recovery_codes(&password).await }.await;
    let form = Form::at(SECOND_FACTOR).with("act", "codes");
    lead(&response, answer, &form, |()| format!("{SECOND_FACTOR}?done=codes"));
    Ok(())
}

/// `typed`: a code or the password, as the page asked; `next`: the form that was refused, with all that was typed.
#[server(prefix = "/act", endpoint = "step_up")]
pub async fn step_up(typed: String, #[server(default)] next: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let next = local_path(&next).to_owned();
    let answer = async { desk?.step_up(&typed).await }.await;
    let form = Form::at("/step-up").with("next", &next);
    lead(&response, answer, &form, |()| link(&next, []));
    Ok(())
}
