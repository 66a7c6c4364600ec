//! The SQL behind module switches. One statement a function; tenant and workspace first.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// What somebody decided about a module in a workspace.
#[derive(Clone, Debug)]
pub struct Switch {
    pub module: String,
    pub enabled: bool,
    pub suspended_with_workspace: bool,
    pub changed_at: DateTime<Utc>,
}

pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Switch>, AppError> {
    let switches = sqlx::query_as!(
        Switch,
        "select module, enabled, suspended_with_workspace, changed_at
         from module_switch
         where tenant_id = $1 and workspace_id = $2
         order by module",
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(switches)
}

/// Of those who switch, one at a time; and none while somebody makes a key or archives. False where the workspace is
/// not live.
pub async fn hold<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<bool, AppError> {
    let held = sqlx::query_scalar!(
        "select workspace_id from workspace where tenant_id = $1 and workspace_id = $2 and status = 'active' for no key update",
        tenant.0,
        workspace.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(held.is_some())
}

pub async fn set<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    module: &str,
    enabled: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, workspace_id, module) do update
         set enabled = excluded.enabled, suspended_with_workspace = false, changed_at = excluded.changed_at,
             version = module_switch.version + 1",
        tenant.0,
        workspace.0,
        module,
        enabled,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn suspend<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    modules: &[String],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into module_switch (tenant_id, workspace_id, module, enabled, suspended_with_workspace, changed_at)
         select $1, $2, suspended.module, false, true, $4
         from unnest($3::text[]) as suspended (module)
         on conflict (tenant_id, workspace_id, module) do update
         set enabled = false, suspended_with_workspace = true, changed_at = excluded.changed_at, version = module_switch.version + 1",
        tenant.0,
        workspace.0,
        modules,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// Returns the keys of those that are on again.
pub async fn resume<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, AppError> {
    let modules = sqlx::query_scalar!(
        "update module_switch
         set enabled = true, suspended_with_workspace = false, changed_at = $3, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and suspended_with_workspace
         returning module",
        tenant.0,
        workspace.0,
        now,
    )
    .fetch_all(scope.write())
    .await?;
    Ok(modules)
}
