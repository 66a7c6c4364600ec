//! The SQL that counts which invitations nobody answers.

use chrono::{DateTime, Utc};

use crate::{
    access::AskWorkspace,
    error::AppError,
    features::invitations::server::Waiting,
    ids::{TenantId, WorkspaceId},
    server::scope::WorkspaceScope,
};

/// Expired at `now`, and expiring by `soon`.
pub async fn waiting<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Result<Waiting, AppError> {
    let waiting = sqlx::query_as!(
        Waiting,
        r#"
        select count(*) as "pending!",
               count(*) filter (where expires_at <= $3) as "expired!",
               min(expires_at) filter (where expires_at <= $3) as expired_since,
               count(*) filter (where expires_at > $3 and expires_at <= $4) as "unanswered!",
               min(expires_at) filter (where expires_at > $3 and expires_at <= $4) as ends_at
        from invitation
        where tenant_id = $1 and workspace_id = $2 and status = 'pending'
        "#,
        tenant.0,
        workspace.0,
        now,
        soon,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(waiting)
}
