//! Sessions as people see them: named by a row id, never by the cookie's. The cookie's side is `web/session.rs`.

use super::user::PeopleError;
use crate::audit_log;
use crate::db::{Change, Db, DbError, Execute, Query, Tx, query};
use crate::record;
use app::model::{Role, SessionId, Time, UserId};
use async_trait::async_trait;

/// A session is marked as seen at most this often: a mark at each request would be a write at each request.
const SEEN_SECONDS: i64 = 60;
/// Sessions that a page lists; ending all of them ends the rest too.
const LISTED: i64 = 200;

/// Whom a cookie stands for.
pub struct Visitor {
    pub session: SessionId,
    pub last_seen_at: Option<Time>,
    pub user: UserId,
    pub name: String,
    pub role: Role,
}

record!(Visitor { session, last_seen_at, user, name, role });

/// The role is read anew each time: a user who is disabled or demoted is so at once.
pub async fn visitor(db: &Db, id_hash: &str, now: Time) -> Result<Option<Visitor>, DbError> {
    let sql = r#"SELECT s.id AS session, s.last_seen_at, u.id AS "user", u.name, u.role
        FROM session s JOIN "user" u ON u.id = s."user"
        WHERE s.id_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL"#;
    query(sql).bind(id_hash).bind(now).optional(&mut db.read().await?.tx()).await
}

/// Where a request came from, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip: Option<String>,
    /// The proxy says so, not the connection.
    pub by_proxy: bool,
    pub user_agent: Option<String>,
}

impl Visitor {
    /// Notes that they are here, when the last note is old enough.
    pub async fn seen(&self, db: &Db, origin: &Origin, now: Time) -> Result<(), DbError> {
        if self.last_seen_at.is_some_and(|last| now.seconds_since(last) < SEEN_SECONDS) {
            return Ok(());
        }
        let by = if origin.by_proxy { "proxy" } else { "connection" };
        let sql = "UPDATE session SET last_seen_at = $2, remote_ip = $3, remote_ip_by = $4, user_agent = $5
            WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at <= $6)";
        let update = query(sql)
            .bind(self.session)
            .bind(now)
            .bind(origin.ip.clone())
            .bind(origin.ip.as_ref().map(|_| by))
            .bind(origin.user_agent.clone())
            .bind(now.plus_seconds(-SEEN_SECONDS));
        db.write(Execute::one("see_session", update)).await.map(|_| ())
    }
}

/// What a page shows of a session.
pub struct Found {
    pub id: SessionId,
    pub created_at: Time,
    pub last_seen_at: Option<Time>,
    pub expires_at: Time,
    pub remote_ip: Option<String>,
    pub remote_ip_by: Option<String>,
    pub user_agent: Option<String>,
}

record!(Found { id, created_at, last_seen_at, expires_at, remote_ip, remote_ip_by, user_agent });

/// Of one user, newest first.
pub async fn list(tx: &mut Tx<'_>, user: UserId, now: Time) -> Result<Vec<Found>, DbError> {
    let sql = r#"SELECT id, created_at, last_seen_at, expires_at, remote_ip, remote_ip_by, user_agent
        FROM session WHERE "user" = $1 AND expires_at > $2 ORDER BY id DESC LIMIT $3"#;
    query(sql).bind(user).bind(now).bind(LISTED).all(tx).await
}

/// Whose session it is.
pub async fn owner(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<(UserId, String)>, DbError> {
    let sql = r#"SELECT u.id, u.name FROM session s JOIN "user" u ON u.id = s."user" WHERE s.id = $1"#;
    query(sql).bind(session).optional(tx).await
}

/// All of a user but one, or all.
pub(super) fn end_of(user: UserId, but: Option<SessionId>) -> Query {
    query(r#"DELETE FROM session WHERE "user" = $1 AND id <> $2"#).bind(user).bind(but.map_or(0, |id| id.0))
}

/// Which sessions end.
pub enum Ending {
    One(SessionId),
    AllBut(Option<SessionId>),
}

/// Ends sessions of one user; none is left to end is no fault.
pub struct EndSessions {
    pub user: UserId,
    pub name: String,
    pub ending: Ending,
    pub actor: String,
    pub now: Time,
}

#[async_trait]
impl Change for EndSessions {
    type Output = ();
    type Error = PeopleError;

    fn name(&self) -> &'static str {
        "end_sessions"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), PeopleError> {
        let (delete, subject) = match self.ending {
            Ending::One(id) => {
                let delete = query(r#"DELETE FROM session WHERE id = $1 AND "user" = $2"#);
                (delete.bind(id).bind(self.user), format!("session {id} of {}", self.name))
            }
            Ending::AllBut(Some(id)) => {
                (end_of(self.user, Some(id)), format!("all of {} but session {id}", self.name))
            }
            Ending::AllBut(None) => (end_of(self.user, None), format!("all of {}", self.name)),
        };
        delete.run(tx).await?;
        audit_log::entry(self.now, &self.actor, "session.end", &subject, "done").run(tx).await?;
        Ok(())
    }
}
