//! Signing as Standard Webhooks does (<https://www.standardwebhooks.com>): HMAC-SHA-256 over id, time and body, in a header
//! that may carry several signatures.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret of the standard begins with; base64 follows.
const PREFIX: &str = "whsec_";
/// With the padding or without, as the libraries take it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    #[error("after whsec_ base64 is expected")]
    NotBase64,
    #[error("it is empty; `openssl rand -base64 32` makes a good one")]
    Empty,
}

/// A secret as the libraries of the standard take it. `whsec_…` has one meaning. A plain text they read as its bytes or as
/// base64, by how they are called: where it can be both it signs as both, and whichever the listener means verifies.
pub struct SigningKey(Vec<Vec<u8>>);

impl SigningKey {
    pub fn parse(secret: &str) -> Result<Self, SigningKeyError> {
        let keys: Vec<Vec<u8>> = if let Some(rest) = secret.strip_prefix(PREFIX) {
            vec![BASE64.decode(rest).map_err(|_| SigningKeyError::NotBase64)?]
        } else {
            std::iter::once(secret.as_bytes().to_vec()).chain(BASE64.decode(secret).ok()).collect()
        };
        if keys.iter().any(Vec::is_empty) {
            return Err(SigningKeyError::Empty);
        }
        Ok(Self(keys))
    }

    /// The value of `webhook-signature`. `timestamp`: seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let text = format!("{id}.{timestamp}.{body}");
        let signatures = self.0.iter().map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(text.as_bytes());
            format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
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
    fn a_secret_of_nothing_is_refused() {
        assert_eq!(SigningKey::parse("").err(), Some(SigningKeyError::Empty));
        assert_eq!(SigningKey::parse("whsec_").err(), Some(SigningKeyError::Empty));
        assert_eq!(SigningKey::parse("whsec_!").err(), Some(SigningKeyError::NotBase64));
    }
}
