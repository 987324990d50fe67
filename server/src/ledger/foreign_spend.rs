//! Money that left the hot wallet by no broadcast of ours: seen, told, and in the way of further sends until a
//! person books it.

use super::LedgerError;
use super::event::{Event, tell};
use crate::db::{Change, Tx, query};
use crate::record;
use app::model::{Amount, Coin, Time};
use async_trait::async_trait;
use serde_json::json;

/// Answers whether anything was written. What was spent before the coin's books began, or in a block that an import
/// has counted, is no matter of theirs.
#[derive(Clone, Debug)]
pub struct RecordForeignSpend {
    pub coin: Coin,
    pub txid: String,
    /// By how much the hot wallet gets less, in minor units, fee included.
    pub amount: i64,
    /// Negative when conflicted.
    pub confirmations: i64,
    /// Of its block.
    pub height: Option<i64>,
    /// When the wallet first saw it.
    pub at: Option<Time>,
    pub abandoned: bool,
    /// Conflicted so deep it is gone.
    pub max_confirmation_count: i64,
    pub now: Time,
}

struct Known {
    id: i64,
    confirmations: i64,
    gone: bool,
}

record!(Known { id, confirmations, gone });

#[async_trait]
impl Change for RecordForeignSpend {
    type Output = bool;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_foreign_spend"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let gone = self.abandoned || self.confirmations <= -self.max_confirmation_count;
        let known: Option<Known> = query(
            "SELECT id, confirmations, gone_at IS NOT NULL AS gone FROM foreign_spend WHERE coin = $1 AND txid = $2",
        )
        .bind(self.coin.ticker())
        .bind(&self.txid)
        .optional(tx)
        .await?;
        if let Some(known) = known {
            let same = known.confirmations == self.confirmations && known.gone == gone;
            if !same {
                self.update(tx, known.id, gone).await?;
            }
            return Ok(!same);
        }
        // What is beaten at first sight has taken nothing.
        if gone || self.confirmations < 0 || self.is_older(tx).await? {
            return Ok(false);
        }
        self.insert(tx).await?;
        Ok(true)
    }
}

impl RecordForeignSpend {
    async fn is_older(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let (began,): (Time,) = query("SELECT created_at FROM coin WHERE coin = $1")
            .bind(self.coin.ticker())
            .optional(tx)
            .await?
            .ok_or_else(|| LedgerError::UnknownCoin(self.coin.to_string()))?;
        if self.at.is_some_and(|at| at < began) {
            return Ok(true);
        }
        let Some(height) = self.height else { return Ok(false) };
        let (imported,): (Option<i64>,) = query("SELECT MAX(height) FROM balance_import WHERE coin = $1")
            .bind(self.coin.ticker())
            .one(tx)
            .await?;
        Ok(imported.is_some_and(|imported| height <= imported))
    }

    async fn update(&self, tx: &mut Tx<'_>, id: i64, gone: bool) -> Result<(), LedgerError> {
        query("UPDATE foreign_spend SET confirmations = $2, gone_at = $3 WHERE id = $1")
            .bind(id)
            .bind(self.confirmations)
            .bind(gone.then_some(self.now))
            .run_one(tx)
            .await?;
        Ok(())
    }

    async fn insert(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        query(
            "INSERT INTO foreign_spend (coin, txid, amount, confirmations, seen_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.coin.ticker())
        .bind(&self.txid)
        .bind(self.amount)
        .bind(self.confirmations)
        .bind(self.now)
        .run_one(tx)
        .await?;
        let data = json!({
            "coin_name": self.coin.ticker(),
            "txid": self.txid,
            "amount": Amount::new(self.coin, self.amount).to_string(),
            "confirmations": self.confirmations,
        });
        let event = Event { name: "foreign_spend", network_transaction: None, transaction: None, data };
        tell(tx, self.coin, event, self.now).await
    }
}

/// The oldest foreign spend that nobody has booked: while there is one the coin sends nothing.
pub(super) async fn unbooked(tx: &mut Tx<'_>, coin: Coin) -> Result<Option<String>, LedgerError> {
    let found: Option<(String,)> = query(
        "SELECT txid FROM foreign_spend WHERE coin = $1 AND gone_at IS NULL AND adjustment IS NULL
         ORDER BY id LIMIT 1",
    )
    .bind(coin.ticker())
    .optional(tx)
    .await?;
    Ok(found.map(|(txid,)| txid))
}

pub(super) async fn must_be_booked(tx: &mut Tx<'_>, coin: Coin) -> Result<(), LedgerError> {
    match unbooked(tx, coin).await? {
        None => Ok(()),
        Some(txid) => Err(LedgerError::ForeignSpend { txid }),
    }
}
