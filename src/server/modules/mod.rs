//! The modules that this installation has: read from their manifests at start, and refused by file and line where one
//! cannot be used.

mod manifest;

pub use manifest::{Manifest, ManifestError, Status};

use std::sync::OnceLock;

use crate::{access::WorkspacePermission, server::rest::ScopeKind};

/// The manifests that are shipped, in the order in which modules are shown.
const SHIPPED: &[(&str, &str)] = &[
    ("activity_log.toml", include_str!("../../../modules/activity_log.toml")),
    ("tasks.toml", include_str!("../../../modules/tasks.toml")),
    ("crm.toml", include_str!("../../../modules/crm.toml")),
    ("support.toml", include_str!("../../../modules/support.toml")),
    ("cms.toml", include_str!("../../../modules/cms.toml")),
    ("assets.toml", include_str!("../../../modules/assets.toml")),
    ("integrations.toml", include_str!("../../../modules/integrations.toml")),
    ("analytics.toml", include_str!("../../../modules/analytics.toml")),
];

static CATALOGUE: OnceLock<Result<Vec<Module>, ManifestError>> = OnceLock::new();

/// A module, as its manifest declares it, and the scopes that follow from it.
#[derive(Debug)]
pub struct Module {
    pub manifest: Manifest,
    /// `{noun}:read` and `{noun}:write`.
    pub scopes: [ScopeKind; 2],
}

impl Module {
    /// For as long as the process lives: modules are read once.
    fn new(manifest: Manifest) -> Self {
        let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let read = ScopeKind {
            name: kept(format!("{}:read", manifest.noun)),
            says: kept(format!("read what is in {}", manifest.name)),
            asks: WorkspacePermission::ReadWorkspace,
        };
        let write = ScopeKind {
            name: kept(format!("{}:write", manifest.noun)),
            says: kept(format!("add to and change what is in {}", manifest.name)),
            asks: WorkspacePermission::WriteRecords,
        };
        Self { manifest, scopes: [read, write] }
    }

    pub fn key(&'static self) -> &'static str {
        &self.manifest.key
    }

    pub fn is_live(&self) -> bool {
        self.manifest.status == Status::Live
    }
}

/// Every module of this installation.
pub fn list() -> &'static [Module] {
    CATALOGUE.get_or_init(|| read(SHIPPED)).as_deref().unwrap_or_default()
}

/// The module of that key.
pub fn find(key: &str) -> Option<&'static Module> {
    list().iter().find(|module| module.manifest.key == key)
}

/// The module that a scope belongs to; none for the control plane's own.
pub fn of_scope(scope: &str) -> Option<&'static Module> {
    list().iter().find(|module| module.scopes.iter().any(|known| known.name == scope))
}

/// Whether the manifests can be used; asked once, when the server starts.
///
/// # Errors
/// The first thing that is wrong, with file and line.
pub fn check() -> Result<(), ManifestError> {
    CATALOGUE.get_or_init(|| read(SHIPPED)).as_ref().map(drop).map_err(Clone::clone)
}

fn read(files: &[(&str, &str)]) -> Result<Vec<Module>, ManifestError> {
    let mut modules: Vec<Module> = Vec::new();
    for (file, text) in files {
        let manifest = Manifest::read(file, text)?;
        let is_taken = |other: &Module| other.manifest.key == manifest.key || other.manifest.noun == manifest.noun;
        if let Some(other) = modules.iter().find(|other| is_taken(other)) {
            return Err(ManifestError::new(file, format!("key or noun is also that of {}", other.manifest.key)));
        }
        modules.push(Module::new(manifest));
    }
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_manifests_can_be_used() {
        assert_eq!(check(), Ok(()));
        let keys: Vec<&str> = list().iter().map(Module::key).collect();
        assert_eq!(keys, ["activity_log", "tasks", "crm", "support", "cms", "assets", "integrations", "analytics"]);
        assert_eq!(of_scope("activity:write").map(Module::key), Some("activity_log"));
        assert_eq!(of_scope("members:read").map(Module::key), None);
    }

    #[test]
    fn two_modules_of_one_key_are_refused() {
        let one = "key = \"a\"\nname = \"A\"\ndescription = \"A.\"\nstatus = \"live\"\nnoun = \"a\"\n";
        let error = read(&[("a.toml", one), ("b.toml", one)]).expect_err("twice");
        assert!(error.to_string().starts_with("modules/b.toml"), "{error}");
    }
}
