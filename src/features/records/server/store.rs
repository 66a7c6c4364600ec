//! The SQL behind records: one of them at a time, with what lists find it by and what is counted; lists are in `listing`.

mod counts;
mod listing;
mod values;

pub use counts::of_modules;
pub use listing::{explain, list};
use values::{Values, searched};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::types::Json;

use super::{
    Record,
    entry::{problem, too_large},
    references::Referred,
};
use crate::{
    access::{AskWorkspace, workspace::WriteRecords},
    error::AppError,
    ids::{RecordId, TenantId, WorkspaceId},
    server::{database::IfViolates as _, modules::Resource, scope::WorkspaceScope},
};

pub async fn find<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &str,
    id: RecordId,
) -> Result<Option<Record>, AppError> {
    let record = sqlx::query_as!(
        Record,
        r#"
        select id as "id: RecordId", status, data as "data: Json<Map<String, Value>>",
               custom_fields as "custom_fields: Json<Map<String, Value>>", bytes, version,
               created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at, archived_at
        from record
        where tenant_id = $1 and workspace_id = $2 and id = $3 and resource = $4
        "#,
        tenant.0,
        workspace.0,
        id.0,
        resource,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(record)
}

/// As [`find`], and nobody else changes it before this scope ends.
pub async fn hold(
    scope: &mut WorkspaceScope<WriteRecords>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &str,
    id: RecordId,
) -> Result<Option<Record>, AppError> {
    let record = sqlx::query_as!(
        Record,
        r#"
        select id as "id: RecordId", status, data as "data: Json<Map<String, Value>>",
               custom_fields as "custom_fields: Json<Map<String, Value>>", bytes, version,
               created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at, archived_at
        from record
        where tenant_id = $1 and workspace_id = $2 and id = $3 and resource = $4
        for no key update
        "#,
        tenant.0,
        workspace.0,
        id.0,
        resource,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(record)
}

/// Of these records, those that there are: which resource each is of, and whether it was put away.
pub async fn referred(
    scope: &mut WorkspaceScope<WriteRecords>,
    tenant: TenantId,
    workspace: WorkspaceId,
    ids: &[RecordId],
) -> Result<HashMap<RecordId, Referred>, AppError> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        select id as "id: RecordId", resource, archived_at is not null as "is_put_away!"
        from record
        where tenant_id = $1 and workspace_id = $2 and id = any ($3)
        "#,
        tenant.0,
        workspace.0,
        &ids,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Referred { resource: row.resource, is_put_away: row.is_put_away })).collect())
}

/// Adds a record with its values, and counts it. Returns its size.
pub async fn insert(
    scope: &mut WorkspaceScope<WriteRecords>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &Resource,
    record: &Record,
) -> Result<i32, AppError> {
    let values = Values::of(resource, record);
    let bytes = sqlx::query_scalar!(
        r#"
        with made as (
            insert into record (
                tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search,
                created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, lower($9), $10, $11, $10, $11, $12, $12)
            returning bytes
        ), indexed as (
            insert into record_value
                (tenant_id, workspace_id, record_id, resource, field, text_value, number_value, time_value, is_unique)
            select $1, $2, $3, $5, held.field, held.text_value, held.number_value, held.time_value, held.field = $17
            from unnest($13::text[], $14::text[], $15::bigint[], $16::timestamptz[])
                as held (field, text_value, number_value, time_value)
        ), counted as (
            insert into record_count as known (tenant_id, workspace_id, module, resource, records, archived, bytes)
            select $1, $2, $4, $5, 1, 0, made.bytes from made
            on conflict (tenant_id, workspace_id, module, resource) do update
            set records = known.records + 1, bytes = known.bytes + excluded.bytes
        )
        select made.bytes from made
        "#,
        tenant.0,
        workspace.0,
        record.id.0,
        resource.module,
        resource.name,
        record.status,
        Json(&*record.data) as _,
        Json(&*record.custom_fields) as _,
        searched(resource, &record.data),
        record.created_by_type,
        record.created_by,
        record.created_at,
        &values.fields,
        &values.texts as &[Option<String>],
        &values.numbers as &[Option<i64>],
        &values.times as &[Option<DateTime<Utc>>],
        unique(resource, record),
    )
    .fetch_one(scope.write())
    .await;
    refused(resource, bytes)
}

/// Keeps a record as it is `after`, with its values, and counts what that changes. Returns its size.
pub async fn update(
    scope: &mut WorkspaceScope<WriteRecords>,
    tenant: TenantId,
    workspace: WorkspaceId,
    resource: &Resource,
    before: &Record,
    after: &Record,
) -> Result<i32, AppError> {
    let values = Values::of(resource, after);
    let put_away = i64::from(after.archived_at.is_some()) - i64::from(before.archived_at.is_some());
    let bytes = sqlx::query_scalar!(
        r#"
        with changed as (
            update record
            set status = $4, data = $5, custom_fields = $6, search = lower($7), version = $8,
                updated_by_type = $9, updated_by = $10, updated_at = $11, archived_at = $12
            where tenant_id = $1 and workspace_id = $2 and id = $3
            returning bytes
        ), emptied as (
            delete from record_value
            where tenant_id = $1 and workspace_id = $2 and record_id = $3 and field <> all ($14::text[])
        ), indexed as (
            insert into record_value
                (tenant_id, workspace_id, record_id, resource, field, text_value, number_value, time_value, is_unique)
            select $1, $2, $3, $13, held.field, held.text_value, held.number_value, held.time_value, held.field = $21
            from unnest($14::text[], $15::text[], $16::bigint[], $17::timestamptz[])
                as held (field, text_value, number_value, time_value)
            on conflict (tenant_id, workspace_id, record_id, field) do update
            set text_value = excluded.text_value, number_value = excluded.number_value, time_value = excluded.time_value,
                is_unique = excluded.is_unique
        ), counted as (
            update record_count
            set archived = archived + $18::bigint, bytes = record_count.bytes + changed.bytes - $19::integer
            from changed
            where tenant_id = $1 and workspace_id = $2 and module = $20 and resource = $13
        )
        select changed.bytes from changed
        "#,
        tenant.0,
        workspace.0,
        after.id.0,
        after.status,
        Json(&*after.data) as _,
        Json(&*after.custom_fields) as _,
        searched(resource, &after.data),
        after.version,
        after.updated_by_type,
        after.updated_by,
        after.updated_at,
        after.archived_at,
        resource.name,
        &values.fields,
        &values.texts as &[Option<String>],
        &values.numbers as &[Option<i64>],
        &values.times as &[Option<DateTime<Utc>>],
        put_away,
        before.bytes,
        resource.module,
        unique(resource, after),
    )
    .fetch_one(scope.write())
    .await;
    refused(resource, bytes)
}

/// The field of which no other record that is not put away has the same value; none by this name where there is no such rule.
fn unique(resource: &Resource, record: &Record) -> &'static str {
    resource.unique().filter(|_| record.archived_at.is_none()).map_or("", |field| field.name)
}

/// What the database refuses of what was sent.
fn refused(resource: &Resource, kept: sqlx::Result<i32>) -> Result<i32, AppError> {
    let is_another =
        |error: &sqlx::Error| error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) == Some("record_value_unique");
    match (kept, resource.unique()) {
        (Err(error), Some(field)) if is_another(&error) => {
            Err(AppError::Invalid(vec![problem(field.name, &format!("is that of another {} already", resource.name.replace('_', " ")))]))
        }
        (kept, _) => kept.if_violates("record_custom_fields_size", || AppError::Invalid(vec![too_large()])),
    }
}
