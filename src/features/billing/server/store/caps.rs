//! The SQL behind spend caps.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::AppError,
    features::billing::server::{caps::Wanted, pausing::Cap},
    ids::TenantId,
    server::scope::{Reach, Scope},
};

/// Those that the scope reaches: of the whole tenant, or the tenant's own and those of one workspace.
pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Cap>, AppError> {
    let caps = sqlx::query_as!(
        Cap,
        "select id, workspace_id as workspace, credential_id as credential, micros, hard, version
         from spend_cap
         where tenant_id = $1
         order by workspace_id nulls first, credential_id nulls first",
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(caps)
}

/// The cap of exactly that: of the tenant where no workspace is named.
pub async fn find<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<Uuid>,
    credential: Option<Uuid>,
) -> Result<Option<Cap>, AppError> {
    let cap = sqlx::query_as!(
        Cap,
        "select id, workspace_id as workspace, credential_id as credential, micros, hard, version
         from spend_cap
         where tenant_id = $1 and workspace_id is not distinct from $2 and credential_id is not distinct from $3",
        tenant.0,
        workspace,
        credential,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(cap)
}

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<Uuid>,
    credential: Option<Uuid>,
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id = scope.new_id();
    sqlx::query!(
        "insert into spend_cap (tenant_id, id, workspace_id, credential_id, micros, hard, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        id,
        workspace,
        credential,
        wanted.micros.0,
        wanted.hard,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn update<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    id: Uuid,
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update spend_cap
         set micros = $3, hard = $4, updated_at = $5, version = version + 1
         where tenant_id = $1 and id = $2",
        tenant.0,
        id,
        wanted.micros.0,
        wanted.hard,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn delete<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, id: Uuid) -> Result<(), AppError> {
    sqlx::query!("delete from spend_cap where tenant_id = $1 and id = $2", tenant.0, id).execute(scope.write()).await?;
    Ok(())
}
