//! What a manifest cannot say: code that it names. A hook of a resource runs around every write of one of its records, a
//! hook of an operation is the operation; both in the transaction of the call, with events, dry runs and repetitions as
//! for everything else. Their names are in `server::modules` too, which knows no feature.

mod assets;
mod change;
mod cms;
mod crm;
mod support;

use async_trait::async_trait;
use serde_json::{Map, Value};

pub use change::Change;

use super::{Record, changing};
use crate::{
    access::workspace::{ReadWorkspace, WriteRecords},
    error::AppError,
    ids::RecordId,
    server::{
        modules::{self, Hook, Resource},
        scope::WorkspaceScope,
    },
};

type Writing = WorkspaceScope<WriteRecords>;
type Reading = WorkspaceScope<ReadWorkspace>;

/// Run around every write of a record: when one is added, changed, put away or taken to another state, by whomever.
#[async_trait]
pub trait ResourceHook: Send + Sync {
    /// Before the record is kept: may refuse, and may set what the server says or the caller left out.
    ///
    /// # Errors
    /// `Invalid` where a field cannot be taken, `Conflict` where it could another time; nothing is written then.
    async fn before(&self, _scope: &mut Writing, _change: &mut Change) -> Result<(), AppError> {
        Ok(())
    }

    /// After the record and its event: may write further records, each with its own.
    async fn after(&self, _scope: &mut Writing, _change: &Change) -> Result<(), AppError> {
        Ok(())
    }

    /// What is answered beside a new record, and never again for the same idempotency key.
    ///
    /// # Errors
    /// Where it cannot be made; nothing is added then.
    fn once(&self, _scope: &Writing, _record: &Record) -> Result<Option<Once>, AppError> {
        Ok(None)
    }

    /// The name of what [`Self::once`] gives, and its JSON Schema.
    fn once_schema(&self) -> Option<(&'static str, Value)> {
        None
    }

    /// Whether its records are kept for as long as the workspace is: something of them is said never to come again.
    fn is_kept(&self) -> bool {
        false
    }

    /// JSON Schema of a field whose type says too little: what `before` takes there.
    fn schema(&self, _field: &str) -> Option<Value> {
        None
    }
}

/// What is given once.
pub struct Once {
    pub field: &'static str,
    pub value: Value,
    /// What helps whoever lost it: a sentence.
    pub remedy: &'static str,
}

/// An operation of its own on one record, `POST /{plural}/{record}/{verb}`.
#[async_trait]
pub trait OperationHook: Send + Sync {
    /// JSON Schema (2020-12) of the body: an object.
    fn input(&self) -> Value;

    /// JSON Schema of `data` in the answer.
    fn output(&self) -> Value;

    /// # Errors
    /// `Invalid` and `Conflict` as for a resource, `NotFound` and `Stale` from [`Asked::hold`].
    async fn run(&self, scope: &mut Writing, asked: Asked) -> Result<Done, AppError>;
}

/// A reading operation of its own on one record, `GET /{plural}/{record}/{verb}`.
#[async_trait]
pub trait ReadingHook: Send + Sync {
    /// JSON Schema of `data` in the answer.
    fn output(&self) -> Value;

    /// # Errors
    /// `Conflict` where there is nothing to be given as things are.
    async fn read(&self, scope: &mut Reading, record: &Record) -> Result<Value, AppError>;
}

/// What an operation is asked for.
pub struct Asked {
    pub resource: &'static Resource,
    pub id: RecordId,
    pub body: Map<String, Value>,
    /// From `If-Match`.
    pub expected: Option<i64>,
}

impl Asked {
    /// The record, held until the call ends. To be asked for before the body is looked at: of what is not there, nothing is said.
    ///
    /// # Errors
    /// `NotFound`, `Stale` where the caller looked at another version, `Conflict` where it was put away.
    pub async fn hold(&self, scope: &mut Writing) -> Result<Record, AppError> {
        changing::held_live(scope, self.resource, self.id, self.expected).await
    }
}

/// What an operation answers.
pub struct Done {
    pub data: Value,
    /// Of the record that was asked: its `ETag`.
    pub version: i64,
    /// A field of it that is given once, and what helps whoever lost it: no repeated answer has it.
    pub once: Option<(&'static str, &'static str)>,
}

const RESOURCES: &[(&str, &dyn ResourceHook)] = &[
    ("lead", &crm::Lead),
    ("deal_stage", &crm::DealStage),
    ("deal", &crm::Deal),
    ("invoice", &crm::Invoice),
    ("payment", &crm::Payment),
    ("account", &crm::Account),
    ("journal_entry", &crm::JournalEntry),
    ("ticket", &support::Ticket),
    ("message", &support::Message),
    ("entry", &cms::Entry),
    ("asset", &assets::Asset),
];

const OPERATIONS: &[(&str, &dyn OperationHook)] = &[
    ("convert_lead", &crm::ConvertLead),
    ("revert_entry", &cms::RevertEntry),
    ("upload_asset", &assets::Upload),
    ("complete_asset", &assets::Complete),
];

const READINGS: &[(&str, &dyn ReadingHook)] = &[("download_asset", &assets::Download)];

/// A resource that a hook writes to beside its own.
///
/// # Errors
/// `Internal` where no manifest has it.
fn resource(name: &str) -> Result<&'static Resource, AppError> {
    modules::resources().find(|resource| resource.name == name).ok_or(AppError::Internal)
}

/// The hook of a resource; none where its manifest names none.
pub fn of_resource(resource: &Resource) -> Option<&'static dyn ResourceHook> {
    let named = resource.hook?;
    RESOURCES.iter().find(|(name, _)| *name == named.name).map(|(_, hook)| *hook)
}

/// # Errors
/// `Internal` where there is no such code: a test holds the two tables to each other.
pub fn of_operation(named: &Hook) -> Result<&'static dyn OperationHook, AppError> {
    OPERATIONS.iter().find(|(name, _)| *name == named.name).map(|(_, hook)| *hook).ok_or(AppError::Internal)
}

/// As [`of_operation`], of one that changes nothing.
pub fn of_reading(named: &Hook) -> Result<&'static dyn ReadingHook, AppError> {
    READINGS.iter().find(|(name, _)| *name == named.name).map(|(_, hook)| *hook).ok_or(AppError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::modules::{HOOKS, Of};

    #[test]
    fn what_manifests_may_name_is_there() {
        let named = |of: Of| HOOKS.iter().filter(move |hook| hook.of == of).map(|hook| hook.name).collect::<Vec<_>>();
        assert_eq!(named(Of::Resource), RESOURCES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        assert_eq!(named(Of::Operation), OPERATIONS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        assert_eq!(named(Of::Reading), READINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}
