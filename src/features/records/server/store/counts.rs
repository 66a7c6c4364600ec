//! The SQL behind what is counted of records.

use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::WorkspaceScope,
};

/// The keys of the modules that keep something here, with how many records, put away or not.
pub async fn of_modules<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
) -> Result<Vec<(String, i64)>, AppError> {
    let counted = sqlx::query!(
        r#"
        select module, sum(records)::bigint as "records!"
        from record_count
        where tenant_id = $1 and workspace_id = $2
        group by module
        having sum(records) > 0
        order by module
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(counted.into_iter().map(|row| (row.module, row.records)).collect())
}
