//! The SQL behind taking back many invitations.

use chrono::{DateTime, Utc};

use crate::{
    access::AskTenant,
    error::AppError,
    ids::{InvitationId, TenantId, UserId, WorkspaceId},
    server::scope::TenantScope,
};

#[derive(Clone, Debug)]
pub struct Revoked {
    pub id: InvitationId,
    /// None where it was to the team alone.
    pub workspace: Option<WorkspaceId>,
    pub email: String,
}

pub async fn count<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId, by: Option<UserId>) -> Result<i64, AppError> {
    let pending = sqlx::query_scalar!(
        r#"
        select count(*) as "pending!"
        from invitation
        where tenant_id = $1
          and status = 'pending'
          and ($2::uuid is null or invited_by = $2)
        "#,
        tenant.0,
        by.map(|user| user.0),
    )
    .fetch_one(scope.read())
    .await?;
    Ok(pending)
}

pub async fn revoke<P: AskTenant>(
    scope: &mut TenantScope<P>,
    tenant: TenantId,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Revoked>, AppError> {
    let revoked = sqlx::query_as!(
        Revoked,
        r#"
        update invitation
        set status = 'revoked', revoked_at = $3, version = version + 1
        where tenant_id = $1
          and status = 'pending'
          and ($2::uuid is null or invited_by = $2)
        returning id as "id: InvitationId", workspace_id as "workspace: WorkspaceId", email
        "#,
        tenant.0,
        by.map(|user| user.0),
        now,
    )
    .fetch_all(scope.write())
    .await?;
    Ok(revoked)
}
