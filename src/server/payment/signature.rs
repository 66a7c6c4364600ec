//! The signature of what the provider tells: HMAC-SHA256 over the time, a dot and the bytes that came, in a header
//! `t=…,v1=…,v1=…`. Whoever turned the secret over has two for a while.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::Unread;

/// How far the time of signing may be from ours, either way.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Signatures of one header: a provider sends one for each secret.
const SIGNATURES_MAX: usize = 8;

/// Whether one of the signatures was made with one of the secrets, over this body, at about this time.
///
/// # Errors
/// What of it does not hold.
pub fn check<'a>(header: &str, body: &[u8], secrets: impl Iterator<Item = &'a str>, now: DateTime<Utc>) -> Result<(), Unread> {
    let (time, signatures) = parts(header).ok_or(Unread::Unsigned)?;
    let mut holds = Choice::from(0);
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Unread::Forged)?;
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        let ours = mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"));
        for given in &signatures {
            holds |= ours.as_bytes().ct_eq(given.as_bytes());
        }
    }
    if !bool::from(holds) {
        return Err(Unread::Forged);
    }
    // After the signature: of what nobody signed not even the time is looked at.
    let signed_at = time.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(Unread::Garbled)?;
    if (now - signed_at).abs() > TOLERANCE { Err(Unread::Old) } else { Ok(()) }
}

/// The time and every `v1`; other versions are none of ours.
fn parts(header: &str) -> Option<(&str, Vec<&str>)> {
    let pairs = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let (_, time) = pairs().find(|(name, _)| *name == "t")?;
    let signatures: Vec<&str> = pairs().filter(|(name, _)| *name == "v1").map(|(_, value)| value).take(SIGNATURES_MAX).collect();
    (!signatures.is_empty()).then_some((time, signatures))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed beside this code: `printf '1795262400.%s' BODY | openssl dgst -sha256 -hmac SECRET`.
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;
    const ONE: &str = "0ae12751ec7273ba508fe898dfe525163df6f041188edb91c8d6041454832892";
    const TWO: &str = "866d3e6f1d3afff513f177ca52415922a1d3a9335465f4b75bb111bc2750590e";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_262_400 + seconds, 0).expect("a time")
    }

    fn checked(header: &str, body: &[u8], secrets: &[&str], seconds: i64) -> Result<(), Unread> {
        check(header, body, secrets.iter().copied(), at(seconds))
    }

    #[test]
    fn what_the_secret_signed_holds_and_nothing_else() {
        let header = format!("t=1795262400,v1={ONE}");
        assert_eq!(checked(&header, BODY, &["whsec_one"], 0), Ok(()));
        assert_eq!(checked(&header, BODY, &["whsec_two"], 0), Err(Unread::Forged));
        assert_eq!(checked(&header, br#"{"id":"evt_2","object":"event"}"#, &["whsec_one"], 0), Err(Unread::Forged));
        assert_eq!(checked(&format!("t=1795262401,v1={ONE}"), BODY, &["whsec_one"], 0), Err(Unread::Forged), "the time is signed too");
        assert_eq!(checked(&format!("t=1795262400,v1={}", &ONE[..62]), BODY, &["whsec_one"], 0), Err(Unread::Forged));
        assert_eq!(checked(&format!("t=1795262400,v0={ONE}"), BODY, &["whsec_one"], 0), Err(Unread::Unsigned), "an older way");
        for header in ["", "t=1795262400", "v1=", "t=1795262400,v1", "nonsense"] {
            assert_eq!(checked(header, BODY, &["whsec_one"], 0), Err(Unread::Unsigned), "{header}");
        }
        assert_eq!(checked("t=1795262400,v1=", BODY, &["whsec_one"], 0), Err(Unread::Forged));
        assert_eq!(checked(&header, BODY, &[], 0), Err(Unread::Forged), "without a secret nothing holds");
    }

    #[test]
    fn five_minutes_are_borne_either_way() {
        let header = format!("t=1795262400,v1={ONE}");
        for (seconds, expected) in [(300, Ok(())), (-300, Ok(())), (301, Err(Unread::Old)), (-301, Err(Unread::Old))] {
            assert_eq!(checked(&header, BODY, &["whsec_one"], seconds), expected, "{seconds}");
        }
    }

    /// While a secret is turned over the provider signs with both, and we know one or both.
    #[test]
    fn one_of_several_signatures_and_secrets_is_enough() {
        let header = format!("t=1795262400,v1={ONE},v1={TWO}");
        for secrets in [&["whsec_one"][..], &["whsec_two"], &["whsec_three", "whsec_two"], &["whsec_one", "whsec_two"]] {
            assert_eq!(checked(&header, BODY, secrets, 0), Ok(()), "{secrets:?}");
        }
        assert_eq!(checked(&header, BODY, &["whsec_three"], 0), Err(Unread::Forged));
    }
}
