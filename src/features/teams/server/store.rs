//! The SQL behind teams as such: which there are, and making one.

pub mod ending;
pub mod people;
pub mod tenant;

pub use people::{Colleague, Owner};
pub use tenant::Settings;

use chrono::{DateTime, Utc};

use crate::{
    access::TenantRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId},
    server::scope::{Reach, Scope, ServiceScope},
};

/// A team as its member sees it in the list.
#[derive(Clone, Debug)]
pub struct Team {
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub plan: String,
    pub role: TenantRole,
    /// How many of its active workspaces the person is in.
    pub workspaces: i64,
    pub joined_at: DateTime<Utc>,
}

/// Reads across the person's tenants, through the function that proves them by their session's reach.
pub async fn list<R: Reach>(scope: &mut Scope<R>, user: UserId) -> Result<Vec<Team>, AppError> {
    let teams = sqlx::query_as!(
        Team,
        r#"
        select slug as "slug!", name as "name!", kind as "kind!", plan as "plan!", role as "role!: TenantRole",
               workspaces as "workspaces!", joined_at as "joined_at!"
        from accounts_of($1)
        "#,
        user.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(teams)
}

pub async fn insert(
    scope: &mut ServiceScope,
    tenant: TenantId,
    kind: &str,
    slug: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into tenant (tenant_id, kind, slug, name, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        tenant.0,
        kind,
        slug,
        name,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn take_slug(scope: &mut ServiceScope, tenant: TenantId, slug: &str) -> Result<(), AppError> {
    sqlx::query!("insert into slug_directory (slug, kind, tenant_id) values ($1, 'tenant', $2)", slug, tenant.0)
        .execute(scope.write())
        .await?;
    Ok(())
}

pub async fn insert_membership(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: MembershipId,
    user: UserId,
    role: TenantRole,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into tenant_membership (tenant_id, id, user_id, role, joined_at) values ($1, $2, $3, $4, $5)",
        tenant.0,
        id.0,
        user.0,
        role.name(),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// What somebody becomes in the team who joins it by an invitation, and the domains that may.
pub async fn joining<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(TenantRole, Vec<String>), AppError> {
    let joining =
        sqlx::query!(r#"select default_role as "default_role: TenantRole", allowed_domains from tenant where tenant_id = $1"#, tenant.0,)
            .fetch_one(scope.read())
            .await?;
    Ok((joining.default_role, joining.allowed_domains))
}

/// False where the person is in the team already.
pub async fn insert_if_absent(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: MembershipId,
    user: UserId,
    role: TenantRole,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let inserted = sqlx::query!(
        "insert into tenant_membership (tenant_id, id, user_id, role, joined_at)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, user_id) do nothing",
        tenant.0,
        id.0,
        user.0,
        role.name(),
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(inserted.rows_affected() == 1)
}
