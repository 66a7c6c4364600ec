//! The SQL behind moving workspaces: functions that answer only to an owner of both tenants.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access::workspace::TransferWorkspace,
    error::AppError,
    features::workspaces::server::transfer::Joiner,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope, WorkspaceScope},
};

#[derive(Clone, Debug)]
pub struct DestinationRow {
    pub tenant: TenantId,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub plan: String,
    pub default_role: String,
    pub live: i64,
}

pub async fn destinations(scope: &mut WorkspaceScope<TransferWorkspace>) -> Result<Vec<DestinationRow>, AppError> {
    let rows = sqlx::query_as!(
        DestinationRow,
        r#"
        select tenant_id as "tenant!: TenantId", slug as "slug!", name as "name!", kind as "kind!", plan as "plan!",
               default_role as "default_role!", live as "live!"
        from move_destinations()
        "#,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows)
}

pub async fn joiners(scope: &mut WorkspaceScope<TransferWorkspace>, to: TenantId) -> Result<Vec<Joiner>, AppError> {
    let now = scope.now();
    let joiners = sqlx::query_as!(Joiner, r#"select user_id as "user!: UserId", name as "name!" from move_joiners($1, $2)"#, to.0, now)
        .fetch_all(scope.read())
        .await?;
    Ok(joiners)
}

/// Whether the person owns both is said again by what is asked next.
pub async fn hold(scope: &mut WorkspaceScope<TransferWorkspace>, to: TenantId) -> Result<(), AppError> {
    sqlx::query!(r#"select hold_move($1) as "held!""#, to.0).fetch_one(scope.read()).await?;
    Ok(())
}

/// Returns who joined the tenant. From here on the scope reaches nothing but the logs.
pub async fn move_workspace(
    scope: &mut WorkspaceScope<TransferWorkspace>,
    to: TenantId,
    joining: &[(MembershipId, Joiner)],
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, AppError> {
    let users: Vec<Uuid> = joining.iter().map(|(_, joiner)| joiner.user.0).collect();
    let memberships: Vec<Uuid> = joining.iter().map(|(membership, _)| membership.0).collect();
    let joined = sqlx::query_scalar!(r#"select move_workspace($1, $2, $3, $4) as "user!: UserId""#, to.0, &users, &memberships, now)
        .fetch_all(scope.write())
        .await?;
    Ok(joined)
}

pub async fn former_tenants<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<TenantId>, AppError> {
    let former = sqlx::query_scalar!(
        r#"
        select former_tenant_id as "tenant: TenantId"
        from workspace_tenancy
        where tenant_id = $1 and workspace_id = $2 and former_tenant_id <> $1
        order by until desc
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(former)
}
