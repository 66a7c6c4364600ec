//! The key of the hashes that are kept in place of secrets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

const BYTES_MIN: usize = 32;

#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pepper {
    /// Keyed once: each hash begins from here.
    keyed: Hmac<Sha256>,
    id: String,
}

impl Pepper {
    /// None never: HMAC takes keys of any length.
    fn new(key: &[u8]) -> Option<Self> {
        let keyed = Hmac::new_from_slice(key).ok()?;
        let mut pepper = Self { keyed, id: String::new() };
        pepper.id = pepper.hash("pepper id", b"")[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        Some(pepper)
    }

    /// Names the pepper and says nothing about it: kept beside each hash, so that the pepper can rotate.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// HMAC-SHA256 under the pepper (RFC 2104); `purpose` keeps one use's hashes apart from another's.
    pub fn hash(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

impl TryFrom<String> for Pepper {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let key = STANDARD.decode(text.trim()).ok().filter(|key| key.len() >= BYTES_MIN);
        key.and_then(|key| Self::new(&key)).ok_or("is not 32 bytes or more in base64; make one with: openssl rand -base64 32")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is stored was made under these: they stay as they are.
    #[test]
    fn hashes_and_names_stay_as_they_were_stored() {
        let pepper = Pepper::try_from("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned()).expect("a pepper");
        assert_eq!(pepper.id(), "8f96a8fd7430b836");
        let hash = pepper.hash("credential", b"abc").iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!(hash, "88e219e8ff02a8364767b82f52cbb2dc744177b3743f34aa8d72239032991cb5");
    }

    #[test]
    fn a_short_key_is_refused() {
        for text in ["", "not base64!", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA=="] {
            assert!(Pepper::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
