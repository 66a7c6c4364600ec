//! The SQL behind the lists of workspaces: live ones, and archived ones.

use chrono::{DateTime, Utc};

use crate::{
    access::AskTenant,
    error::AppError,
    ids::{TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope, TenantScope},
};

/// A workspace by name, live or archived.
#[derive(Clone, Debug)]
pub struct Called {
    pub id: WorkspaceId,
    pub slug: String,
    pub name: String,
    pub is_live: bool,
    pub created_at: DateTime<Utc>,
}

pub async fn called<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Called>, AppError> {
    let called = sqlx::query_as!(
        Called,
        r#"
        select workspace_id as "id: WorkspaceId", slug, name, status = 'active' as "is_live!", created_at
        from workspace
        where tenant_id = $1
        order by name, workspace_id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(called)
}

/// A live workspace as its member sees it in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub slug: String,
    pub name: String,
    pub role: String,
    /// Active ones.
    pub members: i64,
    pub created_at: DateTime<Utc>,
}

/// Which of them are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A part of the name or the slug, in any case.
    pub text: String,
    /// The slug of the workspace that the page before ended with.
    pub after: Option<String>,
}

/// An archived workspace as its former owner or auditor sees it in the list.
#[derive(Clone, Debug)]
pub struct Archived {
    pub slug: String,
    pub name: String,
    pub role: String,
    pub archived_at: DateTime<Utc>,
    pub purge_at: DateTime<Utc>,
}

/// Fifty and one more.
pub async fn list<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    user: UserId,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<Vec<Listed>, AppError> {
    let listed = sqlx::query_as!(
        Listed,
        r#"
        select here.slug, here.name, granted.role, here.created_at,
               (select count(*) from workspace_membership as other
                where other.tenant_id = here.tenant_id
                  and other.workspace_id = here.workspace_id
                  and other.status = 'active'
                  and (other.ends_at is null or other.ends_at > $5)) as "members!"
        from workspace_membership as member
        join workspace as here on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.user_id = $2
          and member.status = 'active'
          and (member.ends_at is null or member.ends_at > $5)
          and here.status = 'active'
          and (position(lower($3) in lower(here.name)) > 0 or position(lower($3) in here.slug) > 0)
          and ($4::text is null or (here.name, here.workspace_id) > (
                select last.name, last.workspace_id from workspace as last where last.tenant_id = $1 and last.slug = $4))
        order by here.name, here.workspace_id
        limit 51
        "#,
        tenant.0,
        user.0,
        filter.text,
        filter.after,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(listed)
}

pub async fn list_archived<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Archived>, AppError> {
    let archived = sqlx::query_as!(
        Archived,
        r#"
        select here.slug, here.name, granted.role, here.archived_at as "archived_at!", here.purge_at as "purge_at!"
        from workspace_membership as member
        join workspace as here on here.tenant_id = member.tenant_id and here.workspace_id = member.workspace_id
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.user_id = $2
          and member.suspended_with_workspace
          and (member.ends_at is null or member.ends_at > $3)
          and granted.role in ('owner', 'readonly')
          and here.status = 'archived'
        order by here.archived_at desc, here.workspace_id
        limit 50
        "#,
        tenant.0,
        user.0,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(archived)
}
