//! The SQL behind a team's people.

use chrono::{DateTime, Utc};

use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId},
    server::{
        http::Cursor,
        scope::{Reach, Scope, TenantScope},
    },
};

/// One of a team's people.
#[derive(Clone, Debug)]
pub struct Colleague {
    pub id: MembershipId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: TenantRole,
    pub joined_at: DateTime<Utc>,
    /// What the list is sorted by, before the id.
    pub sort_key: String,
}

impl Colleague {
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.sort_key.clone(), id: self.id.0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub id: MembershipId,
    pub user: UserId,
}

/// By name. `words` are looked for in names and addresses; empty finds everyone.
pub async fn list<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    words: &str,
    role: Option<TenantRole>,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Colleague>, AppError> {
    let people = sqlx::query_as!(
        Colleague,
        r#"
        select belongs.id as "id: MembershipId", belongs.user_id as "user: UserId", app_user.name, app_user.email,
               belongs.role as "role: TenantRole", belongs.joined_at, lower(app_user.name) as "sort_key!"
        from tenant_membership as belongs
        join app_user on app_user.id = belongs.user_id
        where belongs.tenant_id = $1
          and (position(lower($2) in lower(app_user.name)) > 0 or position(lower($2) in lower(app_user.email)) > 0)
          and ($3::text is null or belongs.role = $3)
          and ($4::text is null or (lower(app_user.name), belongs.id) > ($4, $5::uuid))
        order by lower(app_user.name), belongs.id
        limit $6
        "#,
        tenant.0,
        words,
        role.map(TenantRole::name),
        after.map(|cursor| cursor.key.as_str()),
        after.map(|cursor| cursor.id),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(people)
}

pub async fn find<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, id: MembershipId) -> Result<Option<Colleague>, AppError> {
    let colleague = sqlx::query_as!(
        Colleague,
        r#"
        select belongs.id as "id: MembershipId", belongs.user_id as "user: UserId", app_user.name, app_user.email,
               belongs.role as "role: TenantRole", belongs.joined_at, lower(app_user.name) as "sort_key!"
        from tenant_membership as belongs
        join app_user on app_user.id = belongs.user_id
        where belongs.tenant_id = $1
          and belongs.id = $2
        "#,
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(colleague)
}

pub async fn owners<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<Vec<Owner>, AppError> {
    let owners = sqlx::query_as!(
        Owner,
        r#"
        select id as "id: MembershipId", user_id as "user: UserId"
        from tenant_membership
        where tenant_id = $1
          and role = 'owner'
        order by id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(owners)
}

/// As `owners`, and holds them: who acts on one of them meanwhile comes second, and sees what the first did.
pub async fn lock_owners<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<Vec<Owner>, AppError> {
    let owners = sqlx::query_as!(
        Owner,
        r#"
        select id as "id: MembershipId", user_id as "user: UserId"
        from tenant_membership
        where tenant_id = $1
          and role = 'owner'
        order by id
        for update
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(owners)
}

/// A person's own place in the team.
pub async fn membership<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<MembershipId>, AppError> {
    let id = sqlx::query_scalar!(
        r#"
        select id as "id: MembershipId"
        from tenant_membership
        where tenant_id = $1
          and user_id = $2
        "#,
        tenant.0,
        user.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(id)
}

/// Owners and billing people: those who are told about money.
pub async fn payers<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<UserId>, AppError> {
    let users = sqlx::query_scalar!(
        r#"
        select user_id as "user: UserId"
        from tenant_membership
        where tenant_id = $1 and role in ('owner', 'billing')
        order by id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(users)
}

/// Everyone, for what all of them are told.
pub async fn users<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<UserId>, AppError> {
    let users = sqlx::query_scalar!(
        r#"
        select user_id as "user: UserId"
        from tenant_membership
        where tenant_id = $1
        order by id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(users)
}

/// False where the role is not `before` any more, or the person has gone.
pub async fn set_role<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    id: MembershipId,
    before: TenantRole,
    role: TenantRole,
) -> Result<bool, AppError> {
    let changed = sqlx::query!(
        "update tenant_membership
         set role = $4
         where tenant_id = $1
           and id = $2
           and role = $3",
        tenant.0,
        id.0,
        before.name(),
        role.name(),
    )
    .execute(scope.write())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// False where the person has gone already.
pub async fn delete<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, id: MembershipId) -> Result<bool, AppError> {
    let deleted = sqlx::query!(
        "delete from tenant_membership
         where tenant_id = $1
           and id = $2",
        tenant.0,
        id.0,
    )
    .execute(scope.write())
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// How many people have no verified address of these domains.
pub async fn outside<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, domains: &[String]) -> Result<i64, AppError> {
    let outside = sqlx::query_scalar!(
        r#"
        select count(*) as "outside!"
        from tenant_membership as belongs
        join app_user on app_user.id = belongs.user_id
        where belongs.tenant_id = $1
          and not (app_user.email_verified and lower(split_part(app_user.email, '@', -1)) = any($2))
        "#,
        tenant.0,
        domains,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(outside)
}
