//! A module's manifest: what its file says, key by key, before anything is held against anything else.

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::Format;
use crate::server::plans::Dimension;

/// The file of one module, `modules/{key}.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// As stored, and in the API: `activity_log`.
    pub key: String,
    /// As people read it: "Activity log".
    pub name: String,
    /// A sentence.
    pub description: String,
    pub status: Status,
    /// Whether it runs in a workspace where nobody decided.
    #[serde(default)]
    pub default_on: bool,
    /// The first half of its scopes: `activity` of `activity:read`.
    pub noun: String,
    /// What it keeps, as declared; checked in [`super::Module::resources`].
    #[serde(default, rename = "resource")]
    pub declared: Vec<DeclaredResource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Live,
    /// Declared and shown; it has no routes yet.
    Planned,
}

/// A `[[resource]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredResource {
    pub name: Spanned<String>,
    /// The name with an s where nothing is said.
    pub plural: Option<String>,
    pub says: String,
    pub named_by: Spanned<String>,
    #[serde(default)]
    pub append_only: bool,
    /// What is done around every write of one, by code: a name of [`super::HOOKS`].
    pub hook: Option<Spanned<String>>,
    #[serde(default)]
    pub states: Vec<Spanned<String>>,
    #[serde(default, rename = "field")]
    pub fields: Vec<DeclaredField>,
    #[serde(default, rename = "transition")]
    pub transitions: Vec<DeclaredTransition>,
    /// Beside those of every record and of its transitions; a hook makes them.
    #[serde(default, rename = "event")]
    pub events: Vec<DeclaredEvent>,
    #[serde(default, rename = "operation")]
    pub operations: Vec<DeclaredOperation>,
}

/// A `[[resource.field]]`. Which of the options it may have depends on its type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct DeclaredField {
    pub name: Spanned<String>,
    #[serde(rename = "type")]
    pub kind: DeclaredType,
    pub says: String,
    #[serde(default)]
    pub required: bool,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub format: Option<Format>,
    #[serde(default)]
    pub values: Vec<String>,
    pub resource: Option<String>,
    pub default: Option<Value>,
    #[serde(default)]
    pub filter: bool,
    #[serde(default)]
    pub sort: bool,
    #[serde(default)]
    pub search: bool,
    /// No two records that are not put away have the same.
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub by_server: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredType {
    Text,
    LongText,
    Integer,
    Boolean,
    Instant,
    Date,
    Enum,
    Member,
    Record,
    Json,
}

/// A `[[resource.transition]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredTransition {
    pub name: Spanned<String>,
    pub from: Vec<String>,
    pub to: String,
    pub stamps: Option<String>,
    #[serde(default)]
    pub clears: Vec<String>,
    pub event: String,
    pub event_says: String,
}

/// A `[[resource.event]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredEvent {
    /// In the past: `stage_changed`.
    pub name: Spanned<String>,
    pub says: String,
}

/// A `[[resource.operation]]`. What is not said follows from the resource.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredOperation {
    /// `list`, `get`, `create`, `update`, `archive`, the name of a transition, or with a hook a word of its own.
    pub does: Spanned<String>,
    /// What it does, by code: a name of [`super::HOOKS`].
    pub hook: Option<Spanned<String>>,
    pub says: String,
    pub id: Option<String>,
    pub path: Option<String>,
    pub tool: Option<String>,
    pub meter: Option<Dimension>,
    #[serde(default)]
    pub while_paused: bool,
}

/// What is wrong with a manifest, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("modules/{file}: {problem}")]
pub struct ManifestError {
    file: String,
    problem: String,
}

impl ManifestError {
    pub fn new(file: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}

impl Manifest {
    /// # Errors
    /// The first thing that is wrong; the parser's own message names key and line.
    pub fn read(file: &str, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ManifestError::new(file, error.to_string().trim().replace('\n', " ")))?;
        for (field, word) in [("key", &manifest.key), ("noun", &manifest.noun)] {
            if !is_word(word) {
                return Err(ManifestError::new(file, format!("{field}: {word:?} is not 1 to 40 lower-case letters, digits and _")));
            }
        }
        for (field, text) in [("name", &manifest.name), ("description", &manifest.description)] {
            if text.trim().is_empty() {
                return Err(ManifestError::new(file, format!("{field}: is empty")));
            }
        }
        Ok(manifest)
    }

    /// Whether it declares the field of `resource.field`, and nobody sends that.
    pub fn has_by_server(&self, path: &str) -> bool {
        path.split_once('.').is_some_and(|(resource, field)| {
            let declared = self.declared.iter().filter(|declared| declared.name.get_ref() == resource);
            declared.flat_map(|declared| &declared.fields).any(|given| given.name.get_ref() == field && given.by_server)
        })
    }
}

/// 1 to 40 lower-case letters, digits and `_`, a letter first.
pub fn is_word(word: &str) -> bool {
    word.len() <= 40
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "key = \"a\"\nname = \"A\"\ndescription = \"A.\"\nstatus = \"live\"\nnoun = \"a\"\n";

    #[test]
    fn what_cannot_be_used_is_named_by_file_and_line() {
        for (from, to, says) in [
            ("key = \"a\"", "key = \"A\"", "key"),
            ("noun = \"a\"", "noun = \"a:b\"", "noun"),
            ("name = \"A\"", "name = \" \"", "name"),
            ("status = \"live\"", "status = \"soon\"", "line 4"),
            ("status = \"live\"", "status = \"live\"\ncolour = 1", "colour"),
        ] {
            let error = Manifest::read("a.toml", &WHOLE.replace(from, to)).expect_err(to).to_string();
            assert!(error.starts_with("modules/a.toml") && error.contains(says), "{error} does not say {says}");
        }
    }
}
