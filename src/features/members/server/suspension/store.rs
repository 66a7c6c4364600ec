//! The SQL behind suspending members with their workspace.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Affected;
use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// What stands for the name of somebody who is in the workspace without being in the team.
const GUEST: &str = "A guest";

pub async fn active<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Vec<Affected>, AppError> {
    let members = sqlx::query_as!(
        Affected,
        r#"
        select member.id as "id: MembershipId", member.user_id as "user: UserId", coalesce(person.name, $4) as "name!",
               granted.role as "role: WorkspaceRole", false as "is_over!"
        from workspace_membership as member
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        left join app_user as person on person.id = member.user_id
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.status = 'active'
          and (member.ends_at is null or member.ends_at > $3)
        order by member.id
        "#,
        tenant.0,
        workspace.0,
        now,
        GUEST,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(members)
}

pub async fn suspended<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Vec<Affected>, AppError> {
    let members = sqlx::query_as!(
        Affected,
        r#"
        select member.id as "id: MembershipId", member.user_id as "user: UserId", coalesce(person.name, $4) as "name!",
               granted.role as "role: WorkspaceRole", coalesce(member.ends_at <= $3, false) as "is_over!"
        from workspace_membership as member
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        left join app_user as person on person.id = member.user_id
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.status = 'suspended'
          and member.suspended_with_workspace
        order by member.id
        "#,
        tenant.0,
        workspace.0,
        now,
        GUEST,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(members)
}

pub async fn lock_memberships<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    sqlx::query!(
        "select id from workspace_membership where tenant_id = $1 and workspace_id = $2 order by id for update",
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(())
}

pub async fn lock_grants<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    sqlx::query!(
        "select id from workspace_grant where tenant_id = $1 and workspace_id = $2 order by id for update",
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(())
}

pub async fn suspend<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, ids: &[Uuid]) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace_membership
         set status = 'suspended', suspended_with_workspace = true
         where tenant_id = $1 and workspace_id = $2 and id = any ($3) and status = 'active'",
        tenant.0,
        workspace.0,
        ids,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn reinstate<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, ids: &[Uuid]) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace_membership
         set status = 'active'
         where tenant_id = $1 and workspace_id = $2 and id = any ($3) and status = 'suspended'",
        tenant.0,
        workspace.0,
        ids,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn end<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, ids: &[Uuid]) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace_membership
         set status = 'ended', ended_at = ends_at
         where tenant_id = $1 and workspace_id = $2 and id = any ($3) and status = 'suspended'",
        tenant.0,
        workspace.0,
        ids,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
