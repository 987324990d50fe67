//! Tokens of programs that use the JSON API. The secret is shown once; the database holds its SHA-256, which is
//! enough for 163 random bits.

use super::user::{PeopleError, checked_name};
use crate::audit_log;
use crate::db::{Db, DbError, Execute, query};
use crate::record;
use app::model::{Time, TokenId};
use sha2::{Digest, Sha256};

/// 33 of 31 characters: 163 bits.
const SECRET: usize = 33;

/// What a token may do (API.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Scope {
    /// See everything but users, tokens and the audit log.
    Read,
    /// Make wallets, accounts and addresses; mark deposits processed.
    Receive,
    /// Transfer, send, cancel.
    Send,
    /// Vet broadcasts, pause, scan, run jobs.
    Vet,
    /// Everything.
    Admin,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Receive => "receive",
            Self::Send => "send",
            Self::Vet => "vet",
            Self::Admin => "admin",
        }
    }
}

pub struct TokenRow {
    pub id: TokenId,
    pub name: String,
    /// Words separated by blanks.
    pub scopes: String,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
    pub created_at: Time,
}

record!(TokenRow { id, name, scopes, expires_at, last_used_at, created_at });

/// Answers the secret, which nobody can show again.
pub async fn create(
    db: &Db,
    name: &str,
    mut scopes: Vec<Scope>,
    expires_at: Option<Time>,
    now: Time,
    actor: &str,
) -> Result<String, PeopleError> {
    let name = checked_name(name)?;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(PeopleError::Invalid("A token needs at least one scope.".into()));
    }
    let scopes = scopes.into_iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
    let secret = format!("coffer_{}", super::random_text(SECRET));
    let insert = query(
        "INSERT INTO token (name, secret_hash, scopes, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&name)
    .bind(hex::encode(Sha256::digest(&secret)))
    .bind(&scopes)
    .bind(expires_at)
    .bind(now);
    let queries = vec![insert, audit_log::entry(now, actor, "token.create", &name, &scopes)];
    match db.write(Execute { name: "create_token", queries }).await {
        Err(DbError::Unique(_)) => Err(PeopleError::Exists(format!("A token named {name}"))),
        other => Ok(other.map(|_| secret)?),
    }
}

pub async fn list(db: &Db) -> Result<Vec<TokenRow>, DbError> {
    let mut read = db.read().await?;
    // A token a program: a thousand is far beyond any installation.
    query("SELECT id, name, scopes, expires_at, last_used_at, created_at FROM token ORDER BY name LIMIT 1000")
        .all(&mut read.tx())
        .await
}

pub async fn revoke(db: &Db, name: &str, now: Time, actor: &str) -> Result<(), PeopleError> {
    let found = query("SELECT id FROM token WHERE name = $1").bind(name);
    if found.optional::<(i64,)>(&mut db.read().await?.tx()).await?.is_none() {
        return Err(PeopleError::NotFound(format!("token named {name}")));
    }
    let delete = query("DELETE FROM token WHERE name = $1").bind(name);
    let log = audit_log::entry(now, actor, "token.revoke", name, "done");
    db.write(Execute { name: "revoke_token", queries: vec![delete, log] }).await?;
    Ok(())
}
