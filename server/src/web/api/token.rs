//! Tokens of programs: listed, made, revoked.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Named, Nothing, Paged, moment};
use super::said::{List, Said};
use crate::answer::{MadeToken, TokenAnswer};
use app::model::{TokenDraft, TokenId};
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// All tokens, without their secrets
#[utoipa::path(get, path = "/tokens", tag = "people", params(Paged),
    responses((status = 200, description = "Newest first", body = List<TokenAnswer>)), security(("bearer" = ["admin"])))]
async fn list(caller: Caller, Asked(asked): Asked<Paged>) -> Said<List<TokenAnswer>> {
    let paging = asked.paging()?;
    let mut tokens = caller.tokens().await?;
    tokens.sort_by_key(|token| std::cmp::Reverse(token.id));
    List::cut(tokens, &paging)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// 1 to 255 characters, unique.
    #[schema(example = "shop", min_length = 1, max_length = 255)]
    name: String,
    /// `read`, `receive`, `send`, `vet`, `admin`.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
    /// Null: it never expires.
    #[schema(format = DateTime, example = "2027-11-22T00:00:00Z")]
    #[serde(default)]
    expires_at: Option<String>,
    /// Where it may be used from, in CIDR. Null: from anywhere.
    #[schema(max_items = 32)]
    #[serde(default)]
    networks: Option<Vec<String>>,
    /// Whose idempotency keys it uses: the name of the token that it replaces. Null: its own name.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default)]
    owner: Option<String>,
}

/// Make a token
///
/// The secret is shown this once: also a repetition with the same key answers null in its place.
#[utoipa::path(post, path = "/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, description = "The token with its secret", body = MadeToken)),
    extensions(("x-codes" = json!(["name_taken"]))), security(("bearer" = ["admin"])))]
async fn create(caller: Caller, Body(new): Body<NewToken>) -> Result<(StatusCode, Json<MadeToken>), Refusal> {
    let draft = TokenDraft {
        name: new.name,
        owner: new.owner.unwrap_or_default(),
        scopes: new.scopes,
        networks: new.networks.unwrap_or_default().join(" "),
        days: String::new(),
        expires_at: moment("expires_at", new.expires_at)?,
    };
    Ok((StatusCode::CREATED, Json(caller.create_token(&draft).await?.into())))
}

/// Revoke a token
///
/// Whoever uses it is refused from now on.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 204, description = "Revoked")), security(("bearer" = ["admin"])))]
async fn revoke(caller: Caller, Named(id): Named<TokenId>, _: Asked<Nothing>) -> Result<StatusCode, Refusal> {
    caller.revoke_token(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
