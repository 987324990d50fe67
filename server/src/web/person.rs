//! Who asks: finds the session's user and puts the desk and the door beside the request, where pages find them.

use super::flash::SessionFlash;
use super::own_session::Own;
use super::sign_in::PersonalDoor;
use super::{Web, origin, session as store};
use crate::db::DbError;
use crate::desk::{Actor, PersonalDesk, Seat, Who};
use crate::people::session::{Visitor, visitor};
use app::desk::Desk;
use app::flash::Flash;
use app::sign_in::SignIn;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_sessions::Session;
use tower_sessions::session::Id;

pub async fn bring(State(web): State<Web>, session: Session, mut request: Request, next: Next) -> Response {
    let (db, now) = (&web.shared.db, web.shared.clock.now());
    let known = match session.id() {
        Some(id) => visitor_of(&web, &id).await,
        None => Ok(None),
    };
    let known = match known {
        Ok(known) => known,
        Err(problem) => {
            // Not "sign in first": whoever is signed in still is, once the database answers.
            tracing::warn!(%problem, "a session can't be read");
            let text = "The database doesn't answer. Try again in a while.\n";
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], text).into_response();
        }
    };
    let flash: Arc<dyn Flash> =
        Arc::new(SessionFlash { session: session.clone(), clock: web.shared.clock.clone() });
    if let Some(visitor) = &known {
        let origin = origin::of(&request, &web.shared.settings.web);
        if let Err(problem) = visitor.seen(db, &origin, now).await {
            tracing::warn!(%problem, "when a session was last seen could not be written");
        }
    }
    let shown = web.shown.clone();
    let own_desk = Arc::new(desk(&web, &session, &flash, known));
    let desk: Arc<dyn Desk> = own_desk.clone();
    let door: Arc<dyn SignIn> = Arc::new(PersonalDoor { web, session });
    request.extensions_mut().insert(own_desk);
    request.extensions_mut().insert(desk);
    request.extensions_mut().insert(door);
    request.extensions_mut().insert(flash);
    request.extensions_mut().insert(shown);
    next.run(request).await
}

/// Whom a cookie's id stands for.
pub async fn visitor_of(web: &Web, id: &Id) -> Result<Option<Visitor>, DbError> {
    visitor(&web.shared.db, &store::hash(id), web.shared.clock.now()).await
}

fn desk(web: &Web, session: &Session, flash: &Arc<dyn Flash>, visitor: Option<Visitor>) -> PersonalDesk {
    let Some(visitor) = visitor else { return PersonalDesk::new(web.shared.clone(), None) };
    let own = Own::new(session.clone(), &visitor);
    let who = Who::User { id: visitor.user, role: visitor.role };
    let actor = Actor { name: visitor.name, who };
    let seat = Seat { door: web.door.clone(), session: Arc::new(own), flash: flash.clone() };
    PersonalDesk::new(web.shared.clone(), Some(actor)).seated(seat)
}
