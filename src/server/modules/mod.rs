//! The modules that this installation has: read from their manifests at start, and refused by file and line where one
//! cannot be used.

mod checking;
mod fields;
mod hooks;
mod kind;
mod manifest;
mod operations;
mod resource;
mod text;

pub use checking::TAKEN;
pub use hooks::{HOOKS, Hook, Of};
pub use kind::{Indexed, Kind};
pub use manifest::{Manifest, ManifestError, Status};
pub use resource::{Does, Exposed, Field, Preset, Resource, STATUS, Transition};
pub use text::{Format, is_media_type};

use std::{collections::HashSet, sync::OnceLock};

use checking::{Checking, Seen, kept};

use crate::{
    access::WorkspacePermission,
    server::{events::RecordEvent, rest::ScopeKind},
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
    /// `{noun}:read` and `{noun}:write`.
    pub scopes: [ScopeKind; 2],
    /// What it keeps; none yet where it is planned.
    pub resources: Vec<Resource>,
}

impl Module {
    /// For as long as the process lives: modules are read once.
    fn new(manifest: Manifest, resources: Vec<Resource>) -> Self {
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
        Self { manifest, scopes: [read, write], resources }
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

/// Every kind of record that there is.
pub fn resources() -> impl Iterator<Item = &'static Resource> {
    list().iter().flat_map(|module| &module.resources)
}

/// Every event that can happen to a record.
pub fn events() -> impl Iterator<Item = &'static RecordEvent> {
    resources().flat_map(Resource::events)
}

/// Whether the manifests can be used; asked once, when the server starts.
///
/// # Errors
/// The first thing that is wrong, with file and line.
pub fn check() -> Result<(), ManifestError> {
    CATALOGUE.get_or_init(|| read(SHIPPED)).as_ref().map(drop).map_err(Clone::clone)
}

fn read(files: &[(&str, &str)]) -> Result<Vec<Module>, ManifestError> {
    let manifests: Vec<Manifest> = files.iter().map(|(file, text)| Manifest::read(file, text)).collect::<Result<_, _>>()?;
    let known: HashSet<String> =
        manifests.iter().flat_map(|manifest| &manifest.declared).map(|declared| declared.name.get_ref().clone()).collect();
    let mut modules: Vec<Module> = Vec::new();
    let mut seen = Seen::default();
    for ((file, text), manifest) in files.iter().zip(manifests) {
        let is_taken = |other: &Module| other.manifest.key == manifest.key || other.manifest.noun == manifest.noun;
        if let Some(other) = modules.iter().find(|other| is_taken(other)) {
            return Err(ManifestError::new(file, format!("key or noun is also that of {}", other.manifest.key)));
        }
        let resources = Checking { file, text, known: &known }.resources(&manifest, &mut seen)?;
        modules.push(Module::new(manifest, resources));
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

    const NOTES: &str = r#"
key = "notes"
name = "Notes"
description = "N."
status = "live"
noun = "notes"

[[resource]]
name = "note"
says = "A note."
named_by = "title"
states = ["open", "closed"]

[[resource.field]]
name = "title"
type = "text"
says = "T."
required = true
filter = true

[[resource.field]]
name = "closed_at"
type = "instant"
says = "C."
by_server = true

[[resource.transition]]
name = "close"
from = ["open"]
to = "closed"
stamps = "closed_at"
event = "closed"
event_says = "A note was closed."

[[resource.operation]]
does = "create"
says = "Adds one."

[[resource.operation]]
does = "close"
says = "Closes one."
"#;

    #[test]
    fn what_a_manifest_does_not_say_follows_from_it() {
        let modules = read(&[("notes.toml", NOTES)]).expect("a module");
        let note = &modules[0].resources[0];
        let operations: Vec<_> = note.operations.iter().map(|exposed| (exposed.id, exposed.path, exposed.tool)).collect();
        assert_eq!(operations, [("notes.create", "/notes", "notes_create"), ("notes.close", "/notes/{record}/close", "notes_close")]);
        assert_eq!(note.events().map(|event| event.name).collect::<Vec<_>>(), ["record.note.created", "record.note.closed"]);
    }

    #[test]
    fn what_a_manifest_cannot_mean_is_named_by_file_and_line() {
        for (from, to, line, says) in [
            ("name = \"note\"", "name = \"Note\"", 9, "lower-case"),
            ("name = \"title\"", "name = \"version\"", 15, "every record has that"),
            ("name = \"closed_at\"", "name = \"title\"", 22, "twice"),
            ("named_by = \"title\"", "named_by = \"body\"", 11, "no required text field body"),
            ("type = \"text\"", "type = \"text\"\nmax = 501", 15, "500"),
            ("type = \"text\"", "type = \"text\"\nmin = 1", 15, "only an integer has a min"),
            ("type = \"text\"", "type = \"text\"\ndefault = \"x\"", 15, "required has no default"),
            ("type = \"text\"", "type = \"enum\"", 15, "names its values"),
            ("type = \"instant\"", "type = \"date\"", 22, "the server stamps"),
            ("type = \"instant\"", "type = \"record\"\nresource = \"thing\"", 22, "no resource thing"),
            ("by_server = true", "search = true", 22, "only texts are searched"),
            ("to = \"closed\"", "to = \"gone\"", 28, "no state gone"),
            ("stamps = \"closed_at\"", "stamps = \"title\"", 28, "by_server"),
            ("event = \"closed\"", "event = \"created\"", 28, "an event of its own"),
            ("does = \"close\"", "does = \"open\"", 40, "no transition"),
            ("does = \"close\"", "does = \"create\"", 40, "taken already"),
            ("does = \"create\"", "does = \"create\"\npath = \"/members\"", 36, "control plane"),
            ("does = \"create\"", "does = \"create\"\npath = \"/a/{record}\"", 36, "no address"),
            ("does = \"create\"", "does = \"create\"\nid = \"create\"", 36, "cannot be used"),
            ("named_by", "append_only = true\nnamed_by", 9, "has no states"),
            ("states = [\"open\", \"closed\"]", "states = [\"open\", \"closed\", \"open\"]", 12, "twice"),
            ("says = \"T.\"", "says = \"T.\"\ncolour = 1", 18, "colour"),
        ] {
            assert!(NOTES.contains(from), "{from}");
            let error = read(&[("notes.toml", &NOTES.replacen(from, to, 1))]).map(drop).expect_err(to).to_string();
            let at = format!("line {line}");
            assert!(error.starts_with("modules/notes.toml: ") && error.contains(&at) && error.contains(says), "{to}: {error}");
        }
    }

    #[test]
    fn two_resources_of_one_name_are_refused_across_files() {
        let other = NOTES.replace("\"notes\"", "\"others\"");
        let error = read(&[("notes.toml", NOTES), ("others.toml", &other)]).map(drop).expect_err("twice").to_string();
        assert!(error.starts_with("modules/others.toml: line 9") && error.contains("already"), "{error}");
    }
}
