//! Orders whose answer is kept beside their key. The row is read in the order's own database transaction and written out
//! as the API answers it, so that a repetition is answered the very same, whatever became of the row since.

use super::order::{Logged, Order};
use super::{Actor, PersonalDesk, address, error, transaction};
use crate::answer;
use crate::coins::Coins;
use crate::db::{Change, DbError, Tx, query};
use crate::ledger::{BatchOutput, ClaimKey, LedgerError, Once, Sent, SettleKey};
use app::desk::Answer;
use app::model::{AddressId, Done, Time, TransactionId, TransactionRow};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What stands beside the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub id: i64,
    pub body: String,
}

/// What a change answers, as the API tells it.
#[async_trait]
pub trait Told: Send + Sync {
    /// Such answers are kept for ever.
    const MOVES_MONEY: bool = true;

    async fn tell(&self, tx: &mut Tx<'_>, coins: &Coins) -> Result<Kept, LedgerError>;
}

#[async_trait]
impl Told for TransactionId {
    async fn tell(&self, tx: &mut Tx<'_>, coins: &Coins) -> Result<Kept, LedgerError> {
        let row = transaction::read_one(tx, coins, *self).await?.ok_or(DbError::NotFound)?;
        Ok(Kept { id: self.0, body: written(&answer::Transaction::from(row))? })
    }
}

#[async_trait]
impl Told for Sent {
    async fn tell(&self, tx: &mut Tx<'_>, coins: &Coins) -> Result<Kept, LedgerError> {
        self.transaction.tell(tx, coins).await
    }
}

#[async_trait]
impl Told for AddressId {
    const MOVES_MONEY: bool = false;

    async fn tell(&self, tx: &mut Tx<'_>, _: &Coins) -> Result<Kept, LedgerError> {
        let row = address::read_one(tx, *self).await?.ok_or(DbError::NotFound)?;
        Ok(Kept { id: self.0, body: written(&answer::Address::from(row))? })
    }
}

#[async_trait]
impl Told for BatchOutput {
    async fn tell(&self, tx: &mut Tx<'_>, coins: &Coins) -> Result<Kept, LedgerError> {
        let ids: Vec<TransactionId> =
            self.iter().filter_map(|outcome| outcome.as_ref().ok().copied()).collect();
        let rows = transaction::read_many(tx, coins, &ids).await?;
        let mut rows: HashMap<TransactionId, TransactionRow> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        let mut results = Vec::with_capacity(self.len());
        for outcome in self {
            results.push(match outcome {
                Ok(id) => {
                    let row = rows.remove(id).ok_or(DbError::NotFound)?;
                    answer::BatchOutcome::Transaction(Box::new(row.into()))
                }
                Err(refusal) => answer::BatchOutcome::Problem(Box::new(error::told(refusal).into())),
            });
        }
        Ok(Kept { id: 0, body: written(&answer::BatchResults { results })? })
    }
}

fn written(answer: &impl Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(answer).map_err(|error| DbError::Failed(error.to_string()).into())
}

/// A change with what is told of it.
struct Telling<C> {
    change: C,
    coins: Coins,
}

#[async_trait]
impl<C> Change for Telling<C>
where
    C: Change<Error = LedgerError>,
    C::Output: Told,
{
    type Output = Kept;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        self.change.name()
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        self.change.wallets(tx).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Kept, LedgerError> {
        self.change.apply(tx).await?.tell(tx, &self.coins).await
    }
}

/// What `Desk` says of it.
pub async fn made_with(desk: &PersonalDesk, key: &str) -> Answer<Option<i64>> {
    let mut read = desk.read().await?;
    let owner = desk.actor.as_ref().map(Actor::owner).unwrap_or_default();
    let sql =
        "SELECT result FROM idempotency WHERE owner = $1 AND key = $2 AND moved_money AND result IS NOT NULL";
    let kept: Option<(String,)> =
        query(sql).bind(owner).bind(key).optional(&mut read.tx()).await.map_err(error::from_db)?;
    let Some((kept,)) = kept else { return Ok(None) };
    let kept: Kept = serde_json::from_str(&kept).map_err(|problem| error::internal(&problem))?;
    Ok(Some(kept.id))
}

/// A key that was taken before something outside of the database is asked.
pub struct Claim {
    owner: String,
    key: String,
    at: Time,
}

impl PersonalDesk {
    /// Carried out once for each key; where none is given, at each call. `fingerprint`: all that was asked, so that a key
    /// can't serve twice.
    pub async fn carry_out_kept<C>(
        &self,
        order: Order,
        key: Option<&str>,
        fingerprint: String,
        change: C,
    ) -> Answer<Done>
    where
        C: Change<Error = LedgerError>,
        C::Output: Told,
    {
        let actor = match key {
            Some(key) => self.allowed_once(&order, key).await?,
            None => self.allowed(&order).await?,
        };
        let telling = Telling { change, coins: self.shared.coins.clone() };
        let change: Logged<Telling<C>> = self.logged(actor, &order, telling);
        let Some(key) = key else {
            let kept = self.finish(&order, self.shared.db.write(change).await).await?;
            return Ok(Done { id: kept.id, body: kept.body, again: false });
        };
        let (owner, key, now) = (actor.owner(), key.to_owned(), self.shared.clock.now());
        let once = Once { owner, key, fingerprint, change, moves_money: C::Output::MOVES_MONEY, now };
        let done = self.finish(&order, self.shared.db.write(once).await).await?;
        Ok(Done { id: done.output.id, body: done.output.body, again: done.again })
    }

    /// Takes the key, or answers what it was answered before.
    pub async fn claim(&self, order: &Order, key: &str, fingerprint: &str) -> Answer<Result<Claim, Done>> {
        let actor = self.allowed_once(order, key).await?;
        let (owner, now) = (actor.owner(), self.shared.clock.now());
        let claim =
            ClaimKey { owner: owner.clone(), key: key.to_owned(), fingerprint: fingerprint.to_owned(), now };
        match self.shared.db.write(claim).await {
            Ok(None) => Ok(Ok(Claim { owner, key: key.to_owned(), at: now })),
            Ok(Some(result)) => {
                let kept: Kept =
                    serde_json::from_str(&result).map_err(|problem| error::internal(&problem))?;
                Ok(Err(Done { id: kept.id, body: kept.body, again: true }))
            }
            Err(refusal) => self.finish(order, Err(refusal)).await,
        }
    }

    /// Gives the key back: what it was taken for was refused. A claim that can't be given back runs out by itself.
    pub async fn give_back(&self, claim: &Claim) {
        let settle = SettleKey {
            owner: claim.owner.clone(),
            key: claim.key.clone(),
            claimed_at: claim.at,
            result: None,
            moved_money: false,
        };
        if let Err(problem) = self.shared.db.write(settle).await {
            tracing::warn!(%problem, "a key could not be given back");
        }
    }
}
