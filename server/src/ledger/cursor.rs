//! Where the receive scan goes on from.

use super::LedgerError;
use crate::db::{Change, Tx};
use app::model::{Coin, Time};
use async_trait::async_trait;

/// False, and nothing stored, when the cursor was reset since the scan read it: the scan must start over.
#[derive(Clone, Debug)]
pub struct StoreCursor {
    pub coin: Coin,
    pub cursor: Option<String>,
    /// `updated_at` as `read::cursor` gave it before the scan.
    pub read_at: Option<Time>,
    pub now: Time,
}

#[async_trait]
impl Change for StoreCursor {
    type Output = bool;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "store_cursor"
    }

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        todo!("lands within the hour")
    }
}
