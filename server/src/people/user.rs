//! Users: made, listed, given new roles and passwords, disabled and enabled. None is ever deleted: the audit log names
//! them. What takes an enabled admin away is refused while there is no other.

use super::second_factor::drop_second_factor;
use super::session::end_of;
use crate::audit_log;
use crate::db::{Change, ChangeError, Db, DbError, Tx, query, query_owned};
use crate::record;
use app::model::{Role, SessionId, Time, UserId, UserRow};
use async_trait::async_trait;

const NAME_MAX: usize = 255;
/// At most a few hundred people use one installation; the limit is for mistakes.
const LISTED: i64 = 1_000;
/// No wallet's id, and not the door's: changes that could take the last admin away queue.
const ADMINS_LOCK: i64 = -2;

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("{0}")]
    Invalid(String),
    #[error("{0} exists already.")]
    Exists(String),
    #[error("There is no {0}.")]
    NotFound(String),
    #[error("{0} is the last enabled admin. Make another one first.")]
    LastAdmin(String),
    #[error("The second factor is on already.")]
    SecondFactorOn,
    #[error("The second factor is off.")]
    SecondFactorOff,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ChangeError for PeopleError {
    fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

record!(UserRow {
    id,
    name,
    role,
    disabled_at,
    created_at,
    second_factor_since,
    session_count,
    last_seen_at
});

/// `$1`: now, for sessions that have expired and aren't swept yet.
const SELECT: &str = r#"SELECT u.id, u.name, u.role, u.disabled_at, u.created_at, u.totp_since AS second_factor_since,
    (SELECT CAST(COUNT(*) AS BIGINT) FROM session s WHERE s."user" = u.id AND s.expires_at > $1) AS session_count,
    (SELECT MAX(s.last_seen_at) FROM session s WHERE s."user" = u.id AND s.expires_at > $1) AS last_seen_at
    FROM "user" u"#;

pub struct NewUser {
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// Names are trimmed and unique as they are spelled.
pub async fn add(db: &Db, user: NewUser, now: Time, actor: &str) -> Result<UserId, PeopleError> {
    let name = checked_name(&user.name)?;
    let add = AddUser { user: NewUser { name: name.clone(), ..user }, actor: actor.to_owned(), now };
    match db.write(add).await {
        Err(PeopleError::Db(DbError::Unique(_))) => Err(PeopleError::Exists(format!("A user named {name}"))),
        other => other,
    }
}

struct AddUser {
    user: NewUser,
    actor: String,
    now: Time,
}

#[async_trait]
impl Change for AddUser {
    type Output = UserId;
    type Error = PeopleError;

    fn name(&self) -> &'static str {
        "add_user"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<UserId, PeopleError> {
        let insert = r#"INSERT INTO "user" (name, role, password_hash, created_at) VALUES ($1, $2, $3, $4) RETURNING id"#;
        let NewUser { name, role, password_hash } = &self.user;
        let insert = query(insert).bind(name).bind(*role).bind(password_hash).bind(self.now);
        let (id,) = insert.one::<(UserId,)>(tx).await?;
        let subject = format!("{name}, {role}");
        audit_log::entry(self.now, &self.actor, "user.add", &subject, "done").run(tx).await?;
        Ok(id)
    }
}

pub fn checked_name(name: &str) -> Result<String, PeopleError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        return Err(PeopleError::Invalid(format!("A name has 1 to {NAME_MAX} printable characters.")));
    }
    Ok(name.to_owned())
}

pub async fn list(db: &Db, now: Time) -> Result<Vec<UserRow>, DbError> {
    let mut read = db.read().await?;
    let sql = format!("{SELECT} ORDER BY u.name LIMIT $2");
    query_owned(sql).bind(now).bind(LISTED).all(&mut read.tx()).await
}

pub async fn by_id(tx: &mut Tx<'_>, id: UserId, now: Time) -> Result<Option<UserRow>, DbError> {
    query_owned(format!("{SELECT} WHERE u.id = $2")).bind(now).bind(id).optional(tx).await
}

/// What changes about a user. All of it ends their sessions, except being enabled: whoever knew the old password is
/// out, and a new role begins under a new session.
pub enum What {
    /// As `checked_name` makes it.
    Name(String),
    Role(Role),
    /// `keep`: the own session of a person who changed their own.
    Password {
        hash: String,
        keep: Option<SessionId>,
    },
    Disable,
    Enable,
    /// By an admin, for somebody who lost the telephone.
    DropSecondFactor,
}

/// All of it or none, in this order.
pub struct ChangeUser {
    pub id: UserId,
    pub what: Vec<What>,
    pub actor: String,
    pub now: Time,
}

struct Known {
    name: String,
    role: Role,
    disabled_at: Option<Time>,
}

record!(Known { name, role, disabled_at });

#[async_trait]
impl Change for ChangeUser {
    type Output = ();
    type Error = PeopleError;

