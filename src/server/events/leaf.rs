//! The leaf of an audit row: what a log's Merkle tree will hold, defined with the first row.
//!
//! `leaf_hash = SHA-256(0x00 || "stoa-audit-v1" || c1 || … || cn)`, the leaf form of RFC 6962 §2.1, where
//! `ci = SHA-256(len(name) || name || salt_i || tag || len(value) || value)` for each field of [`FIELDS`] in
//! order. Lengths are 64-bit big-endian, a salt is 16 random bytes, the tag is 0 for an absent value (which then
//! has no length and no bytes) and 1 otherwise. Because every value stands behind its own salt, a value can be
//! erased together with its salt, leaving only its commitment, and the leaf still verifies; and an edited value
//! no longer does.

use sha2::{Digest as _, Sha256};

use crate::server::chance;

pub const VERSION: i16 = 1;
const DOMAIN: &[u8] = b"stoa-audit-v1";
pub const SALT_LENGTH: usize = 16;

/// The committed fields, in order. A new field means a new version.
pub const FIELDS: [&str; 28] = [
    "id",
    "log_id",
    "tenant_id",
    "workspace_id",
    "project_id",
    "environment",
    "occurred_at",
    "action",
    "actor_type",
    "actor_id",
    "actor_name",
    "on_behalf_of_id",
    "on_behalf_of_name",
    "credential_id",
    "client",
    "channel",
    "route",
    "target_type",
    "target_id",
    "target_name",
    "outcome",
    "reason",
    "request_id",
    "client_request_id",
    "ip",
    "user_agent",
    "input_hash",
    "changes",
];

/// One salt a field, in the order of [`FIELDS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salts(Vec<u8>);

impl Salts {
    pub fn random() -> Self {
        Self(chance::bytes::<{ SALT_LENGTH * FIELDS.len() }>().to_vec())
    }

    /// From what is stored; None where the length is not that of all salts together.
    pub fn from_stored(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == SALT_LENGTH * FIELDS.len()).then_some(Self(bytes))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// That of one field.
    pub fn of(&self, field: usize) -> &[u8] {
        &self.0[field * SALT_LENGTH..(field + 1) * SALT_LENGTH]
    }
}

/// The leaf over the values of [`FIELDS`], in order.
pub fn leaf_hash(values: &[Option<&[u8]>; FIELDS.len()], salts: &Salts) -> [u8; 32] {
    let mut commitments = [[0; 32]; FIELDS.len()];
    for (place, (kept, (name, value))) in commitments.iter_mut().zip(FIELDS.iter().zip(values)).enumerate() {
        *kept = commitment(name, salts.of(place), *value);
    }
    leaf_of(&commitments)
}

/// The leaf over the commitments of [`FIELDS`], in order: what is left of a field whose value and salt were erased.
pub fn leaf_of(commitments: &[[u8; 32]; FIELDS.len()]) -> [u8; 32] {
    let mut leaf = Sha256::new();
    leaf.update([0]);
    leaf.update(DOMAIN);
    for commitment in commitments {
        leaf.update(commitment);
    }
    leaf.finalize().into()
}

/// What stands for a field in its row's leaf.
pub fn commitment(name: &str, salt: &[u8], value: Option<&[u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name);
    hash.update(salt);
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([1]);
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value);
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>() -> [Option<&'a [u8]>; FIELDS.len()] {
        let mut values = [None; FIELDS.len()];
        values[0] = Some(b"one".as_slice());
        values[7] = Some(b"workspace.renamed".as_slice());
        values
    }

    #[test]
    fn the_definition_is_this_one() {
        // Worked out apart from this code, from the definition above.
        let salts = Salts(vec![7; SALT_LENGTH * FIELDS.len()]);
        assert_eq!(
            leaf_hash(&values(), &salts).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
            include_str!("leaf_v1.hex").trim()
        );
    }

    #[test]
    fn every_field_and_every_salt_is_in_the_leaf() {
        let salts = Salts::random();
        let leaf = leaf_hash(&values(), &salts);
        for field in 0..FIELDS.len() {
            let mut edited = values();
            edited[field] = match edited[field] {
                None => Some(b"".as_slice()),
                Some(_) => None,
            };
            assert_ne!(leaf_hash(&edited, &salts), leaf, "{}", FIELDS[field]);
            let mut resalted = salts.clone();
            resalted.0[field * SALT_LENGTH] ^= 1;
            assert_ne!(leaf_hash(&values(), &resalted), leaf, "salt of {}", FIELDS[field]);
        }
    }
}
