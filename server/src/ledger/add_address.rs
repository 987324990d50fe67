//! Writing a receiving address that the backend made, or importing one that it has.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AccountId, AddressId, Time};
use async_trait::async_trait;

/// An existing receiving address is refused, an external one becomes receiving.
#[derive(Clone, Debug)]
pub struct AddAddress {
    pub account: AccountId,
    /// Canonical spelling.
    pub address: String,
    /// `None` or blank: automatic.
    pub label: Option<String>,
    /// It may have a history on the network: the receive scan starts over.
    pub import: bool,
    pub now: Time,
}

#[async_trait]
impl Change for AddAddress {
    type Output = AddressId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "add_address"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<AddressId, LedgerError> {
        todo!("lands within the hour")
    }
}
