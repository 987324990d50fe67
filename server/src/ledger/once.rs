//! A change that may be asked for again with the same key: it acts once and answers the same.

use super::LedgerError;
use crate::db::{Change, DbError, Tx, query};
use app::model::Time;
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};

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
    pub now: Time,
}

#[async_trait]
impl<C> Change for Once<C>
where
    C: Change<Error = LedgerError>,
    C::Output: Serialize + DeserializeOwned + Sync,
{
    type Output = C::Output;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        self.change.name()
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        self.change.wallets(tx).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<C::Output, LedgerError> {
        if !(1..=255).contains(&self.key.chars().count()) {
            return Err(LedgerError::BadKey);
        }
        let found: Option<(String, String)> =
            query("SELECT fingerprint, result FROM idempotency WHERE owner = $1 AND key = $2")
                .bind(&self.owner)
                .bind(&self.key)
                .optional(tx)
                .await?;
        if let Some((fingerprint, result)) = found {
            if fingerprint != self.fingerprint {
                return Err(LedgerError::IdempotencyMismatch);
            }
            return serde_json::from_str(&result).map_err(|error| unreadable(&error));
        }
        let output = self.change.apply(tx).await?;
        let result = serde_json::to_string(&output).map_err(|error| unreadable(&error))?;
        query(
            "INSERT INTO idempotency (owner, key, fingerprint, result, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&self.owner)
        .bind(&self.key)
        .bind(&self.fingerprint)
        .bind(result)
        .bind(self.now)
        .run_one(tx)
        .await?;
        Ok(output)
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
