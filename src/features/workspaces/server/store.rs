//! The SQL behind workspaces. One statement a function; tenant and workspace first.

mod archive;
mod list;
mod purge;
pub mod transfer;

pub use archive::{Receipt, archive, close_receipt, find_receipt, insert_receipt, live_places, lock_live, restore};
pub use list::{Archived, Called, Filter, Listed, called, list, list_archived};
pub use purge::{due_purges, name, purge};

use chrono::{DateTime, Utc};

use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope, WorkspaceScope},
};

pub async fn count_live<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(r#"select live_workspaces($1) as "count!""#, tenant.0).fetch_one(scope.read()).await?;
    Ok(count)
}

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    id: WorkspaceId,
    slug: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into workspace (tenant_id, workspace_id, slug, name, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)",
        tenant.0,
        id.0,
        slug,
        name,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn take_slug<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, id: WorkspaceId, slug: &str) -> Result<(), AppError> {
    sqlx::query!(
        "insert into slug_directory (slug, kind, tenant_id, workspace_id) values ($1, 'workspace', $2, $3)",
        slug,
        tenant.0,
        id.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where the version has moved on.
pub async fn rename<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    id: WorkspaceId,
    name: &str,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let renamed = sqlx::query!(
        "update workspace
         set name = $3, version = version + 1, updated_at = $5
         where tenant_id = $1 and workspace_id = $2 and version = $4 and status = 'active'",
        tenant.0,
        id.0,
        name,
        version,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(renamed.rows_affected() == 1)
}
