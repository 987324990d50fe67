//! The audit of the books on order, and the log of what anybody did.

use super::Api;
use super::read::{Asked, Body, Caller, moment, paging, word};
use super::said::{List, Said};
use crate::answer::{AuditAnswer, AuditLogEntry};
use app::model::AuditLogFilter;
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(audit)).routes(routes!(log))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToAudit {
    #[schema(example = "btc")]
    coin: String,
}

/// Audit a coin's books now
///
/// Every balance against its entries, every entry against its document. A mismatch is shown, never repaired. One at a time.
#[utoipa::path(post, path = "/audit", tag = "operation", request_body = ToAudit,
    responses((status = 200, description = "What it found", body = AuditAnswer)),
    extensions(("x-codes" = json!(["not_found"]))), security(("bearer" = ["vet"])))]
async fn audit(caller: Caller, Body(asked): Body<ToAudit>) -> Said<AuditAnswer> {
    Ok(Json(caller.audit(&asked.coin).await?.into()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listed {
    /// A user's name, `token NAME`, or `command line`.
    actor: Option<String>,
    /// How it begins: `broadcast.` finds all acts about broadcasts.
    action: Option<String>,
    /// A part of it.
    subject: Option<String>,
    /// `done` or `refused`.
    outcome: Option<String>,
    /// From this moment on (RFC 3339).
    from: Option<String>,
    /// Before this moment (RFC 3339).
    to: Option<String>,
    /// Rows of the page; 50 when not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Who did or tried what
#[utoipa::path(get, path = "/audit-log", tag = "people", params(Listed),
    responses((status = 200, description = "Newest first", body = List<AuditLogEntry>)), security(("bearer" = ["admin"])))]
async fn log(caller: Caller, Asked(asked): Asked<Listed>) -> Said<List<AuditLogEntry>> {
    let filter = AuditLogFilter {
        actor: asked.actor,
        action: asked.action,
        subject: asked.subject,
        outcome: word("outcome", asked.outcome, &["done", "refused"])?,
        from: moment("from", asked.from)?,
        to: moment("to", asked.to)?,
    };
    Ok(List::of(caller.audit_log(&filter, paging(asked.limit, asked.after)?).await?))
}
