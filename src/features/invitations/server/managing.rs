//! What a workspace's people do with pending invitations: new links, revoking, and handing them over.

use super::{Invitation, expiry, mailing, mint, store, target};
use crate::{
    access::{AskWorkspace, WorkspaceRole, workspace::ManageMembers},
    error::AppError,
    features::members::model::{Made, judge},
    ids::{InvitationId, MailId, TenantId, UserId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log},
        http::{
            Cursor,
            cursor::{PAGE_ROWS, page_of},
        },
        mail,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// One page of the pending invitations, and where the next begins.
pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    after: Option<&Cursor>,
) -> Result<(Vec<Invitation>, Option<Cursor>), AppError> {
    let rows = some(scope, after, PAGE_ROWS + 1).await?;
    Ok(page_of(rows, Invitation::cursor))
}

/// So many of them at most, from after the cursor on.
pub async fn some<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, after: Option<&Cursor>, most: i64) -> Result<Vec<Invitation>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let mut invitations = store::list(scope, tenant, workspace, after, most).await?;
    let mails: Vec<MailId> = invitations.iter().filter_map(|invitation| invitation.link_mail).collect();
    let statuses = mail::statuses(scope, tenant, &mails).await?;
    for invitation in &mut invitations {
        invitation.mail = invitation.link_mail.and_then(|mail| statuses.get(&mail).copied());
    }
    Ok(invitations)
}

/// # Errors
/// `NotFound` also for one that was accepted or revoked.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: InvitationId) -> Result<Invitation, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let mut invitation = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)?;
    if let Some(mail) = invitation.link_mail {
        invitation.mail = mail::statuses(scope, tenant, &[mail]).await?.remove(&mail);
    }
    Ok(invitation)
}

/// What became of an invitation: `pending`, `accepted` or `revoked`; None where there never was one.
pub async fn status<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: InvitationId) -> Result<Option<String>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::status(scope, tenant, workspace, id).await
}

/// Makes a new link, to be shown once. The one before opens nothing any more, and the invitation stands in the name of
/// whoever made this one.
///
/// # Errors
/// `NotAllowed` above one's own level, `Stale` where the invitation was changed since `version` was shown.
pub async fn copy_link(
    scope: &mut WorkspaceScope<ManageMembers>,
    id: InvitationId,
    version: i64,
) -> Result<(Invitation, String), AppError> {
    let (link, kept) = mint(scope.stoa(), id);
    let invitation = renew(scope, id, version, &kept).await?;
    Ok((invitation, link))
}

/// Has a new link mailed. The one before opens nothing any more, from now on.
///
/// # Errors
/// As [`copy_link`], and `Conflict` where no mail is configured, or too many went.
pub async fn resend(scope: &mut WorkspaceScope<ManageMembers>, id: InvitationId, version: i64) -> Result<Invitation, AppError> {
    if scope.stoa().config.mail.is_none() {
        return Err(AppError::Conflict("This console sends no mail. Make a link and pass it on yourself.".to_owned()));
    }
    let kept = store::Link { hash: None, expires_at: expiry(scope.stoa()) };
    renew(scope, id, version, &kept).await
}

async fn renew(
    scope: &mut WorkspaceScope<ManageMembers>,
    id: InvitationId,
    version: i64,
    link: &store::Link,
) -> Result<Invitation, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let invitation = find(scope, id).await?;
    judge(scope.role(), None, Some(invitation.role)).map_err(AppError::NotAllowed)?;
    if !store::renew(scope, tenant, workspace, id, version, link).await? {
        return Err(AppError::Stale("This invitation"));
    }
    mail::supersede(scope, tenant, id.0).await?;
    if link.hash.is_none() {
        mailing::queue(scope, id, &invitation.email).await?;
    }
    let me = scope.person().clone();
    let mut event = Event::new(EventKind::InvitationLinkCreated, target(id, &invitation.email))
        .changing("expires_at", Some(&invitation.expires_at.to_rfc3339()), Some(&link.expires_at.to_rfc3339()))
        .because(if link.hash.is_none() { "to be mailed" } else { "to be copied" });
    if invitation.invited_by != me.id {
        event = event.changing("invited_by", Some(&invitation.invited_by.to_string()), Some(&me.id.to_string()));
    }
    scope.record(event);
    Ok(invitation)
}

/// At the `version` that was shown, or at any: revoking is right whatever was changed meanwhile.
///
/// # Errors
/// `NotAllowed` above one's own level, `NotFound` where it is not pending, `Stale` where it has moved on from `version`.
pub async fn revoke(scope: &mut WorkspaceScope<ManageMembers>, id: InvitationId, version: Option<i64>) -> Result<Invitation, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let invitation = find(scope, id).await?;
    judge(scope.role(), None, Some(invitation.role)).map_err(AppError::NotAllowed)?;
    if !store::revoke(scope, tenant, workspace, id, version, now).await? {
        return Err(if version.is_some() { AppError::Stale("This invitation") } else { AppError::NotFound });
    }
    mail::supersede(scope, tenant, id.0).await?;
    scope.record(Event::new(EventKind::InvitationRevoked, target(id, &invitation.email)));
    Ok(invitation)
}

/// The pending invitations that stand in a person's name.
pub async fn made_by<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, user: UserId) -> Result<Made, AppError> {
    let sent = store::sent_by(scope, tenant, workspace, user).await?;
    Ok(Made {
        kind: "pending invitation",
        marks: sent.iter().map(|sent| format!("{}:{}", sent.id, sent.version)).collect(),
        names: sent.into_iter().map(|sent| sent.email).collect(),
    })
}

/// Puts a person's pending invitations into the name of another, each with the role they have now. Those to a role that
/// either may not give are revoked instead: what has closed since it was sent is not opened by passing it on.
pub async fn hand_over<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    (from, from_role): (UserId, WorkspaceRole),
    (to, to_role): (UserId, Option<WorkspaceRole>),
) -> Result<(), AppError> {
    for sent in store::sent_by(scope, tenant, workspace, from).await? {
        let gives = |role| judge(role, None, Some(sent.role)).is_ok();
        if !gives(from_role) {
            revoke_one(scope, tenant, workspace, &sent, "whoever invited may not give this role any more").await?;
        } else if !to_role.is_some_and(gives) {
            revoke_one(scope, tenant, workspace, &sent, "who it was to be handed over to may not give this role").await?;
        } else if store::hand_over(scope, tenant, workspace, sent.id, to).await? {
            let event = Event::new(EventKind::InvitationHandedOver, target(sent.id, &sent.email));
            let event = event.changing("invited_by", Some(&from.to_string()), Some(&to.to_string()));
            scope.record_in(Log::Workspace(tenant, workspace), event);
        }
    }
    Ok(())
}

/// Revokes a person's pending invitations.
pub async fn revoke_of<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId, user: UserId) -> Result<(), AppError> {
    for sent in store::sent_by(scope, tenant, workspace, user).await? {
        revoke_one(scope, tenant, workspace, &sent, "whoever invited is no longer a member").await?;
    }
    Ok(())
}

async fn revoke_one<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    sent: &store::Sent,
    reason: &'static str,
) -> Result<(), AppError> {
    let now = scope.now();
    if store::revoke(scope, tenant, workspace, sent.id, None, now).await? {
        mail::supersede(scope, tenant, sent.id.0).await?;
        let event = Event::new(EventKind::InvitationRevoked, target(sent.id, &sent.email)).because(reason);
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}
