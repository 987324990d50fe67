//! Signing in: five tries a name, then a pause, counted in the database so that more processes give no more tries.
//! A try is counted before the password is looked at; the right one takes the count back.

use super::password::Passwords;
use super::user::{self, Login};
use crate::audit_log;
use crate::clock::Clock;
use crate::db::{Change, Db, DbError, Execute, Tx, query};
use app::model::{Time, UserId};
use app::sign_in::Attempts;
use async_trait::async_trait;

/// Wrong passwords before the door closes for this name, and for how long.
pub const TRIES: u32 = 5;
const PAUSE_SECONDS: i64 = 300;
/// Older failures no longer count.
const WINDOW_SECONDS: i64 = 900;
/// No wallet's id.
const DOOR_LOCK: i64 = -1;
/// Longest name that is looked at; longer ones are nobody's.
const NAME_MAX: usize = 255;

#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Nobody of this name, a wrong password or a disabled user: one answer for all.
    #[error("name or password is wrong")]
    Wrong,
    #[error("too many tries")]
    Paused { until: Time },
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(Clone)]
pub struct Door {
    pub db: Db,
    pub clock: Clock,
    pub passwords: Passwords,
}

impl Door {
    pub async fn attempts(&self, name: &str) -> Result<Attempts, DbError> {
        let mut read = self.db.read().await?;
        attempts(&mut read.tx(), cut(name), self.clock.now()).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Result<UserId, DoorError> {
        let (name, now) = (cut(name).to_owned(), self.clock.now());
        let attempts = self.db.write(CountTry { name: name.clone(), now }).await?;
        if let Some(until) = attempts.paused_until {
            return Err(DoorError::Paused { until });
        }
        let login = user::find(&self.db, &name).await?;
        let hash = login.as_ref().map(|login| login.password_hash.clone());
        let right = self.passwords.matches(password, hash).await;
        match login {
            Some(Login { id, disabled_at: None, .. }) if right => {
                let forget = query("DELETE FROM sign_in_failure WHERE name = $1").bind(&name);
                let log = audit_log::entry(now, &name, "sign_in", &name, "done");
                self.db.write(Execute { name: "sign_in", queries: vec![forget, log] }).await?;
                Ok(id)
            }
            _ => {
                let log = audit_log::entry(now, &name, "sign_in", &name, "wrong_password");
                self.db.write(Execute::one("refuse_sign_in", log)).await?;
                Err(DoorError::Wrong)
            }
        }
    }
}

fn cut(name: &str) -> &str {
    let name = name.trim();
    name.char_indices().nth(NAME_MAX).map_or(name, |(end, _)| &name[..end])
}

/// Counts a try unless the door is closed; answers how it stood before.
struct CountTry {
    name: String,
    now: Time,
}

#[async_trait]
impl Change for CountTry {
    type Output = Attempts;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "count_sign_in"
    }

    /// Tries at the same moment queue, since counting all of them is what this is for.
    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![DOOR_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Attempts, DbError> {
        let attempts = attempts(tx, &self.name, self.now).await?;
        if attempts.paused_until.is_none() {
            let old = self.now.plus_seconds(-WINDOW_SECONDS);
            query("DELETE FROM sign_in_failure WHERE failed_at < $1").bind(old).run(tx).await?;
            let insert = "INSERT INTO sign_in_failure (name, failed_at) VALUES ($1, $2)";
            query(insert).bind(&self.name).bind(self.now).run(tx).await?;
        }
        Ok(attempts)
    }
}

async fn attempts(tx: &mut Tx<'_>, name: &str, now: Time) -> Result<Attempts, DbError> {
    let sql = "SELECT failed_at FROM sign_in_failure WHERE name = $1 AND failed_at >= $2 ORDER BY failed_at LIMIT 100";
    let since = now.plus_seconds(-WINDOW_SECONDS);
    let failures = query(sql).bind(name).bind(since).all::<(Time,)>(tx).await?;
    Ok(judge(failures.into_iter().map(|(at,)| at), now))
}

/// Every `TRIES` failures close the door for the pause; after it the count begins anew.
fn judge(failures: impl IntoIterator<Item = Time>, now: Time) -> Attempts {
    let mut count = 0;
    let mut closed_until = None;
    for at in failures {
        if closed_until.is_some_and(|until| at >= until) {
            (count, closed_until) = (0, None);
        }
        count += 1;
        if count >= TRIES {
            closed_until = Some(at.plus_seconds(PAUSE_SECONDS));
        }
    }
    match closed_until {
        Some(until) if now < until => Attempts { left: 0, paused_until: Some(until) },
        Some(_) => Attempts { left: TRIES, paused_until: None },
        None => Attempts { left: TRIES - count, paused_until: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(failures: &[i64], now: i64) -> (u32, Option<i64>) {
        let seconds = |at: i64| Time(at * 1_000_000);
        let attempts = judge(failures.iter().map(|at| seconds(*at)), seconds(now));
        (attempts.left, attempts.paused_until.map(|until| until.0 / 1_000_000))
    }

    #[test]
    fn five_tries_then_a_pause_then_five_tries_again() {
        assert_eq!(left(&[], 0), (5, None));
        assert_eq!(left(&[0, 1, 2, 3], 4), (1, None));
        assert_eq!(left(&[0, 100, 200, 300, 400], 699), (0, Some(700)));
        assert_eq!(left(&[0, 100, 200, 300, 400], 700), (5, None));
        assert_eq!(left(&[0, 100, 200, 300, 400, 710], 711), (4, None));
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut(&"ä".repeat(300)).chars().count(), 255);
        assert_eq!(cut(" ada "), "ada");
    }
}
