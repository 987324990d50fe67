//! Who calls: the token in `Authorization: Bearer`, from where it may be used, how often, and with which scopes. What was
//! refused here, or before a verb of the desk could tell it, is told to the audit log.

use super::problem::{Refusal, RefusedFor};
use super::read::Caller;
use super::{Api, limit};
use crate::db::DbError;
use crate::desk::{Actor, PersonalDesk, Who};
use crate::people::{self, session::Origin};
use crate::web::origin;
use app::desk::{AppError, Desk};
use app::model::TokenRow;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Beside the request: whose idempotency keys these are.
#[derive(Clone)]
pub struct Bearer {
    pub owner: String,
}

/// Beside the answer, for `tell`.
#[derive(Clone)]
struct Asked(Arc<PersonalDesk>);

pub async fn bring(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let origin = origin::of(&request, &api.web.shared.settings.web);
    let secret = secret(request.headers()).map(str::to_owned);
    let token = match find(&api, secret, origin).await {
        Ok(token) => token,
        Err(refusal) => return refusal.into_response(),
    };
    let (standing, refusal) = api.limits.take(token.id);
    if let Some(refusal) = refusal {
        return with_standing(refusal.into_response(), standing);
    }
    let shared = &api.web.shared;
    if let Err(problem) = people::token_used(&shared.db, &token, shared.clock.now()).await {
        tracing::warn!(%problem, "when a token was last used could not be written");
    }
    let actor = Actor {
        name: format!("token {}", token.name),
        who: Who::Token { owner: token.owner.clone(), scopes: token.scopes.clone() },
    };
    let owner = actor.owner();
    let desk = Arc::new(PersonalDesk::new(shared.clone(), Some(actor)));
    let response = match must_have_scope(&api, &request, &token) {
        Ok(()) => {
            let caller: Arc<dyn Desk> = desk.clone();
            request.extensions_mut().insert(Caller::new(caller));
            request.extensions_mut().insert(Bearer { owner });
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    let mut response = with_standing(response, standing);
    response.extensions_mut().insert(Asked(desk));
    response
}

fn with_standing(mut response: Response, standing: limit::Standing) -> Response {
    standing.write(response.headers_mut());
    response
}

async fn find(api: &Api, secret: Option<String>, origin: Origin) -> Result<TokenRow, Refusal> {
    let shared = &api.web.shared;
    let secret = secret.ok_or(AppError::Unauthorized)?;
    let found = people::bearer(&shared.db, &secret, shared.clock.now()).await;
    let token = found.map_err(|problem| unreadable(&problem))?.ok_or(AppError::Unauthorized)?;
    if !people::may_come_from(&token, origin.ip.as_deref().and_then(|ip| ip.parse().ok())) {
        tracing::warn!(token = token.name, from = origin.ip, "a token was used from outside of its networks");
        return Err(Refusal::new("unauthorized", "This token may not be used from where you are."));
    }
    Ok(token)
}

/// Not "show a valid token": whoever has one still has, once the database answers.
fn unreadable(problem: &DbError) -> Refusal {
    tracing::warn!(%problem, "a token can't be read");
    Refusal::new(
        "database_unavailable",
        "The database doesn't answer. Nothing was done; try again in a while.",
    )
}

pub(super) fn secret(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

/// As the document says of each call; the desk checks its orders once more. Paths and methods that the document hasn't are
/// left to their own refusals.
fn must_have_scope(api: &Api, request: &Request, token: &TokenRow) -> Result<(), Refusal> {
    let Some(path) = request.extensions().get::<MatchedPath>() else { return Ok(()) };
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    match api.document.scope(method, path.as_str()) {
        Some(scope) if !scope.is_in(&token.scopes) => Err(AppError::OutOfScope(scope).into()),
        _ => Ok(()),
    }
}

/// Orders that were refused before a verb of the desk told of them.
pub async fn tell(State(api): State<Api>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let action = format!("{} {}", request.method(), request.uri().path());
    let mut response: Response<Body> = next.run(request).await;
    let asked = response.extensions_mut().remove::<Asked>();
    let Some(RefusedFor(code)) = response.extensions().get::<RefusedFor>().copied() else { return response };
    // Looking is told where it was refused for its scope; asking too often is no act.
    if (safe && code != "forbidden") || code == "rate_limited" {
        return response;
    }
    let action: String = action.chars().take(100).collect();
    match asked {
        Some(Asked(desk)) => desk.tell_refused(&action, "", code).await,
        None if api.web.strangers.may_be_told(api.web.shared.clock.now()) => {
            PersonalDesk::new(api.web.shared.clone(), None).tell_refused(&action, "", code).await;
        }
        None => {}
    }
    response
}
