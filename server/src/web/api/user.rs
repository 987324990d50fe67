//! Users of the dashboard, for admins: made, changed, disabled.

use super::Api;
use super::problem::Refusal;
use super::read::{Asked, Body, Caller, Named, Nothing, Paged};
use super::said::{List, Said};
use crate::answer::{Problem, UserAnswer};
use app::model::{UserChange, UserDraft, UserId};
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, disable))
}

/// All users
#[utoipa::path(get, path = "/users", tag = "people", params(Paged),
    responses((status = 200, description = "Newest first", body = List<UserAnswer>)), security(("bearer" = ["admin"])))]
async fn list(caller: Caller, Asked(asked): Asked<Paged>) -> Said<List<UserAnswer>> {
    let paging = asked.paging()?;
    let mut users = caller.users().await?;
    users.sort_by_key(|user| std::cmp::Reverse(user.id));
    List::cut(users, &paging)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 255 characters, unique.
    #[schema(example = "ada", min_length = 1, max_length = 255)]
    name: String,
    /// `viewer`, `operator` or `admin`.
    #[schema(example = "operator")]
    role: String,
    /// 8 to 1,000 characters.
    #[schema(min_length = 8, max_length = 1000)]
    password: String,
}

/// Add a user
#[utoipa::path(post, path = "/users", tag = "people", request_body = NewUser,
    responses((status = 201, description = "The user", body = UserAnswer)),
    extensions(("x-codes" = json!(["name_taken"]))), security(("bearer" = ["admin"])))]
async fn create(caller: Caller, Body(new): Body<NewUser>) -> Result<(StatusCode, Json<UserAnswer>), Refusal> {
    let draft = UserDraft { name: new.name, role: new.role, password: new.password };
    let id = caller.add_user(&draft).await?;
    Ok((StatusCode::CREATED, Json(caller.user(id).await?.user.into())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange)]
pub struct PatchUser {
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default)]
    name: Option<String>,
    /// `viewer`, `operator` or `admin`.
    #[serde(default)]
    role: Option<String>,
    #[schema(min_length = 8, max_length = 1000)]
    #[serde(default)]
    password: Option<String>,
    /// False bars the user from signing in, true lets them again.
    #[serde(default)]
    enabled: Option<bool>,
}

/// Change a user
///
/// What isn't given stays; all that is given changes, or nothing does. Whatever changes ends the user's sessions.
#[utoipa::path(patch, path = "/users/{id}", tag = "people", params(("id" = i64, Path)), request_body = PatchUser,
    responses((status = 200, description = "The user", body = UserAnswer)),
    extensions(("x-codes" = json!(["last_admin", "name_taken"]))), security(("bearer" = ["admin"])))]
async fn change(caller: Caller, Named(id): Named<UserId>, Body(change): Body<PatchUser>) -> Said<UserAnswer> {
    if change.password.as_ref().is_some_and(String::is_empty) {
        return Err(Problem::field("password", "A password has 8 to 1000 characters.").into());
    }
    caller.user(id).await?;
    let PatchUser { name, role, password, enabled } = change;
    caller.change_user(id, &UserChange { name, role, password, enabled }).await?;
    Ok(Json(caller.user(id).await?.user.into()))
}

/// Disable a user
///
/// Nobody is deleted: the audit log names them. The user's sessions end, and signing in is refused.
#[utoipa::path(delete, path = "/users/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 204, description = "Disabled")),
    extensions(("x-codes" = json!(["last_admin"]))), security(("bearer" = ["admin"])))]
async fn disable(caller: Caller, Named(id): Named<UserId>, _: Asked<Nothing>) -> Result<StatusCode, Refusal> {
    caller.disable_user(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
