//! The hooks that a manifest may name: what it cannot say itself, done by code of the records feature. Here are their names
//! and what they set; a test of that feature holds this table and its code to each other.

/// A hook, as manifests see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    pub name: &'static str,
    pub of: Of,
    /// The `by_server` fields that it sets, each as `resource.field`, of the manifest that names it.
    pub sets: &'static [&'static str],
}

/// Where a manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// It runs around every write of a record.
    Resource,
    /// It is the operation.
    Operation,
}

impl Of {
    pub fn says(self) -> &'static str {
        match self {
            Self::Resource => "a resource",
            Self::Operation => "an operation",
        }
    }
}

/// Every hook, by module.
pub const HOOKS: &[Hook] = &[];

pub fn find(name: &str, of: Of) -> Option<&'static Hook> {
    HOOKS.iter().find(|hook| hook.name == name && hook.of == of)
}
