//! The SQL behind the operator's own streams: how far each log is written beside the database.

use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{LogId, TenantId},
    server::scope::ServiceScope,
};

/// Logs with rows that are not there yet: of these, or of all where none is named.
pub async fn due(db: &PgPool, name: &str, logs: &[LogId], most: i32) -> Result<Vec<(TenantId, LogId)>, AppError> {
    let logs: Vec<Uuid> = logs.iter().map(|log| log.0).collect();
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", log_id as "log!: LogId" from audit_drains_due($1, $2, $3)"#,
        name,
        &logs,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.log)).collect())
}

/// How far the log is there; none where somebody else writes there just now.
pub async fn begin(scope: &mut ServiceScope, name: &str, log: LogId) -> Result<Option<i64>, AppError> {
    let next = sqlx::query_scalar!(r#"select next_seq as "next!" from begin_audit_drain($1, $2)"#, name, log.0)
        .fetch_optional(scope.note())
        .await?;
    Ok(next)
}

pub async fn advance(scope: &mut ServiceScope, name: &str, log: LogId, from: i64, to: i64) -> Result<(), AppError> {
    sqlx::query!("select note_drained($1, $2, $3, $4)", name, log.0, from, to).execute(scope.note()).await?;
    Ok(())
}
