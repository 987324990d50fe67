//! Orders about accounts and their addresses.

use super::{Form, id, lead, must_be_confirmed, response};
use crate::desk::{AppError, desk};
use crate::model::AddressId;
use crate::page::link;
use leptos::prelude::*;

#[server(prefix = "/act", endpoint = "create_account")]
pub async fn create_account(wallet: String, name: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let form = Form::at(format!("/wallets/{}", wallet.trim())).with("name", &name);
    let answer = async { desk?.create_account(id(&wallet, "wallet")?, &name).await }.await;
    lead(&response, answer, &form, |account| format!("/accounts/{}", account.id));
    Ok(())
}

#[server(prefix = "/act", endpoint = "create_address")]
pub async fn create_address(
    account: String,
    #[server(default)] label: String,
    idempotency_key: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let path = format!("/accounts/{}/addresses", account.trim());
    let form = Form::at(&path).with("label", &label);
    let answer = async {
        let desk = desk?;
        let made = desk.create_address(id(&account, "account")?, &label, &idempotency_key).await?;
        desk.address(AddressId(made.id), None).await
    };
    let answer = answer.await;
    lead(&response, answer, &form, |made| link(&path, [("made", made.address.address.as_str())]));
    Ok(())
}

/// One that the hot wallet has and the books don't. Leads to the address's own page.
#[server(prefix = "/act", endpoint = "import_address")]
pub async fn import_address(
    account: String,
    address: String,
    #[server(default)] import_label: String,
    idempotency_key: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let form = Form::at(format!("/accounts/{}/addresses", account.trim()))
        .with("address", &address)
        .with("import_label", &import_label);
    let answer = async {
        let account = id(&account, "account")?;
        desk?.import_address(account, &address, &import_label, Some(&idempotency_key)).await
    };
    // The fields of both forms of the page have names of their own.
    let answer = answer.await.map_err(|error| match error {
        AppError::Invalid(faults) if faults.iter().any(|fault| fault.field == "address") => {
            AppError::invalid("imported_address", "The address can’t be imported.")
        }
        other => other,
    });
    lead(&response, answer, &form, |made| format!("/addresses/{}", made.id));
    Ok(())
}

/// Leads back to the address's own page, where the order stood.
#[server(prefix = "/act", endpoint = "archive_address")]
pub async fn archive_address(
    address: String,
    #[server(default)] confirmed: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let path = format!("/addresses/{}", address.trim());
    let answer = async {
        must_be_confirmed(&confirmed)?;
        desk?.archive_address(id(&address, "address")?).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(&path), |()| path.clone());
    Ok(())
}
