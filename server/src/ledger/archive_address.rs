//! Archived addresses leave the lists; money that still arrives on them is credited.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{AddressId, Time};
use async_trait::async_trait;

/// Receiving addresses only; again is no error.
#[derive(Clone, Debug)]
pub struct ArchiveAddress {
    pub address: AddressId,
    pub now: Time,
}

#[async_trait]
impl Change for ArchiveAddress {
    type Output = ();
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "archive_address"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        todo!("lands within the hour")
    }
}
