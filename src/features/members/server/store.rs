//! The SQL behind members.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::{AskWorkspace, WorkspaceRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::{ServiceScope, WorkspaceScope},
};

pub async fn insert(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into workspace_membership (tenant_id, workspace_id, id, user_id, joined_at)
         values ($1, $2, $3, $4, $5)",
        tenant.0,
        workspace.0,
        id.0,
        user.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn insert_grant(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    membership: MembershipId,
    id: Uuid,
    role: WorkspaceRole,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into workspace_grant (tenant_id, workspace_id, membership_id, id, role, granted_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        workspace.0,
        membership.0,
        id,
        role.name(),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn role_of<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<WorkspaceRole>, AppError> {
    let role = sqlx::query_scalar!(
        r#"
        select workspace_grant.role as "role: WorkspaceRole"
        from workspace_membership
        join workspace_grant
          on workspace_grant.tenant_id = workspace_membership.tenant_id
         and workspace_grant.workspace_id = workspace_membership.workspace_id
         and workspace_grant.membership_id = workspace_membership.id
         and workspace_grant.project_id is null
        where workspace_membership.tenant_id = $1 and workspace_membership.workspace_id = $2 and workspace_membership.user_id = $3
          and workspace_membership.status = 'active'
          and (workspace_membership.ends_at is null or workspace_membership.ends_at > $4)
        "#,
        tenant.0,
        workspace.0,
        user.0,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(role)
}
