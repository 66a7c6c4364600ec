//! What happened: the registry of events, the audit row each becomes, and the envelope that webhooks carry.

mod leaf;
mod logs;
mod registry;
mod row;
mod store;

pub use leaf::{FIELDS, SALT_LENGTH, Salts, VERSION as LEAF_VERSION, commitment, leaf_hash, leaf_of};
pub use logs::LogKind;
pub use registry::{EventKind, RecordEvent};
pub use row::{Actor, ActorType, Row};
pub use store::append;

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    ids::{TenantId, WorkspaceId},
    server::credentials::withholding,
};

/// Which log an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    Installation,
    Tenant(TenantId),
    Workspace(TenantId, WorkspaceId),
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `workspace`, `tenant`, `member`, `user`, `session`.
    pub kind: &'static str,
    pub id: String,
    pub name: Option<String>,
}

/// One field before and after. A secret is never given to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub field: Cow<'static, str>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// Refused to someone who had proven who they are.
    Denied,
    /// Allowed, and it did not come about.
    Failed,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Succeeded, Self::Denied, Self::Failed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// A past fact, ready to be recorded by the scope in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub target: Target,
    pub outcome: Outcome,
    pub changes: Vec<Change>,
    pub reason: Option<String>,
}

impl Event {
    pub fn new(kind: EventKind, target: Target) -> Self {
        Self { kind, target, outcome: Outcome::Succeeded, changes: Vec::new(), reason: None }
    }

    #[must_use]
    pub fn changing(mut self, field: impl Into<Cow<'static, str>>, before: Option<&str>, after: Option<&str>) -> Self {
        self.changes.push(Change { field: field.into(), before: before.map(str::to_owned), after: after.map(str::to_owned) });
        self
    }

    /// What went for good: how many rows of what, as `{"api_key": 2}`.
    #[must_use]
    pub fn losing(self, counts: &serde_json::Value) -> Self {
        let counts = counts.as_object().into_iter().flatten();
        counts.fold(self, |event, (what, count)| event.changing(what.clone(), Some(&count.to_string()), Some("0")))
    }

    #[must_use]
    pub fn ending(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// As it may be kept for good: whatever was pasted into a record or a filter, no credential is in it.
    #[must_use]
    fn without_secrets(mut self) -> Self {
        let kept = |text: String| withholding(&text).into_owned();
        for change in &mut self.changes {
            change.field = kept(change.field.to_string()).into();
            change.before = change.before.take().map(kept);
            change.after = change.after.take().map(kept);
        }
        self.reason = self.reason.map(kept);
        self.target.name = self.target.name.map(kept);
        self
    }

    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}
