//! The modules that this installation has: read from their manifests at start, and refused by file and line where one
//! cannot be used.

mod checking;
mod fields;
mod hooks;
mod kind;
mod manifest;
mod operations;
mod resource;
mod source;
mod text;

pub use checking::TAKEN;
pub use hooks::{HOOKS, Hook, Of};
pub use kind::{Indexed, Kind};
pub use manifest::{Manifest, ManifestError, Status};
pub use resource::{Does, Exposed, Field, Preset, Resource, STATUS, Transition};
pub use source::{Source, line_of_name};
pub use text::{Format, is_media_type};

use std::{collections::HashSet, path::Path, sync::OnceLock};

use checking::{Checking, Seen, kept};

use crate::{
    access::WorkspacePermission,
    server::{
        events::RecordEvent,
        plans::Plan,
        rest::{self, ScopeKind},
    },
};

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
    pub source: Source,
    /// `{noun}:read` and `{noun}:write`.
    pub scopes: [ScopeKind; 2],
    /// What it keeps; none yet where it is planned.
    pub resources: Vec<Resource>,
}

impl Module {
    /// For as long as the process lives: modules are read once.
    fn new(source: Source, manifest: Manifest, resources: Vec<Resource>) -> Self {
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
        Self { source, manifest, scopes: [read, write], resources }
    }

    pub fn key(&'static self) -> &'static str {
        &self.manifest.key
    }

    pub fn is_live(&self) -> bool {
        self.manifest.status == Status::Live
    }

    /// Whether that plan has it. What an operator adds is in every plan: no plan that is shipped can know it.
    pub fn is_in(&self, plan: &Plan) -> bool {
        !self.source.is_shipped || plan.has_module(&self.manifest.key)
    }
}

/// Every module of this installation: those that are shipped, and then the operator's own.
pub fn list() -> &'static [Module] {
    CATALOGUE.get_or_init(|| read(shipped())).as_deref().unwrap_or_default()
}

fn shipped() -> Vec<Source> {
    SHIPPED.iter().map(|(file, text)| Source::shipped(file, text)).collect()
}

/// The same beside the files of a folder, without becoming those of this process.
///
/// # Errors
/// The first thing that is wrong, with file and line.
pub fn read_with(folder: Option<&Path>) -> Result<Vec<Module>, ManifestError> {
    let mut sources = shipped();
    if let Some(folder) = folder {
        sources.extend(source::files_of(folder)?);
    }
    read(sources)
}

/// The module of that key.
pub fn find(key: &str) -> Option<&'static Module> {
    list().iter().find(|module| module.manifest.key == key)
}

/// The module that a scope belongs to; none for the control plane's own.
pub fn of_scope(scope: &str) -> Option<&'static Module> {
    list().iter().find(|module| module.scopes.iter().any(|known| known.name == scope))
}

/// Every kind of record that there is.
pub fn resources() -> impl Iterator<Item = &'static Resource> {
    list().iter().flat_map(|module| &module.resources)
}

/// Every event that can happen to a record.
pub fn events() -> impl Iterator<Item = &'static RecordEvent> {
    resources().flat_map(Resource::events)
}

/// Reads every manifest, once and before anything asks for one: those that are shipped, and those of the operator's folder.
///
/// # Errors
/// The first thing that is wrong, with file and line.
pub fn load(folder: Option<&Path>) -> Result<(), ManifestError> {
    CATALOGUE.get_or_init(|| read_with(folder)).as_ref().map(drop).map_err(Clone::clone)
}

fn read(sources: Vec<Source>) -> Result<Vec<Module>, ManifestError> {
    let manifests: Vec<Manifest> = sources.iter().map(|source| Manifest::read(&source.place, &source.text)).collect::<Result<_, _>>()?;
    let known: HashSet<String> =
        manifests.iter().flat_map(|manifest| &manifest.declared).map(|declared| declared.name.get_ref().clone()).collect();
    let mut modules: Vec<Module> = Vec::new();
    let mut seen = Seen::default();
    for (source, manifest) in sources.into_iter().zip(manifests) {
        ask_names(&source, &manifest, &modules)?;
        let resources = Checking { file: &source.place, text: &source.text, known: &known }.resources(&manifest, &mut seen)?;
        modules.push(Module::new(source, manifest, resources));
    }
    Ok(modules)
}

/// Key and noun are nobody else's: switches, records and entitlements go by the one, and what credentials hold by the other.
fn ask_names(source: &Source, manifest: &Manifest, modules: &[Module]) -> Result<(), ManifestError> {
    for (field, word) in [("key", &manifest.key), ("noun", &manifest.noun)] {
        let is_taken = |other: &&Module| word == if field == "key" { &other.manifest.key } else { &other.manifest.noun };
        if let Some(other) = modules.iter().find(is_taken) {
            let says = format!("{field}: {word:?} is also that of {}", other.source.place_of(field));
            return Err(ManifestError::new(&source.place_of(field), says));
        }
    }
    if rest::is_noun_taken(&manifest.noun) {
        let says = format!("noun: {:?} is the control plane's: credentials hold scopes of it already", manifest.noun);
        return Err(ManifestError::new(&source.place_of("noun"), says));
    }
    Ok(())
}

#[cfg(test)]
mod reading;

#[cfg(test)]
mod tests {
    use super::{reading::read, *};

    #[test]
    fn the_shipped_manifests_can_be_used() {
        assert_eq!(load(None), Ok(()));
        let keys: Vec<&str> = list().iter().map(Module::key).collect();
        assert_eq!(keys, ["activity_log", "tasks", "crm", "support", "cms", "assets", "integrations", "analytics"]);
        assert_eq!(of_scope("activity:write").map(Module::key), Some("activity_log"));
        assert_eq!(of_scope("members:read").map(Module::key), None);
    }

    #[test]
    fn two_modules_of_one_key_are_refused() {
        let one = "key = \"a\"\nname = \"A\"\ndescription = \"A.\"\nstatus = \"live\"\nnoun = \"a\"\n";
        let error = read(&[("a.toml", one), ("b.toml", one)]).expect_err("twice").to_string();
        assert!(error.starts_with("modules/b.toml: line 1: ") && error.ends_with("modules/a.toml: line 1"), "{error}");
        let error = read(&[("a.toml", one), ("b.toml", &one.replacen("\"a\"", "\"b\"", 1))]).expect_err("one noun").to_string();
        assert!(error.starts_with("modules/b.toml: line 5: noun"), "{error}");
        let error = read(&[("a.toml", &one.replace("noun = \"a\"", "noun = \"members\""))]).expect_err("taken").to_string();
        assert!(error.starts_with("modules/a.toml: line 5: noun") && error.contains("control plane"), "{error}");
    }
}
