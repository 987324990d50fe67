//! Passwords as Argon2id hashes (RFC 9106). Hashing takes 19 MiB and some 30 ms by design, so it runs beside the
//! async threads, two at a time: a flood of sign-ins queues instead of eating the machine.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Hashes computed at once: 40 MiB at most.
const AT_ONCE: usize = 2;
/// Shorter ones fall to guessing; longer ones would only cost time.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=1_000;
/// 20 of 31 characters: 99 bits.
const GENERATED: usize = 20;

#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// Checks the length and hashes; the error is a sentence for people.
    pub async fn hash(&self, password: &str) -> Result<String, String> {
        let length = password.chars().count();
        if !LENGTH.contains(&length) {
            return Err(format!("A password has {} to {} characters.", LENGTH.start(), LENGTH.end()));
        }
        let password = password.to_owned();
        self.run(move || hash(&password)).await.unwrap_or_else(|| Err("The password can't be hashed.".into()))
    }

    /// Whether `password` made `hash`. Without a hash (nobody of this name) it takes as long and says no.
    pub async fn matches(&self, password: &str, hash: Option<String>) -> bool {
        let password: String = password.chars().take(*LENGTH.end()).collect();
        self.run(move || verify(&password, hash.as_deref())).await.unwrap_or(false)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = self.turns.clone().acquire_owned().await.ok()?;
        let work = move || {
            let result = work();
            drop(turn);
            result
        };
        tokio::task::spawn_blocking(work).await.ok()
    }
}

/// A password that nobody has to think of.
pub fn generate() -> String {
    let text = super::random_text(GENERATED);
    [&text[..5], &text[5..10], &text[10..15], &text[15..]].join("-")
}

fn hash(password: &str) -> Result<String, String> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|error| error.to_string())?;
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash_text: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let known = hash_text.is_some();
    let text = match hash_text {
        Some(text) => text,
        None => NOBODY.get_or_init(|| hash("nobody's password").unwrap_or_default()),
    };
    let Ok(parsed) = PasswordHash::new(text) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_nobody_has_none() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.matches("correct horse", Some(hash.clone())).await);
        assert!(!passwords.matches("correct house", Some(hash)).await);
        assert!(!passwords.matches("nobody's password", None).await);
        assert!(passwords.hash("short").await.is_err());
    }
}
