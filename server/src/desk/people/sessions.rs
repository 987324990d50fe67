//! Sessions, listed and ended: one's own by everybody, all by admins.

use super::super::order::Order;
use super::super::{PersonalDesk, error};
use super::{admins, own};
use crate::people::session::{self, EndSessions, Ending, Found};
use app::desk::{Answer, AppError};
use app::model::{Scope, SessionId, SessionRow, UserId};

pub async fn list(desk: &PersonalDesk, user: UserId) -> Answer<Vec<SessionRow>> {
    let mut read = desk.read().await?;
    let found = session::list(&mut read.tx(), user, desk.shared.clock.now()).await.map_err(error::from_db)?;
    let own = desk.seat.as_ref().map(|seat| seat.session.id());
    Ok(found.into_iter().map(|found| row(found, own)).collect())
}

fn row(found: Found, own: Option<SessionId>) -> SessionRow {
    SessionRow {
        id: found.id,
        created_at: found.created_at,
        last_seen_at: found.last_seen_at,
        expires_at: found.expires_at,
        by_proxy: found.remote_ip_by.as_deref() == Some("proxy"),
        remote_ip: found.remote_ip,
        user_agent: found.user_agent,
        current: own == Some(found.id),
    }
}

/// Ended already is no fault where it was one's own or an admin asks: what was wanted is so.
pub async fn end(desk: &PersonalDesk, id: SessionId) -> Answer<()> {
    let user = desk.person()?.0;
    let owner = session::owner(&mut desk.read().await?.tx(), id).await.map_err(error::from_db)?;
    let own = owner.as_ref().is_some_and(|(owner, _)| *owner == user);
    let needs = if own { Scope::Read } else { Scope::Admin };
    let order = Order { needs, action: "session.end", subject: format!("session {id}") };
    let actor = desk.allowed(&order).await?.name.clone();
    let Some((user, name)) = owner else { return Err(AppError::NotFound("session")) };
    let now = desk.shared.clock.now();
    let end = EndSessions { user, name, ending: Ending::One(id), actor, now };
    desk.carry_out_on_people(&order, end).await
}

pub async fn end_others(desk: &PersonalDesk) -> Answer<()> {
    let (user, seat) = desk.seat()?;
    let actor = desk.actor()?;
    let order = own(actor, "session.end");
    let end = EndSessions {
        user,
        name: actor.name.clone(),
        ending: Ending::AllBut(Some(seat.session.id())),
        actor: actor.name.clone(),
        now: desk.shared.clock.now(),
    };
    desk.carry_out_on_people(&order, end).await
}

pub async fn end_all(desk: &PersonalDesk, of: UserId) -> Answer<()> {
    let order = admins("session.end", format!("all of user {of}"));
    let actor = desk.allowed(&order).await?.name.clone();
    let name = super::users::one(desk, of).await?.user.name;
    let now = desk.shared.clock.now();
    let end = EndSessions { user: of, name, ending: Ending::AllBut(None), actor, now };
    desk.carry_out_on_people(&order, end).await
}
