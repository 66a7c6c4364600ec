//! The SQL behind the percentages that are told.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    error::AppError,
    features::billing::server::percents::Percents,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope},
};

pub async fn of_tenant<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Percents, AppError> {
    let percents =
        sqlx::query_scalar!("select alert_percents from tenant where tenant_id = $1", tenant.0).fetch_optional(scope.read()).await?;
    Ok(Percents::stored(&percents.ok_or(AppError::NotFound)?))
}

pub async fn of_workspace<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Percents, AppError> {
    let percents =
        sqlx::query_scalar!("select alert_percents from workspace where tenant_id = $1 and workspace_id = $2", tenant.0, workspace.0)
            .fetch_optional(scope.read())
            .await?;
    Ok(Percents::stored(&percents.ok_or(AppError::NotFound)?))
}

/// Of every workspace of the tenant.
pub async fn of_workspaces(scope: &mut ServiceScope, tenant: TenantId) -> Result<HashMap<Uuid, Percents>, AppError> {
    let rows =
        sqlx::query!("select workspace_id, alert_percents from workspace where tenant_id = $1", tenant.0).fetch_all(scope.read()).await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id, Percents::stored(&row.alert_percents))).collect())
}

pub async fn set_of_tenant<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, percents: &Percents) -> Result<(), AppError> {
    sqlx::query!("update tenant set alert_percents = $2 where tenant_id = $1", tenant.0, percents.list()).execute(scope.write()).await?;
    Ok(())
}

pub async fn set_of_workspace<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    percents: &Percents,
) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace set alert_percents = $3 where tenant_id = $1 and workspace_id = $2",
        tenant.0,
        workspace.0,
        percents.list(),
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
