//! How the simulated network writes: one verb at a time per coin, each in a database transaction of its own.
//! To everybody else these are effects outside the books, as a daemon's are.

use crate::clock::Clock;
use crate::db::{Change, ChangeError, Db, DbError, Tx};
use crate::network::{BackendError, CoinSpec};
use app::model::Time;
use async_trait::async_trait;
use std::sync::Arc;

/// What every verb may know besides the database.
#[derive(Clone)]
pub(super) struct Rules {
    pub coin: String,
    pub spec: Arc<CoinSpec>,
    pub clock: Clock,
    /// Whether one that waits gives way to one that pays more.
    pub replaces: bool,
}

impl Rules {
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

#[async_trait]
pub(super) trait Verb: Send + Sync + 'static {
    const NAME: &'static str;
    type Output: Send + 'static;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Self::Output, Fault>;
}

pub(super) async fn write<V: Verb>(db: &Db, rules: &Rules, verb: V) -> Result<V::Output, Fault> {
    db.write(Write { verb, rules: rules.clone() }).await
}

/// Why a verb did nothing: the database, or the network's rules, with the code that a daemon would give.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{message} (error {code})")]
    Refused { code: i64, message: String },
}

impl Fault {
    pub fn refused(code: i64, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }
}

impl ChangeError for Fault {
    fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Refused { .. } => None,
        }
    }
}

impl From<Fault> for BackendError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Db(error) => Self::Unavailable(format!("the simulated network's database: {error}")),
            Fault::Refused { code, message } => Self::Refused { code, message },
        }
    }
}

struct Write<V> {
    verb: V,
    rules: Rules,
}

#[async_trait]
impl<V: Verb> Change for Write<V> {
    type Output = V::Output;
    type Error = Fault;

    fn name(&self) -> &'static str {
        V::NAME
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, Fault> {
        Ok(vec![lock_of(&self.rules.coin)])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<V::Output, Fault> {
        self.verb.apply(tx, &self.rules).await
    }
}

/// One lock per coin's network, negative: never a wallet's, whose ids are positive.
fn lock_of(coin: &str) -> i64 {
    let hash = super::chance::sha256(&[b"simulated", coin.as_bytes()]);
    let number = i64::from_le_bytes(hash[..8].try_into().expect("a SHA-256 has 32 bytes"));
    number | i64::MIN
}
