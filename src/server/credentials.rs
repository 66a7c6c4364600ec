//! Secrets that let somebody in, as text: `stoa_{kind}_live_{id}_{secret}{check}`. The id may be logged and finds the
//! row; the secret is kept as a keyed hash alone; the check lets anyone reject a misread or made-up one offline.

mod within;

pub use within::{WITHHELD, is_like_one, searchable, withholding};

use std::fmt;

use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::server::{chance, config::Pepper};

const BASE: u8 = 62;
const ALPHABET: &[u8; BASE as usize] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^22 is just above 2^128.
const ID_LENGTH: usize = 22;
/// 62^43 is just above 2^256.
const SECRET_LENGTH: usize = 43;
/// 62^6 is above 2^32.
const CHECK_LENGTH: usize = 6;
const SECRET_BYTES: usize = 32;

/// What a credential is for; part of its text, so that one kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Kind {
    /// REST.
    Key,
    /// A static token at the MCP endpoint.
    Mcp,
    AccessToken,
    RefreshToken,
    Invitation,
    Scim,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Key, Self::Mcp, Self::AccessToken, Self::RefreshToken, Self::Invitation, Self::Scim];

    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Mcp => "mcp",
            Self::AccessToken => "oat",
            Self::RefreshToken => "ort",
            Self::Invitation => "inv",
            Self::Scim => "scim",
        }
    }
}

/// A credential in clear, as somebody presents it or as it was just made. It never shows its secret by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub kind: Kind,
    pub id: Uuid,
    secret: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("kind", &self.kind).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Credential {
    /// A new secret for the row `id`.
    pub fn mint(kind: Kind, id: Uuid) -> Self {
        let secret = base62(&chance::bytes::<SECRET_BYTES>(), SECRET_LENGTH);
        Self { kind, id, secret }
    }

    /// Reads a text whose check holds. Nothing is known then but that it was once written so, and wholly.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            return None;
        }
        let (body, check) = text.split_at_checked(text.len().checked_sub(CHECK_LENGTH)?)?;
        if check != check_of(body) {
            return None;
        }
        let rest = body.strip_prefix("stoa_")?;
        let kind = Kind::ALL.into_iter().find(|kind| rest.strip_prefix(kind.word()).is_some_and(|rest| rest.starts_with("_live_")))?;
        let (id, secret) = rest.strip_prefix(kind.word())?.strip_prefix("_live_")?.split_once('_')?;
        // Of fixed lengths and nothing but digits, so that one credential has one text.
        let is_whole = id.len() == ID_LENGTH && secret.len() == SECRET_LENGTH && secret.bytes().all(|byte| digit(byte).is_some());
        if !is_whole {
            return None;
        }
        Some(Self { kind, id: id_of(id)?, secret: secret.to_owned() })
    }

    /// The whole text: for the one answer that shows it, and for nothing that is kept.
    pub fn reveal(&self) -> String {
        let body = format!("stoa_{}_live_{}_{}", self.kind.word(), base62(self.id.as_bytes(), ID_LENGTH), self.secret);
        let check = check_of(&body);
        body + &check
    }

    /// What is kept of the secret. That of a token is another one than that of a key would be: neither text can be made into
    /// the other.
    pub fn hash(&self, pepper: &Pepper) -> [u8; 32] {
        let purpose = match self.kind {
            Kind::Key | Kind::Invitation => "credential",
            Kind::Mcp => "credential mcp",
            Kind::AccessToken => "credential oat",
            Kind::RefreshToken => "credential ort",
            Kind::Scim => "credential scim",
        };
        pepper.hash(purpose, self.secret.as_bytes())
    }

    /// Whether this is the secret that `kept` is the hash of, in constant time.
    pub fn is(&self, pepper: &Pepper, kept: &[u8]) -> bool {
        self.hash(pepper).as_slice().ct_eq(kept).into()
    }
}

fn check_of(body: &str) -> String {
    base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK_LENGTH)
}

/// A number of big-endian bytes as `length` digits, with zeros in front.
fn base62(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![ALPHABET[0]; length];
    for place in digits.iter_mut().rev() {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(value / u16::from(BASE)).unwrap_or_default();
            rest = value % u16::from(BASE);
        }
        *place = ALPHABET[usize::from(rest)];
    }
    digits.into_iter().map(char::from).collect()
}

