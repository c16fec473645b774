//! Signed webhooks out, after the Standard Webhooks specification.
//!
//! What a receiver gets beside the body: `webhook-id` (the idempotency key, the same
//! at every try), `webhook-timestamp`, and `webhook-signature` with one signature for
//! each key. While a key is being replaced there are two: the secret holds the new one
//! before the old one until every receiver knows the new one, and the fleet sees the
//! change with the secret's next refresh.

use crate::secrets::Secret;
use flotilla_task::Timestamp;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};
use std::fmt;

/// One that is coming, one that counts, one that is going.
const MOST_KEYS: usize = 3;
/// What the specification asks for.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const PREFIX: &str = "whsec_";

/// The headers of a signed call.
pub type Headers = [(&'static str, String); 3];

/// The keys that a receiver may know, the newest first.
pub struct Keys(Vec<Webhook>);

/// Keys that cannot be used. A retry does not help until the secret is mended. No
/// word of the secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// None or too many.
    #[error("expected one to {MOST_KEYS} keys with spaces between, got {0}")]
    Number(usize),
    /// One is not a key.
    #[error("key {0}: expected whsec_ and 24 to 64 bytes in base64")]
    Key(usize),
    /// Signing failed.
    #[error("nothing can be signed: {0}")]
    Unsigned(String),
}

impl Keys {
    /// The keys that a secret holds.
    ///
    /// # Errors
    /// [`KeysError`] when it holds something else.
    pub fn read(secret: &Secret) -> Result<Self, KeysError> {
        let texts: Vec<&str> = secret.reveal().split_whitespace().collect();
        if !(1..=MOST_KEYS).contains(&texts.len()) {
            return Err(KeysError::Number(texts.len()));
        }
        let keys = texts.iter().zip(1..).map(|(text, number)| {
            let bytes = text.strip_prefix(PREFIX).map_or(0, decoded_length);
            let key = Webhook::new(text).ok().filter(|_| KEY_BYTES.contains(&bytes));
            key.ok_or(KeysError::Key(number))
        });
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    /// The headers for a body, sent now under that id. A try that is repeated is signed
    /// again, because receivers refuse what was signed long ago.
    ///
    /// # Errors
    /// [`KeysError::Unsigned`], which no body made of text meets.
    pub fn sign(&self, id: &str, now: Timestamp, body: &str) -> Result<Headers, KeysError> {
        let seconds = now.as_millis() / 1000;
        let at = i64::try_from(seconds).unwrap_or(i64::MAX);
        let sign = |key: &Webhook| key.sign(id, at, body.as_bytes());
        let signatures: Result<Vec<_>, _> = self.0.iter().map(sign).collect();
        let signatures = signatures.map_err(|error| KeysError::Unsigned(error.to_string()))?;
        Ok([
            (HEADER_WEBHOOK_ID, id.to_owned()),
            (HEADER_WEBHOOK_TIMESTAMP, at.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
        ])
    }
}

/// What so much base64 stands for; whether it is base64 the crate says.
fn decoded_length(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own example.
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    fn keys(text: &str) -> Result<Keys, KeysError> {
        Keys::read(&Secret::from(text.to_owned()))
    }

    #[test]
    fn the_specifications_example_is_signed_as_it_says() {
        let at = Timestamp::from_millis(1_614_265_330_999);
        let body = r#"{"test": 2432232314}"#;
        let headers = keys(KEY).unwrap().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body).unwrap();
        assert_eq!(headers[0], ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()));
        assert_eq!(headers[1], ("webhook-timestamp", "1614265330".to_owned()));
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(headers[2], ("webhook-signature", signature.to_owned()));
    }

    #[test]
    fn during_a_rotation_every_key_signs_and_the_newest_comes_first() {
        let at = Timestamp::from_millis(1_000);
        let signed = |text: &str| keys(text).unwrap().sign("id", at, "{}").unwrap()[2].1.clone();
        let both = signed(&format!(" {OTHER}\n{KEY} "));
        assert_eq!(both, format!("{} {}", signed(OTHER), signed(KEY)));
    }

    #[test]
    fn what_is_no_key_is_named_by_its_place_and_not_shown() {
        assert_eq!(keys(" ").unwrap_err(), KeysError::Number(0));
        assert_eq!(keys(&format!("{KEY} {KEY} {KEY} {KEY}")).unwrap_err(), KeysError::Number(4));
        for wrong in ["hush", "whsec_hush!", "whsec_aHVzaA==", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let error = keys(&format!("{KEY} {wrong}")).unwrap_err();
            assert_eq!(error, KeysError::Key(2));
            assert!(!error.to_string().contains("hush"), "{error}");
        }
        assert_eq!(format!("{:?}", keys(KEY).unwrap()), "Keys(1)");
    }
}
