//! The SQL of the policy for agents. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

pub async fn paused_since<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let since =
        sqlx::query_scalar!("select agents_paused_at from workspace where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0)
            .fetch_one(scope.read())
            .await?;
    Ok(since)
}

/// The same, and it stays so until the scope ends.
pub async fn lock<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Option<DateTime<Utc>>, AppError> {
    let since = sqlx::query_scalar!(
        "select agents_paused_at from workspace where tenant_id = $1 and workspace_id = $2 for no key update",
        tenant.0,
        workspace.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(since)
}

pub async fn set_paused<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    since: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    sqlx::query!("update workspace set agents_paused_at = $3 where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0, since)
        .execute(scope.write())
        .await?;
    Ok(())
}
