//! What records refer to is in the same workspace: its people, and its other records.

use std::collections::HashMap;

use serde_json::Value;

use super::{entry::problem, store};
use crate::{
    access::workspace::WriteRecords,
    error::{AppError, FieldError},
    features::members,
    ids::{RecordId, UserId},
    server::{
        modules::{Field, Kind},
        scope::WorkspaceScope,
    },
};

/// # Errors
/// `Invalid`, with every field that refers to what is not there.
pub async fn check(scope: &mut WorkspaceScope<WriteRecords>, values: &[(&'static Field, Option<Value>)]) -> Result<(), AppError> {
    let mut problems = Vec::new();
    for (field, value) in values {
        let Some(text) = value.as_ref().and_then(Value::as_str) else { continue };
        match &field.kind {
            Kind::Member => problems.extend(member(scope, field.name, text).await?),
            Kind::Record(resource) => {
                let found = match text.parse() {
                    Ok(id) => find(scope, &[id]).await?,
                    Err(_) => HashMap::new(),
                };
                problems.extend(wrong(found.values().next(), *resource).map(|says| problem(field.name, &says)));
            }
            _ => {}
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

/// What a record refers to.
pub struct Referred {
    /// The resource that it is of.
    pub resource: String,
    pub is_put_away: bool,
}

/// Those of the records that the workspace has.
pub async fn find(scope: &mut WorkspaceScope<WriteRecords>, ids: &[RecordId]) -> Result<HashMap<RecordId, Referred>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::referred(scope, tenant, workspace, ids).await
}

/// What is wrong with a reference to it, to follow the field's name: it has to be here, of the wanted resource, and not put
/// away. One that was right when it was made stays, whatever becomes of what it refers to.
pub fn wrong(found: Option<&Referred>, wanted: Option<&str>) -> Option<String> {
    let Some(found) = found else { return Some("is no record of this workspace".to_owned()) };
    match wanted {
        Some(wanted) if found.resource != wanted => Some(format!("is a record of another kind: {}, and not {wanted}", found.resource)),
        _ if found.is_put_away => Some("is a record that was put away".to_owned()),
        _ => None,
    }
}

async fn member(scope: &mut WorkspaceScope<WriteRecords>, field: &'static str, text: &str) -> Result<Option<FieldError>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let role = match text.parse::<UserId>() {
        Ok(user) => members::server::role_of(scope, tenant, workspace, user).await?,
        Err(_) => None,
    };
    Ok(role.is_none().then(|| problem(field, "is nobody who is an active member of this workspace")))
}
