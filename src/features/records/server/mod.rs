//! The server's half of records: what can be done with one, whichever resource it is of.

mod changing;
mod diff;
mod entry;
mod first_write;
mod hooks;
mod listing;
mod references;
pub mod rest;
mod schemas;
mod store;

/// Whether records of the resource are never purged while their workspace is there.
pub fn is_kept(resource: &Resource) -> bool {
    hooks::of_resource(resource).is_some_and(hooks::ResourceHook::is_kept)
}

pub use changing::{archive, change, create, pass};
pub use first_write::{FirstWrite, first_write};
pub use listing::{Listing, Order, Place};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::types::Json;

use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::RecordId,
    server::{
        events::Target,
        modules::{self, Resource, STATUS},
        rest::instant,
        scope::WorkspaceScope,
    },
};

/// A record as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Record {
    pub id: RecordId,
    /// None where the resource has no states.
    pub status: Option<String>,
    /// By the names of the manifest's fields; what is not there is empty.
    pub data: Json<Map<String, Value>>,
    pub custom_fields: Json<Map<String, Value>>,
    /// How much room it takes.
    pub bytes: i32,
    pub version: i64,
    pub created_by_type: String,
    pub created_by: String,
    pub updated_by_type: String,
    pub updated_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Record {
    /// As the API gives it.
    pub fn shown(&self, resource: &Resource) -> Value {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(self.id));
        if let Some(status) = &self.status {
            shown.insert(STATUS.to_owned(), json!(status));
        }
        for field in &resource.fields {
            shown.insert(field.name.to_owned(), self.data.get(field.name).cloned().unwrap_or_default());
        }
        let rest = json!({
            "custom_fields": *self.custom_fields,
            "version": self.version,
            "created_by": { "type": self.created_by_type, "id": self.created_by },
            "updated_by": { "type": self.updated_by_type, "id": self.updated_by },
            "created_at": instant(self.created_at),
            "updated_at": instant(self.updated_at),
            "archived_at": self.archived_at.map(instant),
        });
        shown.extend(rest.as_object().cloned().unwrap_or_default());
        Value::Object(shown)
    }

    fn target(&self, resource: &Resource) -> Target {
        let name = self.data.get(resource.named_by).and_then(Value::as_str).map(str::to_owned);
        Target { kind: resource.name, id: self.id.to_string(), name }
    }
}

/// What is kept here of modules whose manifests are gone: their keys, and how many records.
pub async fn undeclared<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Vec<(String, i64)>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let mut counted = store::of_modules(scope, tenant, workspace).await?;
    counted.retain(|(module, _)| modules::find(module).is_none());
    Ok(counted)
}

/// # Errors
/// `NotFound` where the workspace has no such record of that resource.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, resource: &Resource, id: RecordId) -> Result<Record, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::find(scope, tenant, workspace, resource.name, id).await?.ok_or(AppError::NotFound)
}

/// A page of what is asked for, and one more where there is a next page.
pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    resource: &'static Resource,
    listing: &Listing,
) -> Result<Vec<Record>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::list(scope, tenant, workspace, resource, listing).await
}

/// How Postgres finds such a page, line by line, as the application's role within this scope.
pub async fn explain<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    resource: &'static Resource,
    listing: &Listing,
) -> Result<Vec<String>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::explain(scope, tenant, workspace, resource, listing).await
}
