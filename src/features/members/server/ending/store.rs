//! The SQL behind endings.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::{AskTenant, WorkspaceRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::TenantScope,
};

/// A person's present place in one workspace.
#[derive(Clone, Debug)]
pub struct Known {
    pub role: Option<WorkspaceRole>,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Holds every workspace that the person is in, in the order in which all do: who decides over members comes one by one.
pub async fn lock_places<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, user: UserId) -> Result<(), AppError> {
    sqlx::query!(
        "select workspace_id
         from workspace
         where tenant_id = $1
           and workspace_id in (
               select workspace_id
               from workspace_membership
               where tenant_id = $1
                 and user_id = $2
                 and status <> 'ended')
         order by workspace_id
         for no key update",
        tenant.0,
        user.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(())
}

pub async fn name<P: AskTenant>(scope: &mut TenantScope<P>, user: UserId) -> Result<String, AppError> {
    sqlx::query_scalar!("select name from app_user where id = $1", user.0).fetch_optional(scope.read()).await?.ok_or(AppError::NotFound)
}

pub async fn find<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<Known>, AppError> {
    let known = sqlx::query_as!(
        Known,
        r#"
        select granted.role as "role?: WorkspaceRole", member.ends_at
        from workspace_membership as member
        left join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.user_id = $3
          and member.status <> 'ended'
        "#,
        tenant.0,
        workspace.0,
        user.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(known)
}

/// Makes a membership that stands as its workspace does, or brings back the one that is there, without an end.
pub async fn take_in<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    new: MembershipId,
    user: UserId,
    is_archived: bool,
    now: DateTime<Utc>,
) -> Result<MembershipId, AppError> {
    let id = sqlx::query_scalar!(
        r#"
        insert into workspace_membership as known (tenant_id, workspace_id, id, user_id, status, suspended_with_workspace, joined_at)
        values ($1, $2, $3, $4, case when $5 then 'suspended' else 'active' end, $5, $6)
        on conflict (tenant_id, workspace_id, user_id) do update
        set status = excluded.status,
            suspended_with_workspace = excluded.suspended_with_workspace,
            joined_at = case when known.status = 'ended' then excluded.joined_at else known.joined_at end,
            ends_at = null,
            ended_at = null,
            version = known.version + 1
        returning id as "id: MembershipId"
        "#,
        tenant.0,
        workspace.0,
        new.0,
        user.0,
        is_archived,
        now,
    )
    .fetch_one(scope.write())
    .await?;
    Ok(id)
}

pub async fn grant_ownership<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    membership: MembershipId,
    new: Uuid,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into workspace_grant (tenant_id, workspace_id, membership_id, id, role, granted_at)
         values ($1, $2, $3, $4, 'owner', $5)
         on conflict (tenant_id, workspace_id, membership_id, project_id) do update
         set role = excluded.role, granted_at = excluded.granted_at",
        tenant.0,
        workspace.0,
        membership.0,
        new,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}
