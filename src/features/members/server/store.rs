//! The SQL behind members: what is read, and in `changing` what is changed. Tenant and workspace first.

mod changing;
pub mod keepers;

pub use changing::{delete_grants, end, insert, insert_grant, set_end, set_role};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Filter, Member};
use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        http::Cursor,
        scope::{Reach, Scope},
    },
};

/// Sorted by name, from after the cursor on.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    filter: &Filter,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Member>, AppError> {
    let members = sqlx::query_as!(
        Member,
        r#"
        select member.id as "id: MembershipId", member.user_id as "user: UserId", person.name, person.email,
               granted.role as "role: WorkspaceRole", member.joined_at, member.ends_at, member.version,
               lower(person.name) as "sort_key!"
        from workspace_membership as member
        join app_user as person on person.id = member.user_id
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.status = 'active'
          and (position(lower($3) in lower(person.name)) > 0 or position(lower($3) in lower(person.email)) > 0)
          and ($4::text is null or granted.role = $4)
          and ($5::text is null or (lower(person.name), member.id) > ($5, $6::uuid))
        order by lower(person.name), member.id
        limit $7
        "#,
        tenant.0,
        workspace.0,
        filter.search,
        filter.role.map(WorkspaceRole::name),
        after.map(|cursor| cursor.key.as_str()),
        after.map(|cursor| cursor.id),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(members)
}

/// An active membership, by its own id.
pub async fn find<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
) -> Result<Option<Member>, AppError> {
    let member = sqlx::query_as!(
        Member,
        r#"
        select member.id as "id: MembershipId", member.user_id as "user: UserId", person.name, person.email,
               granted.role as "role: WorkspaceRole", member.joined_at, member.ends_at, member.version,
               lower(person.name) as "sort_key!"
        from workspace_membership as member
        join app_user as person on person.id = member.user_id
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.id = $3
          and member.status = 'active'
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(member)
}

pub async fn names<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    users: &[UserId],
) -> Result<HashMap<UserId, String>, AppError> {
    let users: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query!(
        r#"
        select distinct person.id as "id: UserId", person.name
        from workspace_membership as member
        join app_user as person on person.id = member.user_id
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.user_id = any ($3)
        "#,
        tenant.0,
        workspace.0,
        &users,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

pub async fn is_former<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: MembershipId,
) -> Result<bool, AppError> {
    let is_former = sqlx::query_scalar!(
        r#"
        select exists (
            select from workspace_membership
            where tenant_id = $1
              and workspace_id = $2
              and id = $3
              and status = 'ended') as "is_former!"
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(is_former)
}

/// Whether somebody else than this person is in the workspace now.
pub async fn are_others<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    than: UserId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let are_others = sqlx::query_scalar!(
        r#"
        select exists (
            select from workspace_membership
            where tenant_id = $1
              and workspace_id = $2
              and user_id <> $3
              and status = 'active'
              and (ends_at is null or ends_at > $4)) as "are_others!"
        "#,
        tenant.0,
        workspace.0,
        than.0,
        now,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(are_others)
}

/// A person's membership that has not ended, whether or not its end date has come.
pub async fn id_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<MembershipId>, AppError> {
    let id = sqlx::query_scalar!(
        r#"
        select id as "id: MembershipId"
        from workspace_membership
        where tenant_id = $1
          and workspace_id = $2
          and user_id = $3
          and status <> 'ended'
        "#,
        tenant.0,
        workspace.0,
        user.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(id)
}

/// What a person is to the workspace now.
pub async fn role_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<WorkspaceRole>, AppError> {
    let role = sqlx::query_scalar!(
        r#"
        select granted.role as "role: WorkspaceRole"
        from workspace_membership as member
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.user_id = $3
          and member.status = 'active'
          and (member.ends_at is null or member.ends_at > $4)
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

/// Which of these addresses, in lower case, belong to someone who is in the workspace now.
pub async fn addresses_in<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    addresses: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<String>, AppError> {
    let known = sqlx::query_scalar!(
        r#"
        select lower(person.email) as "email!"
        from workspace_membership as member
        join app_user as person on person.id = member.user_id
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.status = 'active'
          and (member.ends_at is null or member.ends_at > $4)
          and lower(person.email) = any ($3)
        "#,
        tenant.0,
        workspace.0,
        addresses,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(known)
}

/// Whoever decides over members does so one after the other: until the transaction ends, the workspace's row is theirs.
/// False where the workspace is archived.
pub async fn lock_workspace<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<bool, AppError> {
    let locked = sqlx::query_scalar!(
        "select status from workspace where tenant_id = $1 and workspace_id = $2 for no key update",
        tenant.0,
        workspace.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(locked.as_deref() == Some("active"))
}

pub async fn count_owners<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from workspace_membership as member
        join workspace_grant as granted
          on granted.tenant_id = member.tenant_id
         and granted.workspace_id = member.workspace_id
         and granted.membership_id = member.id
         and granted.project_id is null
        where member.tenant_id = $1
          and member.workspace_id = $2
          and member.status = 'active'
          and granted.role = 'owner'
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(count)
}

/// Memberships whose end date has come, of whichever tenant.
pub async fn due(db: &PgPool, now: DateTime<Utc>, most: i32) -> Result<Vec<(TenantId, WorkspaceId, MembershipId)>, AppError> {
    let due = sqlx::query!(
        r#"select tenant_id as "tenant_id!", workspace_id as "workspace_id!", id as "id!" from due_memberships($1, $2)"#,
        now,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due.into_iter().map(|row| (TenantId(row.tenant_id), WorkspaceId(row.workspace_id), MembershipId(row.id))).collect())
}
