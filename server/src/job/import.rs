//! Importing the balance that a hot wallet had before its books, once and exactly, for the command line.

use super::reconcile::{self, Reading};
use super::scan::scan;
use super::{CoinJobs, Context, JobError, backend};
use crate::coins::CoinService;
use crate::ledger::ImportBalance;
use app::model::{AccountId, Amount, TransactionId};
use std::sync::Arc;

/// What was found and booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub backend_total: Amount,
    /// Books, pending and uncredited together, before the import.
    pub due: Amount,
    pub height: i64,
    /// `None`: nothing was missing, or `dry_run`.
    pub transaction: Option<TransactionId>,
}

/// All that the wallet knows is booked first, so that nothing is counted twice. With `dry_run` it only says what it
/// would do.
pub async fn import_balance_once(
    context: &Context,
    coin: &Arc<CoinService>,
    account: AccountId,
    dry_run: bool,
) -> Result<Imported, JobError> {
    let jobs = CoinJobs::new(context, coin);
    backend::pass(&jobs).await?;
    scan(&jobs).await?;
    let Some(reading) = reconcile::read(&jobs).await? else {
        return Err(JobError::Retry(
            "a broadcast is under way, or the books moved while the backend was read; try again".into(),
        ));
    };
    let Reading { backend_total, untrusted_pending, sums, height, block } = reading;
    if untrusted_pending != 0 {
        return Err(JobError::Retry(
            "unconfirmed payments are on their way to the hot wallet; import when they are confirmed".into(),
        ));
    }
    let coin = coin.spec.coin;
    let due = Amount::new(coin, sums.due()?);
    let import =
        ImportBalance { coin, account, backend_total, sums, height, block, now: context.clock.now() };
    let transaction = if dry_run { None } else { context.db.write(import).await? };
    Ok(Imported { backend_total: Amount::new(coin, backend_total), due, height, transaction })
}
