//! What was ever declared: every set that was in force, one over the other. Read loosely, so that a manifest of an older
//! release says what it said then.

use std::collections::BTreeMap;

use serde::Deserialize;

/// As a manifest declares a resource, as far as records hold on to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Resource {
    pub name: String,
    #[serde(default)]
    pub states: Vec<String>,
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub values: Vec<String>,
    /// The one that it refers to.
    pub resource: Option<String>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Manifest {
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub noun: String,
    #[serde(default, rename = "resource")]
    pub resources: Vec<Resource>,
}

impl Manifest {
    /// Empty where it cannot be read: it was checked when it was kept.
    pub fn read(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|error| {
            tracing::warn!(%error, "an earlier manifest is not understood any more; what it declared is not compared");
            Self::default()
        })
    }
}

/// A resource as it was last, with every field that it ever had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub module: String,
    pub states: Vec<String>,
    pub fields: BTreeMap<String, Field>,
}

/// All that was ever in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    pub resources: BTreeMap<String, Known>,
    /// The module that a noun was of last.
    pub nouns: BTreeMap<String, String>,
}

impl Past {
    /// Lays a manifest over what is known: manifests come in the order in which they were in force.
    pub fn lay(&mut self, manifest: Manifest) {
        if manifest.key.is_empty() {
            return;
        }
        self.nouns.insert(manifest.noun, manifest.key.clone());
        for resource in manifest.resources {
            let known = self.resources.entry(resource.name).or_default();
            known.module.clone_from(&manifest.key);
            known.states = resource.states;
            known.fields.extend(resource.fields.into_iter().map(|field| (field.name.clone(), field)));
        }
    }
}
