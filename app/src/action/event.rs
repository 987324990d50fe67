//! Orders to deliver events again.

use super::{Form, id, lead, response};
use crate::desk::{AppError, desk};
use crate::model::Redelivery;
use crate::page::deliveries::PATH;
use crate::page::{link, local_path};
use leptos::prelude::*;

/// `from`: the page that it was ordered on.
#[server(prefix = "/act", endpoint = "redeliver")]
pub async fn redeliver(delivery: String, #[server(default)] from: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let back = match local_path(&from) {
        path if path.starts_with("/events/") || path.starts_with(PATH) => path.to_owned(),
        _ => PATH.to_owned(),
    };
    let answer = async { desk?.redeliver(&Redelivery::One(id(&delivery, "delivery")?)).await }.await;
    lead(&response, answer, &Form::at(&back), |_| back.clone());
    Ok(())
}

/// `after`: an event's number; empty means all that failed.
#[server(prefix = "/act", endpoint = "redeliver_many")]
pub async fn redeliver_many(handler: String, #[server(default)] after: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async {
        let which = match after.trim() {
            "" => Redelivery::Failed { handler: handler.clone() },
            typed => {
                let after = typed.parse().map_err(|_| {
                    AppError::invalid("sequence", "The number of an event is a whole number.")
                })?;
                Redelivery::Since { handler: handler.clone(), after }
            }
        };
        desk?.redeliver(&which).await
    };
    let answer = answer.await;
    let done = |redelivered: crate::model::Redelivered| {
        let (count, up_to) = (redelivered.count.to_string(), redelivered.up_to.to_string());
        link(PATH, [("handler", handler.as_str()), ("redelivered", &count), ("up_to", &up_to)])
    };
    lead(&response, answer, &Form::at(PATH), done);
    Ok(())
}
