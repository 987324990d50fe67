//! Who has a second factor, and which of its codes were used. Turning it on makes ten recovery codes, of which each
//! replaces one code of the app; they are shown once and kept as hashes.

use super::totp;
use super::user::PeopleError;
use crate::audit_log;
use crate::db::{Change, DbError, Query, Tx, query};
use crate::record;
use app::model::{Time, UserId};
use async_trait::async_trait;
use sha2::{Digest, Sha256};

const RECOVERY_CODES: usize = 10;
/// 16 of 31 characters: 79 bits.
const RECOVERY_LENGTH: usize = 16;

/// Ten new ones, as they are shown: `abcd-efgh-jkmn-pqrs`.
pub fn recovery_codes() -> Vec<String> {
    let code = |_| {
        let text = super::random_text(RECOVERY_LENGTH);
        [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// However it was typed: case, blanks and dashes don't count.
fn hash(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    hex::encode(Sha256::digest(plain))
}

/// Which kind of code was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    Nothing,
    Code,
    RecoveryCode,
}

/// Takes a code, so that nobody can use it again.
pub struct UseCode {
    pub user: UserId,
    pub typed: String,
    pub now: Time,
}

struct Held {
    totp_secret: Option<Vec<u8>>,
    totp_step: Option<i64>,
}

record!(Held { totp_secret, totp_step });

#[async_trait]
impl Change for UseCode {
    type Output = Used;
    type Error = DbError;

    fn name(&self) -> &'static str {
        "use_code"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Used, DbError> {
        let sql = r#"SELECT totp_secret, totp_step FROM "user" WHERE id = $1 AND disabled_at IS NULL"#;
        let held: Option<Held> = query(sql).bind(self.user).optional(tx).await?;
        let Some(Held { totp_secret: Some(secret), totp_step }) = held else { return Ok(Used::Nothing) };
        if totp::is_code(&self.typed) {
            let Some(step) = totp::matching_step(&secret, &self.typed, self.now, totp_step) else {
                return Ok(Used::Nothing);
            };
            query(r#"UPDATE "user" SET totp_step = $2 WHERE id = $1"#)
                .bind(self.user)
                .bind(step)
                .run_one(tx)
                .await?;
            return Ok(Used::Code);
        }
        let sql = r#"UPDATE recovery_code SET used_at = $3 WHERE "user" = $1 AND code_hash = $2 AND used_at IS NULL"#;
        let used = query(sql).bind(self.user).bind(hash(&self.typed)).bind(self.now).run(tx).await?;
        Ok(if used == 1 { Used::RecoveryCode } else { Used::Nothing })
    }
}

/// What a person orders about their own second factor.
pub enum Order {
    /// `step`: of the code that proved that the app has the secret; it counts as used.
    TurnOn {
        secret: Vec<u8>,
        step: i64,
        recovery_codes: Vec<String>,
    },
    RenewCodes {
        recovery_codes: Vec<String>,
    },
    TurnOff,
}

pub struct ChangeSecondFactor {
    pub user: UserId,
    /// For the audit log.
    pub actor: String,
    pub order: Order,
    pub now: Time,
}

#[async_trait]
impl Change for ChangeSecondFactor {
    type Output = ();
    type Error = PeopleError;

    fn name(&self) -> &'static str {
        "change_second_factor"
    }

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), PeopleError> {
        let action = match &self.order {
            Order::TurnOn { secret, step, recovery_codes } => {
                let sql = r#"UPDATE "user" SET totp_secret = $2, totp_since = $3, totp_step = $4
                    WHERE id = $1 AND totp_secret IS NULL"#;
                let on = query(sql).bind(self.user).bind(secret.clone()).bind(self.now).bind(*step);
                if on.run(tx).await? == 0 {
                    return Err(PeopleError::SecondFactorOn);
                }
                self.replace_codes(tx, recovery_codes).await?;
                "second_factor.turn_on"
            }
            Order::RenewCodes { recovery_codes } => {
                let sql = r#"SELECT id FROM "user" WHERE id = $1 AND totp_secret IS NOT NULL"#;
                if query(sql).bind(self.user).optional::<(i64,)>(tx).await?.is_none() {
                    return Err(PeopleError::SecondFactorOff);
                }
                self.replace_codes(tx, recovery_codes).await?;
                "second_factor.renew_codes"
            }
            Order::TurnOff => {
                for query in drop_second_factor(self.user) {
                    query.run(tx).await?;
                }
                "second_factor.turn_off"
            }
        };
        audit_log::entry(self.now, &self.actor, action, &self.actor, "done").run(tx).await?;
        Ok(())
    }
}

impl ChangeSecondFactor {
    async fn replace_codes(&self, tx: &mut Tx<'_>, codes: &[String]) -> Result<(), DbError> {
        query(r#"DELETE FROM recovery_code WHERE "user" = $1"#).bind(self.user).run(tx).await?;
        for code in codes {
            let insert = query(r#"INSERT INTO recovery_code ("user", code_hash) VALUES ($1, $2)"#);
            insert.bind(self.user).bind(hash(code)).run(tx).await?;
        }
        Ok(())
    }
}

/// Off, with all that belongs to it.
pub(super) fn drop_second_factor(user: UserId) -> [Query; 2] {
    let off = r#"UPDATE "user" SET totp_secret = NULL, totp_since = NULL, totp_step = NULL WHERE id = $1"#;
    [query(off).bind(user), query(r#"DELETE FROM recovery_code WHERE "user" = $1"#).bind(user)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let codes = recovery_codes();
        assert_eq!(codes.len(), 10);
        let code = &codes[0];
        assert_eq!(code.len(), 19);
        assert_eq!(hash(code), hash(&format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_ne!(hash(code), hash(&codes[1]));
        assert!(!totp::is_code(code));
    }
}
