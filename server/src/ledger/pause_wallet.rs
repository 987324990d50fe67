//! No broadcast of a paused wallet is collected or opened.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Time, WalletId};
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

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
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

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
