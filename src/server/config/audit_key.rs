//! The keys that checkpoints of audit logs are signed with: one private one, and the public ones that anybody may have.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

const BYTES: usize = 32;
/// Of a signed note's key: `0x01` is Ed25519.
const ALGORITHM: u8 = 1;

/// Signs. From 32 random bytes, the seed of RFC 8032 §5.1.5.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct AuditKey {
    pair: std::sync::Arc<Ed25519KeyPair>,
    public: AuditPublicKey,
}

impl AuditKey {
    pub fn public(&self) -> &AuditPublicKey {
        &self.public
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl TryFrom<String> for AuditKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let seed = STANDARD.decode(text.trim()).ok().filter(|seed| seed.len() == BYTES);
        let pair = seed.and_then(|seed| Ed25519KeyPair::from_seed_unchecked(&seed).ok());
        let pair = pair.ok_or("is not 32 bytes in base64; make one with: openssl rand -base64 32")?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| "makes no public key")?;
        Ok(Self { pair: pair.into(), public: AuditPublicKey(public) })
    }
}

/// Checks what was signed. Written as its 32 bytes in base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct AuditPublicKey([u8; BYTES]);

impl AuditPublicKey {
    /// Names the key where its whole is too long: the first 8 bytes of its SHA-256, in hex.
    pub fn id(&self) -> String {
        Sha256::digest(self.0)[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// By which a signature under `name` says that it is this key's (C2SP signed-note).
    pub fn hint(&self, name: &str) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(name);
        hash.update([b'\n', ALGORITHM]);
        hash.update(self.0);
        let hash: [u8; 32] = hash.finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// As programs that read signed notes take it: `NAME+HINT+KEY`.
    pub fn verifier(&self, name: &str) -> String {
        let key: Vec<u8> = std::iter::once(ALGORITHM).chain(self.0).collect();
        format!("{name}+{:08x}+{}", u32::from_be_bytes(self.hint(name)), STANDARD.encode(key))
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

/// The plain form, or the one that [`AuditPublicKey::verifier`] gives.
impl TryFrom<String> for AuditPublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The parts of the longer form are told apart by plus signs, which base64 has too: the key is behind the second.
        let plain = STANDARD.decode(text.trim()).ok();
        let bytes = plain.or_else(|| {
            let long = STANDARD.decode(text.trim().splitn(3, '+').nth(2)?).ok()?;
            long.strip_prefix(&[ALGORITHM]).map(<[u8]>::to_vec)
        });
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(Self).ok_or("is no public key: 32 bytes in base64, as `stoa audit keys` prints them")
    }
}

impl fmt::Display for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditPublicKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
    }

    /// RFC 8032 §7.1, test 1.
    #[test]
    fn it_signs_as_the_standard_says() {
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = AuditKey::try_from(STANDARD.encode(seed)).expect("a key");
        let public = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(key.public().to_string(), STANDARD.encode(public));
        let signature = bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        assert_eq!(key.sign(b""), signature);
        assert!(key.public().verifies(b"", &signature));
        assert!(!key.public().verifies(b"x", &signature));
    }

    /// The published example: `PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW`.
    #[test]
    fn it_is_named_as_signed_notes_name_keys() {
        const LONG: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = AuditPublicKey::try_from(LONG.to_owned()).expect("a key");
        assert_eq!(key.verifier("PeterNeumann"), LONG);
        assert_eq!(AuditPublicKey::try_from(key.to_string()), Ok(key));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "not base64!", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA==", "a+b+c", "name+00000000+AgAA"] {
            assert!(AuditKey::try_from(text.to_owned()).is_err(), "{text}");
            assert!(AuditPublicKey::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
