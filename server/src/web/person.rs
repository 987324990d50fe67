//! Who asks: finds the session's user and puts the desk and the door beside the request, where pages find them.

use super::Web;
use super::flash::SessionFlash;
use super::sign_in::PersonalDoor;
use crate::db::DbError;
use crate::desk::{Actor, PersonalDesk};
use crate::people;
use app::desk::Desk;
use app::flash::Flash;
use app::model::UserId;
use app::sign_in::SignIn;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_sessions::Session;

/// Where the session keeps its user's id.
pub const USER: &str = "user";

pub async fn bring(State(web): State<Web>, session: Session, mut request: Request, next: Next) -> Response {
    let actor = match actor(&web, &session).await {
        Ok(actor) => actor,
        Err(problem) => {
            // Not "sign in first": whoever is signed in still is, once the database answers.
            tracing::warn!(%problem, "a session can't be read");
            let text = "The database doesn't answer. Try again in a while.\n";
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], text).into_response();
        }
    };
    let own_desk = Arc::new(PersonalDesk::new(web.shared.clone(), actor));
    let desk: Arc<dyn Desk> = own_desk.clone();
    let flash: Arc<dyn Flash> =
        Arc::new(SessionFlash { session: session.clone(), clock: web.shared.clock.clone() });
    let door: Arc<dyn SignIn> = Arc::new(PersonalDoor { web, session });
    request.extensions_mut().insert(own_desk);
    request.extensions_mut().insert(desk);
    request.extensions_mut().insert(door);
    request.extensions_mut().insert(flash);
    next.run(request).await
}

/// The role is read anew each time: a user who is disabled or demoted is so at once.
pub async fn actor(web: &Web, session: &Session) -> Result<Option<Actor>, String> {
    let id = session.get::<i64>(USER).await.map_err(|error| error.to_string())?;
    let Some(id) = id.map(UserId) else { return Ok(None) };
    let user = people::by_id(&web.shared.db, id).await.map_err(|error: DbError| error.to_string())?;
    Ok(user.filter(|user| user.disabled_at.is_none()).map(|user| Actor {
        user: user.id,
        name: user.name,
        role: user.role,
    }))
}
