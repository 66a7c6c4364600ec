//! The secrets that batches are signed with, the Standard Webhooks way (<https://www.standardwebhooks.com>). Nothing is kept
//! of one but 16 random bytes: with these and the pepper it is worked out anew.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    ids::AuditStreamId,
    server::{
        chance,
        config::{Pepper, Secrets},
    },
};

const SALT: usize = 16;
const PURPOSE: &str = "audit stream secret";

/// What is kept in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    pub salt: Vec<u8>,
    /// Of the pepper.
    pub pepper: String,
}

impl Seed {
    pub fn draw(secrets: &Secrets) -> Self {
        Self { salt: chance::bytes::<SALT>().to_vec(), pepper: secrets.pepper.id().to_owned() }
    }

    /// None where the pepper that it was made under is not configured any more.
    pub fn secret(&self, secrets: &Secrets, stream: AuditStreamId) -> Option<Secret> {
        let pepper = secrets.peppers().find(|pepper| pepper.id() == self.pepper)?;
        Some(Secret::of(pepper, stream, &self.salt))
    }
}

/// A signing secret in clear. It never shows itself by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    fn of(pepper: &Pepper, stream: AuditStreamId, salt: &[u8]) -> Self {
        Self(pepper.hash(PURPOSE, &[stream.0.as_bytes().as_slice(), salt].concat()))
    }

    /// For the one answer that shows it.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// `v1,…` over id, time and body.
    pub fn sign(&self, id: &str, at: DateTime<Utc>, body: &[u8]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{}.", at.timestamp()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn it_signs_as_the_standard_says() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let mut padded = [0; 32];
        padded[..key.len()].copy_from_slice(&key);
        let at = DateTime::from_timestamp(1_614_265_330, 0).expect("a time");
        let signed = Secret(padded).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        // HMAC fills a short key with zeros: the 24 bytes of the example and these 32 are the same key.
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_salt_and_stream_and_pepper_has_its_own_and_none_is_shown() {
        let pepper = |text: &str| Pepper::try_from(text.to_owned()).expect("a pepper");
        let one = pepper("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        let other = pepper("MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        let (stream, another) = (AuditStreamId(Uuid::nil()), AuditStreamId(Uuid::max()));
        let secret = Secret::of(&one, stream, &[0; 16]);
        assert_eq!(secret, Secret::of(&one, stream, &[0; 16]));
        for different in [Secret::of(&other, stream, &[0; 16]), Secret::of(&one, another, &[0; 16]), Secret::of(&one, stream, &[1; 16])] {
            assert_ne!(secret, different);
        }
        assert!(secret.reveal().starts_with("whsec_") && secret.reveal().len() == 50, "{}", secret.reveal());
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
