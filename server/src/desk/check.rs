//! Comparing and auditing on order: what the jobs do by themselves again and again.

use super::order::Order;
use super::{PersonalDesk, adjustment, error};
use crate::job::{self, JobError};
use crate::ledger::{self, RecordAudit};
use app::desk::{Answer, AppError};
use app::model::{Audited, ReconciliationRow, Scope};
use std::time::Duration;
use tokio::sync::Semaphore;

/// An audit on order reads a whole coin's books: one at a time in each process, so that nobody can order the disk full.
static AUDITS: Semaphore = Semaphore::const_new(1);
/// Below what a request may take. Where the books are too large for it, the audit job has the time.
const AUDIT_LIMIT: Duration = Duration::from_secs(20);

pub async fn reconcile(desk: &PersonalDesk, coin: &str) -> Answer<ReconciliationRow> {
    let order = Order { needs: Scope::Vet, action: "coin.reconcile", subject: coin.to_owned() };
    desk.allowed(&order).await?;
    let service = desk.service(coin)?;
    let compared = job::reconcile_once(&desk.shared.db, service, &desk.shared.clock).await;
    if !compared.map_err(from_job)? {
        let message = "A broadcast is under way, or the books moved meanwhile. Ask again in a while.";
        let numbers = vec![("state", "busy".to_owned())];
        let refusal = AppError::Refused { code: "wrong_state", message: message.into(), numbers };
        desk.log(&order, refusal.code()).await;
        return Err(refusal);
    }
    desk.log(&order, "done").await;
    let row = adjustment::compared(&mut desk.read().await?.tx(), service.spec.coin).await;
    row.map_err(error::from_db)?.ok_or(AppError::NotFound("reconciliation"))
}

fn from_job(problem: JobError) -> AppError {
    match problem {
        JobError::Retry(why) => AppError::Unavailable {
            code: "backend_unavailable",
            message: format!("Nothing could be compared: {why}"),
        },
        other => error::internal(&other),
    }
}

pub async fn audit(desk: &PersonalDesk, coin: &str) -> Answer<Audited> {
    let order = Order { needs: Scope::Vet, action: "coin.audit", subject: coin.to_owned() };
    desk.allowed(&order).await?;
    let coin = desk.service(coin)?.spec.coin;
    let Ok(_turn) = AUDITS.try_acquire() else {
        return Err(AppError::refused("in_progress", "Another audit is running. Ask again in a while."));
    };
    let db = &desk.shared.db;
    let Ok(report) = tokio::time::timeout(AUDIT_LIMIT, ledger::audit(db, coin)).await else {
        let message = "The books are too large to be audited while you wait: run the job audit.".into();
        return Err(AppError::Unavailable { code: "timed_out", message });
    };
    let report = report.map_err(error::from_db)?;
    let mismatches = report.mismatches.clone();
    let record = RecordAudit { coin, mismatches, now: desk.shared.clock.now() };
    desk.shared.db.write(record).await.map_err(error::from_ledger)?;
    desk.log(&order, "done").await;
    let mismatches = report.mismatches.into_iter().map(|found| (found.subject, found.message)).collect();
    Ok(Audited { coin, checked: report.checked, mismatches })
}
