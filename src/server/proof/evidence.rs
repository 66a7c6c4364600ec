//! Evidence that leaves the house: a row with its proof, and a bundle of rows, as JSON that anybody can check without this
//! server. docs/audit-proof.md describes both forms for whoever writes a verifier of their own.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    rows::{INPUT_HASH, StoredRow},
    store::Leaf,
    tree::Hash,
};
use crate::{
    ids::AuditId,
    server::events::{FIELDS, LEAF_VERSION, SALT_LENGTH, commitment, leaf_of},
};

/// The version of both forms.
pub const VERSION: u32 = 1;

/// One row and the proof that it is in the tree of a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowProof {
    /// The version of this form: 1.
    pub stoa_audit_proof: u32,
    pub row: ProvenRow,
    /// The inclusion proof (RFC 6962 §2.1.1), each hash in base64.
    pub path: Vec<String>,
    /// C2SP tlog-checkpoint, signed.
    pub checkpoint: String,
    /// Where values of it were erased, the rows of the log that say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<ProvenRecord>,
}

/// A row of the log that says what of it went by law, and the proof that it is in the tree of the checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenRecord {
    pub record: ProvenRow,
    /// The inclusion proof (RFC 6962 §2.1.1), each hash in base64.
    pub path: Vec<String>,
}

/// The first line of a bundle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleHead {
    /// The version of this form: 1.
    pub stoa_audit_bundle: u32,
    /// The number of the first row, and of the first that is not in it any more.
    pub first: u64,
    pub last: u64,
    /// The hashes of the whole subtrees over the rows before the first, the largest first, in base64.
    pub left: Vec<String>,
    /// The consistency proof (RFC 6962 §2.1.2) from the tree of `last` rows to that of the checkpoint, in base64.
    pub path: Vec<String>,
    /// C2SP tlog-checkpoint, signed: of the whole log as it was then.
    pub checkpoint: String,
}

/// A line of a bundle behind the first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BundleLine {
    Row(ProvenRow),
    /// What went by law of the rows that follow: before the first of them.
    Record(ProvenRecord),
    /// A checkpoint that was signed when the log ended with the row above.
    Between(Between),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// C2SP tlog-checkpoint, signed.
    pub checkpoint: String,
}

/// A row, with all that its leaf is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenRow {
    /// Its number in the log, from 0.
    pub index: u64,
    pub leaf_version: i16,
    /// The leaf hash, in base64.
    pub leaf: String,
    /// By name; none where the row's body is gone and its leaf alone is left.
    pub fields: Option<BTreeMap<String, Field>>,
}

/// A committed field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Field {
    /// Its value was erased together with its salt; what is left proves the others.
    Erased { commitment: String },
    /// A value that is bytes; both in base64.
    Bytes { salt: String, base64: String },
    /// A value that is text; null where there is none.
    Text { salt: String, value: Option<String> },
}

impl ProvenRow {
    /// `None` where the row's body is gone.
    pub fn new(leaf: &Leaf, row: Option<&StoredRow>) -> Self {
        let fields = row.map(|row| {
            let salts = row.salts.chunks(SALT_LENGTH).chain(std::iter::repeat(&[][..]));
            let fields = FIELDS.iter().zip(row.values()).zip(salts).map(|((name, value), salt)| {
                let (salt, erased) = (STANDARD.encode(salt), row.commitment_of(name));
                let field = match (erased, value) {
                    (Some(commitment), _) => Field::Erased { commitment: STANDARD.encode(commitment) },
                    (None, Some(bytes)) if *name == INPUT_HASH => Field::Bytes { salt, base64: STANDARD.encode(bytes) },
                    (None, value) => Field::Text { salt, value: value.map(|text| String::from_utf8_lossy(text).into_owned()) },
                };
                ((*name).to_owned(), field)
            });
            fields.collect()
        });
        Self {
            index: u64::try_from(leaf.seq).unwrap_or_default(),
            leaf_version: row.map_or(LEAF_VERSION, |row| row.version),
            leaf: STANDARD.encode(&leaf.leaf_hash),
            fields,
        }
    }

    /// How it is named where something is wrong with it.
    pub fn name(&self) -> String {
        let id = self.text("id").and_then(|id| id.parse().ok()).map(|id| format!(" ({})", AuditId(id)));
        format!("row {}{}", self.index, id.unwrap_or_default())
    }

    /// A field's value, where it is text and not erased.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.fields.as_ref()?.get(name)? {
            Field::Text { value, .. } => value.as_deref(),
            _ => None,
        }
    }

    /// The names of its fields that were erased.
    pub fn erased(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().flatten().filter(|(_, field)| matches!(field, Field::Erased { .. })).map(|(name, _)| name.as_str())
    }

    /// The leaf that it states, once its fields make it. Of a row whose body is gone nothing but that is left.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked_leaf(&self) -> Result<Hash, String> {
        let stated = hash(&self.leaf).ok_or_else(|| format!("{}: its leaf is no hash", self.name()))?;
        let Some(fields) = &self.fields else { return Ok(stated) };
        if self.leaf_version != LEAF_VERSION {
            return Err(format!("{}: leaf version {} is not known here", self.name(), self.leaf_version));
        }
        let mut commitments = [[0; 32]; FIELDS.len()];
        for (kept, name) in commitments.iter_mut().zip(FIELDS) {
            let field = fields.get(name).ok_or_else(|| format!("{}: the field {name} is missing", self.name()))?;
            *kept = field.commitment(name).ok_or_else(|| format!("{}: the field {name} cannot be read", self.name()))?;
        }
        if fields.len() != FIELDS.len() {
            return Err(format!("{}: it has fields that no leaf of version {LEAF_VERSION} has", self.name()));
        }
        if leaf_of(&commitments) == stated {
            Ok(stated)
        } else {
            Err(format!("{}: its values are not those that were sealed", self.name()))
        }
    }
}

impl Field {
    fn commitment(&self, name: &str) -> Option<Hash> {
        let salted = |salt: &str, value: Option<&[u8]>| {
            let salt = STANDARD.decode(salt).ok().filter(|salt| salt.len() == SALT_LENGTH)?;
            Some(commitment(name, &salt, value))
        };
        match self {
            Self::Erased { commitment } => hash(commitment),
            Self::Bytes { salt, base64 } => salted(salt, Some(&STANDARD.decode(base64).ok()?)),
            Self::Text { salt, value } => salted(salt, value.as_deref().map(str::as_bytes)),
        }
    }
}

pub fn hash(base64: &str) -> Option<Hash> {
    STANDARD.decode(base64).ok()?.try_into().ok()
}

pub fn written(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}
