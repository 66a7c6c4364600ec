//! The SQL of an invitation's other end: looked up by its link, and accepted once.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::invitations::server::Found,
    ids::{InvitationId, MailId, TenantId, UserId, WorkspaceId},
    server::scope::ServiceScope,
};

/// As whoever holds the link may see it, once the secret is proven against `secret_hash`.
pub async fn find_by_link(db: &PgPool, id: Uuid, now: DateTime<Utc>) -> Result<Option<Found>, AppError> {
    let found = sqlx::query_as!(
        Found,
        r#"
        select tenant_id as "tenant!: TenantId", tenant_name as "tenant_name!", workspace_id as "workspace!: WorkspaceId",
               workspace_name as "workspace_name!", workspace_slug as "workspace_slug!", is_open as "is_open!",
               email as "email!", role as "role!: WorkspaceRole", ends_at, status as "status!", secret_hash,
               expires_at as "expires_at!", inviter_name as "inviter_name!", inviter_role as "inviter_role: WorkspaceRole",
               accepted_by as "accepted_by: UserId"
        from find_invitation($1, $2)
        "#,
        id,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// What an acceptance is held to, read under the invitation's own lock.
#[derive(Clone, Debug)]
pub struct Pending {
    pub email: String,
    pub role: WorkspaceRole,
    pub ends_at: Option<DateTime<Utc>>,
    pub invited_by: UserId,
    pub secret_hash: Option<Vec<u8>>,
    pub expires_at: DateTime<Utc>,
}

pub async fn lock_pending(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<Pending>, AppError> {
    let pending = sqlx::query_as!(
        Pending,
        r#"
        select email, role as "role: WorkspaceRole", ends_at, invited_by as "invited_by: UserId", secret_hash, expires_at
        from invitation
        where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'pending'
        for update
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(pending)
}

/// False where it is not pending any more.
pub async fn accept(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let accepted = sqlx::query!(
        "update invitation
         set status = 'accepted', accepted_at = $5, accepted_by = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'pending'",
        tenant.0,
        workspace.0,
        id.0,
        by.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(accepted.rows_affected() == 1)
}

/// What a mail says of the invitation it is about.
#[derive(Clone, Debug)]
pub struct Mailed {
    pub email: String,
    pub role: String,
    pub expires_at: DateTime<Utc>,
    pub inviter: Option<String>,
    pub workspace_name: String,
    pub tenant_name: String,
}

/// Keeps the hash of the link that a mail makes. None where that mail is not to make it any more: a newer link was made
/// since, or the invitation is over.
pub async fn make_link(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: InvitationId,
    mail: MailId,
    hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Mailed>, AppError> {
    let mailed = sqlx::query_as!(
        Mailed,
        r#"
        update invitation as invited
        set secret_hash = $4
        from workspace as here
        join tenant as home on home.tenant_id = here.tenant_id
        where invited.tenant_id = $1
          and invited.id = $2
          and invited.link_mail = $3
          and invited.status = 'pending'
          and invited.expires_at > $5
          and here.tenant_id = invited.tenant_id
          and here.workspace_id = invited.workspace_id
          and here.status = 'active'
        returning invited.email, invited.role, invited.expires_at,
                  (select person.name from app_user as person where person.id = invited.invited_by) as inviter,
                  here.name as workspace_name, home.name as tenant_name
        "#,
        tenant.0,
        id.0,
        mail.0,
        hash.as_slice(),
        now,
    )
    .fetch_optional(scope.write())
    .await?;
    Ok(mailed)
}
