//! Where the receive scan goes on from. `updated_at` doubles as its version: it grows with every change, so that
//! a scan under way notices that an address was added meanwhile.

use super::LedgerError;
use crate::db::{Change, Tx, query};
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

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, LedgerError> {
        let stored = match self.read_at {
            Some(read_at) => query(
                "UPDATE scan_cursor SET cursor = $2,
                     updated_at = CASE WHEN updated_at >= $4 THEN updated_at + 1 ELSE $4 END
                 WHERE coin = $1 AND updated_at = $3",
            )
            .bind(self.coin.ticker())
            .bind(self.cursor.as_deref())
            .bind(read_at)
            .bind(self.now),
            None => query(
                "INSERT INTO scan_cursor (coin, cursor, updated_at) VALUES ($1, $2, $3)
                 ON CONFLICT (coin) DO NOTHING",
            )
            .bind(self.coin.ticker())
            .bind(self.cursor.as_deref())
            .bind(self.now),
        };
        Ok(stored.run(tx).await? == 1)
    }
}

/// The next scan asks for everything: an address with a history was added.
pub(super) async fn reset(tx: &mut Tx<'_>, coin: Coin, now: Time) -> Result<(), LedgerError> {
    query(
        "INSERT INTO scan_cursor (coin, cursor, updated_at) VALUES ($1, NULL, $2)
         ON CONFLICT (coin) DO UPDATE SET cursor = NULL,
             updated_at = CASE WHEN scan_cursor.updated_at >= $2 THEN scan_cursor.updated_at + 1 ELSE $2 END",
    )
    .bind(coin.ticker())
    .bind(now)
    .run_one(tx)
    .await?;
    Ok(())
}
