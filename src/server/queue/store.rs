//! The SQL behind the queue.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::scope::{Reach, Scope},
};

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    id: JobId,
    kind: &str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into job (tenant_id, id, kind, payload, run_at, created_at) values ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        id.0,
        kind,
        payload,
        run_at,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}
