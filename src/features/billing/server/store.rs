//! The SQL behind billing.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    error::AppError,
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
