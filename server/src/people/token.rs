//! Tokens of programs that use the JSON API. The secret is shown once; the database holds its SHA-256, which is
//! enough for 163 random bits. `bearer` finds whom a secret stands for.

use super::user::{PeopleError, checked_name};
use crate::audit_log;
use crate::db::{Change, Db, DbError, Execute, FromRow, Row, Tx, query, query_owned};
use app::model::{Scope, Time, TokenId, TokenRow};
use async_trait::async_trait;
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// 33 of 31 characters: 163 bits.
const SECRET: usize = 33;
/// Longest life: ten years. One that needn't ever be renewed is said so, not counted in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3_650;
/// Networks that one token may be used from: more are a firewall's affair.
const NETWORKS_MAX: usize = 32;
/// A token is marked as used at most this often: a mark at each call would be a write at each call.
const USED_SECONDS: i64 = 60;
/// A token a program: a thousand is far beyond any installation.
const LISTED: i64 = 1_000;

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
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            owner: row.get("owner")?,
            scopes: scopes(row)?,
            networks: row.get::<String>("networks")?.split_whitespace().map(str::to_owned).collect(),
            expires_at: row.get("expires_at")?,
            last_used_at: row.get("last_used_at")?,
            created_at: row.get("created_at")?,
        })
    }
}

fn scopes(row: &Row) -> Result<Vec<Scope>, DbError> {
    let words: String = row.get("scopes")?;
    let scope = |word: &str| word.parse().map_err(|()| DbError::Failed(format!("\"{word}\" is no scope")));
    words.split_whitespace().map(scope).collect()
}

/// As the database and people read them.
pub fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Networks as they are kept: `10.0.0.0/8`, a single address as `192.0.2.7/32`, each once.
pub fn networks<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, PeopleError> {
    let mut networks: Vec<String> = Vec::new();
    for word in words {
        let network = network(word).ok_or_else(|| {
            let word: String = word.chars().take(50).collect();
            PeopleError::Invalid(format!(
                "\"{word}\" is no network. Write networks as 10.0.0.0/8 or 2001:db8::/32."
            ))
        })?;
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    if networks.len() > NETWORKS_MAX {
        return Err(PeopleError::Invalid(format!("A token has at most {NETWORKS_MAX} networks.")));
    }
    Ok(networks)
}

fn network(word: &str) -> Option<String> {
    let network: IpNet =
        word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(|ip| IpNet::from(ip.to_canonical())))?;
    Some(network.trunc().to_string())
}

/// A token that is about to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    /// Whose idempotency keys it uses; `None`: its own name's.
    pub owner: Option<String>,
    pub scopes: Vec<Scope>,
    /// As `networks` makes them; none: it may be used from anywhere.
    pub networks: Vec<String>,
    pub expires_at: Option<Time>,
}

