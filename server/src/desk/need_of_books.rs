//! Where books and hot wallet part, as needs: money that left past the books, and differences that two readings found.

use super::need::SHOWN_MAX;
use crate::db::{DbError, FromRow, Row, Tx, query};
use app::model::{Amount, Coin, Need, Time};

struct Spend {
    id: i64,
    amount: Amount,
    seen_at: Time,
}

impl FromRow for Spend {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let amount = Amount::new(super::coin_of(row)?, row.get("amount")?);
        Ok(Self { id: row.get("id")?, amount, seen_at: row.get("seen_at")? })
    }
}

pub async fn foreign_spends(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT f.id, f.coin, c.decimals, f.amount, f.seen_at FROM foreign_spend f JOIN coin c ON c.coin = f.coin
        WHERE f.gone_at IS NULL AND f.adjustment IS NULL ORDER BY f.id LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Spend>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: true,
            what: format!("{} sends nothing: a foreign spend.", row.amount.coin),
            detail: format!(
                "{} {} left the hot wallet in a transaction that no broadcast knows. An admin books it.",
                row.amount, row.amount.coin
            ),
            since: Some(row.seen_at),
            href: format!("/foreign-spends/{}", row.id),
            act: "Look".into(),
        })
        .collect())
}

struct Compared {
    coin: Coin,
    difference: Amount,
    read_at: Time,
}

impl FromRow for Compared {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = super::coin_of(row)?;
        let difference = Amount::new(coin, row.get("difference")?);
        Ok(Self { coin, difference, read_at: row.get("read_at")? })
    }
}

/// Only what two readings in a row have found; one alone may have met the world moving.
pub async fn differences(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let sql = "SELECT r.coin, c.decimals, r.difference, r.read_at FROM reconciliation r JOIN coin c ON c.coin = r.coin
        WHERE r.difference <> 0 AND r.agreed >= 2 ORDER BY r.coin LIMIT $1";
    let rows = query(sql).bind(SHOWN_MAX).all::<Compared>(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let amount = Amount::new(row.coin, row.difference.units.saturating_abs());
            let way = if row.difference.units > 0 { "more" } else { "less" };
            Need {
                risk: true,
                what: format!("Books and hot wallet of {} differ.", row.coin),
                detail: format!("The hot wallet holds {amount} {} {way} than the books say.", row.coin),
                since: Some(row.read_at),
                href: format!("/reconciliations/{}", row.coin),
                act: "Look".into(),
            }
        })
        .collect())
}
