//! Get-or-create an account by name.

use super::{Created, LedgerError};
use crate::db::{Change, Tx};
use app::model::{AccountId, Time, WalletId};
use async_trait::async_trait;

/// Unique name per wallet; trimmed, 1 to 255 characters; `Network fees` is refused.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    pub wallet: WalletId,
    pub name: String,
    pub now: Time,
}

#[async_trait]
impl Change for CreateAccount {
    type Output = Created<AccountId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "create_account"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Created<AccountId>, LedgerError> {
        todo!("lands within the hour")
    }
}
