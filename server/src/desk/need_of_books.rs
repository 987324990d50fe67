//! Where books and hot wallet part, as needs: money that left past the books, and differences that two readings found.

use super::adjustment;
use super::need::SHOWN_MAX;
use crate::db::{DbError, Tx};
use app::model::{Amount, Need};

pub async fn foreign_spends(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows = adjustment::unbooked(tx, None, SHOWN_MAX).await?;
    Ok(rows
        .into_iter()
        .map(|row| Need {
            risk: true,
            what: format!("{} sends nothing: a foreign spend.", row.coin),
            detail: format!(
                "{} {} left the hot wallet in a transaction that no broadcast knows. An admin books it.",
                row.amount, row.coin
            ),
            since: Some(row.seen_at),
            href: format!("/foreign-spends/{}", row.id),
            act: "Look".into(),
        })
        .collect())
}

/// Only what two readings in a row have found; one alone may have met the world moving.
pub async fn differences(tx: &mut Tx<'_>) -> Result<Vec<Need>, DbError> {
    let rows = adjustment::all_compared(tx).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.difference.units != 0 && row.agreed >= 2)
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
