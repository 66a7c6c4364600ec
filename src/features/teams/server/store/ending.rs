//! The SQL behind what comes after a team's deletion: bringing it back, or purging it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

use crate::{error::AppError, ids::TenantId, server::scope::ServiceScope};

/// How far the end of a team has come.
#[derive(Clone, Debug)]
pub struct Ending {
    pub slug: String,
    pub name: String,
    /// None where it is not deleted.
    pub purge_at: Option<DateTime<Utc>>,
    pub purged_at: Option<DateTime<Utc>>,
}

/// Of all tenants, behind `after` in the order of their ids.
pub async fn due(db: &PgPool, now: DateTime<Utc>, after: TenantId, most: i32) -> Result<Vec<TenantId>, AppError> {
    let due = sqlx::query_scalar!(
        r#"select tenant_id as "tenant!: TenantId" from due_tenant_purges($1, $2, $3) as due (tenant_id)"#,
        now,
        after.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due)
}

/// How many rows of which table went; none where there is nothing to be purged (any more).
pub async fn purge(scope: &mut ServiceScope, tenant: TenantId, now: DateTime<Utc>) -> Result<Option<Value>, AppError> {
    let gone = sqlx::query_scalar!("select purge_tenant($1, $2)", tenant.0, now).fetch_one(scope.write()).await?;
    Ok(gone)
}

/// From here to the end of the transaction nobody else restores or purges it.
pub async fn hold(scope: &mut ServiceScope, tenant: TenantId) -> Result<Option<Ending>, AppError> {
    let team =
        sqlx::query_as!(Ending, "select slug, name, purge_at, purged_at from tenant where tenant_id = $1 for no key update", tenant.0,)
            .fetch_optional(scope.read())
            .await?;
    Ok(team)
}

pub async fn restore(scope: &mut ServiceScope, tenant: TenantId, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "update tenant
         set status = 'active', deleted_at = null, purge_at = null, version = version + 1, updated_at = $2
         where tenant_id = $1 and status = 'deleted' and purged_at is null",
        tenant.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// Archived workspaces that can still be restored.
pub async fn count_archived(scope: &mut ServiceScope, tenant: TenantId, now: DateTime<Utc>) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from workspace where tenant_id = $1 and status = 'archived' and purge_at > $2"#,
        tenant.0,
        now,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(count)
}
