//! Orders to the simulated network.

use super::{Form, lead, response};
use crate::desk::{AppError, desk};
use crate::page::link;
use leptos::prelude::*;

const PATH: &str = "/simulator";

#[server(prefix = "/act", endpoint = "simulated_pay")]
pub async fn simulated_pay(coin: String, address: String, amount: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let form = Form::at(PATH).with("coin", &coin).with("address", &address).with("amount", &amount);
    let answer = async { desk?.simulated_pay(&coin, address.trim(), &amount).await }.await;
    lead(&response, answer, &form, |txid| link(PATH, [("paid", txid.as_str())]));
    Ok(())
}

#[server(prefix = "/act", endpoint = "simulated_mine")]
pub async fn simulated_mine(coin: String, blocks: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        let blocks =
            blocks.trim().parse().map_err(|_| AppError::invalid("blocks", "Write a whole number."))?;
        desk?.simulated_mine(&coin, blocks).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(PATH), |()| PATH.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "simulated_fail")]
pub async fn simulated_fail(
    coin: String,
    call: String,
    how: String,
    times: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        let times = times.trim().parse().map_err(|_| AppError::invalid("times", "Write a whole number."))?;
        desk?.simulated_fail(&coin, &call, &how, times).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(PATH), |()| PATH.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "simulated_spend")]
pub async fn simulated_spend(coin: String, address: String, amount: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.simulated_spend(&coin, address.trim(), &amount).await }.await;
    lead(&response, answer, &Form::at(PATH), |()| PATH.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "simulated_reorganise")]
pub async fn simulated_reorganise(
    coin: String,
    depth: String,
    #[server(default)] txid: String,
) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        let depth = depth.trim().parse().map_err(|_| AppError::invalid("blocks", "Write a whole number."))?;
        desk?.simulated_reorganise(&coin, depth, txid.trim()).await
    };
    let answer = answer.await;
    lead(&response, answer, &Form::at(PATH), |()| PATH.into());
    Ok(())
}

#[server(prefix = "/act", endpoint = "simulated_restart")]
pub async fn simulated_restart(coin: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.simulated_restart(&coin).await }.await;
    lead(&response, answer, &Form::at(PATH), |()| PATH.into());
    Ok(())
}
