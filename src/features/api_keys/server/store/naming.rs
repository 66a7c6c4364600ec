//! What keys are called.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Of the keys with these ids, ended ones included; of a steward's alone where one is named.
pub async fn names<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    own: Option<UserId>,
    ids: &[ApiKeyId],
) -> Result<HashMap<ApiKeyId, String>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select id as "id: ApiKeyId", name
           from api_key
           where tenant_id = $1 and workspace_id = $2 and id = any ($3) and ($4::uuid is null or steward = $4)"#,
        tenant.0,
        workspace.0,
        &ids,
        own.map(|id| id.0),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
