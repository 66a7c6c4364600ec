//! What somebody looks for in the list of keys. It is written down, in addresses and in the log: no secret gets there.

use super::words::hint;
use crate::{
    ids::ApiKeyId,
    server::credentials::{Credential, Kind, WITHHELD, searchable},
};

const LENGTH_MAX: usize = 200;

/// The text as it is looked for. A whole key stands for its id, so that whoever pastes one finds it, and the hint that the
/// pages show for the last four characters. None where it is another secret, or a part of one.
pub fn asked(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(key) = Credential::parse(text).filter(|credential| matches!(credential.kind, Kind::Key | Kind::Mcp)) {
        return Some(ApiKeyId(key.id).to_string());
    }
    let hinted = [Kind::Key, Kind::Mcp].into_iter().find_map(|kind| text.strip_prefix(hint(kind, "").as_str()));
    let last = hinted.filter(|last| last.chars().count() == 4);
    let asked = searchable(last.unwrap_or(text), LENGTH_MAX);
    (asked != WITHHELD).then_some(asked)
}

/// The same, for where nothing can be refused: what stands in place of a secret finds nothing.
pub fn shown(text: &str) -> String {
    asked(text).unwrap_or_else(|| WITHHELD.to_owned())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_pasted_key_is_looked_for_by_its_id() {
        let key = Credential::mint(Kind::Key, Uuid::max()).reveal();
        assert_eq!(asked(&format!(" {key}\n")), Some(ApiKeyId(Uuid::max()).to_string()));
        let token = Credential::mint(Kind::Mcp, Uuid::max()).reveal();
        assert_eq!(asked(&token), Some(ApiKeyId(Uuid::max()).to_string()));
        assert_eq!(asked(&hint(Kind::Key, "a1b2")).as_deref(), Some("a1b2"));
        assert_eq!(asked(&hint(Kind::Mcp, "a1b2")).as_deref(), Some("a1b2"));
        assert_eq!(asked("Night\0ly").as_deref(), Some("Nightly"));
        let invitation = Credential::mint(Kind::Invitation, Uuid::max()).reveal();
        for secret in [&invitation, &key[..60], &format!("{key}x"), &format!("Bearer {key}")] {
            assert_eq!((asked(secret), shown(secret).as_str()), (None, WITHHELD), "{secret}");
        }
    }
}