fn id_of(text: &str) -> Option<Uuid> {
    text.bytes().try_fold(0_u128, |number, byte| number.checked_mul(u128::from(BASE))?.checked_add(digit(byte)?)).map(Uuid::from_u128)
}

fn digit(byte: u8) -> Option<u128> {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        b'a'..=b'z' => byte - b'a' + 36,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pepper() -> Pepper {
        Pepper::try_from("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned()).expect("a pepper")
    }

    #[test]
    fn the_text_is_as_the_contract_says() {
        let credential = Credential { kind: Kind::Invitation, id: Uuid::nil(), secret: "a".repeat(SECRET_LENGTH) };
        let text = credential.reveal();
        assert_eq!(text.len(), "stoa_inv_live_".len() + ID_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH);
        let (body, check) = text.split_at(text.len() - CHECK_LENGTH);
        assert_eq!(body, format!("stoa_inv_live_{}_{}", "0".repeat(22), "a".repeat(43)));
        assert_eq!(check, base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), 6));
        // CRC-32/ISO-HDLC's own check value.
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn numbers_of_every_size_fit_their_places() {
        assert_eq!(base62(&[0xff; 32], SECRET_LENGTH).len(), SECRET_LENGTH);
        assert_ne!(base62(&[0xff; 32], SECRET_LENGTH), base62(&[0xff; 31], SECRET_LENGTH));
        assert_eq!(id_of(&base62(Uuid::max().as_bytes(), ID_LENGTH)), Some(Uuid::max()));
        assert_eq!(id_of(&"z".repeat(ID_LENGTH)), None, "above 128 bits");
        assert_eq!(base62(&62_u32.to_be_bytes(), 6), "000010");
        for (value, byte) in (0..).zip(ALPHABET) {
            assert_eq!(digit(*byte), Some(value));
        }
        assert_eq!([b'/', b':', b'@', b'[', b'`', b'{', b'_', 0, 0xff].map(digit), [None; 9]);
    }

    #[test]
    fn a_secret_shows_by_no_accident() {
        let credential = Credential::mint(Kind::Key, Uuid::nil());
        let secret = credential.secret.clone();
        assert!(!format!("{credential:?} {:?}", Some(&credential)).contains(&secret));
    }

    fn any_credential() -> impl Strategy<Value = Credential> {
        (any::<u128>(), 0..Kind::ALL.len()).prop_map(|(id, kind)| Credential::mint(Kind::ALL[kind], Uuid::from_u128(id)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_minted_is_read_back_and_proves_itself(credential in any_credential()) {
            let read = Credential::parse(&credential.reveal()).expect("readable");
            prop_assert_eq!(&read, &credential);
            prop_assert!(read.is(&pepper(), &credential.hash(&pepper())));
            prop_assert!(!read.is(&pepper(), &Credential::mint(credential.kind, credential.id).hash(&pepper())));
            prop_assert!(!read.is(&pepper(), &[]));
        }

        #[test]
        fn one_changed_character_is_rejected_offline(credential in any_credential(), place in any::<prop::sample::Index>(), to in 33_u8..127) {
            let mut bytes = credential.reveal().into_bytes();
            let place = place.index(bytes.len());
            prop_assume!(bytes[place] != to);
            bytes[place] = to;
            prop_assert_eq!(Credential::parse(std::str::from_utf8(&bytes).expect("ASCII")), None);
        }

        #[test]
        fn what_is_cut_lengthened_or_made_up_is_rejected(credential in any_credential(), cut in 1_usize..86, tail in "[0-9A-Za-z]{1,4}", noise in "\\PC{0,120}") {
            let text = credential.reveal();
            prop_assert_eq!(Credential::parse(&text[..text.len().saturating_sub(cut)]), None);
            prop_assert_eq!(Credential::parse(&(text.clone() + &tail)), None);
            prop_assert_eq!(Credential::parse(&noise), None);
            prop_assert_eq!(Credential::parse(&format!("stoa_inv_live_{noise}")), None);
        }
    }
}
