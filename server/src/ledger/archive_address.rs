//! Archived addresses leave the lists; money that still arrives on them is credited.

use super::LedgerError;
use super::row::{WALLET_OF_ADDRESS, wallets};
use crate::db::{Change, Tx, query};
use app::model::{AddressId, AddressKind, Time};
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

    async fn wallets(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, LedgerError> {
        wallets(tx, WALLET_OF_ADDRESS, self.address).await
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let found =
            query("UPDATE address SET archived_at = COALESCE(archived_at, $2) WHERE id = $1 AND kind = $3")
                .bind(self.address)
                .bind(self.now)
                .bind(AddressKind::Receiving)
                .run(tx)
                .await?;
        if found == 1 { Ok(()) } else { Err(LedgerError::UnknownAddress(self.address)) }
    }
}
