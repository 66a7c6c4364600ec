//! Randomness and new identifiers, from one place.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Slugs end in this many characters of chance: 28^6 of them beside each chosen word.
const SLUG_SUFFIX_LENGTH: usize = 6;
/// No vowels and none that are mistaken for another, so that a suffix spells nothing.
const SLUG_ALPHABET: &[u8; 28] = b"23456789bcdfghjkmnpqrstvwxyz";

/// Random bytes from the operating system.
///
/// # Panics
/// When the system has none to give: nothing may go on with predictable secrets.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A fresh secret of 256 bits, as 43 characters of base64url.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A `UUIDv7` of that moment (RFC 9562 §5.7).
pub fn uuid(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

/// So many of that moment, in order: what is done one after the other sorts that way.
pub fn uuids(at: DateTime<Utc>, count: usize) -> Vec<Uuid> {
    let mut uuids: Vec<Uuid> = (0..count).map(|_| uuid(at)).collect();
    uuids.sort_unstable();
    uuids
}

/// A slug: a chosen word and a random suffix. `word` must be lower-case ASCII letters and digits, with single hyphens
/// between them.
pub fn slug(word: &str) -> String {
    let suffix: String = bytes::<SLUG_SUFFIX_LENGTH>().iter().map(|byte| char::from(SLUG_ALPHABET[usize::from(byte % 28)])).collect();
    format!("{word}-{suffix}")
}
