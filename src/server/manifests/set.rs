//! A set of manifests, named by what they mean: the same on every node that reads the same files.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::server::modules::Module;

/// One manifest, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The module's key.
    pub module: String,
    pub hash: String,
    /// The text of its file.
    pub manifest: String,
}

/// Every manifest of a node, by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub hash: String,
    pub manifests: Vec<Held>,
}

impl Set {
    pub fn of(modules: &[Module]) -> Self {
        let held = |module: &Module| Held {
            module: module.manifest.key.clone(),
            hash: hash_of(&module.source.text),
            manifest: module.source.text.clone(),
        };
        let mut manifests: Vec<Held> = modules.iter().map(held).collect();
        manifests.sort_by(|one, other| one.module.cmp(&other.module));
        let all = manifests.iter().fold(String::new(), |text, held| text + &held.module + " " + &held.hash + "\n");
        Self { hash: hex(&Sha256::digest(all)), manifests }
    }
}

/// Of what a manifest says, and not of how it is written: comments, layout and the order of keys do not count. Taken of
/// the file itself rather than of what this build reads in it, so that builds agree.
fn hash_of(text: &str) -> String {
    let said: Value = toml::from_str(text).unwrap_or(Value::Null);
    hex(&Sha256::digest(sorted(said).to_string()))
}

/// With the keys of every object in order, whichever way they are kept.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        value => value,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::modules;

    #[test]
    fn what_is_meant_counts_and_not_how_it_is_written() {
        let one = "key = \"a\"\nname = \"A\"\n[[resource]]\nname = \"b\"\n[[resource]]\nname = \"c\"\n";
        let same = "# A.\nname = 'A'\nkey = \"a\"\nresource = [{ name = \"b\" }, { name = \"c\" }]\n";
        assert_eq!(hash_of(one), hash_of(same));
        assert_ne!(hash_of(one), hash_of(&one.replace("\"c\"", "\"d\"")));
        let turned = "key = \"a\"\nname = \"A\"\n[[resource]]\nname = \"c\"\n[[resource]]\nname = \"b\"\n";
        assert_ne!(hash_of(one), hash_of(turned), "the order of resources is what is shown");
    }

    #[test]
    fn a_set_is_named_by_all_of_its_manifests() {
        let all = Set::of(modules::list());
        assert_eq!(all.manifests.len(), modules::list().len());
        assert_eq!(all.hash.len(), 64);
        assert_ne!(all.hash, Set::of(&modules::list()[1..]).hash);
    }
}
