//! Adding a record, changing it, putting it away, and taking it from one state to another. Each is one change with its
//! event, and the hook of the resource around it.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sqlx::types::Json;

use super::{
    Record, diff,
    entry::{Entry, ask_size},
    hooks::{self, Change},
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
    let record = Record {
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
    keep(scope, Change { resource, before: None, after: record, event: &resource.created }).await
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
    let before = held_live(scope, resource, id, expected).await?;
    let is_other = |field: &str, value: &Option<Value>| before.data.get(field) != value.as_ref();
    let values: Vec<_> = entry.values.into_iter().filter(|(field, value)| is_other(field.name, value)).collect();
    references::check(scope, &values).await?;
    let mut after = before.clone();
    for (field, value) in values {
        set(&mut after.data, field.name, value);
    }
    let custom_fields = merged(std::mem::take(&mut *after.custom_fields), entry.custom_fields);
    ask_size(&custom_fields).map_err(|problem| AppError::Invalid(vec![problem]))?;
    *after.custom_fields = custom_fields;
    change_to(scope, resource, &resource.updated, before, after).await
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
    change_to(scope, resource, &resource.archived, before, after).await
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
    let before = held_live(scope, resource, id, expected).await?;
    let status = before.status.clone().unwrap_or_default();
    if status == transition.to {
        return Ok(before);
    }
    if !transition.from.contains(&status.as_str()) {
        let from = transition.from.join(" or ");
        return Err(AppError::Conflict(format!("This record is {status}. {} takes one that is {from}.", transition.name)));
    }
    advance(scope, resource, before, Some(transition), &[]).await
}

/// What the server does to a held record by itself: to another state, where one is named, with what nobody sends.
///
/// # Errors
/// `Internal` for a field that others send.
pub async fn advance(
    scope: &mut Writing,
    resource: &'static Resource,
    before: Record,
    transition: Option<&'static Transition>,
    values: &[(&'static str, Value)],
) -> Result<Record, AppError> {
    let event = transition.map_or(&resource.updated, |transition| &transition.event);
    let mut change = Change { resource, after: before.clone(), before: Some(before), event };
    if let Some(transition) = transition {
        change.after.status = Some(transition.to.to_owned());
        if let Some(stamped) = transition.stamps {
            change.set(stamped, Some(json!(instant(scope.now()))))?;
        }
        for cleared in &transition.clears {
            change.set(cleared, None)?;
        }
    }
    for (field, value) in values {
        change.set(field, Some(value.clone()))?;
    }
    keep(scope, change).await
}

/// As [`held`], of what was not put away.
pub async fn held_live(scope: &mut Writing, resource: &'static Resource, id: RecordId, expected: Option<i64>) -> Result<Record, AppError> {
    let record = held(scope, resource, id, expected).await?;
    ask_live(&record).map(|()| record)
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

async fn change_to(
    scope: &mut Writing,
    resource: &'static Resource,
    event: &'static RecordEvent,
    before: Record,
    after: Record,
) -> Result<Record, AppError> {
    keep(scope, Change { resource, before: Some(before), after, event }).await
}

/// Keeps what is new or not as it was, with its event, and the resource's hook before and after.
async fn keep(scope: &mut Writing, mut change: Change) -> Result<Record, AppError> {
    let resource = change.resource;
    if change.before.as_ref().is_some_and(|before| is_same(before, &change.after)) {
        return Ok(change.after);
    }
    let hook = hooks::of_resource(resource);
    if let Some(hook) = hook {
        hook.before(scope, &mut change).await?;
        // It may have put back what was taken away.
        if change.before.as_ref().is_some_and(|before| is_same(before, &change.after)) {
            return Ok(change.after);
        }
    }
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let event = change.event;
    let Change { before, after, .. } = &mut change;
    match before {
        None => after.bytes = store::insert(scope, tenant, workspace, resource, after).await?,
        Some(before) => {
            scope.actor().kind.name().clone_into(&mut after.updated_by_type);
            after.updated_by.clone_from(&scope.actor().id);
            after.updated_at = scope.now();
            after.version += 1;
            after.bytes = store::update(scope, tenant, workspace, resource, before, after).await?;
        }
    }
    scope.record(diff::event(event, resource, before.as_ref(), after));
    if let Some(hook) = hook {
        hook.after(scope, &change).await?;
    }
    Ok(change.after)
}

fn is_same(before: &Record, after: &Record) -> bool {
    (&before.status, &before.data, &before.custom_fields, before.archived_at)
        == (&after.status, &after.data, &after.custom_fields, after.archived_at)
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
