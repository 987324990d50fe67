//! Books against backend: what the hot wallet must hold by the books, and what was found.

use super::LedgerError;
use super::event::{Event, tell};
use crate::db::{Change, Tx, query};
use crate::record;
use app::model::{Amount, Coin, Time};
use async_trait::async_trait;
use serde_json::json;

/// What the backend's total must be made of, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Balances of all the coin's wallets.
    pub books_total: i64,
    /// Debited and not yet broadcasted.
    pub pending: i64,
    /// Live deposits that are not credited.
    pub uncredited: i64,
    /// Broadcasts under way, missing from the mempool, or of unknown outcome: nothing can be compared meanwhile.
    pub busy: i64,
}

record!(Sums { books_total, pending, uncredited, busy });

impl Sums {
    pub async fn read(tx: &mut Tx<'_>, coin: Coin) -> Result<Self, LedgerError> {
        let sums = query(
            "SELECT
                 CAST((SELECT COALESCE(SUM(balance), 0) FROM wallet WHERE coin = $1) AS BIGINT) AS books_total,
                 CAST((SELECT COALESCE(SUM(amount), 0) FROM \"transaction\" WHERE coin || '' = $1 AND state = 'pending')
                     AS BIGINT) AS pending,
                 CAST((SELECT COALESCE(SUM(t.amount), 0) FROM \"transaction\" t
                     JOIN network_transaction n ON n.id = t.network_transaction
                     WHERE t.coin || '' = $1 AND t.state IN ('incoming', 'reversed') AND n.live) AS BIGINT) AS uncredited,
                 (SELECT COUNT(*) FROM network_transaction WHERE coin = $1 AND type = 'broadcast'
                     AND (state IN ('open', 'broken', 'cancelling') OR (state = 'closed' AND missing_since IS NOT NULL)))
                     AS busy",
        )
        .bind(coin.ticker())
        .one(tx)
        .await?;
        Ok(sums)
    }

    /// What the backend must hold.
    pub fn due(&self) -> Result<i64, LedgerError> {
        let due = i128::from(self.books_total) + i128::from(self.pending) + i128::from(self.uncredited);
        i64::try_from(due).map_err(|_| LedgerError::TooLarge)
    }
}

/// One comparison. A difference counts once two readings in a row agree; then it is told.
#[derive(Clone, Debug)]
pub struct RecordReconciliation {
    pub coin: Coin,
    pub backend_total: i64,
    pub sums: Sums,
    pub height: i64,
    pub block: String,
    pub now: Time,
}

#[async_trait]
impl Change for RecordReconciliation {
    /// The difference, and how many readings in a row found it.
    type Output = (i64, i64);
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "record_reconciliation"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(i64, i64), LedgerError> {
        let difference = self.backend_total.checked_sub(self.sums.due()?).ok_or(LedgerError::TooLarge)?;
        let (agreed,): (i64,) = query(
            "INSERT INTO reconciliation (coin, backend_total, books_total, pending, uncredited, difference, height, block,
                 read_at, agreed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
             ON CONFLICT (coin) DO UPDATE SET backend_total = excluded.backend_total, books_total = excluded.books_total,
                 pending = excluded.pending, uncredited = excluded.uncredited, difference = excluded.difference,
                 height = excluded.height, block = excluded.block, read_at = excluded.read_at,
                 agreed = CASE WHEN reconciliation.difference = excluded.difference THEN reconciliation.agreed + 1 ELSE 1 END
             RETURNING agreed",
        )
        .bind(self.coin.ticker())
        .bind(self.backend_total)
        .bind(self.sums.books_total)
        .bind(self.sums.pending)
        .bind(self.sums.uncredited)
        .bind(difference)
        .bind(self.height)
        .bind(&self.block)
        .bind(self.now)
        .one(tx)
        .await?;
        if difference != 0 && agreed == 2 {
            let amount = |units| Amount::new(self.coin, units).to_string();
            let data = json!({
                "coin_name": self.coin.ticker(),
                "backend_total": amount(self.backend_total),
                "books_total": amount(self.sums.books_total),
                "pending": amount(self.sums.pending),
                "uncredited": amount(self.sums.uncredited),
                "difference": amount(difference),
                "height": self.height,
            });
            let event =
                Event { name: "balance_mismatch", network_transaction: None, transaction: None, data };
            tell(tx, self.coin, event, self.now).await?;
        }
        Ok((difference, agreed))
    }
}
