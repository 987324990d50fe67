//! Deposits that a balance import has counted already: recorded, never credited.

use super::LedgerError;
use super::deposit::{Paid, RecordDeposit};
use crate::db::{Tx, query};

/// What of `paid` is still a payment to us; the rest is recorded as covered. An import has counted all that stood
/// in blocks up to its own, so what came in them to an address that was added later is in its sum.
pub(super) async fn leave_out(
    tx: &mut Tx<'_>,
    deposit: &RecordDeposit,
    paid: Vec<Paid>,
) -> Result<Vec<Paid>, LedgerError> {
    let mut rest = Vec::with_capacity(paid.len());
    for paid in paid {
        match import_of(tx, deposit, &paid).await? {
            Some(import) => cover(tx, deposit, &paid, import).await?,
            // Unconfirmed, or its height not told: recorded as covered before, it stays so.
            None if is_covered(tx, deposit, &paid).await? => {}
            None => rest.push(paid),
        }
    }
    Ok(rest)
}

/// The import that has counted it, by its block.
async fn import_of(
    tx: &mut Tx<'_>,
    deposit: &RecordDeposit,
    paid: &Paid,
) -> Result<Option<i64>, LedgerError> {
    let Some(height) = deposit.height.filter(|_| deposit.confirmations > 0) else { return Ok(None) };
    let import: Option<(i64,)> = query(
        "SELECT i.id FROM balance_import i JOIN address d ON d.coin = i.coin
         WHERE i.coin = $1 AND i.height >= $2 AND d.id = $3 AND d.receiving_since > i.imported_at
         ORDER BY i.id LIMIT 1",
    )
    .bind(deposit.coin.ticker())
    .bind(height)
    .bind(paid.address)
    .optional(tx)
    .await?;
    Ok(import.map(|(import,)| import))
}

async fn is_covered(tx: &mut Tx<'_>, deposit: &RecordDeposit, paid: &Paid) -> Result<bool, LedgerError> {
    let found: Option<(i64,)> =
        query("SELECT id FROM covered_deposit WHERE coin = $1 AND txid = $2 AND address = $3")
            .bind(deposit.coin.ticker())
            .bind(&deposit.txid)
            .bind(paid.address)
            .optional(tx)
            .await?;
    Ok(found.is_some())
}

async fn cover(
    tx: &mut Tx<'_>,
    deposit: &RecordDeposit,
    paid: &Paid,
    import: i64,
) -> Result<(), LedgerError> {
    query(
        "INSERT INTO covered_deposit (coin, txid, address, amount, balance_import, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (coin, txid, address) DO NOTHING",
    )
    .bind(deposit.coin.ticker())
    .bind(&deposit.txid)
    .bind(paid.address)
    .bind(paid.units)
    .bind(import)
    .bind(deposit.now)
    .run(tx)
    .await?;
    Ok(())
}
