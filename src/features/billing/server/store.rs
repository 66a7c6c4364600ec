//! The SQL behind billing.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::pausing::{Cap, Open, Paused, Spent};
use crate::{
    error::{AppError, PauseReason},
    ids::TenantId,
    server::scope::{Reach, Scope, ServiceScope},
};

/// Asked before any scope: a slug is a public word.
pub async fn find_tenant(db: &PgPool, slug: &str) -> Result<Option<TenantId>, AppError> {
    let id =
        sqlx::query_scalar!("select tenant_id from slug_directory where slug = $1 and kind = 'tenant'", slug).fetch_optional(db).await?;
    Ok(id.map(TenantId))
}

/// Locked against others who hold it, and not against rows that only refer to the tenant.
pub async fn hold_plan<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Option<String>, AppError> {
    let plan = sqlx::query_scalar!("select plan from tenant where tenant_id = $1 and status = 'active' for no key update", tenant.0)
        .fetch_optional(scope.read())
        .await?;
    Ok(plan)
}

/// Returns the tenant's name.
pub async fn update_plan(scope: &mut ServiceScope, tenant: TenantId, plan: &str, now: DateTime<Utc>) -> Result<String, AppError> {
    let name =
        sqlx::query_scalar!("update tenant set plan = $2, updated_at = $3 where tenant_id = $1 returning name", tenant.0, plan, now,)
            .fetch_one(scope.write())
            .await?;
    Ok(name)
}

/// What each credential of each workspace cost in that month, as far as it is rolled up.
pub async fn list_spent(scope: &mut ServiceScope, tenant: TenantId, month: NaiveDate) -> Result<Vec<Spent>, AppError> {
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

pub async fn list_caps(scope: &mut ServiceScope, tenant: TenantId) -> Result<Vec<Cap>, AppError> {
    let rows = sqlx::query_as!(
        Cap,
        "select workspace_id as workspace, credential_id as credential, micros, hard
         from spend_cap
         where tenant_id = $1",
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows)
}

pub async fn list_open_pauses(scope: &mut ServiceScope, tenant: TenantId) -> Result<Vec<Open>, AppError> {
    let rows = sqlx::query!(
        "select id, workspace_id, credential_id, reason, limit_micros
         from billing_pause
         where tenant_id = $1 and ended_at is null",
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    let open = rows.into_iter().filter_map(|row| {
        let reason = PauseReason::named(&row.reason)?;
        let paused = Paused { workspace: row.workspace_id, credential: row.credential_id, reason, limit_micros: row.limit_micros };
        Some(Open { id: row.id, paused })
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
