//! What the jobs page shows: each pass leaves its times, its result or its error.

use super::{Context, JobError};
use crate::db::{DbError, Execute, Query, query};
use app::model::Time;
use std::time::Duration;

/// Asks for a pass of a coin's job soon, through the database: its runner may be another process.
pub fn ask(name: &str, coin: &str, now: Time) -> Query {
    query("UPDATE job SET run_asked_at = $1 WHERE name = $2 AND coin = $3").bind(now).bind(name).bind(coin)
}

/// A job as the `job` table names it; `coin` is empty for jobs that serve all coins.
pub(super) struct Record<'a> {
    pub context: &'a Context,
    pub name: &'static str,
    pub coin: &'a str,
}

impl Record<'_> {
    pub async fn announce(&self) -> Result<(), DbError> {
        let announce = query(
            "INSERT INTO job (name, coin, state, runner) VALUES ($1, $2, 'waiting', $3)
             ON CONFLICT (name, coin) DO UPDATE SET state = 'waiting', runner = excluded.runner, next_run_at = NULL",
        );
        self.write("job", announce.bind(self.name).bind(self.coin).bind(&self.context.runner)).await
    }

    pub async fn started(&self, now: Time) -> Result<(), DbError> {
        let started = query(
            "UPDATE job SET state = 'running', last_started_at = $3, run_asked_at = NULL, runner = $4 WHERE name = $1 AND coin = $2",
        );
        self.write("job", started.bind(self.name).bind(self.coin).bind(now).bind(&self.context.runner)).await
    }

    /// What a pass came to, and in how long the next begins. A result that can't be written down stops nobody.
    pub async fn ended(&self, result: &Result<String, JobError>, next: Duration) {
        let now = self.context.clock.now();
        let next = now.plus_seconds(i64::try_from(next.as_secs()).unwrap_or(i64::MAX));
        if let Err(error) = self.finished(now, next, result).await {
            tracing::warn!(job = self.name, coin = self.coin, %error, "the job's result could not be recorded");
        }
    }

    async fn finished(
        &self,
        now: Time,
        next: Time,
        result: &Result<String, JobError>,
    ) -> Result<(), DbError> {
        let finished = query(
            "UPDATE job SET state = $3, last_finished_at = $4, next_run_at = $5, last_result = COALESCE($6, last_result),
                 last_error = $7, failing_since = CASE WHEN $7 IS NULL THEN NULL ELSE COALESCE(failing_since, $4) END
             WHERE name = $1 AND coin = $2",
        );
        let (state, done, error) = match result {
            Ok(done) => ("waiting", Some(done.clone()), None),
            Err(error) => ("backing_off", None, Some(error.to_string())),
        };
        self.write(
            if error.is_some() { "job_failed" } else { "job" },
            finished
                .bind(self.name)
                .bind(self.coin)
                .bind(state)
                .bind(now)
                .bind(next)
                .bind(done)
                .bind(error.clone()),
        )
        .await
    }

    /// `name`: what live pages hear of it.
    async fn write(&self, name: &'static str, statement: Query) -> Result<(), DbError> {
        self.context.db.write(Execute::one(name, statement)).await.map(|_| ())
    }
}
