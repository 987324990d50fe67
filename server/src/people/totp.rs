//! The second factor: six digits from a shared secret and the time (RFC 6238 over HMAC-SHA-1 with steps of 30 s, which
//! is what every authenticator app does). Pure: the books of who has one, and of codes already used, are
//! `second_factor.rs`.
//!
//! The secret is readable in the database. Coffer holds no key that the database doesn't, and encrypting it under the
//! password would only look better: whoever has the password could decrypt it, and whoever hasn't gets nowhere with
//! it, since a code alone opens nothing. So a stolen database takes the second factor away and leaves the Argon2id
//! hash; after a theft people turn it off and on again.

use app::model::Time;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// As long as the hash, which RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// Steps that a telephone's clock may be ahead or behind.
const SKEW: i64 = 1;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub fn new_secret() -> Vec<u8> {
    rand::random::<[u8; SECRET_BYTES]>().to_vec()
}

/// The time step that a moment lies in.
pub fn step_at(now: Time) -> i64 {
    now.0.div_euclid(1_000_000).div_euclid(STEP_SECONDS)
}

/// The code of one step, with its leading zeros.
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 0x0f);
    let four = [hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    format!("{:0DIGITS$}", u32::from_be_bytes(four) % 10_u32.pow(6))
}

/// Six digits, however they are grouped.
pub fn is_code(typed: &str) -> bool {
    let typed = compact(typed);
    typed.len() == DIGITS && typed.bytes().all(|c| c.is_ascii_digit())
}

/// The step whose code was typed, if it is about now and later than the last one taken.
pub fn matching_step(secret: &[u8], typed: &str, now: Time, last: Option<i64>) -> Option<i64> {
    let (typed, about) = (compact(typed), step_at(now));
    let mut found = None;
    // Every step is compared, so that the time taken tells nothing.
    for step in about - SKEW..=about + SKEW {
        let same: bool = code(secret, step).as_bytes().ct_eq(typed.as_bytes()).into();
        if same && last.is_none_or(|last| step > last) {
            found = found.or(Some(step));
        }
    }
    found
}

fn compact(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The secret as people type it into an app that has no camera.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        for at in 0..(group.len() * 8).div_ceil(5) {
            let five = (bits >> (35 - 5 * at)) & 0x1f;
            text.push(char::from(BASE32[usize::try_from(five).unwrap_or(0)]));
        }
    }
    text
}

/// What the QR code says to the app (the "Key Uri Format" that all of them read).
pub fn uri(secret: &[u8], issuer: &str, user: &str) -> String {
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    // Apps read a plus as a plus.
    let (issuer, user) = (escaped(issuer).replace('+', "%20"), escaped(user).replace('+', "%20"));
    format!(
        "otpauth://totp/{issuer}:{user}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        base32(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Time {
        Time(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, the rows of SHA-1; its eight digits end with our six.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(SECRET, step_at(at(seconds))), eight[2..], "{seconds}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_is_that_of_the_rfc() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
    }

    #[test]
    fn a_code_counts_one_step_around_its_own_and_once() {
        let now = at(1_234_567_890);
        let step = step_at(now);
        for away in -1..=1 {
            assert_eq!(matching_step(SECRET, &code(SECRET, step + away), now, None), Some(step + away));
        }
        for away in [-2, 2] {
            assert_eq!(matching_step(SECRET, &code(SECRET, step + away), now, None), None);
        }
        let typed = code(SECRET, step);
        assert_eq!(matching_step(SECRET, &typed, now, Some(step)), None, "used before");
        assert_eq!(matching_step(SECRET, &typed, now, Some(step - 1)), Some(step));
        assert_eq!(matching_step(SECRET, &format!("{} {}", &typed[..3], &typed[3..]), now, None), Some(step));
        assert_eq!(matching_step(SECRET, "", now, None), None);
        assert!(is_code("123 456") && !is_code("12345") && !is_code("abcd-efgh"));
    }

    #[test]
    fn the_uri_survives_any_name() {
        assert_eq!(
            uri(b"foobar", "Coffer coffer.example", "ines & bo"),
            "otpauth://totp/Coffer%20coffer.example:ines%20%26%20bo?secret=MZXW6YTBOI\
             &issuer=Coffer%20coffer.example&algorithm=SHA1&digits=6&period=30"
        );
    }
}
