//! The SQL behind invitations as a workspace's people handle them, and in `acceptance` as whoever was invited does.

mod acceptance;
mod waiting;

pub use acceptance::{Mailed, Pending, accept, find_by_link, lock_pending, make_link};
pub use waiting::waiting;

use chrono::{DateTime, Utc};

use super::{Invitation, Terms};
use crate::{
    access::{AskWorkspace, WorkspaceRole},
    error::AppError,
    ids::{InvitationId, MailId, TenantId, UserId, WorkspaceId},
    server::{
        http::Cursor,
        mail::Status,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// Pending ones, those that expired too, sorted by address.
pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Invitation>, AppError> {
    let invitations = sqlx::query_as!(
        Invitation,
        r#"
        select invited.id as "id: InvitationId", invited.email, invited.role as "role: WorkspaceRole", invited.ends_at,
               invited.invited_by as "invited_by: UserId", inviter.name as "inviter?", 
               invited.secret_hash is not null as "has_link!", invited.link_mail as "link_mail: MailId",
               invited.created_at, invited.expires_at, invited.version,
               null as "mail: Status", lower(invited.email) as "sort_key!"
        from invitation as invited
        left join app_user as inviter on inviter.id = invited.invited_by
        where invited.tenant_id = $1
          and invited.workspace_id = $2
          and invited.status = 'pending'
          and ($3::text is null or (lower(invited.email), invited.id) > ($3, $4::uuid))
        order by lower(invited.email), invited.id
        limit $5
        "#,
        tenant.0,
        workspace.0,
        after.map(|cursor| cursor.key.as_str()),
        after.map(|cursor| cursor.id),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(invitations)
}

pub async fn find<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<Invitation>, AppError> {
    let invitation = sqlx::query_as!(
        Invitation,
        r#"
        select invited.id as "id: InvitationId", invited.email, invited.role as "role: WorkspaceRole", invited.ends_at,
               invited.invited_by as "invited_by: UserId", inviter.name as "inviter?", 
               invited.secret_hash is not null as "has_link!", invited.link_mail as "link_mail: MailId",
               invited.created_at, invited.expires_at, invited.version,
               null as "mail: Status", lower(invited.email) as "sort_key!"
        from invitation as invited
        left join app_user as inviter on inviter.id = invited.invited_by
        where invited.tenant_id = $1
          and invited.workspace_id = $2
          and invited.id = $3
          and invited.status = 'pending'
        "#,
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(invitation)
}

pub async fn status<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<String>, AppError> {
    let status = sqlx::query_scalar!(
        "select status from invitation where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(status)
}

/// Those of these addresses, in lower case, that a pending invitation is for, each with its id and end.
pub async fn pending_for<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    addresses: &[String],
) -> Result<Vec<(String, InvitationId, DateTime<Utc>)>, AppError> {
    let pending = sqlx::query!(
        r#"
        select lower(email) as "email!", id, expires_at
        from invitation
        where tenant_id = $1 and workspace_id = $2 and status = 'pending' and lower(email) = any ($3)
        "#,
        tenant.0,
        workspace.0,
        addresses,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(pending.into_iter().map(|row| (row.email, InvitationId(row.id), row.expires_at)).collect())
}

/// False where the address was invited a moment before.
pub async fn insert<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    email: &str,
    terms: &Terms,
    link: &Link,
) -> Result<bool, AppError> {
    let (by, now) = (scope.person().id, scope.now());
    let inserted = sqlx::query!(
        "insert into invitation (
             tenant_id, workspace_id, id, email, role, ends_at, invited_by, secret_hash, link_version, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)
         on conflict do nothing",
        tenant.0,
        workspace.0,
        id.0,
        email,
        terms.role.name(),
        terms.ends_at,
        by.0,
        link.hash.as_ref().map(<[u8; 32]>::as_slice),
        now,
        link.expires_at,
    )
    .execute(scope.write())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// What is kept of a new link.
#[derive(Clone, Debug)]
pub struct Link {
    /// None until a mail makes it.
    pub hash: Option<[u8; 32]>,
    pub expires_at: DateTime<Utc>,
}

/// A new link in the name of `by`; the one before opens nothing any more. False where the invitation has moved on.
pub async fn renew<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    version: i64,
    link: &Link,
) -> Result<bool, AppError> {
    let by = scope.person().id;
    let renewed = sqlx::query!(
        "update invitation
         set secret_hash = $5, expires_at = $6, invited_by = $7, link_mail = null,
             link_version = link_version + 1, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and version = $4 and status = 'pending'",
        tenant.0,
        workspace.0,
        id.0,
        version,
        link.hash.as_ref().map(<[u8; 32]>::as_slice),
        link.expires_at,
        by.0,
    )
    .execute(scope.write())
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// From now on this mail, and no other, makes the invitation's link.
pub async fn await_mail<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    mail: MailId,
) -> Result<(), AppError> {
    sqlx::query!(
        "update invitation set link_mail = $4 where tenant_id = $1 and workspace_id = $2 and id = $3",
        tenant.0,
        workspace.0,
        id.0,
        mail.0,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where it is not pending any more, or not at this version.
pub async fn revoke<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let revoked = sqlx::query!(
        "update invitation
         set status = 'revoked', revoked_at = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'pending' and ($5::bigint is null or version = $5)",
        tenant.0,
        workspace.0,
        id.0,
        now,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(revoked.rows_affected() == 1)
}

/// A pending invitation that stands in somebody's name.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: InvitationId,
    pub email: String,
    pub role: WorkspaceRole,
    pub version: i64,
}

pub async fn sent_by<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Vec<Sent>, AppError> {
    let sent = sqlx::query_as!(
        Sent,
        r#"
        select id as "id: InvitationId", email, role as "role: WorkspaceRole", version
        from invitation
        where tenant_id = $1 and workspace_id = $2 and invited_by = $3 and status = 'pending'
        order by lower(email), id
        "#,
        tenant.0,
        workspace.0,
        user.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(sent)
}

pub async fn hand_over<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    id: InvitationId,
    to: UserId,
) -> Result<bool, AppError> {
    let handed = sqlx::query!(
        "update invitation
         set invited_by = $4, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and id = $3 and status = 'pending'",
        tenant.0,
        workspace.0,
        id.0,
        to.0,
    )
    .execute(scope.write())
    .await?;
    Ok(handed.rows_affected() == 1)
}
