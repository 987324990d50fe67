//! The helper jobs: what they did, and "run now".

use super::Api;
use super::read::{Asked, Body, Caller, Named, paging};
use super::said::{List, Said};
use crate::answer::JobAnswer;
use app::desk::{Answer, AppError};
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(run))
}

/// One job of a coin, or of all coins where `coin` is empty.
pub async fn of(caller: &Caller, name: &str, coin: &str) -> Answer<Option<JobAnswer>> {
    let jobs = caller.jobs().await?;
    Ok(jobs.into_iter().find(|job| job.name == name && job.coin == coin).map(Into::into))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    coin: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// The helper jobs
#[utoipa::path(get, path = "/jobs", tag = "operation", params(Listed),
    responses((status = 200, description = "By coin and name", body = List<JobAnswer>)), security(("bearer" = ["read"])))]
async fn list(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<JobAnswer>> {
    let paging = paging(asked.limit, asked.after)?;
    let mut jobs = caller.jobs().await?;
    jobs.retain(|job| asked.coin.as_ref().is_none_or(|coin| job.coin == *coin));
    List::cut(jobs, &paging)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Null for jobs that serve all coins.
    #[schema(example = "btc")]
    #[serde(default)]
    coin: Option<String>,
}

/// Run a job now
///
/// Its runner looks within a second or so, whichever process it is.
#[utoipa::path(post, path = "/jobs/{name}/run", tag = "operation", params(("name" = String, Path)), request_body = Run,
    responses((status = 200, description = "The job", body = JobAnswer)), security(("bearer" = ["vet"])))]
async fn run(caller: Caller, Named(name): Named<String>, Body(asked): Body<Run>) -> Said<JobAnswer> {
    let coin = asked.coin.unwrap_or_default();
    caller.run_job(&name, &coin).await?;
    of(&caller, &name, &coin).await?.map(Json).ok_or_else(|| AppError::NotFound("job").into())
}
