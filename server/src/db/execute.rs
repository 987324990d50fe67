//! Writes that are no verbs of the books: plain statements, applied together or not at all.

use super::{Change, DbError, Query, Tx};
use async_trait::async_trait;

/// Runs `queries` in order in one database transaction; answers how many rows each changed.
pub struct Execute {
    pub name: &'static str,
    pub queries: Vec<Query>,
}

impl Execute {
    pub fn one(name: &'static str, query: Query) -> Self {
        Self { name, queries: vec![query] }
    }
}

#[async_trait]
impl Change for Execute {
    type Output = Vec<u64>;
    type Error = DbError;

    fn name(&self) -> &'static str {
        self.name
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<u64>, DbError> {
        let mut changed = Vec::with_capacity(self.queries.len());
        for query in &self.queries {
            changed.push(query.clone().run(tx).await?);
        }
        Ok(changed)
    }
}
