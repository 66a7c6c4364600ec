//! The SQL behind places.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    access::{AskTenant, WorkspaceRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::TenantScope,
};

/// One workspace that a person is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub workspace: WorkspaceId,
    pub name: String,
    pub membership: MembershipId,
    /// None where only a grant in one of its projects is left.
    pub role: Option<WorkspaceRole>,
    /// Then the membership is suspended, to come back with the workspace.
    pub is_archived: bool,
    /// Nobody else owns it, or would after a restore.
    pub is_only_owner: bool,
}

/// A workspace and the names of its owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub workspace: WorkspaceId,
    pub name: String,
    pub is_archived: bool,
    pub owners: Vec<String>,
}

pub async fn places<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, user: UserId) -> Result<Vec<Place>, AppError> {
    let places = sqlx::query_as!(
        Place,
        r#"
        select workspace.workspace_id as "workspace: WorkspaceId",
               workspace.name,
               member.id as "membership: MembershipId",
               granted.role as "role?: WorkspaceRole",
               workspace.status = 'archived' as "is_archived!",
               coalesce(granted.role = 'owner', false) and not exists (
                   select from workspace_membership as other
                   join workspace_grant as theirs
                     on theirs.tenant_id = other.tenant_id
                    and theirs.workspace_id = other.workspace_id
                    and theirs.membership_id = other.id
                    and theirs.project_id is null
                    and theirs.role = 'owner'
                   where other.tenant_id = $1
                     and other.workspace_id = workspace.workspace_id
                     and other.id <> member.id
                     and (other.status = 'active' or other.suspended_with_workspace)
               ) as "is_only_owner!"
        from workspace_membership as member
        join workspace
          on workspace.tenant_id = member.tenant_id
         and workspace.workspace_id = member.workspace_id
        left join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.user_id = $2
          and member.status <> 'ended'
        order by workspace.workspace_id
        "#,
        tenant.0,
        user.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(places)
}

pub async fn count<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, users: &[Uuid]) -> Result<HashMap<UserId, i64>, AppError> {
    let counted = sqlx::query!(
        r#"
        select member.user_id as "user: UserId", count(*) as "workspaces!"
        from workspace_membership as member
        join workspace
          on workspace.tenant_id = member.tenant_id
         and workspace.workspace_id = member.workspace_id
         and workspace.status = 'active'
        where member.tenant_id = $1
          and member.user_id = any($2)
          and member.status = 'active'
        group by member.user_id
        "#,
        tenant.0,
        users,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(counted.into_iter().map(|row| (row.user, row.workspaces)).collect())
}

pub async fn owned<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<Vec<Owned>, AppError> {
    let owned = sqlx::query_as!(
        Owned,
        r#"
        select workspace.workspace_id as "workspace: WorkspaceId",
               workspace.name,
               workspace.status = 'archived' as "is_archived!",
               array(
                   select app_user.name
                   from workspace_membership as member
                   join workspace_grant as granted
                     on granted.tenant_id = member.tenant_id
                    and granted.workspace_id = member.workspace_id
                    and granted.membership_id = member.id
                    and granted.project_id is null
                    and granted.role = 'owner'
                   join app_user on app_user.id = member.user_id
                   where member.tenant_id = $1
                     and member.workspace_id = workspace.workspace_id
                     and member.status = 'active'
                   order by app_user.name, app_user.id
               ) as "owners!"
        from workspace
        where workspace.tenant_id = $1
          and workspace.purged_at is null
        order by workspace.status, workspace.name, workspace.workspace_id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(owned)
}
