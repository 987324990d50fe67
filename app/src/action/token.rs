//! Orders about API tokens. The secret of a new one waits in the session for the page that shows it once.
#![allow(clippy::too_many_arguments, reason = "a box for each scope, as forms without JavaScript send them")]

use super::{Form, id, lead, response};
use crate::desk::desk;
use crate::flash::flash;
use crate::model::TokenDraft;
use crate::page::link;
use crate::page::tokens::{PATH, SECRET};
use leptos::prelude::*;

/// A box for each scope, as forms without JavaScript send them.
#[server(prefix = "/act", endpoint = "create_token")]
pub async fn create_token(
    name: String,
    #[server(default)] scope_read: String,
    #[server(default)] scope_receive: String,
    #[server(default)] scope_send: String,
    #[server(default)] scope_vet: String,
    #[server(default)] scope_admin: String,
    #[server(default)] owner: String,
    #[server(default)] networks: String,
    #[server(default)] days: String,
) -> Result<(), ServerFnError> {
    let (response, desk, flash) = (response(), desk(), flash());
    let boxes = [
        ("read", scope_read),
        ("receive", scope_receive),
        ("send", scope_send),
        ("vet", scope_vet),
        ("admin", scope_admin),
    ];
    let scopes: Vec<String> =
        boxes.into_iter().filter(|(_, ticked)| !ticked.is_empty()).map(|(word, _)| word.to_owned()).collect();
    let typed = scopes.join(" ");
    let draft = TokenDraft { name, owner, scopes, networks, days, expires_at: None };
    let answer = async {
        let made = desk?.create_token(&draft).await?;
        flash?.put(SECRET, &made.secret).await
    };
    let answer = answer.await;
    let form = Form::at(PATH)
        .with("name", &draft.name)
        .with("scopes", &typed)
        .with("owner", &draft.owner)
        .with("networks", &draft.networks)
        .with("days", &draft.days);
    lead(&response, answer, &form, |()| PATH.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "revoke_token")]
pub async fn revoke_token(token: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.revoke_token(id(&token, "token")?).await }.await;
    lead(&response, answer, &Form::at(PATH), |name| link(PATH, [("revoked", name.as_str())]));
    Ok(())
}
