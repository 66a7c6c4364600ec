//! The SQL that looks for keys across tenants: those that end soon, and those that were reported as leaked.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{ApiKeyId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// A key whose end is near enough for the warning of so many `days`.
#[derive(Clone, Debug)]
pub struct Due {
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    pub slug: String,
    pub workspace_name: String,
    pub key: ApiKeyId,
    pub days: i32,
}

/// A key of which somebody presented a whole secret.
#[derive(Clone, Debug)]
pub struct Leak {
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    pub slug: String,
    pub workspace_name: String,
    /// The workspace's policy: `quarantine` or `alert`.
    pub policy: String,
    pub key: ApiKeyId,
    pub secret: Uuid,
}

pub async fn due(db: &PgPool, now: DateTime<Utc>, most: i32) -> Result<Vec<Due>, AppError> {
    let due = sqlx::query_as!(
        Due,
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId", workspace_slug as "slug!",
               workspace_name as "workspace_name!", key_id as "key!: ApiKeyId", days as "days!"
        from expiring_api_keys($1, $2)
        "#,
        now,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due)
}

/// False where that warning, or a later one, was given already.
pub async fn mark_warned<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    days: i16,
) -> Result<bool, AppError> {
    let marked = sqlx::query!(
        "update api_key
         set warned_days = $4
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status <> 'revoked' and (warned_days is null or warned_days > $4)",
        tenant.0,
        workspace.0,
        id.0,
        days,
    )
    .execute(scope.write())
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Three lists of one length: whose secret it is said to be, and its hash under each pepper.
pub async fn leaked(
    db: &PgPool,
    ids: &[Uuid],
    pepper_ids: &[String],
    hashes: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<Vec<Leak>, AppError> {
    let leaks = sqlx::query_as!(
        Leak,
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId", workspace_slug as "slug!",
               workspace_name as "workspace_name!", on_leak as "policy!", key_id as "key!: ApiKeyId", secret_id as "secret!"
        from leaked_api_keys($1, $2, $3, $4)
        "#,
        ids,
        pepper_ids,
        hashes,
        now,
    )
    .fetch_all(db)
    .await?;
    Ok(leaks)
}

/// Whether any secret that was reported as leaked would open the key now.
pub async fn has_working_leak<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let has_one = sqlx::query_scalar!(
        r#"
        select exists (
            select from api_key_secret
            where tenant_id = $1 and workspace_id = $2 and key_id = $3 and leaked_at is not null
              and (ends_at is null or ends_at > $4)) as "has_one!"
        "#,
        tenant.0,
        workspace.0,
        key.0,
        now,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(has_one)
}

/// False where it was reported before.
pub async fn mark_leaked<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    secret: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let marked = sqlx::query!(
        "update api_key_secret
         set leaked_at = $5
         where tenant_id = $1 and workspace_id = $2 and key_id = $3 and id = $4 and leaked_at is null",
        tenant.0,
        workspace.0,
        key.0,
        secret,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(marked.rows_affected() == 1)
}
