//! A change that may be asked for again with the same key: it acts once and answers the same.

use super::LedgerError;
use crate::db::{Change, Tx};
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
    C::Output: Serialize + DeserializeOwned,
{
    type Output = C::Output;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        self.change.name()
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<C::Output, LedgerError> {
        todo!("lands within the hour")
    }
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