    fn name(&self) -> &'static str {
        "change_user"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, PeopleError> {
        Ok(vec![ADMINS_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), PeopleError> {
        for what in &self.what {
            let sql = r#"SELECT name, role, disabled_at FROM "user" WHERE id = $1"#;
            let known: Option<Known> = query(sql).bind(self.id).optional(tx).await?;
            let known = known.ok_or_else(|| PeopleError::NotFound(format!("user {}", self.id)))?;
            let (action, subject) = self.update(tx, &known, what).await?;
            match what {
                What::Enable => {}
                What::Password { keep, .. } => {
                    end_of(self.id, *keep).run(tx).await?;
                }
                _ => {
                    end_of(self.id, None).run(tx).await?;
                }
            }
            audit_log::entry(self.now, &self.actor, action, &subject, "done").run(tx).await?;
        }
        Ok(())
    }
}

impl ChangeUser {
    /// Changes the row; the words for the audit log.
    async fn update(
        &self,
        tx: &mut Tx<'_>,
        known: &Known,
        what: &What,
    ) -> Result<(&'static str, String), PeopleError> {
        let name = known.name.clone();
        match what {
            What::Name(new) => {
                let taken =
                    query(r#"SELECT id FROM "user" WHERE name = $1 AND id <> $2"#).bind(new).bind(self.id);
                if taken.optional::<(UserId,)>(tx).await?.is_some() {
                    return Err(PeopleError::Exists(format!("A user named {new}")));
                }
                let update = query(r#"UPDATE "user" SET name = $2 WHERE id = $1"#);
                update.bind(self.id).bind(new).run_one(tx).await?;
                Ok(("user.rename", format!("{name} to {new}")))
            }
            What::Role(role) => {
                if *role != Role::Admin {
                    self.must_leave_an_admin(tx, known).await?;
                }
                let update = query(r#"UPDATE "user" SET role = $2 WHERE id = $1"#);
                update.bind(self.id).bind(*role).run_one(tx).await?;
                Ok(("user.role", format!("{name}, {} to {role}", known.role)))
            }
            What::Password { hash, .. } => {
                let update = query(r#"UPDATE "user" SET password_hash = $2 WHERE id = $1"#);
                update.bind(self.id).bind(hash).run_one(tx).await?;
                Ok(("user.password", name))
            }
            What::Disable => {
                self.must_leave_an_admin(tx, known).await?;
                let sql = r#"UPDATE "user" SET disabled_at = COALESCE(disabled_at, $2) WHERE id = $1"#;
                query(sql).bind(self.id).bind(self.now).run_one(tx).await?;
                Ok(("user.disable", name))
            }
            What::Enable => {
                let update = query(r#"UPDATE "user" SET disabled_at = NULL WHERE id = $1"#);
                update.bind(self.id).run_one(tx).await?;
                Ok(("user.enable", name))
            }
            What::DropSecondFactor => {
                for query in drop_second_factor(self.id) {
                    query.run(tx).await?;
                }
                Ok(("user.drop_second_factor", name))
            }
        }
    }

    /// Nobody could let anybody in any more.
    async fn must_leave_an_admin(&self, tx: &mut Tx<'_>, known: &Known) -> Result<(), PeopleError> {
        if known.role != Role::Admin || known.disabled_at.is_some() {
            return Ok(());
        }
        let sql =
            r#"SELECT id FROM "user" WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1 LIMIT 1"#;
        match query(sql).bind(self.id).optional::<(UserId,)>(tx).await? {
            Some(_) => Ok(()),
            None => Err(PeopleError::LastAdmin(known.name.clone())),
        }
    }
}

/// By name, as the command line knows people.
pub async fn set_password(
    db: &Db,
    name: &str,
    hash: String,
    now: Time,
    actor: &str,
) -> Result<(), PeopleError> {
    change_named(db, name, What::Password { hash, keep: None }, now, actor).await
}

/// Disabled users can't sign in, and are out at once.
pub async fn disable(db: &Db, name: &str, now: Time, actor: &str) -> Result<(), PeopleError> {
    change_named(db, name, What::Disable, now, actor).await
}

async fn change_named(db: &Db, name: &str, what: What, now: Time, actor: &str) -> Result<(), PeopleError> {
    let login = find(db, name).await?;
    let login = login.ok_or_else(|| PeopleError::NotFound(format!("user named {name}")))?;
    db.write(ChangeUser { id: login.id, what: vec![what], actor: actor.to_owned(), now }).await
}

/// What signing in needs to know.
pub(super) struct Login {
    pub id: UserId,
    pub name: String,
    pub password_hash: String,
    pub disabled_at: Option<Time>,
    /// The second factor is on.
    pub totp_since: Option<Time>,
}

record!(Login { id, name, password_hash, disabled_at, totp_since });

const LOGIN: &str = r#"SELECT id, name, password_hash, disabled_at, totp_since FROM "user""#;

pub(super) async fn find(db: &Db, name: &str) -> Result<Option<Login>, DbError> {
    let mut read = db.read().await?;
    query_owned(format!("{LOGIN} WHERE name = $1")).bind(name).optional(&mut read.tx()).await
}

pub(super) async fn find_id(db: &Db, id: UserId) -> Result<Option<Login>, DbError> {
    let mut read = db.read().await?;
    query_owned(format!("{LOGIN} WHERE id = $1")).bind(id).optional(&mut read.tx()).await
}
