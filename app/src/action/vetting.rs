//! Orders about broadcasts: gather evidence, broadcast now, close, and the acts that a person decides on.

use super::{Form, id, lead, response};
use crate::desk::{AppError, desk};
use crate::model::{Act, Closing};
use crate::page::vetting::asks_number;
use leptos::prelude::*;

fn page_of(broadcast: &str) -> String {
    format!("/broadcasts/{}", broadcast.trim())
}

#[server(prefix = "/act", endpoint = "gather_evidence")]
pub async fn gather_evidence(broadcast: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.gather_evidence(id(&broadcast, "broadcast")?).await }.await;
    let path = page_of(&broadcast);
    lead(&response, answer, &Form::at(&path), |()| path.clone());
    Ok(())
}

#[server(prefix = "/act", endpoint = "broadcast_now")]
pub async fn broadcast_now(wallet: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.broadcast_now(id(&wallet, "wallet")?).await }.await;
    let path = format!("/wallets/{}", wallet.trim());
    lead(&response, answer, &Form::at(&path), |()| format!("{path}?asked=1"));
    Ok(())
}

#[server(prefix = "/act", endpoint = "close_broadcast")]
pub async fn close_broadcast(
    broadcast: String,
    txid: String,
    reason: String,
    #[server(default)] override_reason: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let closing = Closing { txid, reason, override_reason };
    let answer = async { desk?.close_broadcast(id(&broadcast, "broadcast")?, &closing).await }.await;
    let path = page_of(&broadcast);
    let form = Form::at(&path)
        .with("act", Act::Close.as_str())
        .with("txid", &closing.txid)
        .with("reason", &closing.reason)
        .with("override_reason", &closing.override_reason);
    lead(&response, answer, &form, |()| path.clone());
    Ok(())
}

/// `typed`: the broadcast's number once more, where the act asks for it.
#[server(prefix = "/act", endpoint = "vet_broadcast")]
pub async fn vet_broadcast(
    broadcast: String,
    act: String,
    reason: String,
    #[server(default)] typed: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        let ordered: Act = act.parse().map_err(|()| AppError::NotFound("act"))?;
        if asks_number(ordered) && typed.trim() != broadcast.trim() {
            return Err(AppError::refused("number_differs", "The typed number isn’t that of the broadcast."));
        }
        desk?.vet_broadcast(id(&broadcast, "broadcast")?, ordered, &reason).await
    };
    let answer = answer.await;
    let path = page_of(&broadcast);
    let form = Form::at(&path).with("act", &act).with("reason", &reason);
    lead(&response, answer, &form, |()| path.clone());
    Ok(())
}
