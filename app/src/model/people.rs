//! Who may use Coffer, as pages show it: users, their sessions, one's own profile.

use super::{Role, SessionId, Time, UserId};

#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub disabled_at: Option<Time>,
    pub created_at: Time,
    /// Set while signing in asks for a code.
    pub second_factor_since: Option<Time>,
    /// Sessions that haven't ended or expired.
    pub session_count: i64,
    /// In any of these sessions; to the minute.
    pub last_seen_at: Option<Time>,
}

/// One sign-in that still lasts.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    pub id: SessionId,
    pub created_at: Time,
    pub last_seen_at: Option<Time>,
    pub expires_at: Time,
    /// Where it was last seen from; `None` where nobody can tell.
    pub remote_ip: Option<String>,
    /// The proxy before Coffer said so; else it is the connection's own.
    pub by_proxy: bool,
    pub user_agent: Option<String>,
    /// The one that asks.
    pub current: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct UserDetail {
    pub user: UserRow,
    /// Newest first.
    pub sessions: Vec<SessionRow>,
    /// It is who asks.
    pub own: bool,
}

/// A new user as typed. Without a password one is made.
#[derive(Clone, Default, PartialEq)]
pub struct UserDraft {
    pub name: String,
    pub role: String,
    pub password: String,
}

/// What changes about a user, all of it or none; what isn't given stays.
#[derive(Clone, Default, PartialEq)]
pub struct UserChange {
    pub name: Option<String>,
    pub role: Option<String>,
    pub password: Option<String>,
    pub enabled: Option<bool>,
}

/// One's own account with Coffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub user: UserRow,
    pub sessions: Vec<SessionRow>,
    /// Of the ten; zero while the second factor is off.
    pub recovery_codes_left: i64,
}

/// A second factor that waits for its first code.
#[derive(Clone, PartialEq)]
pub struct OfferedFactor {
    /// In base 32, as it is typed into an app.
    pub secret: String,
    /// What the QR code says.
    pub uri: String,
}
