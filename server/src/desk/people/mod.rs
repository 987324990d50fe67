//! The desk's part about who may use Coffer: users (`users.rs`), sessions (`sessions.rs`), one's own password and
//! second factor (`own.rs`). What a person has to prove about themselves is the door's affair.

mod own;
mod sessions;
mod users;

use super::order::Order;
use super::{Actor, PersonalDesk, error};
use crate::db::Change;
use crate::people::{Door, PeopleError};
use app::desk::{Answer, AppError, People};
use app::flash::Flash;
use app::model::{
    OfferedFactor, Profile, Scope, SessionId, Time, UserChange, UserDetail, UserDraft, UserId, UserRow,
};
use async_trait::async_trait;
use std::sync::Arc;

/// What a desk may do with the session of its request. `web` has the cookie behind it.
#[async_trait]
pub trait OwnSession: Send + Sync {
    fn id(&self) -> SessionId;
    /// When password or code were given last.
    async fn proven_at(&self) -> Answer<Option<Time>>;
    /// They were given now; the session goes on under a new id.
    async fn prove(&self, now: Time) -> Answer<()>;
    /// Keeps a text in the session, for this person's eyes alone.
    async fn keep(&self, key: &'static str, text: &str) -> Answer<()>;
    async fn kept(&self, key: &'static str) -> Answer<Option<String>>;
    async fn forget(&self, key: &'static str) -> Answer<()>;
}

/// Where the person sits: the session they came by, what it shows them once, and the door that looks at what they prove.
pub struct Seat {
    pub door: Door,
    pub session: Arc<dyn OwnSession>,
    pub flash: Arc<dyn Flash>,
}

impl PersonalDesk {
    /// Who sits there. A token never does: what is about oneself isn't a program's affair.
    fn seat(&self) -> Answer<(UserId, &Seat)> {
        Ok((self.person()?.0, self.seat.as_ref().ok_or(AppError::Unauthorized)?))
    }

    fn is_self(&self, id: UserId) -> bool {
        self.person().is_ok_and(|(own, _)| own == id)
    }

    /// Whether this person proved lately enough who they are, as the config asks for. A program has nothing to prove but
    /// its token.
    pub(super) async fn is_proven(&self) -> Answer<bool> {
        let Some(minutes) = self.shared.settings.web.step_up_minutes else { return Ok(true) };
        if self.person().is_err() {
            return Ok(true);
        }
        let Some(seat) = &self.seat else { return Ok(false) };
        let oldest = self.shared.clock.now().plus_seconds(-minutes * 60);
        Ok(seat.session.proven_at().await?.is_some_and(|at| at >= oldest))
    }

    /// Applies what tells the audit log itself; a refusal is logged here.
    async fn carry_out_on_people<C>(&self, order: &Order, change: C) -> Answer<C::Output>
    where
        C: Change<Error = PeopleError>,
    {
        let result = self.shared.db.write(change).await.map_err(error::from_people);
        if let Err(refusal) = &result {
            self.log(order, refusal.code()).await;
        }
        result
    }

    /// The password once more; a wrong one is logged by the door.
    async fn ask_password(&self, password: &str, action: &'static str) -> Answer<()> {
        let (user, seat) = self.seat()?;
        seat.door.prove_password(user, password, action).await.map_err(error::from_door)
    }
}

/// An order that only admins may give.
fn admins(action: &'static str, subject: impl Into<String>) -> Order {
    Order { needs: Scope::Admin, action, subject: subject.into() }
}

/// An order about oneself: anybody's who sits in a session.
fn own(actor: &Actor, action: &'static str) -> Order {
    Order { needs: Scope::Read, action, subject: actor.name.clone() }
}

#[async_trait]
impl People for PersonalDesk {
    async fn users(&self) -> Answer<Vec<UserRow>> {
        users::list(self).await
    }
    async fn user(&self, id: UserId) -> Answer<UserDetail> {
        users::one(self, id).await
    }
    async fn add_user(&self, draft: &UserDraft) -> Answer<UserId> {
        users::add(self, draft).await
    }
    async fn new_password(&self, of: UserId) -> Answer<Option<String>> {
        users::new_password(self, of).await
    }
    async fn change_user(&self, id: UserId, change: &UserChange) -> Answer<()> {
        users::change_user(self, id, change).await
    }
    async fn change_role(&self, id: UserId, role: &str) -> Answer<()> {
        users::change_role(self, id, role).await
    }
    async fn reset_password(&self, id: UserId, password: &str) -> Answer<()> {
        users::reset_password(self, id, password).await
    }
    async fn disable_user(&self, id: UserId) -> Answer<()> {
        users::disable(self, id).await
    }
    async fn enable_user(&self, id: UserId) -> Answer<()> {
        users::enable(self, id).await
    }
    async fn drop_second_factor(&self, id: UserId) -> Answer<()> {
        users::drop_second_factor(self, id).await
    }
    async fn end_sessions(&self, of: UserId) -> Answer<()> {
        sessions::end_all(self, of).await
    }

    async fn profile(&self) -> Answer<Profile> {
        own::profile(self).await
    }
    async fn end_session(&self, id: SessionId) -> Answer<()> {
        sessions::end(self, id).await
    }
    async fn end_other_sessions(&self) -> Answer<()> {
        sessions::end_others(self).await
    }
    async fn change_password(&self, old: &str, new: &str) -> Answer<()> {
        own::change_password(self, old, new).await
    }

    async fn offer_second_factor(&self, password: &str) -> Answer<()> {
        own::offer(self, password).await
    }
    async fn offered_second_factor(&self) -> Answer<Option<OfferedFactor>> {
        own::offered(self).await
    }
    async fn turn_on_second_factor(&self, code: &str) -> Answer<()> {
        own::turn_on(self, code).await
    }
    async fn turn_off_second_factor(&self, password: &str) -> Answer<()> {
        own::turn_off(self, password).await
    }
    async fn renew_recovery_codes(&self, password: &str) -> Answer<()> {
        own::renew_codes(self, password).await
    }
    async fn new_recovery_codes(&self) -> Answer<Option<Vec<String>>> {
        own::new_codes(self).await
    }

    async fn proves_by_code(&self) -> Answer<bool> {
        Ok(own::row(self).await?.second_factor_since.is_some())
    }
    fn step_up_minutes(&self) -> Option<i64> {
        self.shared.settings.web.step_up_minutes
    }
    async fn step_up(&self, typed: &str) -> Answer<()> {
        own::step_up(self, typed).await
    }
}
