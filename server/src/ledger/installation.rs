//! The name of this database, in the comments of what it sends.

use super::LedgerError;
use crate::db::{Change, Tx, query};
use async_trait::async_trait;

/// Get-or-create; answers the one that stands.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Random, for a database that has none yet.
    pub fresh: String,
}

#[async_trait]
impl Change for Installation {
    type Output = String;
    type Error = LedgerError;

    fn name(&self) -> &'static str {
        "installation"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<String, LedgerError> {
        query("INSERT INTO installation (id) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM installation)")
            .bind(&self.fresh)
            .run(tx)
            .await?;
        let (id,) = query("SELECT id FROM installation").one(tx).await?;
        Ok(id)
    }
}
