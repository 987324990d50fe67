//! Get-or-create a wallet by name, with its account `Network fees`.

use super::{Created, LedgerError};
use crate::db::{Change, Tx};
use app::model::{Coin, Time, WalletId};
use async_trait::async_trait;

/// Unique name per coin; trimmed, 1 to 255 characters.
#[derive(Clone, Debug)]
pub struct CreateWallet {
    pub coin: Coin,
    pub name: String,
    pub now: Time,
}

#[async_trait]
impl Change for CreateWallet {
    type Output = Created<WalletId>;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "create_wallet"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Created<WalletId>, LedgerError> {
        todo!("lands within the hour")
    }
}
