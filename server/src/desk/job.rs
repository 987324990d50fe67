//! The helper jobs as their rows tell of them, and "run now".

use super::order::Order;
use super::{PersonalDesk, error};
use crate::db::Execute;
use crate::job::ask;
use crate::record;
use app::desk::{Answer, AppError};
use app::model::{JobRow, Scope};

record!(JobRow {
    name,
    coin,
    state,
    last_started_at,
    last_finished_at,
    last_result,
    last_error,
    failing_since,
    next_run_at,
    run_asked_at,
    runner
});

const SELECT: &str =
    "SELECT name, coin, state, last_started_at, last_finished_at, last_result, last_error, failing_since,
    next_run_at, run_asked_at, runner FROM job";

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<JobRow>> {
    let mut read = desk.read().await?;
    // A handful of jobs a coin.
    let sql = format!("{SELECT} ORDER BY coin, name LIMIT 1000");
    crate::db::query_owned(sql).all(&mut read.tx()).await.map_err(error::from_db)
}

/// Asks the runner of that coin, whichever process it is in; it looks within a second or so.
pub async fn run(desk: &PersonalDesk, name: &str, coin: &str) -> Answer<()> {
    let subject = if coin.is_empty() { name.to_owned() } else { format!("{name} of {coin}") };
    let order = Order { needs: Scope::Vet, action: "job.run", subject };
    desk.allowed(&order).await?;
    let update = ask(name, coin, desk.shared.clock.now());
    let changed = desk.shared.db.write(Execute::one("run_job", update)).await.map_err(error::from_db)?;
    if changed.first() == Some(&0) {
        return Err(AppError::NotFound("job"));
    }
    desk.log(&order, "done").await;
    Ok(())
}
