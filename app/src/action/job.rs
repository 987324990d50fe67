//! Orders to helper jobs.

use super::{Form, lead, response};
use crate::desk::desk;
use leptos::prelude::*;

#[server(prefix = "/act", endpoint = "run_job")]
pub async fn run_job(name: String, #[server(default)] coin: String) -> Result<(), ServerFnError> {
    let (response, desk) = (response(), desk());
    let answer = async { desk?.run_job(&name, &coin).await }.await;
    lead(&response, answer, &Form::at("/jobs"), |()| "/jobs".into());
    Ok(())
}
