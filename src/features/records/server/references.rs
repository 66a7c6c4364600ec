//! What records refer to is in the same workspace: its people, and its other records.

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
            Kind::Record(resource) => problems.extend(record(scope, field.name, *resource, text).await?),
            _ => {}
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

async fn member(scope: &mut WorkspaceScope<WriteRecords>, field: &'static str, text: &str) -> Result<Option<FieldError>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let role = match text.parse::<UserId>() {
        Ok(user) => members::server::role_of(scope, tenant, workspace, user).await?,
        Err(_) => None,
    };
    Ok(role.is_none().then(|| problem(field, "is nobody who is an active member of this workspace")))
}

async fn record(
    scope: &mut WorkspaceScope<WriteRecords>,
    field: &'static str,
    wanted: Option<&'static str>,
    text: &str,
) -> Result<Option<FieldError>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let found = match text.parse::<RecordId>() {
        Ok(id) => store::resource_of(scope, tenant, workspace, id).await?,
        Err(_) => None,
    };
    Ok(match (found, wanted) {
        (None, _) => Some(problem(field, "is no record of this workspace")),
        (Some(found), Some(wanted)) if found != wanted => {
            Some(problem(field, &format!("is a record of another kind: {found}, and not {wanted}")))
        }
        _ => None,
    })
}
