//! A change that may be asked for again with the same key: it acts once and answers the same.
//! Where something outside of the database has to be asked before, the key is claimed first, so that nobody asks twice.

use super::LedgerError;
use crate::db::{Change, DbError, Tx, query};
use app::model::Time;
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};

/// A claim of a process that died meanwhile holds nobody up for longer. No call of a backend lasts so long.
const CLAIM_SECONDS: i64 = 60;

/// The key is looked up in the same database transaction. Refusals are not kept.
#[derive(Clone, Debug)]
pub struct Once<C> {
    /// Whose key it is: a user or a token's owner.
    pub owner: String,
    /// 1 to 255 characters.
    pub key: String,
    /// Of what was asked; the same key with another is `IdempotencyMismatch`.
    pub fingerprint: String,
    pub change: C,
    /// Kept for ever; what moves none is forgotten after a day.
    pub moves_money: bool,
    pub now: Time,
}

/// What the change answered, now or when its key was used first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated<T> {
    pub output: T,
    /// Nothing was done now.
    pub again: bool,
}

#[async_trait]
impl<C> Change for Once<C>
where
    C: Change<Error = LedgerError>,
    C::Output: Serialize + DeserializeOwned + Sync,
{
    type Output = Repeated<C::Output>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        self.change.name()
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        self.change.wallets(tx).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Repeated<C::Output>, LedgerError> {
        if !(1..=255).contains(&self.key.chars().count()) {
            return Err(LedgerError::BadKey);
        }
        let found = find(tx, &self.owner, &self.key, &self.fingerprint).await?;
        if let Some(Found { result: Some(result), .. }) = &found {
            let output = serde_json::from_str(result).map_err(|error| unreadable(&error))?;
            return Ok(Repeated { output, again: true });
        }
        let output = self.change.apply(tx).await?;
        let result = serde_json::to_string(&output).map_err(|error| unreadable(&error))?;
        let sql = if found.is_some() {
            "UPDATE idempotency SET fingerprint = $3, result = $4, moved_money = $5, created_at = $6
             WHERE owner = $1 AND key = $2 AND result IS NULL"
        } else {
            "INSERT INTO idempotency (owner, key, fingerprint, result, moved_money, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)"
        };
        query(sql)
            .bind(&self.owner)
            .bind(&self.key)
            .bind(&self.fingerprint)
            .bind(result)
            .bind(self.moves_money)
            .bind(self.now)
            .run_one(tx)
            .await?;
        Ok(Repeated { output, again: false })
    }
}

struct Found {
    fingerprint: String,
    result: Option<String>,
    created_at: Time,
}

crate::record!(Found { fingerprint, result, created_at });

/// A key that was used for the same, or for nothing yet.
async fn find(
    tx: &mut Tx<'_>,
    owner: &str,
    key: &str,
    fingerprint: &str,
) -> Result<Option<Found>, LedgerError> {
    let sql = "SELECT fingerprint, result, created_at FROM idempotency WHERE owner = $1 AND key = $2";
    let found: Option<Found> = query(sql).bind(owner).bind(key).optional(tx).await?;
    match found {
        Some(found) if found.fingerprint != fingerprint => Err(LedgerError::IdempotencyMismatch),
        other => Ok(other),
    }
}

/// Takes a key before something outside of the database is asked. Answers what was kept, if it was used before.
#[derive(Clone, Debug)]
pub struct ClaimKey {
    pub owner: String,
    pub key: String,
    pub fingerprint: String,
    pub now: Time,
}

#[async_trait]
impl Change for ClaimKey {
    type Output = Option<String>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "claim_key"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<String>, LedgerError> {
        let sql = match find(tx, &self.owner, &self.key, &self.fingerprint).await? {
            Some(Found { result: Some(result), .. }) => return Ok(Some(result)),
            Some(found) if self.now.seconds_since(found.created_at) < CLAIM_SECONDS => {
                return Err(LedgerError::InProgress);
            }
            Some(_) => {
                "UPDATE idempotency SET fingerprint = $3, created_at = $4 WHERE owner = $1 AND key = $2 AND result IS NULL"
            }
            None => {
                "INSERT INTO idempotency (owner, key, fingerprint, moved_money, created_at) VALUES ($1, $2, $3, FALSE, $4)"
            }
        };
        query(sql)
            .bind(&self.owner)
            .bind(&self.key)
            .bind(&self.fingerprint)
            .bind(self.now)
            .run_one(tx)
            .await?;
        Ok(None)
    }
}

/// Gives a claim back after a refusal, or keeps what was answered.
#[derive(Clone, Debug)]
pub struct SettleKey {
    pub owner: String,
    pub key: String,
    /// When it was claimed: a claim that somebody else has taken over meanwhile is left alone.
    pub claimed_at: Time,
    pub result: Option<String>,
    pub moved_money: bool,
}

#[async_trait]
impl Change for SettleKey {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "settle_key"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let claim = |sql| query(sql).bind(&self.owner).bind(&self.key).bind(self.claimed_at);
        let settle = match &self.result {
            Some(result) => claim(
                "UPDATE idempotency SET result = $4, moved_money = $5
                 WHERE owner = $1 AND key = $2 AND created_at = $3 AND result IS NULL",
            )
            .bind(result)
            .bind(self.moved_money),
            None => claim(
                "DELETE FROM idempotency WHERE owner = $1 AND key = $2 AND created_at = $3 AND result IS NULL",
            ),
        };
        settle.run(tx).await?;
        Ok(())
    }
}

fn unreadable(error: &serde_json::Error) -> LedgerError {
    DbError::Failed(format!("a kept answer can't be written or read: {error}")).into()
}

/// States as their words.
pub(super) mod state_word {
    use app::model::TransactionState;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(state: &TransactionState, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(state.as_str())
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<TransactionState, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(|()| D::Error::custom(format!("\"{word}\" is no state")))
    }
}
