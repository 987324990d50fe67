//! Several transfers in one database transaction: all or none, or each for itself.

use super::row::{WALLET_OF_ACCOUNT, wallets};
use super::{LedgerError, Transfer};
use crate::db::{Change, Tx, query};
use app::model::{AccountId, AmountError, TransactionId};
use async_trait::async_trait;
use std::collections::BTreeSet;

/// A transfer of a batch, or why it can't even be tried.
#[derive(Clone, Debug)]
pub enum Ordered {
    Ready(Transfer),
    UnknownAccount(AccountId),
    BadAmount(AmountError),
}

impl Ordered {
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        match self {
            Self::Ready(transfer) => transfer.apply(tx).await,
            Self::UnknownAccount(id) => Err(LedgerError::UnknownAccount(*id)),
            Self::BadAmount(problem) => Err(LedgerError::BadAmount(problem.clone())),
        }
    }
}

/// In order, so that a later one may spend what an earlier one brought.
#[derive(Clone, Debug)]
pub struct TransferBatch {
    pub transfers: Vec<Ordered>,
    pub atomic: bool,
}

/// One for each transfer, in order.
pub type BatchOutput = Vec<Result<TransactionId, LedgerError>>;

#[async_trait]
impl Change for TransferBatch {
    type Output = BatchOutput;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "transfer_batch"
    }

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        let payer = |ordered: &Ordered| match ordered {
            Ordered::Ready(transfer) => Some(transfer.from),
            _ => None,
        };
        let payers: BTreeSet<AccountId> = self.transfers.iter().filter_map(payer).collect();
        let mut locked = Vec::new();
        for payer in payers {
            locked.extend(wallets(tx, WALLET_OF_ACCOUNT, payer).await?);
        }
        Ok(locked)
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<BatchOutput, LedgerError> {
        let mut outputs = Vec::with_capacity(self.transfers.len());
        for (index, transfer) in self.transfers.iter().enumerate() {
            if self.atomic {
                let done = transfer.apply(tx).await.map_err(|refusal| in_batch(index, refusal))?;
                outputs.push(Ok(done));
            } else {
                outputs.push(apart(tx, transfer).await?);
            }
        }
        Ok(outputs)
    }
}

/// The database's own failures stay what they are: `Db::write` tries again by them.
fn in_batch(index: usize, refusal: LedgerError) -> LedgerError {
    match refusal {
        LedgerError::Db(error) => LedgerError::Db(error),
        refusal => LedgerError::InBatch { index, refusal: Box::new(refusal) },
    }
}

/// What is refused leaves nothing behind, and the others go on.
async fn apart(
    tx: &mut Tx<'_>,
    transfer: &Ordered,
) -> Result<Result<TransactionId, LedgerError>, LedgerError> {
    query("SAVEPOINT one_transfer").run(tx).await?;
    match transfer.apply(tx).await {
        Err(LedgerError::Db(error)) => Err(error.into()),
        Err(refusal) => {
            query("ROLLBACK TO SAVEPOINT one_transfer").run(tx).await?;
            query("RELEASE SAVEPOINT one_transfer").run(tx).await?;
            Ok(Err(refusal))
        }
        Ok(transaction) => {
            query("RELEASE SAVEPOINT one_transfer").run(tx).await?;
            Ok(Ok(transaction))
        }
    }
}
