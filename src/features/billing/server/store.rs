//! The SQL behind plans and pauses.

pub mod alerts;
pub mod caps;
pub mod changing;
pub mod entitlements;
pub mod near;
pub mod percents;
pub mod sums;
pub mod top_ups;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::pausing::{Open, Paused, Spent};
use crate::{
    error::{AppError, PauseReason},
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope},
};

/// Asked before any scope: a slug is a public word.
pub async fn find_tenant(db: &PgPool, slug: &str) -> Result<Option<TenantId>, AppError> {
    let id =
        sqlx::query_scalar!("select tenant_id from slug_directory where slug = $1 and kind = 'tenant'", slug).fetch_optional(db).await?;
    Ok(id.map(TenantId))
}

/// A workspace, and whose it is.
pub async fn find_workspace(db: &PgPool, slug: &str) -> Result<Option<(TenantId, WorkspaceId)>, AppError> {
    let row = sqlx::query!(
        r#"select tenant_id, workspace_id as "workspace_id!" from slug_directory where slug = $1 and kind = 'workspace'"#,
        slug,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (TenantId(row.tenant_id), WorkspaceId(row.workspace_id))))
}

/// The live tenants with a pause that nobody has closed.
pub async fn tenants_with_pauses(db: &PgPool) -> Result<Vec<TenantId>, AppError> {
    let tenants = sqlx::query_scalar!(r#"select tenants_with_pauses() as "tenant!""#).fetch_all(db).await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// Its slug and its name.
pub async fn name_of_tenant<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(String, String), AppError> {
    let row = sqlx::query!("select slug, name from tenant where tenant_id = $1", tenant.0).fetch_one(scope.read()).await?;
    Ok((row.slug, row.name))
}

/// Locked against others who hold it, and not against rows that only refer to the tenant.
pub async fn hold_plan<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Option<String>, AppError> {
    let plan = sqlx::query_scalar!("select plan from tenant where tenant_id = $1 and status = 'active' for no key update", tenant.0)
        .fetch_optional(scope.read())
        .await?;
    Ok(plan)
}

/// Returns the tenant's name.
pub async fn update_plan<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, plan: &str, now: DateTime<Utc>) -> Result<String, AppError> {
    let name =
        sqlx::query_scalar!("update tenant set plan = $2, updated_at = $3 where tenant_id = $1 returning name", tenant.0, plan, now,)
            .fetch_one(scope.write())
            .await?;
    Ok(name)
}

/// What each credential of each workspace cost in that month, as far as it is rolled up.
pub async fn list_spent<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, month: NaiveDate) -> Result<Vec<Spent>, AppError> {
    let rows = sqlx::query_as!(
        Spent,
        "select workspace_id as workspace, credential_id as credential, nanos
         from usage_spend
         where tenant_id = $1 and month = $2",
        tenant.0,
        month,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows)
}

pub async fn list_open_pauses(scope: &mut ServiceScope, tenant: TenantId) -> Result<Vec<Open>, AppError> {
    let rows = sqlx::query!(
        "select id, workspace_id, credential_id, reason, limit_micros, since
         from billing_pause
         where tenant_id = $1 and ended_at is null
         order by since, id",
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    let open = rows.into_iter().filter_map(|row| {
        let reason = PauseReason::named(&row.reason)?;
        let paused = Paused { workspace: row.workspace_id, credential: row.credential_id, reason, limit_micros: row.limit_micros };
        Some(Open { id: row.id, paused, since: row.since })
    });
    Ok(open.collect())
}

pub async fn insert_pause(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: Uuid,
    paused: &Paused,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into billing_pause (tenant_id, id, workspace_id, credential_id, reason, limit_micros, since)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        id,
        paused.workspace,
        paused.credential,
        paused.reason.name(),
        paused.limit_micros,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn end_pause(scope: &mut ServiceScope, tenant: TenantId, id: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!("update billing_pause set ended_at = $3 where tenant_id = $1 and id = $2", tenant.0, id, now)
        .execute(scope.write())
        .await?;
    Ok(())
}

/// The limit that it stands for is another one from now on.
pub async fn move_pause(scope: &mut ServiceScope, tenant: TenantId, id: Uuid, limit_micros: i64) -> Result<(), AppError> {
    sqlx::query!("update billing_pause set limit_micros = $3 where tenant_id = $1 and id = $2", tenant.0, id, limit_micros)
        .execute(scope.write())
        .await?;
    Ok(())
}
