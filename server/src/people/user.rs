//! Users: made, listed, given new passwords, disabled. None is ever deleted: the audit log names them.

use crate::audit_log;
use crate::db::{Db, DbError, Execute, query};
use crate::record;
use app::model::{Role, Time, UserId, UserRow};

const NAME_MAX: usize = 255;

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("{0}")]
    Invalid(String),
    #[error("{0} exists already.")]
    Exists(String),
    #[error("There is no {0}.")]
    NotFound(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

record!(UserRow { id, name, role, disabled_at, created_at });

pub struct NewUser {
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// Names are trimmed and unique as they are spelled.
pub async fn add(db: &Db, user: NewUser, now: Time, actor: &str) -> Result<(), PeopleError> {
    let name = checked_name(&user.name)?;
    let insert =
        query(r#"INSERT INTO "user" (name, role, password_hash, created_at) VALUES ($1, $2, $3, $4)"#)
            .bind(&name)
            .bind(user.role)
            .bind(user.password_hash)
            .bind(now);
    let queries = vec![insert, audit_log::entry(now, actor, "user.add", &name, user.role.as_str())];
    match db.write(Execute { name: "add_user", queries }).await {
        Err(DbError::Unique(_)) => Err(PeopleError::Exists(format!("A user named {name}"))),
        other => Ok(other.map(|_| ())?),
    }
}

pub(super) fn checked_name(name: &str) -> Result<String, PeopleError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        return Err(PeopleError::Invalid(format!("A name has 1 to {NAME_MAX} printable characters.")));
    }
    Ok(name.to_owned())
}

pub async fn list(db: &Db) -> Result<Vec<UserRow>, DbError> {
    let mut read = db.read().await?;
    // At most a few hundred people use one installation; the limit is for mistakes.
    query(r#"SELECT id, name, role, disabled_at, created_at FROM "user" ORDER BY name LIMIT 1000"#)
        .all(&mut read.tx())
        .await
}

pub async fn by_id(db: &Db, id: UserId) -> Result<Option<UserRow>, DbError> {
    let mut read = db.read().await?;
    query(r#"SELECT id, name, role, disabled_at, created_at FROM "user" WHERE id = $1"#)
        .bind(id)
        .optional(&mut read.tx())
        .await
}

/// Ends the user's sessions too: whoever knew the old password is out.
pub async fn set_password(
    db: &Db,
    name: &str,
    hash: String,
    now: Time,
    actor: &str,
) -> Result<(), PeopleError> {
    let update = query(r#"UPDATE "user" SET password_hash = $1 WHERE name = $2"#).bind(hash).bind(name);
    change_user(db, name, update, audit_log::entry(now, actor, "user.password", name, "done")).await
}

/// Disabled users can't sign in, and are out at once.
pub async fn disable(db: &Db, name: &str, now: Time, actor: &str) -> Result<(), PeopleError> {
    let update = query(r#"UPDATE "user" SET disabled_at = COALESCE(disabled_at, $1) WHERE name = $2"#)
        .bind(now)
        .bind(name);
    change_user(db, name, update, audit_log::entry(now, actor, "user.disable", name, "done")).await
}

async fn change_user(
    db: &Db,
    name: &str,
    update: crate::db::Query,
    log: crate::db::Query,
) -> Result<(), PeopleError> {
    if find(db, name).await?.is_none() {
        return Err(PeopleError::NotFound(format!("user named {name}")));
    }
    let end_sessions =
        query(r#"DELETE FROM session WHERE "user" = (SELECT id FROM "user" WHERE name = $1)"#).bind(name);
    db.write(Execute { name: "change_user", queries: vec![update, end_sessions, log] }).await?;
    Ok(())
}

/// What signing in needs to know.
pub(super) struct Login {
    pub id: UserId,
    pub password_hash: String,
    pub disabled_at: Option<Time>,
}

record!(Login { id, password_hash, disabled_at });

pub(super) async fn find(db: &Db, name: &str) -> Result<Option<Login>, DbError> {
    let mut read = db.read().await?;
    query(r#"SELECT id, password_hash, disabled_at FROM "user" WHERE name = $1"#)
        .bind(name)
        .optional(&mut read.tx())
        .await
}
