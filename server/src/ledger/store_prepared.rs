//! The signed bytes of a broadcast and the inputs it reserves, stored before anything leaves.

use super::LedgerError;
use crate::db::{Change, Tx};
use crate::network::OutPoint;
use app::model::{NetworkTransactionId, Time, VersionId};
use async_trait::async_trait;

/// collected → prepared.
#[derive(Clone, Debug)]
pub struct StorePrepared {
    pub broadcast: NetworkTransactionId,
    pub epoch: i64,
    pub runner: String,
    pub raw: Vec<u8>,
    pub txid: String,
    /// Minor units.
    pub fee: i64,
    /// With their amounts; the first is the anchor.
    pub inputs: Vec<(OutPoint, i64)>,
    pub now: Time,
}

#[async_trait]
impl Change for StorePrepared {
    type Output = VersionId;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "store_prepared"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<VersionId, LedgerError> {
        todo!("lands within the hour")
    }
}
