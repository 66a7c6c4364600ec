//! The SQL behind workspaces. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};

use crate::{
    access::{AskTenant, AskWorkspace},
    error::AppError,
    ids::{TenantId, UserId, WorkspaceId},
    server::scope::{ServiceScope, TenantScope, WorkspaceScope},
};

/// A workspace as its member sees it in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub slug: String,
    pub name: String,
    pub role: String,
    pub created_at: DateTime<Utc>,
}

pub async fn list<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, user: UserId) -> Result<Vec<Listed>, AppError> {
    let listed = sqlx::query_as!(
        Listed,
        "select workspace.slug, workspace.name, workspace_grant.role, workspace.created_at
         from workspace_membership
         join workspace using (tenant_id, workspace_id)
         join workspace_grant
           on workspace_grant.tenant_id = workspace_membership.tenant_id
          and workspace_grant.workspace_id = workspace_membership.workspace_id
          and workspace_grant.membership_id = workspace_membership.id
          and workspace_grant.project_id is null
         where workspace_membership.tenant_id = $1
           and workspace_membership.user_id = $2
           and workspace_membership.status = 'active'
           and workspace.status = 'active'
         order by workspace.name, workspace.workspace_id
         limit 200",
        tenant.0,
        user.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(listed)
}

pub async fn insert(
    scope: &mut ServiceScope,
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

pub async fn take_slug(scope: &mut ServiceScope, tenant: TenantId, id: WorkspaceId, slug: &str) -> Result<(), AppError> {
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
