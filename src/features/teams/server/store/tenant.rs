//! The SQL behind what a team decides for itself, and its end.

use chrono::{DateTime, Utc};

use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    features::teams::server::{Joining, TEAM},
    ids::TenantId,
    server::scope::TenantScope,
};

/// What a team decides for itself, and what it is.
#[derive(Clone, Debug)]
pub struct Settings {
    pub plan: String,
    /// What somebody becomes in the team who joins through an invitation to one of its workspaces.
    pub default_role: TenantRole,
    pub members_create_workspaces: bool,
    /// Where set, only verified addresses of these domains can be invited, or accept.
    pub allowed_domains: Vec<String>,
    pub created_at: DateTime<Utc>,
}

pub async fn find<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<Settings, AppError> {
    let settings = sqlx::query_as!(
        Settings,
        r#"
        select plan, default_role as "default_role: TenantRole", members_create_workspaces, allowed_domains, created_at
        from tenant
        where tenant_id = $1
        "#,
        tenant.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(settings)
}

/// False where the version has moved on.
pub async fn rename<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    name: &str,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let renamed = sqlx::query!(
        "update tenant
         set name = $2, version = version + 1, updated_at = $4
         where tenant_id = $1
           and version = $3
           and status = 'active'",
        tenant.0,
        name,
        version,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(renamed.rows_affected() == 1)
}

/// False where the version has moved on.
pub async fn set_joining<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    joining: &Joining,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let updated = sqlx::query!(
        "update tenant
         set default_role = $2, members_create_workspaces = $3, allowed_domains = $4, version = version + 1, updated_at = $6
         where tenant_id = $1
           and version = $5
           and status = 'active'",
        tenant.0,
        joining.default_role.name(),
        joining.members_create_workspaces,
        &joining.allowed_domains,
        version,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// False where the version has moved on.
pub async fn make_team<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    name: &str,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let made = sqlx::query!(
        "update tenant
         set kind = $5, name = $2, version = version + 1, updated_at = $4
         where tenant_id = $1
           and version = $3
           and status = 'active'",
        tenant.0,
        name,
        version,
        now,
        TEAM,
    )
    .execute(scope.write())
    .await?;
    Ok(made.rows_affected() == 1)
}

/// Holds the tenant: what is made in it meanwhile waits, or is waited for.
pub async fn lock<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<(), AppError> {
    sqlx::query_scalar!("select version from tenant where tenant_id = $1 for update", tenant.0).fetch_one(scope.read()).await?;
    Ok(())
}

/// False where it is deleted already.
pub async fn delete<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    now: DateTime<Utc>,
    purge_at: DateTime<Utc>,
) -> Result<bool, AppError> {
    let deleted = sqlx::query!(
        "update tenant
         set status = 'deleted', deleted_at = $2, purge_at = $3, version = version + 1, updated_at = $2
         where tenant_id = $1
           and status = 'active'",
        tenant.0,
        now,
        purge_at,
    )
    .execute(scope.write())
    .await?;
    Ok(deleted.rows_affected() == 1)
}
