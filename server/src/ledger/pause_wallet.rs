//! Holding a wallet's broadcasts back, and hurrying them: none of a paused wallet is collected or opened.

use super::LedgerError;
use crate::db::{Change, Tx, query};
use app::model::{NetworkTransactionState as State, Time, WalletId};
use async_trait::async_trait;

/// Again is no error.
#[derive(Clone, Debug)]
pub struct PauseWallet {
    pub wallet: WalletId,
    pub now: Time,
}

#[async_trait]
impl Change for PauseWallet {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "pause_wallet"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![self.wallet.0])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        set(tx, self.wallet, Some(self.now)).await
    }
}

/// Again is no error.
#[derive(Clone, Debug)]
pub struct ResumeWallet {
    pub wallet: WalletId,
    pub now: Time,
}

#[async_trait]
impl Change for ResumeWallet {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "resume_wallet"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![self.wallet.0])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        set(tx, self.wallet, None).await
    }
}

/// What backs off is tried with the next pass. Answers how many broadcasts that concerns.
#[derive(Clone, Debug)]
pub struct BroadcastNow {
    pub wallet: WalletId,
    pub now: Time,
}

#[async_trait]
impl Change for BroadcastNow {
    type Output = u64;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "broadcast_now"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        Ok(vec![self.wallet.0])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, LedgerError> {
        let hurried = query(
            "UPDATE network_transaction SET retry_at = NULL, updated_at = $2
             WHERE wallet = $1 AND coin = (SELECT coin FROM wallet WHERE id = $1) AND state IN ($3, $4, $5, $6)
                 AND retry_at IS NOT NULL",
        )
        .bind(self.wallet)
        .bind(self.now)
        .bind(State::Collected)
        .bind(State::Prepared)
        .bind(State::Open)
        .bind(State::Cancelling);
        Ok(hurried.run(tx).await?)
    }
}

/// A wallet that is paused already keeps its moment.
async fn set(tx: &mut Tx<'_>, wallet: WalletId, at: Option<Time>) -> Result<(), LedgerError> {
    let found = query(
        "UPDATE wallet SET paused_at = CASE WHEN $2 IS NULL THEN NULL ELSE COALESCE(paused_at, $2) END WHERE id = $1",
    )
    .bind(wallet)
    .bind(at)
    .run(tx)
    .await?;
    if found == 1 { Ok(()) } else { Err(LedgerError::UnknownWallet(wallet)) }
}
