//! What an archiving stops beside members: pending invitations, and consent to support access.

use chrono::{DateTime, Utc};

use super::inventory::Stop;
use crate::{
    error::AppError,
    ids::{ConsentId, InvitationId, TenantId, UserId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log, Target},
        scope::{Reach, Scope},
    },
};

/// Invitations that could still be accepted.
pub async fn pending_invitations<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Stop>, AppError> {
    let now = scope.now();
    let pending = sqlx::query!(
        r#"
        select id as "id: InvitationId", email, role
        from invitation
        where tenant_id = $1 and workspace_id = $2 and status = 'pending' and expires_at > $3
        order by id
        "#,
        tenant.0,
        workspace.0,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(pending.into_iter().map(|one| Stop { id: one.id.to_string(), name: one.email, detail: one.role }).collect())
}

/// Consents of owners under which an operator may look in.
pub async fn live_consents<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Stop>, AppError> {
    let now = scope.now();
    let live = sqlx::query!(
        r#"
        select consent.id as "id: ConsentId", coalesce(person.name, 'A guest') as "granted_by!", consent.reason
        from support_consent as consent
        left join app_user as person on person.id = consent.granted_by
        where consent.tenant_id = $1 and consent.workspace_id = $2 and consent.ended_at is null and consent.expires_at > $3
        order by consent.id
        "#,
        tenant.0,
        workspace.0,
        now,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(live.into_iter().map(|one| Stop { id: one.id.to_string(), name: one.granted_by, detail: one.reason }).collect())
}

/// Waits for whoever is changing invitations or consents of the workspace; from here on nobody else does.
pub async fn hold<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    lock_invitations(scope, tenant, workspace).await?;
    lock_consents(scope, tenant, workspace).await
}

/// Revokes all pending invitations of a workspace; each is an event in its log.
pub async fn revoke_invitations<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    pending: &[Stop],
) -> Result<(), AppError> {
    let now = scope.now();
    update_invitations(scope, tenant, workspace, now).await?;
    for invitation in pending {
        let event = Event::new(EventKind::InvitationRevoked, target("invitation", invitation))
            .changing("status", Some("pending"), Some("revoked"))
            .because("the workspace was archived");
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}

/// Ends all live consents of a workspace; each is an event in its log.
pub async fn end_consents<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    person: UserId,
    live: &[Stop],
) -> Result<(), AppError> {
    let now = scope.now();
    update_consents(scope, tenant, workspace, person, now).await?;
    for consent in live {
        let event = Event::new(EventKind::SupportAccessEnded, target("support_consent", consent)).because("the workspace was archived");
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}

fn target(kind: &'static str, stop: &Stop) -> Target {
    Target { kind, id: stop.id.clone(), name: Some(stop.name.clone()) }
}

/// Those that have expired stay what they are.
async fn update_invitations<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update invitation
         set status = 'revoked', revoked_at = $3, version = version + 1
         where tenant_id = $1 and workspace_id = $2 and status = 'pending' and expires_at > $3",
        tenant.0,
        workspace.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

async fn update_consents<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    person: UserId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update support_consent
         set ended_at = $4, ended_by = $3
         where tenant_id = $1 and workspace_id = $2 and ended_at is null and expires_at > $4",
        tenant.0,
        workspace.0,
        person.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

async fn lock_invitations<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    sqlx::query!(
        "select id from invitation where tenant_id = $1 and workspace_id = $2 and status = 'pending' order by id for update",
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(())
}

async fn lock_consents<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    sqlx::query!(
        "select id from support_consent where tenant_id = $1 and workspace_id = $2 and ended_at is null order by id for update",
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(())
}
