//! The door: what people prove about themselves, by password and code. Five tries a name, then a pause, counted in the
//! database so that more processes give no more tries. A try is counted before it is looked at; being let in takes the
//! count back, and only that: a right password alone doesn't forgive wrong codes.

use super::password::Passwords;
use super::second_factor::{UseCode, Used};
use super::user::{self, Login};
use crate::audit_log;
use crate::clock::Clock;
use crate::db::{Change, Db, DbError, Execute, Tx, query};
use app::model::{Time, UserId};
use app::sign_in::Attempts;
use async_trait::async_trait;
use sha2::{Digest, Sha256};

/// Wrong tries before the door closes for this name, and for how long.
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
    /// No code of this moment, or one that was used before.
    #[error("the code is wrong")]
    WrongCode,
    #[error("too many tries")]
    Paused { until: Time },
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Whose password was right.
pub struct Entered {
    pub user: UserId,
    /// They aren't in before they give a code, together with this mark of the password that was right: a password that
    /// is changed meanwhile was given in vain.
    pub asks_code: Option<String>,
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

    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Entered, DoorError> {
        let name = cut(name).to_owned();
        let counted = self.count(&name).await?;
        let login = user::find(&self.db, &name).await?;
        let hash = login.as_ref().map(|login| login.password_hash.clone());
        let right = self.passwords.matches(password, hash).await;
        match login {
            Some(Login { id, disabled_at: None, totp_since: None, .. }) if right => {
                self.let_in(&name, "sign_in").await?;
                Ok(Entered { user: id, asks_code: None })
            }
            Some(login @ Login { disabled_at: None, .. }) if right => {
                let take_back = query("DELETE FROM sign_in_failure WHERE id = $1").bind(counted);
                self.db.write(Execute::one("take_try_back", take_back)).await?;
                Ok(Entered { user: login.id, asks_code: Some(mark(&login)) })
            }
            _ => {
                self.log(&name, "sign_in", "wrong_password").await?;
                Err(DoorError::Wrong)
            }
        }
    }

    /// The second page of signing in, for whom `sign_in` asked a code of.
    pub async fn give_code(&self, user: UserId, password_mark: &str, code: &str) -> Result<(), DoorError> {
        let login = self.known(user).await?;
        if mark(&login) != password_mark {
            return Err(DoorError::Wrong);
        }
        self.count(&login.name).await?;
        self.check_code(&login, code, "sign_in").await?;
        self.let_in(&login.name, "sign_in").await
    }

    /// Asked once more of somebody who is in: the password, before they change what guards them.
    pub async fn prove_password(
        &self,
        user: UserId,
        password: &str,
        action: &'static str,
    ) -> Result<(), DoorError> {
        let login = self.known(user).await?;
        self.count(&login.name).await?;
        self.check_password(&login, password, action).await?;
        self.forget(&login.name).await
    }

    /// Asked once more before money moves: a code where the second factor is on, else the password.
    pub async fn prove(&self, user: UserId, typed: &str, action: &'static str) -> Result<(), DoorError> {
        let login = self.known(user).await?;
        self.count(&login.name).await?;
        if login.totp_since.is_some() {
            self.check_code(&login, typed, action).await?;
        } else {
            self.check_password(&login, typed, action).await?;
        }
        self.let_in(&login.name, action).await
    }

    async fn known(&self, user: UserId) -> Result<Login, DoorError> {
        let login = user::find_id(&self.db, user).await?;
        login.filter(|login| login.disabled_at.is_none()).ok_or(DoorError::Wrong)
    }

    async fn check_password(
        &self,
        login: &Login,
        password: &str,
        action: &'static str,
    ) -> Result<(), DoorError> {
        if self.passwords.matches(password, Some(login.password_hash.clone())).await {
            return Ok(());
        }
        self.log(&login.name, action, "wrong_password").await?;
        Err(DoorError::Wrong)
    }

    async fn check_code(&self, login: &Login, code: &str, action: &'static str) -> Result<(), DoorError> {
        let code = UseCode { user: login.id, typed: code.to_owned(), now: self.clock.now() };
        match self.db.write(code).await? {
            Used::Code => Ok(()),
            Used::RecoveryCode => Ok(self.log(&login.name, "second_factor.recover", "done").await?),
            Used::Nothing => {
                self.log(&login.name, action, "wrong_code").await?;
                Err(DoorError::WrongCode)
            }
        }
    }

    /// Counts a try; its row, for taking it back.
    async fn count(&self, name: &str) -> Result<i64, DoorError> {
        let counted = self.db.write(CountTry { name: name.to_owned(), now: self.clock.now() }).await?;
        counted.map_err(|until| DoorError::Paused { until })
    }

    async fn forget(&self, name: &str) -> Result<(), DoorError> {
        let forget = query("DELETE FROM sign_in_failure WHERE name = $1").bind(name);
        self.db.write(Execute::one("forget_tries", forget)).await?;
        Ok(())
    }

    async fn let_in(&self, name: &str, action: &'static str) -> Result<(), DoorError> {
        let forget = query("DELETE FROM sign_in_failure WHERE name = $1").bind(name);
        let log = audit_log::entry(self.clock.now(), name, action, name, "done");
        self.db.write(Execute { name: "let_in", queries: vec![forget, log] }).await?;
        Ok(())
    }

    async fn log(&self, name: &str, action: &str, outcome: &str) -> Result<(), DbError> {
        let log = audit_log::entry(self.clock.now(), name, action, name, outcome);
        self.db.write(Execute::one("log_try", log)).await.map(|_| ())
    }
}

/// Tells one password of a user from the next; of its salted hash, so it says nothing about the password.
fn mark(login: &Login) -> String {
    hex::encode(Sha256::digest(&login.password_hash))
}

fn cut(name: &str) -> &str {
    let name = name.trim();
    name.char_indices().nth(NAME_MAX).map_or(name, |(end, _)| &name[..end])
}

/// Counts a try, or answers until when the door is closed.
struct CountTry {
    name: String,
    now: Time,
}

#[async_trait]
impl Change for CountTry {
    type Output = Result<i64, Time>;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "count_sign_in"
    }

    /// Tries at the same moment queue, since counting all of them is what this is for.
    async fn wallets(&self, _tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
        Ok(vec![DOOR_LOCK])
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Result<i64, Time>, DbError> {
        if let Some(until) = attempts(tx, &self.name, self.now).await?.paused_until {
            return Ok(Err(until));
        }
        let old = self.now.plus_seconds(-WINDOW_SECONDS);
        query("DELETE FROM sign_in_failure WHERE failed_at < $1").bind(old).run(tx).await?;
        let insert = "INSERT INTO sign_in_failure (name, failed_at) VALUES ($1, $2) RETURNING id";
        let (id,) = query(insert).bind(&self.name).bind(self.now).one::<(i64,)>(tx).await?;
        Ok(Ok(id))
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
