//! A configured coin gets its rows; what may never change is compared.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Coin, Time};
use async_trait::async_trait;

/// Refuses other decimals or another network than the books were begun with.
#[derive(Clone, Debug)]
pub struct RegisterCoin {
    pub coin: Coin,
    /// `main`, `test`, `signet`, `regtest`.
    pub network: String,
    /// The backend's class.
    pub backend: String,
    pub now: Time,
}

#[async_trait]
impl Change for RegisterCoin {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "register_coin"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