/// Answers the secret, which nobody can show again, and the token's id.
pub async fn create(
    db: &Db,
    token: NewToken,
    now: Time,
    actor: &str,
) -> Result<(TokenId, String), PeopleError> {
    let name = checked_name(&token.name)?;
    let owner = token.owner.map_or_else(|| Ok(name.clone()), |owner| checked_name(&owner))?;
    if token.scopes.is_empty() {
        return Err(PeopleError::Invalid("A token needs at least one scope.".into()));
    }
    // In the order of the list, each once.
    let scopes: Vec<Scope> =
        Scope::ALL.iter().copied().filter(|scope| token.scopes.contains(scope)).collect();
    let secret = format!("coffer_{}", super::random_text(SECRET));
    let create = CreateToken {
        name: name.clone(),
        owner,
        scopes: scope_words(&scopes),
        networks: token.networks.join(" "),
        expires_at: token.expires_at,
        secret_hash: hash(&secret),
        actor: actor.to_owned(),
        now,
    };
    match db.write(create).await {
        Err(DbError::Unique(_)) => Err(PeopleError::Exists(format!("A token named {name}"))),
        other => Ok(other.map(|id| (id, secret))?),
    }
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

struct CreateToken {
    name: String,
    owner: String,
    scopes: String,
    networks: String,
    expires_at: Option<Time>,
    secret_hash: String,
    actor: String,
    now: Time,
}

#[async_trait]
impl Change for CreateToken {
    type Output = TokenId;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "create_token"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TokenId, DbError> {
        let (id,) = query(
            "INSERT INTO token (name, owner, secret_hash, scopes, networks, expires_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        )
        .bind(&self.name)
        .bind(&self.owner)
        .bind(&self.secret_hash)
        .bind(&self.scopes)
        .bind(&self.networks)
        .bind(self.expires_at)
        .bind(self.now)
        .one(tx)
        .await?;
        let mut subject = format!("{}: {}", self.name, self.scopes);
        if self.owner != self.name {
            subject += &format!(", keys of {}", self.owner);
        }
        if !self.networks.is_empty() {
            subject += &format!(", from {}", self.networks);
        }
        audit_log::entry(self.now, &self.actor, "token.create", &subject, "done").run_one(tx).await?;
        Ok(id)
    }
}

const SELECT: &str =
    "SELECT id, name, owner, scopes, networks, expires_at, last_used_at, created_at FROM token";

pub async fn list(db: &Db) -> Result<Vec<TokenRow>, DbError> {
    let mut read = db.read().await?;
    query_owned(format!("{SELECT} ORDER BY name LIMIT $1")).bind(LISTED).all(&mut read.tx()).await
}

pub async fn by_id(db: &Db, id: TokenId) -> Result<Option<TokenRow>, DbError> {
    let mut read = db.read().await?;
    query_owned(format!("{SELECT} WHERE id = $1")).bind(id).optional(&mut read.tx()).await
}

/// Whom this secret stands for; revoked and expired tokens are nobody.
pub async fn bearer(db: &Db, secret: &str, now: Time) -> Result<Option<TokenRow>, DbError> {
    let mut read = db.read().await?;
    query_owned(format!("{SELECT} WHERE secret_hash = $1 AND (expires_at IS NULL OR expires_at > $2)"))
        .bind(hash(secret))
        .bind(now)
        .optional(&mut read.tx())
        .await
}

/// Whether the token may be used from there. Where it is bound to networks, an address that nobody can tell is outside.
pub fn may_come_from(token: &TokenRow, ip: Option<IpAddr>) -> bool {
    if token.networks.is_empty() {
        return true;
    }
    let holds = |ip: IpAddr| {
        let mut networks = token.networks.iter().filter_map(|network| network.parse::<IpNet>().ok());
        networks.any(|network| network.contains(&ip))
    };
    ip.is_some_and(|ip| holds(ip.to_canonical()))
}

/// Notes that the token was used, when the last note is old enough.
pub async fn used(db: &Db, token: &TokenRow, now: Time) -> Result<(), DbError> {
    if token.last_used_at.is_some_and(|last| now.seconds_since(last) < USED_SECONDS) {
        return Ok(());
    }
    let sql =
        "UPDATE token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
    let update = query(sql).bind(token.id).bind(now).bind(now.plus_seconds(-USED_SECONDS));
    db.write(Execute::one("use_token", update)).await.map(|_| ())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn token(words: &[&str]) -> TokenRow {
        TokenRow {
            id: TokenId(1),
            name: "shop".into(),
            owner: "shop".into(),
            scopes: vec![Scope::Read],
            networks: networks(words.iter().copied()).unwrap(),
            expires_at: None,
            last_used_at: None,
            created_at: Time(0),
        }
    }

    #[test]
    fn a_token_that_is_bound_to_networks_comes_from_there_alone() {
        let bound = token(&["10.1.2.3/8", "2001:db8::/32", "192.0.2.7"]);
        assert_eq!(bound.networks, ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"]);
        let may = |ip: &str| may_come_from(&bound, Some(ip.parse().unwrap()));
        assert!(may("10.200.0.1") && may("2001:db8::7") && may("192.0.2.7") && may("::ffff:10.0.0.1"));
        assert!(!may("11.0.0.1") && !may("192.0.2.8") && !may("2001:db9::1"));
        assert!(!may_come_from(&bound, None));
        assert!(may_come_from(&token(&[]), None));
    }

    #[test]
    fn networks_are_checked_and_bounded() {
        assert!(networks(["10.0.0.0/33"]).is_err() && networks(["office"]).is_err());
        let many: Vec<String> = (0..33).map(|n| format!("10.0.{n}.0/24")).collect();
        assert!(networks(many.iter().map(String::as_str)).is_err());
        assert_eq!(networks(["10.0.0.1/8", "10.0.0.2/8"]).unwrap(), ["10.0.0.0/8"]);
    }
}
