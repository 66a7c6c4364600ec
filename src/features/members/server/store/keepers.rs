//! The SQL behind those who can look after something.

use chrono::{DateTime, Utc};

use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::members::server::Active,
    ids::{TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

pub async fn active<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    roles: &[WorkspaceRole],
    now: DateTime<Utc>,
) -> Result<Vec<Active>, AppError> {
    let roles: Vec<String> = roles.iter().map(|role| role.name().to_owned()).collect();
    let active = sqlx::query_as!(
        Active,
        r#"
        select member.user_id as "user: UserId", coalesce(person.name, 'Somebody outside the team') as "name!",
               granted.role as "role: WorkspaceRole"
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
          and granted.role = any ($4)
        order by lower(person.name), member.user_id
        limit 1000
        "#,
        tenant.0,
        workspace.0,
        now,
        &roles,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(active)
}

/// False where the workspace is archived.
pub async fn hold<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<bool, AppError> {
    let status =
        sqlx::query_scalar!("select status from workspace where tenant_id = $1 and workspace_id = $2 for share", tenant.0, workspace.0)
            .fetch_optional(scope.read())
            .await?;
    Ok(status.as_deref() == Some("active"))
}
