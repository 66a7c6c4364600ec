//! The SQL that changes API keys and their secrets.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::api_keys::server::NewKey,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Credential,
        scope::{Reach, Scope},
    },
};

/// Held until the scope ends, so that two changes come one after the other.
pub async fn lock<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, id: ApiKeyId) -> Result<(), AppError> {
    sqlx::query!("select id from api_key where tenant_id = $1 and workspace_id = $2 and id = $3 for update", tenant.0, workspace.0, id.0)
        .fetch_optional(scope.read())
        .await?
        .map(drop)
        .ok_or(AppError::NotFound)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    new: &NewKey,
    steward: UserId,
    max_role: WorkspaceRole,
    by: UserId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into api_key (tenant_id, workspace_id, id, name, steward, scopes, created_by, created_at, expires_at, max_role, kind)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant.0,
        workspace.0,
        id.0,
        new.name,
        steward.0,
        &new.scopes,
        by.0,
        now,
        expires_at,
        max_role.name(),
        new.kind.word(),
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn insert_secret<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    secret: &Credential,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id: Uuid = scope.new_id();
    let pepper = scope.stoa().config.secrets.pepper.clone();
    let (text, hash) = (secret.reveal(), secret.hash(&pepper));
    sqlx::query!(
        "insert into api_key_secret (tenant_id, workspace_id, key_id, id, secret_hash, pepper_id, last_four, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        workspace.0,
        key.0,
        id,
        hash.as_slice(),
        pepper.id(),
        &text[text.len() - 4..],
        now,
        by.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// The current secret goes on working until `ends_at`. Whatever worked beside it ends `now`, and so does what was reported
/// as leaked: after a rotation two work at most.
pub async fn end_secrets<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key_secret
         set ends_at = least(ends_at, case when leaked_at is null and ends_at is null then $4::timestamptz else $5 end)
         where tenant_id = $1 and workspace_id = $2 and key_id = $3",
        tenant.0,
        workspace.0,
        key.0,
        ends_at,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn narrow<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    scopes: &[String],
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key
         set scopes = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and scopes @> $4",
        tenant.0,
        workspace.0,
        id.0,
        scopes,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// From now on it reaches no further than `max_role`, which is what it was or less.
pub async fn lower<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    max_role: WorkspaceRole,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key set max_role = $4 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        max_role.name(),
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// How often it may call; none for as often as the workspace.
pub async fn limit<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    calls_per_minute: Option<i32>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key set calls_per_minute = $4, version = version + 1 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        calls_per_minute,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn touch_version<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, id: ApiKeyId) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key set version = version + 1 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn set_status<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    status: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key
         set status = $4, reason = $5, revoked_at = case when $4 = 'revoked' then $6::timestamptz end, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status <> 'revoked'",
        tenant.0,
        workspace.0,
        id.0,
        status,
        reason,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn set_steward<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: ApiKeyId,
    steward: UserId,
    max_role: WorkspaceRole,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update api_key
         set steward = $4, max_role = $5, handed_over_at = $6, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        steward.0,
        max_role.name(),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
