//! The SQL that counts a module's calls.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Answered calls of a module from that moment on, to the quarter of an hour, by whatever credential and door: what is
/// rolled up, and what still waits for it: one statement, so that nothing is seen twice or never.
pub async fn calls_of_module<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    module: &str,
    since: DateTime<Utc>,
) -> Result<i64, AppError> {
    let calls = sqlx::query_scalar!(
        r#"
        select (
            (select coalesce(sum(rolled.events), 0)
             from usage_rollup as rolled
             where rolled.tenant_id = $1 and rolled.workspace_id = $2 and rolled.starts_at >= $4 and rolled.module = $3
               and rolled.dimension in ('rest.read', 'rest.write', 'mcp.call'))
            + (select count(*)
               from usage_pending as waiting
               where waiting.tenant_id = $1 and waiting.workspace_id = $2 and waiting.occurred_at >= $4 and waiting.module = $3
                 and waiting.dimension in ('rest.read', 'rest.write', 'mcp.call')))::bigint as "calls!"
        "#,
        tenant.0,
        workspace.0,
        module,
        since,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(calls)
}
