//! The audit log as a list, and how its chain stands.

use super::may_look;
use crate::audit_log::NO_HEAD;
use crate::db::{Query, Value, query, query_owned};
use crate::desk::paging::Keyset;
use crate::desk::{PersonalDesk, error};
use crate::record;
use app::desk::Answer;
use app::model::{AuditLogChain, AuditLogFilter, AuditLogRow, Outcome, Page, Paging, Time};

record!(AuditLogRow { id, sequence, hash, at, actor, action, subject, outcome });

pub async fn list(
    desk: &PersonalDesk,
    filter: &AuditLogFilter,
    paging: &Paging,
) -> Answer<Page<AuditLogRow>> {
    may_look(desk, "audit_log.read").await?;
    let keyset = Keyset::<i64>::new(paging)?;
    let (sign, bound) = keyset.bound();
    let (mut sql, mut values) = conditions(filter);
    values.push(bound.into());
    sql += &format!(" AND id {sign} ${}", values.len());
    values.push(keyset.fetch().into());
    let sql = format!(
        "SELECT id, sequence, hash, at, actor, action, subject, outcome FROM audit_log WHERE TRUE{sql}
         ORDER BY id {} LIMIT ${}",
        keyset.order(),
        values.len()
    );
    let query = values.into_iter().fold(query_owned(sql), Query::bind);
    let mut read = desk.read().await?;
    let rows = query.all(&mut read.tx()).await.map_err(error::from_db)?;
    Ok(keyset.page(rows, |row: &AuditLogRow| row.id))
}

/// ` AND …` for each that is asked, and their values.
fn conditions(filter: &AuditLogFilter) -> (String, Vec<Value>) {
    let (mut sql, mut values) = (String::new(), Vec::new());
    let mut and = |condition: &str, value: Value| {
        values.push(value);
        sql += " AND ";
        sql += &condition.replace('$', &format!("${}", values.len()));
    };
    if let Some(actor) = &filter.actor {
        and("actor = $", actor.into());
    }
    if let Some(action) = &filter.action {
        and(r"action LIKE $ ESCAPE '\'", format!("{}%", escaped(&action.to_lowercase())).into());
    }
    if let Some(subject) = &filter.subject {
        let pattern = format!("%{}%", escaped(&subject.to_lowercase()));
        and(r"LOWER(subject) LIKE $ ESCAPE '\'", pattern.into());
    }
    match filter.outcome {
        Some(Outcome::Done) => and("outcome = $", "done".into()),
        Some(Outcome::Refused) => and("outcome <> $", "done".into()),
        None => {}
    }
    if let Some(from) = filter.from {
        and("at >= $", from.into());
    }
    if let Some(to) = filter.to {
        and("at < $", to.into());
    }
    (sql, values)
}

/// LIKE's own signs as plain characters.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

struct Head {
    sequence: i64,
    hash: String,
    verified_sequence: Option<i64>,
    verified_at: Option<Time>,
    fault: Option<String>,
    fault_since: Option<Time>,
}

record!(Head { sequence, hash, verified_sequence, verified_at, fault, fault_since });

pub async fn chain(desk: &PersonalDesk) -> Answer<AuditLogChain> {
    may_look(desk, "audit_log.read").await?;
    let sql = "SELECT sequence, hash, verified_sequence, verified_at, fault, fault_since FROM audit_log_head";
    let mut read = desk.read().await?;
    let head: Option<Head> = query(sql).optional(&mut read.tx()).await.map_err(error::from_db)?;
    let Some(head) = head else {
        let fault = Some((NO_HEAD.to_owned(), None));
        return Ok(AuditLogChain { sequence: 0, hash: String::new(), verified: None, fault });
    };
    Ok(AuditLogChain {
        sequence: head.sequence,
        hash: head.hash,
        verified: head.verified_sequence.zip(head.verified_at),
        fault: head.fault.map(|fault| (fault, head.fault_since)),
    })
}
