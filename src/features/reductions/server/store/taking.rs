//! The SQL behind what a reduction takes: counted before, a batch at a time, and page by page for a file.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::{Asked, Reduction, asked::Pointers, working::Gone};
use crate::{
    access::{
        AskWorkspace,
        workspace::{ManageSettings, WriteRecords},
    },
    error::AppError,
    features::records::server::Record,
    ids::{RecordId, ReductionId, TenantId, WorkspaceId},
    server::scope::WorkspaceScope,
};

/// What there is of what is asked for, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub records: i64,
    pub bytes: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
    /// Records that would go with them.
    pub parts: i64,
    pub part_bytes: i64,
    pub files: i64,
    pub file_bytes: i64,
    /// Other records that refer to one of them, and would stay.
    pub referring: i64,
}

pub async fn count<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    asked: &Asked,
    parts: &Pointers,
    referring: &Pointers,
) -> Result<Counted, AppError> {
    let counted = sqlx::query_as!(
        Counted,
        r#"
        select records as "records!", bytes as "bytes!", oldest, newest, parts as "parts!", part_bytes as "part_bytes!",
               files as "files!", file_bytes as "file_bytes!", referring as "referring!"
        from preview_reduction($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        tenant.0,
        workspace.0,
        asked.resource.module,
        asked.resource.name,
        asked.basis.name(),
        asked.before,
        &parts.resources,
        &parts.fields,
        &referring.resources,
        &referring.fields,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(counted)
}

/// The next records that were not changed since, behind the last that was looked at; nobody changes them until they are put away.
pub async fn next_to_archive(
    scope: &mut WorkspaceScope<WriteRecords>,
    tenant: TenantId,
    workspace: WorkspaceId,
    running: &Reduction,
    most: i32,
) -> Result<Vec<Uuid>, AppError> {
    let next = sqlx::query_scalar!(
        "select id from record
         where tenant_id = $1 and workspace_id = $2 and module = $3 and resource = $4 and id > $5
           and archived_at is null and updated_at < $6
         order by id
         limit $7
         for no key update",
        tenant.0,
        workspace.0,
        running.module,
        running.resource,
        running.cursor.unwrap_or_default(),
        running.before,
        i64::from(most),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(next)
}

/// Purges the next records, with what is part of them; their files are marked to go.
pub async fn purge(
    scope: &mut WorkspaceScope<ManageSettings>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ReductionId,
    most: i32,
) -> Result<Gone, AppError> {
    let now = scope.now();
    let gone = sqlx::query!(
        r#"
        select state as "state!", ids, part_ids, bytes, file_assets, file_ids
        from purge_records($1, $2, $3, $4, $5)
        "#,
        tenant.0,
        workspace.0,
        id.0,
        most,
        now,
    )
    .fetch_one(scope.read())
    .await?;
    if gone.state == "running" {
        // From here on only the event makes it permanent.
        scope.write();
    }
    let files = gone.file_assets.unwrap_or_default().into_iter().zip(gone.file_ids.unwrap_or_default()).collect();
    Ok(Gone {
        state: gone.state,
        ids: gone.ids.unwrap_or_default(),
        parts: gone.part_ids.unwrap_or_default(),
        bytes: gone.bytes.unwrap_or_default(),
        files,
    })
}

/// The next records of what is asked for behind one, by their ids, each followed by what is part of it; with the resource of each.
pub async fn page<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    (asked, parts): (&Asked, &Pointers),
    (after, most): (Uuid, i64),
) -> Result<Vec<(String, Record)>, AppError> {
    let rows = sqlx::query!(
        r#"
        with page as (
            select aged.id from record as aged
            where aged.tenant_id = $1 and aged.workspace_id = $2 and aged.module = $3 and aged.resource = $4 and aged.id > $7
              and case $5
                  when 'archived' then aged.archived_at < $6
                  when 'added' then aged.created_at < $6
                  else aged.archived_at is null and aged.updated_at < $6 end
            order by aged.id
            limit $8
        ), hanging as (
            select page.id as whole, page.id, false as is_part from page
            union all
            select page.id, held.record_id, true
            from page
            join unnest($9::text[], $10::text[]) as named (resource, field) on true
            join record_value as held
              on held.tenant_id = $1 and held.workspace_id = $2 and held.resource = named.resource and held.field = named.field
             and held.text_value = record_text(page.id)
        )
        select hanging.is_part as "is_part!", kept.resource, kept.id as "id: RecordId", kept.status,
               kept.data as "data: Json<Map<String, Value>>", kept.custom_fields as "custom_fields: Json<Map<String, Value>>",
               kept.bytes, kept.version, kept.created_by_type, kept.created_by, kept.updated_by_type, kept.updated_by,
               kept.created_at, kept.updated_at, kept.archived_at
        from hanging
        join record as kept on kept.tenant_id = $1 and kept.workspace_id = $2 and kept.id = hanging.id
        order by hanging.whole, hanging.is_part, hanging.id
        "#,
        tenant.0,
        workspace.0,
        asked.resource.module,
        asked.resource.name,
        asked.basis.name(),
        asked.before,
        after,
        most,
        &parts.resources,
        &parts.fields,
    )
    .fetch_all(scope.read())
    .await?;
    let records = rows.into_iter().map(|row| {
        let record = Record {
            id: row.id,
            status: row.status,
            data: row.data,
            custom_fields: row.custom_fields,
            bytes: row.bytes,
            version: row.version,
            created_by_type: row.created_by_type,
            created_by: row.created_by,
            updated_by_type: row.updated_by_type,
            updated_by: row.updated_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        };
        (row.resource, record)
    });
    Ok(records.collect())
}
