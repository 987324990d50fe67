//! Signing as Standard Webhooks does (https://www.standardwebhooks.com): HMAC-SHA-256 over id, time and body, in a header
//! that may carry several signatures.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret of the standard begins with; base64 follows.
const PREFIX: &str = "whsec_";
/// The standard asks for 24 to 64 bytes. Fewer can be guessed.
const KEY_BYTES_MIN: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    #[error("after whsec_ base64 is expected")]
    NotBase64,
    #[error("it is too short: give at least {KEY_BYTES_MIN} bytes, as `openssl rand -base64 32` makes them")]
    TooShort,
}

/// A secret as the libraries of the standard take it. `whsec_…` has one meaning. A plain text they read as its bytes or as
/// base64, by how they are called: where it can be both it signs as both, and whichever the listener means verifies.
pub struct SigningKey(Vec<Vec<u8>>);

impl SigningKey {
    pub fn parse(secret: &str) -> Result<Self, SigningKeyError> {
        let keys = match secret.strip_prefix(PREFIX) {
            Some(rest) => vec![BASE64_STANDARD.decode(rest).map_err(|_| SigningKeyError::NotBase64)?],
            None => {
                let decoded = BASE64_STANDARD.decode(secret).ok().filter(|key| key.len() >= KEY_BYTES_MIN);
                std::iter::once(secret.as_bytes().to_vec()).chain(decoded).collect()
            }
        };
        if keys.iter().any(|key| key.len() < KEY_BYTES_MIN) {
            return Err(SigningKeyError::TooShort);
        }
        Ok(Self(keys))
    }

    /// The value of `webhook-signature`. `timestamp`: seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let text = format!("{id}.{timestamp}.{body}");
        let signatures = self.0.iter().map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(text.as_bytes());
            format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own libraries.
    #[test]
    fn it_signs_as_the_standard_says() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_plain_secret_that_may_be_base64_signs_as_both() {
        let both = SigningKey::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(both.sign("a", 1, "b").split(' ').count(), 2);
        let plain = SigningKey::parse("correct horse battery staple").unwrap();
        assert_eq!(plain.sign("a", 1, "b").split(' ').count(), 1);
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        assert_eq!(SigningKey::parse("secret").err(), Some(SigningKeyError::TooShort));
        assert_eq!(SigningKey::parse("whsec_c2VjcmV0").err(), Some(SigningKeyError::TooShort));
        assert_eq!(SigningKey::parse("whsec_!").err(), Some(SigningKeyError::NotBase64));
    }
}
