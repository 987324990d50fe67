//! The part of the desk about who may use Coffer: users, sessions, one's own password and second factor.
//! Passwords and codes that are asked once more count as tries at the door: `wrong_password`, `wrong_code`,
//! `too_many_attempts`.

use super::Answer;
use crate::model::{OfferedFactor, Profile, SessionId, UserChange, UserDetail, UserDraft, UserId, UserRow};
use async_trait::async_trait;

#[async_trait]
pub trait People: Send + Sync {
    /// By name. This and all that follows up to `profile` is for admins.
    async fn users(&self) -> Answer<Vec<UserRow>>;
    async fn user(&self, id: UserId) -> Answer<UserDetail>;
    /// Without a password one is made, to be read once by `new_password`.
    async fn add_user(&self, draft: &UserDraft) -> Answer<UserId>;
    /// A password that was just made for this user: answered once, to the session that ordered it.
    async fn new_password(&self, of: UserId) -> Answer<Option<String>>;
    /// Ends their sessions, but for being enabled. The audit log keeps the old name where it stands.
    async fn change_user(&self, id: UserId, change: &UserChange) -> Answer<()>;
    /// Ends their sessions. Refused for the last enabled admin, as is disabling them.
    async fn change_role(&self, id: UserId, role: &str) -> Answer<()>;
    /// Ends their sessions. An empty password has one made. One's own is changed by `change_password` alone.
    async fn reset_password(&self, id: UserId, password: &str) -> Answer<()>;
    /// Ends their sessions.
    async fn disable_user(&self, id: UserId) -> Answer<()>;
    async fn enable_user(&self, id: UserId) -> Answer<()>;
    /// For somebody who lost the telephone. Ends their sessions.
    async fn drop_second_factor(&self, id: UserId) -> Answer<()>;
    async fn end_sessions(&self, of: UserId) -> Answer<()>;

    async fn profile(&self) -> Answer<Profile>;
    /// One's own, or anybody's for admins.
    async fn end_session(&self, id: SessionId) -> Answer<()>;
    async fn end_other_sessions(&self) -> Answer<()>;
    /// Ends all other sessions; this one goes on under a new id.
    async fn change_password(&self, old: &str, new: &str) -> Answer<()>;

    /// Makes a secret and keeps it in this session until a code proves that the app has it.
    async fn offer_second_factor(&self, password: &str) -> Answer<()>;
    async fn offered_second_factor(&self) -> Answer<Option<OfferedFactor>>;
    /// Turns the offered one on; the recovery codes are then read once by `new_recovery_codes`.
    async fn turn_on_second_factor(&self, code: &str) -> Answer<()>;
    async fn turn_off_second_factor(&self, password: &str) -> Answer<()>;
    async fn renew_recovery_codes(&self, password: &str) -> Answer<()>;
    async fn new_recovery_codes(&self) -> Answer<Option<Vec<String>>>;

    /// Whether `step_up` asks for a code instead of the password.
    async fn proves_by_code(&self) -> Answer<bool>;
    /// Minutes for which a proof lasts; `None` where the config asks for none.
    fn step_up_minutes(&self) -> Option<i64>;
    /// Proves once more who sits there, for orders that are refused with `step_up_needed` otherwise.
    async fn step_up(&self, typed: &str) -> Answer<()>;
}
