//! What a module keeps and what can be done with it, as checked from its manifest.

use http::Method;
use serde_json::Value;

use super::{Hook, Kind, Of};
use crate::server::{events::RecordEvent, plans::Dimension};

/// A kind of record.
#[derive(Debug)]
pub struct Resource {
    /// The key of its module.
    pub module: &'static str,
    /// As stored, and in events: `task`.
    pub name: &'static str,
    /// As in addresses and names of operations: `tasks`.
    pub plural: &'static str,
    /// A sentence.
    pub says: &'static str,
    /// The field that stands for a record where it is named in a line.
    pub named_by: &'static str,
    pub append_only: bool,
    pub fields: Vec<Field>,
    /// A record begins in the first; none where the resource has no states.
    pub states: Vec<&'static str>,
    pub transitions: Vec<Transition>,
    pub operations: Vec<Exposed>,
    /// Run around every write of one.
    pub hook: Option<&'static Hook>,
    /// What its hook makes of a change, beside what follows.
    pub own_events: Vec<RecordEvent>,
    pub created: RecordEvent,
    pub updated: RecordEvent,
    pub archived: RecordEvent,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the manifest")]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// A sentence.
    pub says: &'static str,
    pub required: bool,
    pub default: Option<Preset>,
    pub filter: bool,
    pub sort: bool,
    pub search: bool,
    /// No two records that are not put away have the same.
    pub unique: bool,
    /// Nobody sends it: a transition stamps it, or a hook sets it.
    pub by_server: bool,
}

impl Field {
    /// Whether its values are kept where lists find them.
    pub fn is_indexed(&self) -> bool {
        self.filter || self.sort
    }
}

/// What a field holds where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preset {
    Value(Value),
    /// The moment of the call.
    Now,
}

/// From some states to another.
#[derive(Debug)]
pub struct Transition {
    pub name: &'static str,
    pub from: Vec<&'static str>,
    pub to: &'static str,
    pub stamps: Option<&'static str>,
    pub clears: Vec<&'static str>,
    pub event: RecordEvent,
}

/// What an operation does.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    List,
    Get,
    Create,
    Update,
    Archive,
    Transition(&'static str),
    /// Of its own, by code.
    Hook {
        name: &'static str,
        hook: &'static Hook,
    },
}

impl Does {
    pub fn writes(self) -> bool {
        match self {
            Self::List | Self::Get => false,
            Self::Hook { hook, .. } => hook.of != Of::Reading,
            Self::Create | Self::Update | Self::Archive | Self::Transition(_) => true,
        }
    }

    pub fn method(self) -> Method {
        match self {
            Self::Update => Method::PATCH,
            _ if self.writes() => Method::POST,
            _ => Method::GET,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Transition(name) | Self::Hook { name, .. } => name,
        }
    }
}

/// An operation, as the API and MCP have it.
#[derive(Debug)]
pub struct Exposed {
    pub does: Does,
    /// `tasks.create`
    pub id: &'static str,
    /// Below the API's base: `/tasks/{record}`.
    pub path: &'static str,
    /// `tasks_create`
    pub tool: &'static str,
    /// A sentence.
    pub says: &'static str,
    /// None for that of every read or write.
    pub meter: Option<Dimension>,
    pub while_paused: bool,
}

/// What every record has beside its fields, and what a list takes beside filters: no field is called so.
pub const RESERVED: &[&str] = &[
    "id",
    "if_version",
    "status",
    "custom_fields",
    "version",
    "created_by",
    "updated_by",
    "created_at",
    "updated_at",
    "archived_at",
    "archived",
    "idempotency_key",
    "dry_run",
    "limit",
    "cursor",
    "q",
    "sort",
    "record",
];

/// As a filter, the state of a record.
pub const STATUS: &str = "status";

impl Resource {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub fn transition(&self, name: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.name == name)
    }

    /// Every event that can happen to one, in the order of its life.
    pub fn events(&self) -> impl Iterator<Item = &RecordEvent> {
        let does = |wanted: fn(&Does) -> bool| self.operations.iter().any(|exposed| wanted(&exposed.does));
        let updated = does(|does| matches!(does, Does::Update)).then_some(&self.updated);
        let archived = does(|does| matches!(does, Does::Archive)).then_some(&self.archived);
        let transitions = self.transitions.iter().map(|transition| &transition.event);
        // Also of what only a hook adds.
        std::iter::once(&self.created).chain(updated).chain(&self.own_events).chain(transitions).chain(archived)
    }

    /// The field of which no two records have the same value.
    pub fn unique(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.unique)
    }

    /// Whether its records are found by words.
    pub fn is_searched(&self) -> bool {
        self.fields.iter().any(|field| field.search)
    }
}
