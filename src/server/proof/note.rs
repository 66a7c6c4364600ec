//! Checkpoints: how large a log's tree is and what its root is, signed. In the form of C2SP tlog-checkpoint, which is a
//! C2SP signed-note, so that the witnesses and tools of other transparency logs read them too.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::tree::Hash;
use crate::server::config::{AuditKey, AuditPublicKey};

/// What stands between a log's place and its id in an origin.
const AUDIT: &str = "/audit/";
/// A note of ours has one signature; witnesses may have added theirs.
const SIGNATURES_MAX: usize = 64;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log among all logs of the world.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// Why a note is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("it is no signed checkpoint")]
    Form,
    #[error("no key that was given signed it")]
    UnknownKey,
    #[error("its signature does not hold")]
    Signature,
}

/// The origin of a log: `console.example.com/audit/0193…`.
pub fn origin(console: &url::Url, log: Uuid) -> String {
    let host = console.host_str().unwrap_or_default();
    let port = console.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{host}{port}{AUDIT}{log}")
}

/// The log that an origin names.
pub fn log_of(origin: &str) -> Option<Uuid> {
    origin.rsplit_once(AUDIT)?.1.parse().ok()
}

impl Checkpoint {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let is_canonical = size == "0" || (!size.starts_with('0') && size.bytes().all(|digit| digit.is_ascii_digit()));
        if origin.is_empty() || !is_canonical || lines.any(str::is_empty) {
            return None;
        }
        Some(Self { origin: origin.to_owned(), size: size.parse().ok()?, root: STANDARD.decode(root).ok()?.try_into().ok()? })
    }

    /// The signed note. The key goes by the log's own name, as the form advises.
    pub fn sign(&self, key: &AuditKey) -> String {
        signed(&self.text(), &self.origin, key)
    }

    /// What a note says, once a key of these has signed it; and which.
    ///
    /// # Errors
    /// Where nothing in it may be believed.
    pub fn open<'a>(note: &str, keys: impl IntoIterator<Item = &'a AuditPublicKey>) -> Result<(Self, AuditPublicKey), NoteError> {
        let checkpoint = Self::unproven(note).ok_or(NoteError::Form)?;
        let (_, key) = opened(note, &checkpoint.origin, keys)?;
        Ok((checkpoint, key))
    }

    /// What a note says, whoever signed it: for nothing but finding out which log it is of.
    pub fn unproven(note: &str) -> Option<Self> {
        Self::parse(parts(note)?.0)
    }
}

/// A note of this text, signed under that name.
pub fn signed(text: &str, name: &str, key: &AuditKey) -> String {
    let signature = [&key.public().hint(name)[..], &key.sign(text.as_bytes())].concat();
    format!("{text}\n— {name} {}\n", STANDARD.encode(signature))
}

/// A note's text, once a key of these has signed it under that name; and which.
///
/// # Errors
/// Where nothing in it may be believed.
pub fn opened<'a, 'n>(
    note: &'n str,
    name: &str,
    keys: impl IntoIterator<Item = &'a AuditPublicKey>,
) -> Result<(&'n str, AuditPublicKey), NoteError> {
    let (text, signatures) = parts(note).ok_or(NoteError::Form)?;
    for key in keys {
        let hint = key.hint(name);
        for (signer, signature) in &signatures {
            let Some(signature) = signature.strip_prefix(&hint).filter(|_| *signer == name) else { continue };
            return if key.verifies(text.as_bytes(), signature) { Ok((text, *key)) } else { Err(NoteError::Signature) };
        }
    }
    Err(NoteError::UnknownKey)
}

/// Whose it is, and its bytes.
type Signature<'a> = (&'a str, Vec<u8>);

/// A note's text, and its signatures.
fn parts(note: &str) -> Option<(&str, Vec<Signature<'_>>)> {
    if note.chars().any(|character| character < ' ' && character != '\n') {
        return None;
    }
    let at = note.rfind("\n\n")?;
    let (text, signed) = (&note[..=at], note[at + 2..].strip_suffix('\n')?);
    let signatures: Option<Vec<_>> = signed
        .split('\n')
        .map(|line| {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            Some((name, STANDARD.decode(signature).ok()?))
        })
        .collect();
    Some((text, signatures?)).filter(|(_, signatures)| signatures.len() <= SIGNATURES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> AuditKey {
        AuditKey::try_from(STANDARD.encode([byte; 32])).expect("a key")
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.com/audit/x".to_owned(), size: 42, root: [7; 32] }
    }

    #[test]
    fn a_note_is_believed_for_its_key_alone() {
        let note = checkpoint().sign(&key(1));
        assert!(
            note.starts_with("example.com/audit/x\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n\n— example.com/audit/x "),
            "{note}"
        );
        assert_eq!(Checkpoint::open(&note, [key(2).public(), key(1).public()]), Ok((checkpoint(), *key(1).public())));
        assert_eq!(Checkpoint::open(&note, [key(2).public()]), Err(NoteError::UnknownKey));
        assert_eq!(Checkpoint::open(&note.replace("\n42\n", "\n43\n"), [key(1).public()]), Err(NoteError::Signature));
        assert_eq!(Checkpoint::unproven(&note), Some(checkpoint()));
    }

    #[test]
    fn a_witness_may_have_signed_as_well() {
        let note = checkpoint().sign(&key(1)) + "— witness.example.com/w1 jWbPPwAAAABkGFDL\n";
        assert!(Checkpoint::open(&note, [key(1).public()]).is_ok());
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let note = checkpoint().sign(&key(1));
        for other in [
            String::new(),
            "\n\n".to_owned(),
            note.trim_end().to_owned(),
            note.replace("\n\n", "\n"),
            note.replace('—', "-"),
            note.replace("\n42\n", "\n042\n"),
            note.replace("\n42\n", "\n+42\n"),
            note.replace("\n42\n", "\n4\t2\n"),
            note.replace("BwcH", "Bw"),
        ] {
            assert_eq!(Checkpoint::open(&other, [key(1).public()]), Err(NoteError::Form), "{other}");
        }
    }

    #[test]
    fn an_origin_names_the_console_and_the_log() {
        let log = Uuid::from_u128(5);
        for (console, expected) in [("https://console.example.com", "console.example.com"), ("http://127.0.0.1:3000", "127.0.0.1:3000")] {
            let origin = origin(&console.parse().expect("an address"), log);
            assert_eq!(origin, format!("{expected}/audit/{log}"));
            assert_eq!(log_of(&origin), Some(log));
        }
        assert_eq!(log_of("example.com/audit/x"), None);
    }
}
