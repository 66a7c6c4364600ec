//! The mail that brings an invitation. Only a hash of a link's secret is kept, so the link is made when the mail is sent.

use super::{address_of, store, target};
use crate::{
    access::workspace::ManageMembers,
    error::AppError,
    ids::{InvitationId, TenantId, WorkspaceId},
    server::{
        Stoa,
        credentials::{Credential, Kind},
        events::{Actor, Event, EventKind, Log},
        http::request::RequestContext,
        mail::{self, Delivery, Letter, Queued, Spent},
        queue::{Done, Failure, Job},
        scope::{ServiceScope, WorkspaceScope},
    },
};

/// The kind of job, and of mail.
pub const MAIL: &str = "invitation.mail";

/// The budget that keeps a mail from this address; None where one goes, or this console sends none.
pub async fn spent(scope: &mut WorkspaceScope<ManageMembers>, email: &str) -> Result<Option<Spent>, AppError> {
    let tenant = scope.tenant().id;
    mail::spent(scope, tenant, MAIL, email).await
}

/// Puts the mail on its list, as the one that makes the link.
///
/// # Errors
/// `Conflict` where too many went.
pub async fn queue(scope: &mut WorkspaceScope<ManageMembers>, id: InvitationId, email: &str) -> Result<(), AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    match mail::queue(scope, tenant, Some(workspace), MAIL, email, id.0).await? {
        Queued::Listed(mail) => store::await_mail(scope, tenant, workspace, id, mail).await,
        Queued::NoMail => Ok(()),
        Queued::Spent(spent) => Err(AppError::Conflict(format!("{} Or make a link to copy, and pass it on yourself.", spent.says()))),
    }
}

/// Sends one.
pub async fn mail_invitation(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    mail::attempt(&stoa, &job, |delivery| write(stoa.clone(), delivery)).await
}

/// None where a newer link was made since, or the invitation is over.
async fn write(stoa: Stoa, delivery: Delivery) -> Result<Option<Letter>, Failure> {
    let Some(workspace) = delivery.workspace else { return Ok(None) };
    let credential = Credential::mint(Kind::Invitation, delivery.about);
    let Some(mailed) = keep(&stoa, &delivery, workspace, &credential).await? else { return Ok(None) };
    let link = address_of(&stoa, &credential);
    let link = link.parse().map_err(|_| Failure::Never("the link is not an address; check public_urls.console".to_owned()))?;
    let inviter = mailed.inviter.unwrap_or_else(|| "Somebody".to_owned());
    let (place, team, role) = (&mailed.workspace_name, &mailed.tenant_name, &mailed.role);
    let until = mailed.expires_at.format("%-d %b %Y, %H:%M UTC");
    Ok(Some(Letter {
        subject: format!("{inviter} invites you to {place}"),
        paragraphs: vec![
            format!("{inviter} invites you to the workspace {place} of {team}, with the role {role}."),
            format!("The link shows what is on offer; you accept there, signed in with this address. It opens until {until}, once."),
        ],
        action: Some(("Look at the invitation".to_owned(), link)),
        footer: format!("Sent because {inviter} entered this address. If you do not know them, do nothing: nothing happens then."),
        to: mailed.email,
    }))
}

/// The link's hash and its event, before anything is sent: what was sent opens.
async fn keep(
    stoa: &Stoa,
    delivery: &Delivery,
    workspace: WorkspaceId,
    credential: &Credential,
) -> Result<Option<store::Mailed>, AppError> {
    let tenant: TenantId = delivery.tenant;
    let id = InvitationId(delivery.about);
    let request = RequestContext::internal(&stoa.clock, "system", MAIL);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system("mail"), tenant, "mail").await?;
    let (hash, now) = (credential.hash(&stoa.config.secrets.pepper), scope.now());
    let Some(mailed) = store::make_link(&mut scope, tenant, id, delivery.id, hash, now).await? else {
        scope.close().await?;
        return Ok(None);
    };
    let event = Event::new(EventKind::InvitationLinkCreated, target(id, &mailed.email)).because("for the mail that carries it");
    scope.record_in(Log::Workspace(tenant, workspace), event);
    scope.commit().await?;
    Ok(Some(mailed))
}
