//! Orders about wallets.

use super::{Form, id, lead, response};
use crate::desk::desk;
use leptos::prelude::*;

/// `from`: the page of the form, the list or the first steps.
#[server(prefix = "/act", endpoint = "create_wallet")]
pub async fn create_wallet(
    coin: String,
    name: String,
    #[server(default)] from: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let form = Form::at(if from == "/" { "/" } else { "/wallets" }).with("coin", &coin).with("name", &name);
    let answer = async { desk?.create_wallet(&coin, &name).await }.await;
    lead(&response, answer, &form, |wallet| format!("/wallets/{}", wallet.id));
    Ok(())
}

#[server(prefix = "/act", endpoint = "pause_wallet")]
pub async fn pause_wallet(wallet: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.pause_wallet(id(&wallet, "wallet")?).await }.await;
    let path = format!("/wallets/{}", wallet.trim());
    lead(&response, answer, &Form::at(&path), |()| path.clone());
    Ok(())
}

#[server(prefix = "/act", endpoint = "resume_wallet")]
pub async fn resume_wallet(wallet: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.resume_wallet(id(&wallet, "wallet")?).await }.await;
    let path = format!("/wallets/{}", wallet.trim());
    lead(&response, answer, &Form::at(&path), |()| path.clone());
    Ok(())
}
