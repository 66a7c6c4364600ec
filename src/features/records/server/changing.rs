//! Adding a record, changing it, putting it away, and taking it from one state to another. Each is one change with its
//! event.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sqlx::types::Json;

use super::{
    Record, diff,
    entry::{Entry, ask_size},
    references, store,
};
use crate::{
    access::workspace::WriteRecords,
    error::AppError,
    ids::RecordId,
    server::{
        events::RecordEvent,
        modules::{Preset, Resource, Transition},
        rest::instant,
        scope::WorkspaceScope,
    },
};

type Writing = WorkspaceScope<WriteRecords>;

/// # Errors
/// `Invalid` with every field of the body that cannot be taken.
pub async fn create(scope: &mut Writing, resource: &'static Resource, body: Map<String, Value>) -> Result<Record, AppError> {
    let entry = Entry::whole(resource, body)?;
    references::check(scope, &entry.values).await?;
    let now = scope.now();
    let mut given: HashMap<&str, Option<Value>> = entry.values.into_iter().map(|(field, value)| (field.name, value)).collect();
    let mut data = Map::new();
    for field in &resource.fields {
        let value = given.remove(field.name).flatten().or_else(|| match &field.default {
            Some(Preset::Value(value)) => Some(value.clone()),
            Some(Preset::Now) => Some(json!(instant(now))),
            None => None,
        });
        data.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    let mut record = Record {
        id: RecordId(scope.new_id()),
        status: resource.states.first().map(|state| (*state).to_owned()),
        data: Json(data),
        custom_fields: Json(merged(Map::new(), entry.custom_fields)),
        bytes: 0,
        version: 1,
        created_by_type: scope.actor().kind.name().to_owned(),
        created_by: scope.actor().id.clone(),
        updated_by_type: scope.actor().kind.name().to_owned(),
        updated_by: scope.actor().id.clone(),
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    record.bytes = store::insert(scope, tenant, workspace, resource, &record).await?;
    scope.record(diff::event(&resource.created, resource, None, &record));
    Ok(record)
}

/// Changes what the body names, and nothing where all of it is so already.
///
/// # Errors
/// `Stale` where the record is not at the expected version, `Conflict` where it was put away, and as [`create`].
pub async fn change(
    scope: &mut Writing,
    resource: &'static Resource,
    id: RecordId,
    expected: Option<i64>,
    body: Map<String, Value>,
) -> Result<Record, AppError> {
    let entry = Entry::part(resource, body)?;
    let before = held(scope, resource, id, expected).await?;
    ask_live(&before)?;
    references::check(scope, &entry.values).await?;
    let mut after = before.clone();
    for (field, value) in entry.values {
        set(&mut after.data, field.name, value);
    }
    let custom_fields = merged(std::mem::take(&mut *after.custom_fields), entry.custom_fields);
    ask_size(&custom_fields).map_err(|problem| AppError::Invalid(vec![problem]))?;
    *after.custom_fields = custom_fields;
    keep(scope, resource, &resource.updated, before, after).await
}

/// Puts a record away; one that is away already stays so.
///
/// # Errors
/// `Stale` where the record is not at the expected version.
pub async fn archive(scope: &mut Writing, resource: &'static Resource, id: RecordId, expected: Option<i64>) -> Result<Record, AppError> {
    let before = held(scope, resource, id, expected).await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    let after = Record { archived_at: Some(scope.now()), ..before.clone() };
    keep(scope, resource, &resource.archived, before, after).await
}

/// Takes a record to another state; one that is there already stays so.
///
/// # Errors
/// `Conflict` where no way leads there from its state, `Stale` where it is not at the expected version.
pub async fn pass(
    scope: &mut Writing,
    resource: &'static Resource,
    transition: &'static Transition,
    id: RecordId,
    expected: Option<i64>,
) -> Result<Record, AppError> {
    let before = held(scope, resource, id, expected).await?;
    ask_live(&before)?;
    let status = before.status.clone().unwrap_or_default();
    if status == transition.to {
        return Ok(before);
    }
    if !transition.from.contains(&status.as_str()) {
        let from = transition.from.join(" or ");
        return Err(AppError::Conflict(format!("This record is {status}. {} takes one that is {from}.", transition.name)));
    }
    let mut after = before.clone();
    after.status = Some(transition.to.to_owned());
    if let Some(stamped) = transition.stamps {
        set(&mut after.data, stamped, Some(json!(instant(scope.now()))));
    }
    for cleared in &transition.clears {
        set(&mut after.data, cleared, None);
    }
    keep(scope, resource, &transition.event, before, after).await
}

/// The record, held until this scope ends, so that what is changed is what was looked at.
async fn held(scope: &mut Writing, resource: &'static Resource, id: RecordId, expected: Option<i64>) -> Result<Record, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let record = store::hold(scope, tenant, workspace, resource.name, id).await?.ok_or(AppError::NotFound)?;
    match expected {
        Some(expected) if expected != record.version => Err(AppError::Stale("This record")),
        _ => Ok(record),
    }
}

fn ask_live(record: &Record) -> Result<(), AppError> {
    match record.archived_at {
        Some(_) => Err(AppError::Conflict("This record was put away, and does not change any more.".to_owned())),
        None => Ok(()),
    }
}

async fn keep(
    scope: &mut Writing,
    resource: &'static Resource,
    event: &'static RecordEvent,
    before: Record,
    mut after: Record,
) -> Result<Record, AppError> {
    let is_same = (&before.status, &before.data, &before.custom_fields, before.archived_at)
        == (&after.status, &after.data, &after.custom_fields, after.archived_at);
    if is_same {
        return Ok(before);
    }
    scope.actor().kind.name().clone_into(&mut after.updated_by_type);
    after.updated_by.clone_from(&scope.actor().id);
    after.updated_at = scope.now();
    after.version += 1;
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    after.bytes = store::update(scope, tenant, workspace, resource, &before, &after).await?;
    scope.record(diff::event(event, resource, Some(&before), &after));
    Ok(after)
}

fn set(data: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(data.insert(name.to_owned(), value)),
        None => drop(data.remove(name)),
    }
}

/// RFC 7396, of the first level: a null takes a key away.
fn merged(mut into: Map<String, Value>, given: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in given {
        set(&mut into, &key, (!value.is_null()).then_some(value));
    }
    into
}
