//! The SQL behind entitlements.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    error::AppError,
    features::billing::server::entitlements::{Agreed, Entitlement, NewEntitlement},
    ids::{EntitlementId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope},
};

/// Those that the scope reaches, of whichever time, the latest first.
pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Entitlement>, AppError> {
    let entitlements = sqlx::query_as!(
        Entitlement,
        r#"
        select id as "id: EntitlementId", workspace_id as "workspace: WorkspaceId", key, allowed, reason, starts_at, ends_at, end_recorded
        from entitlement
        where tenant_id = $1
        order by starts_at desc, id desc
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(entitlements)
}

pub async fn insert(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: EntitlementId,
    new: &NewEntitlement,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into entitlement (tenant_id, id, workspace_id, key, allowed, reason, starts_at, ends_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $7)",
        tenant.0,
        id.0,
        new.workspace.map(|id| id.0),
        new.key.name(),
        new.allowed,
        new.reason,
        now,
        new.until,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// From then on it does not hold, and its end is in the log.
pub async fn end<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, id: EntitlementId, at: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "update entitlement
         set ends_at = least(ends_at, greatest(starts_at, $3)), end_recorded = true
         where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// What the operator allows the whole tenant under that key, where it is said.
pub async fn find_allowed<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Option<Agreed>, AppError> {
    let allowed = sqlx::query_scalar!(
        "select allowed
         from entitlement
         where tenant_id = $1 and workspace_id is null and key = $2
           and starts_at <= $3 and (ends_at is null or ends_at > $3)
         order by starts_at desc, id desc
         limit 1",
        tenant.0,
        key,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(allowed.map(Agreed))
}

/// Whose have ended by their date and not in the log.
pub async fn due_ends(db: &PgPool, now: DateTime<Utc>, most: i32) -> Result<Vec<(TenantId, EntitlementId)>, AppError> {
    let rows =
        sqlx::query!(r#"select tenant_id as "tenant!", id as "id!" from due_entitlement_ends($1, $2)"#, now, most).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant), EntitlementId(row.id))).collect())
}

/// What the operator allows the other tenants of the person, of workspaces, where it is said.
pub async fn move_allowances<R: Reach>(scope: &mut Scope<R>) -> Result<Vec<(TenantId, Agreed)>, AppError> {
    let now = scope.now();
    let rows = sqlx::query!(r#"select tenant_id as "tenant!", allowed as "allowed?" from move_allowances($1)"#, now)
        .fetch_all(scope.read())
        .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant), Agreed(row.allowed))).collect())
}

pub async fn lock<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    sqlx::query!("select id from entitlement where tenant_id = $1 and workspace_id = $2 order by id for update", tenant.0, workspace.0)
        .fetch_all(scope.read())
        .await?;
    Ok(())
}
