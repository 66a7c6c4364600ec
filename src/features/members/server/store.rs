//! The SQL behind members.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
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

pub async fn insert_grant<R: Reach>(
    scope: &mut Scope<R>,
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
