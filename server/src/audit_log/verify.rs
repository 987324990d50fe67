//! Verifying: every sealed row again from the first, its number, its hash, and at the end the head.
//!
//! What shows: a sealed row that was changed, removed or put in, anywhere; rows cut off at the end, by the head. What
//! can't show: a row removed before it was sealed, a few seconds after it was written; and the work of somebody who may
//! write everything in this database and computes all hashes and the head anew. Against that the newest hash has to be
//! kept elsewhere: the page and `coffer audit` show it, and the log has it each time that the chain was verified.

use super::chain::{self, BEGINNING, Row};
use crate::db::{Db, DbError, Execute, FromRow, Read, query};
use crate::record;
use app::model::Time;

/// Rows of one step of the continuous verification, and rows held in memory at once: some ten milliseconds of hashing.
const STEP: i64 = 5_000;

/// Somebody took the row of the head away.
pub const NO_HEAD: &str = "the newest seal is missing, so that nobody knows where the chain ends";

/// How far the chain holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// To the end.
    Whole { sequence: i64, hash: String },
    /// To this row so far; nothing is wrong yet.
    So { far: i64 },
    /// The first row that isn't as it was sealed.
    Broken(String),
}

struct Head {
    sequence: i64,
    hash: String,
    verifying_sequence: i64,
    verifying_hash: String,
}

record!(Head { sequence, hash, verifying_sequence, verifying_hash });

struct Sealed {
    sequence: i64,
    hash: String,
    row: Row,
}

impl FromRow for Sealed {
    fn from_row(row: &crate::db::Row) -> Result<Self, DbError> {
        Ok(Self { sequence: row.get("sequence")?, hash: row.get("hash")?, row: Row::from_row(row)? })
    }
}

/// The whole chain at once, on one consistent view.
pub async fn verify_all(db: &Db) -> Result<Verified, DbError> {
    let mut read = db.read().await?;
    let Some(head) = head(&mut read).await? else { return Ok(no_head()) };
    let (mut sequence, mut hash) = (0, BEGINNING.to_owned());
    loop {
        match step(&mut read, &head, sequence, hash).await? {
            (Verified::So { far }, next) => (sequence, hash) = (far, next),
            (end, _) => return Ok(end),
        }
    }
}

/// The next rows of the continuous verification, which begins anew when it came to the end; kept for pages.
pub async fn verify_some(db: &Db, now: Time) -> Result<Verified, DbError> {
    let mut read = db.read().await?;
    let Some(head) = head(&mut read).await? else { return Ok(no_head()) };
    let from = (head.verifying_sequence, head.verifying_hash.clone());
    let (verified, hash) = step(&mut read, &head, from.0, from.1.clone()).await?;
    drop(read);
    let update = match &verified {
        Verified::So { far } => {
            query("UPDATE audit_log_head SET verifying_sequence = $1, verifying_hash = $2").bind(*far).bind(hash)
        }
        Verified::Whole { sequence, .. } => query(
            "UPDATE audit_log_head SET verifying_sequence = 0, verifying_hash = $1, verified_sequence = $2, verified_at = $3,
                fault = NULL, fault_since = NULL",
        )
        .bind(BEGINNING)
        .bind(*sequence)
        .bind(now),
        Verified::Broken(fault) => query(
            "UPDATE audit_log_head SET verifying_sequence = 0, verifying_hash = $1, fault = $2,
                fault_since = COALESCE(fault_since, $3)",
        )
        .bind(BEGINNING)
        .bind(fault)
        .bind(now),
    };
    db.write(Execute::one("verify_audit_log", update)).await?;
    Ok(verified)
}

/// When a verification last came to the end, by whichever process.
pub async fn verified_at(db: &Db) -> Result<Option<Time>, DbError> {
    let sql = "SELECT verified_at FROM audit_log_head";
    let found: Option<(Option<Time>,)> = query(sql).optional(&mut db.read().await?.tx()).await?;
    Ok(found.and_then(|(at,)| at))
}

fn no_head() -> Verified {
    Verified::Broken(NO_HEAD.into())
}

async fn head(read: &mut Read) -> Result<Option<Head>, DbError> {
    let sql = "SELECT sequence, hash, verifying_sequence, verifying_hash FROM audit_log_head";
    query(sql).optional(&mut read.tx()).await
}

/// Verifies the rows after `sequence`, whose hash is `hash`; answers with the hash of the last one.
async fn step(
    read: &mut Read,
    head: &Head,
    mut sequence: i64,
    mut hash: String,
) -> Result<(Verified, String), DbError> {
    let sql =
        "SELECT sequence, hash, id, at, actor, action, subject, outcome FROM audit_log WHERE sequence > $1
        ORDER BY sequence LIMIT $2";
    let rows: Vec<Sealed> = query(sql).bind(sequence).bind(STEP).all(&mut read.tx()).await?;
    let more = i64::try_from(rows.len()).unwrap_or(STEP) == STEP;
    for sealed in rows {
        sequence += 1;
        if sealed.sequence != sequence {
            return Ok((Verified::Broken(missing(sequence, sealed.sequence - 1)), hash));
        }
        let expected = chain::hash(&hash, sequence, &sealed.row);
        if sealed.hash != expected {
            return Ok((Verified::Broken(format!("row {sequence} isn't as it was sealed")), hash));
        }
        hash = expected;
    }
    let verified = if more {
        Verified::So { far: sequence }
    } else if sequence < head.sequence {
        Verified::Broken(missing(sequence + 1, head.sequence))
    } else if sequence > head.sequence || hash != head.hash {
        Verified::Broken(format!("row {sequence} isn't the newest that was sealed"))
    } else {
        Verified::Whole { sequence, hash: hash.clone() }
    };
    Ok((verified, hash))
}

fn missing(first: i64, last: i64) -> String {
    if first == last {
        format!("row {first} is missing")
    } else {
        format!("rows {first} to {last} are missing")
    }
}
