//! Tokens of programs that use the JSON API. The secret is shown once; the database holds its SHA-256, which is
//! enough for 163 random bits.

use super::user::{PeopleError, checked_name};
use crate::audit_log;
use crate::db::{Change, Db, DbError, Execute, FromRow, Row, Tx, query};
use app::model::{Scope, Time, TokenRow};
use async_trait::async_trait;
use sha2::{Digest, Sha256};

/// 33 of 31 characters: 163 bits.
const SECRET: usize = 33;

/// Longest life: ten years. One that needn't ever be renewed is said so, not counted in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3_650;

/// Microseconds when a token of so many days expires.
pub fn expiry(days: i64, now: Time) -> Result<Time, PeopleError> {
    if DAYS.contains(&days) {
        Ok(now.plus_seconds(days * 86_400))
    } else {
        Err(PeopleError::Invalid(format!("A token expires after {} to {} days.", DAYS.start(), DAYS.end())))
    }
}

impl FromRow for TokenRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let words: String = row.get("scopes")?;
        let scope =
            |word: &str| word.parse().map_err(|()| DbError::Failed(format!("\"{word}\" is no scope")));
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            scopes: words.split_whitespace().map(scope).collect::<Result<_, _>>()?,
            expires_at: row.get("expires_at")?,
            last_used_at: row.get("last_used_at")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// As the database and people read them.
pub fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Answers the secret, which nobody can show again.
pub async fn create(
    db: &Db,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<Time>,
    now: Time,
    actor: &str,
) -> Result<String, PeopleError> {
    let name = checked_name(name)?;
    if scopes.is_empty() {
        return Err(PeopleError::Invalid("A token needs at least one scope.".into()));
    }
    // In the order of the list, each once.
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| scopes.contains(scope)).collect();
    let scopes = scope_words(&scopes);
    let secret = format!("coffer_{}", super::random_text(SECRET));
    let insert = query(
        "INSERT INTO token (name, secret_hash, scopes, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&name)
    .bind(hex::encode(Sha256::digest(&secret)))
    .bind(&scopes)
    .bind(expires_at)
    .bind(now);
    let queries =
        vec![insert, audit_log::entry(now, actor, "token.create", &format!("{name}: {scopes}"), "done")];
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
    let (name, actor) = (name.to_owned(), actor.to_owned());
    match db.write(Revoke { name: name.clone(), actor, now }).await {
        Err(DbError::NotOne(_)) => Err(PeopleError::NotFound(format!("token named {name}"))),
        other => Ok(other?),
    }
}

struct Revoke {
    name: String,
    actor: String,
    now: Time,
}

#[async_trait]
impl Change for Revoke {
    type Output = ();
    type Error = DbError;

    fn name(&self) -> &'static str {
        "revoke_token"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        query("DELETE FROM token WHERE name = $1").bind(&self.name).run_one(tx).await?;
        audit_log::entry(self.now, &self.actor, "token.revoke", &self.name, "done").run_one(tx).await
    }
}
