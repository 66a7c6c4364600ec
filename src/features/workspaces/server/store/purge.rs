//! The SQL behind purging archived workspaces; what goes is said in `migrations/20261122000040_purging.sql`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::ServiceScope,
};

/// Of whichever tenant, behind `after` in the order of their ids.
pub async fn due_purges(db: &PgPool, now: DateTime<Utc>, after: WorkspaceId, most: i32) -> Result<Vec<(TenantId, WorkspaceId)>, AppError> {
    let due = sqlx::query!(
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId"
        from due_workspace_purges($1, $2, $3)
        "#,
        now,
        after.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due.into_iter().map(|row| (row.tenant, row.workspace)).collect())
}

/// How many rows of which table went; none where there is nothing to be purged (any more).
pub async fn purge(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Option<Value>, AppError> {
    let gone = sqlx::query_scalar!("select purge_workspace($1, $2, $3)", tenant.0, workspace.0, now).fetch_one(scope.write()).await?;
    Ok(gone)
}

pub async fn name(scope: &mut ServiceScope, tenant: TenantId, workspace: WorkspaceId) -> Result<String, AppError> {
    let name = sqlx::query_scalar!("select name from workspace where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0)
        .fetch_one(scope.read())
        .await?;
    Ok(name)
}
