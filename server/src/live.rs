//! What changes, told to whoever looks. Every write leaves a numbered row with its verb's name; one task of each
//! process reads the new rows while anybody listens, whichever process wrote them, and tells their topics.
//! It says nothing of what changed: whoever is told asks for the page again, and sees what their role may see.

use crate::db::{Db, DbError, query};
use app::model::Topic;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::Instant;

/// Between two looks: with the browser's own fetch well within a second.
const LOOK: Duration = Duration::from_millis(200);
/// Said at least this often while the database answers, so that silence means that figures may be old.
const ALIVE: Duration = Duration::from_secs(5);
/// On PostgreSQL a lower number may be committed after a higher one; so far back they are looked for. Later ones
/// show at the page's next change, or at its own look every half minute.
const LOOK_BACK: i64 = 500;
/// Rows of one look: more only say the same topics again.
const ROWS_MAX: i64 = 2_000;
/// Topics that a slow listener may be behind; beyond it is told that everything changed.
const QUEUE: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Changed(Topic),
    /// Nothing is new, and that was looked up.
    Alive,
}

/// Clones tell the same listeners.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    db: Db,
    told: broadcast::Sender<News>,
    looking: AtomicBool,
}

impl Live {
    pub fn new(db: Db) -> Self {
        let told = broadcast::Sender::new(QUEUE);
        Self(Arc::new(Inner { db, told, looking: AtomicBool::new(false) }))
    }

    /// News from now on. `Lagged` means that everything may have changed.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        let news = self.0.told.subscribe();
        self.look_while_listened();
        news
    }

    fn look_while_listened(&self) {
        if self.0.looking.swap(true, Ordering::SeqCst) {
            return;
        }
        let live = self.clone();
        tokio::spawn(async move {
            live.look().await;
            live.0.looking.store(false, Ordering::SeqCst);
            // One who came between the last look and this line would wait for ever.
            if live.0.told.receiver_count() > 0 {
                live.look_while_listened();
            }
        });
    }

    async fn look(&self) {
        let mut changes = Changes::default();
        let mut said = Instant::now();
        while self.0.told.receiver_count() > 0 {
            match changes.since(&self.0.db).await {
                Ok(topics) => {
                    let news = topics.iter().map(|topic| News::Changed(*topic));
                    let alive = (topics.is_empty() && said.elapsed() >= ALIVE).then_some(News::Alive);
                    for news in news.chain(alive) {
                        said = Instant::now();
                        // Nobody left to hear it is no failure.
                        let _ = self.0.told.send(news);
                    }
                }
                Err(error) => tracing::debug!(%error, "nobody can be told what changed"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Which numbers were told already.
#[derive(Default)]
struct Changes {
    newest: Option<i64>,
    told: BTreeSet<i64>,
}

impl Changes {
    /// Topics of what was written since the last call; the first call only finds out where to begin.
    async fn since(&mut self, db: &Db) -> Result<Vec<Topic>, DbError> {
        let mut read = db.read().await?;
        let Some(newest) = self.newest else {
            let (newest,) =
                query("SELECT COALESCE(MAX(number), 0) FROM change").one::<(i64,)>(&mut read.tx()).await?;
            self.newest = Some(newest);
            self.told.extend((newest - LOOK_BACK).max(0)..=newest);
            return Ok(Vec::new());
        };
        let sql = "SELECT number, name FROM change WHERE number > $1 ORDER BY number DESC LIMIT $2";
        let rows =
            query(sql).bind(newest - LOOK_BACK).bind(ROWS_MAX).all::<(i64, String)>(&mut read.tx()).await?;
        let new: Vec<_> = rows.into_iter().filter(|(number, _)| self.told.insert(*number)).collect();
        let newest = new.iter().map(|(number, _)| *number).fold(newest, i64::max);
        self.newest = Some(newest);
        self.told = self.told.split_off(&(newest - LOOK_BACK));
        let concerns = |topic: &Topic| new.iter().any(|(_, name)| topics(name).contains(topic));
        Ok(Topic::ALL.iter().copied().filter(concerns).collect())
    }
}

/// Whom a change concerns, by its verb. What isn't named here is of the books.
fn topics(change: &str) -> &'static [Topic] {
    match change {
        "job" | "run_job" | "ask_broadcast" | "ask for a scan" => &[Topic::Jobs],
        // A failing job needs somebody, and the overview says so.
        "job_failed" => &[Topic::Jobs, Topic::Coins],
        "record_backend" | "backend totals" | "record_audit" | "record_reconciliation" | "register_coin" => {
            &[Topic::Coins]
        }
        "take_lease" | "give leases back" | "store_cursor" | "take_handler_lease" | "tidy"
        | "installation" | "lost" => &[],
        "number_events" | "record_attempts" => &[Topic::Events],
        // What somebody has to look at now, or no longer; the overview says so.
        "park_deliveries" | "redeliver" | "register_handlers" => &[Topic::Events, Topic::Coins],
        "mark_processed" => &[Topic::Books, Topic::Events],
        _ if PEOPLE.contains(&change) => &[],
        _ => &[Topic::Books],
    }
}

/// Who comes and goes, and what is kept about it, changes no live page.
const PEOPLE: [&str; 24] = [
    "add_user",
    "audit_log",
    "begin_export",
    "change_second_factor",
    "change_user",
    "count_sign_in",
    "create_session",
    "create_token",
    "end_session",
    "end_sessions",
    "forget_tries",
    "let_in",
    "log_try",
    "revoke_token",
    "save_session",
    "seal_audit_log",
    "see_session",
    "sign_in",
    "sign_out",
    "take_try_back",
    "use_code",
    "use_token",
    "verify_audit_log",
    "set_password",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_named_is_of_the_books() {
        assert_eq!(topics("record_deposit"), [Topic::Books]);
        assert_eq!(topics("job"), [Topic::Jobs]);
        assert!(topics("take_lease").is_empty());
    }
}
