//! The SQL behind what is stored: now, and on each day.

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{ServiceScope, WorkspaceScope},
};

/// What one resource holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub module: String,
    pub resource: String,
    /// With archived ones.
    pub records: i64,
    pub record_bytes: i64,
    pub archived: i64,
    pub archived_bytes: i64,
    /// Of archived assets too.
    pub files: i64,
    pub file_bytes: i64,
    pub archived_file_bytes: i64,
}

impl Held {
    /// All of it, in bytes: what is billed.
    pub fn bytes(&self) -> i64 {
        self.record_bytes + self.file_bytes
    }

    /// What of that is archived.
    pub fn archived_in_all(&self) -> i64 {
        self.archived_bytes + self.archived_file_bytes
    }
}

/// What one resource held when it was measured on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub day: NaiveDate,
    pub held: Held,
}

/// As it is at this moment, by module and resource.
pub async fn now<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Held>, AppError> {
    let held = sqlx::query_as!(
        Held,
        r#"
        select module as "module!", resource as "resource!", records as "records!", record_bytes as "record_bytes!",
               archived as "archived!", archived_bytes as "archived_bytes!", files as "files!", file_bytes as "file_bytes!",
               archived_file_bytes as "archived_file_bytes!"
        from stored_now($1, $2)
        order by module, resource
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(held)
}

/// The days from the first to the last of these, by module and resource.
pub async fn days<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<Day>, AppError> {
    let rows = sqlx::query!(
        r#"
        select day, module, resource, records, record_bytes, archived, archived_bytes, files, file_bytes, archived_file_bytes
        from storage_day
        where tenant_id = $1 and workspace_id = $2 and day between $3 and $4
        order by day, module, resource
        "#,
        tenant.0,
        workspace.0,
        first,
        last,
    )
    .fetch_all(scope.read())
    .await?;
    let days = rows.into_iter().map(|row| Day {
        day: row.day,
        held: Held {
            module: row.module,
            resource: row.resource,
            records: row.records,
            record_bytes: row.record_bytes,
            archived: row.archived,
            archived_bytes: row.archived_bytes,
            files: row.files,
            file_bytes: row.file_bytes,
            archived_file_bytes: row.archived_file_bytes,
        },
    });
    Ok(days.collect())
}

/// Workspaces behind `after` that hold something and were not measured on that day, of whichever tenant.
pub async fn to_measure(db: &PgPool, day: NaiveDate, after: WorkspaceId, most: i32) -> Result<Vec<(TenantId, WorkspaceId)>, AppError> {
    let places = sqlx::query!(
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId"
        from workspaces_to_measure($1, $2, $3)
        "#,
        day,
        after.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(places.into_iter().map(|place| (place.tenant, place.workspace)).collect())
}

/// Measures a workspace, unless that was done on that day. Returns the bytes of each module.
pub async fn measure(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    day: NaiveDate,
) -> Result<Vec<(String, i64)>, AppError> {
    let now = scope.now();
    let measured = sqlx::query!(
        r#"select module as "module!", bytes as "bytes!" from measure_storage($1, $2, $3, $4)"#,
        tenant.0,
        workspace.0,
        day,
        now,
    )
    .fetch_all(scope.note())
    .await?;
    Ok(measured.into_iter().map(|row| (row.module, row.bytes)).collect())
}
