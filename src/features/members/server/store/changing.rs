//! The SQL that makes, changes and ends memberships, and the grants beside them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Makes a membership, or brings one back that ended, under the id it had. None where the person is a member.
pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
    user: UserId,
    ends_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<MembershipId>, AppError> {
    let id = sqlx::query_scalar!(
        r#"
        insert into workspace_membership as known (tenant_id, workspace_id, id, user_id, ends_at, joined_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, workspace_id, user_id) do update
        set status = 'active', ends_at = $5, joined_at = $6, ended_at = null, version = known.version + 1
        where known.status = 'ended'
        returning id as "id: MembershipId"
        "#,
        tenant.0,
        workspace.0,
        id.0,
        user.0,
        ends_at,
        now,
    )
    .fetch_optional(scope.write())
    .await?;
    Ok(id)
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

pub async fn set_role<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    membership: MembershipId,
    role: WorkspaceRole,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace_grant
         set role = $4, granted_at = $5
         where tenant_id = $1 and workspace_id = $2 and membership_id = $3 and project_id is null",
        tenant.0,
        workspace.0,
        membership.0,
        role.name(),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// Sets the end date, and moves the membership's version in any case. False where the version has moved on.
pub async fn set_end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
    ends_at: Option<DateTime<Utc>>,
    version: i64,
) -> Result<bool, AppError> {
    let changed = sqlx::query!(
        "update workspace_membership
         set ends_at = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and version = $5 and status = 'active'",
        tenant.0,
        workspace.0,
        id.0,
        ends_at,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// False where it had ended already.
pub async fn end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let ended = sqlx::query!(
        "update workspace_membership
         set status = 'ended', ended_at = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status <> 'ended'",
        tenant.0,
        workspace.0,
        id.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Takes away every console role of a membership, those of projects too.
pub async fn delete_grants<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    membership: MembershipId,
) -> Result<(), AppError> {
    sqlx::query!(
        "delete from workspace_grant where tenant_id = $1 and workspace_id = $2 and membership_id = $3",
        tenant.0,
        workspace.0,
        membership.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
