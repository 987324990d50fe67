//! Signing in and out.

use super::{Form, lead, response};
use crate::page::{link, local_path};
use crate::sign_in::{Entry, sign_in};
use leptos::prelude::*;

#[server(name = SignInWith, prefix = "/act", endpoint = "sign_in")]
pub async fn sign_in_with(
    name: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), ServerFnError> {
    let (response, door) = (response(), sign_in());
    let next = local_path(&next).to_owned();
    let form = Form::at("/sign-in").with("name", &name).with("next", &next);
    let answer = async { door?.sign_in(&name, &password).await }.await;
    lead(&response, answer, &form, |entry| match entry {
        Entry::In => next.clone(),
        Entry::AsksCode => link("/sign-in/code", [("next", next.as_str())]),
    });
    Ok(())
}

#[server(name = GiveCode, prefix = "/act", endpoint = "give_code")]
pub async fn give_code(code: String, #[server(default)] next: String) -> Result<(), ServerFnError> {
    let (response, door) = (response(), sign_in());
    let next = local_path(&next).to_owned();
    let form = Form::at("/sign-in/code").with("next", &next);
    let answer = async { door?.give_code(&code).await }.await;
    lead(&response, answer, &form, |()| next.clone());
    Ok(())
}

#[server(name = SignOut, prefix = "/act", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ServerFnError> {
    let (response, door) = (response(), sign_in());
    let answer = async { door?.sign_out().await }.await;
    lead(&response, answer, &Form::at("/"), |()| "/sign-in".into());
    Ok(())
}
