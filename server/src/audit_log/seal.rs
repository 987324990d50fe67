//! Sealing: rows that have no number yet get the next ones and their hashes. On PostgreSQL rows may be committed out of
//! the order of their ids, so the number is given here, after commit, gapless. Several processes may try at once: the
//! head is the one row that all must change from what they read, so that one of them wins.

use super::chain::{self, Row};
use crate::db::{Change, Db, DbError, Tx, query};
use async_trait::async_trait;

/// Rows sealed in one database transaction: some hundred updates, so that nobody waits for it.
pub const SEALED_AT_ONCE: i64 = 200;
/// Whoever seals takes it (`Change::wallets`): another finds the rows sealed, instead of failing at them.
const SEAL_LOCK: i64 = -4;

/// Seals the oldest rows that aren't yet, some of them at most; answers how many. Where another process was faster it
/// is none, and that is well.
pub async fn seal(db: &Db) -> Result<usize, DbError> {
    let mut read = db.read().await?;
    let tx = &mut read.tx();
    let sql = "SELECT id, at, actor, action, subject, outcome FROM audit_log WHERE sequence IS NULL ORDER BY id LIMIT $1";
    let rows: Vec<Row> = query(sql).bind(SEALED_AT_ONCE).all(tx).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (sequence, hash) = query("SELECT sequence, hash FROM audit_log_head").one(tx).await?;
    // Read beforehand and not by the change: on PostgreSQL it would otherwise stand in the way of those who insert.
    drop(read);
    let count = rows.len();
    match db.write(Seal { sequence, hash, rows }).await {
        Ok(()) => Ok(count),
        Err(DbError::NotOne(_)) => Ok(0),
        Err(problem) => Err(problem),
    }
}

struct Seal {
    /// The head that it goes on from.
    sequence: i64,
    hash: String,
    rows: Vec<Row>,
}

#[async_trait]
impl Change for Seal {
    type Output = ();
    type Error = DbError;

    fn name(&self) -> &'static str {
        "seal_audit_log"
    }

    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![SEAL_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let (mut sequence, mut hash) = (self.sequence, self.hash.clone());
        for row in &self.rows {
            sequence += 1;
            hash = chain::hash(&hash, sequence, row);
            let sql = "UPDATE audit_log SET sequence = $2, hash = $3 WHERE id = $1 AND sequence IS NULL";
            query(sql).bind(row.id).bind(sequence).bind(&hash).run_one(tx).await?;
        }
        let sql = "UPDATE audit_log_head SET sequence = $1, hash = $2 WHERE sequence = $3 AND hash = $4";
        query(sql).bind(sequence).bind(hash).bind(self.sequence).bind(&self.hash).run_one(tx).await
    }
}
