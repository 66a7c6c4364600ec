//! An invitation's other end: looked at by whoever holds its link, accepted once by whom it is for.

use chrono::{DateTime, Utc};

use super::{store, target};
use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::{
        inbox::server::{Notice, tell},
        members::{
            self,
            model::judge,
            server::{Newcomer, admit},
        },
        teams,
    },
    ids::{InvitationId, TenantId, UserId, WorkspaceId},
    paths,
    server::{
        Stoa,
        credentials::Credential,
        events::{Actor, Event, EventKind, Log},
        http::request::RequestContext,
        identity::Identity,
        scope::{Person, ServiceScope},
    },
};

/// An invitation as whoever holds its link sees it.
#[derive(Clone, Debug)]
pub struct Found {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub workspace_slug: String,
    /// Whether team and workspace still take people.
    pub is_open: bool,
    pub email: String,
    pub role: WorkspaceRole,
    pub ends_at: Option<DateTime<Utc>>,
    pub status: String,
    pub secret_hash: Option<Vec<u8>>,
    pub expires_at: DateTime<Utc>,
    pub inviter_name: String,
    /// What the inviter is to the workspace now.
    pub inviter_role: Option<WorkspaceRole>,
    pub accepted_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Expired,
    Revoked,
    Accepted,
    /// Team or workspace are gone, or the inviter may not invite like this any more.
    Closed,
}

impl Found {
    pub fn state(&self, now: DateTime<Utc>) -> State {
        match self.status.as_str() {
            "accepted" => State::Accepted,
            "revoked" => State::Revoked,
            _ if self.expires_at <= now => State::Expired,
            _ if !self.is_open || !may_give(self.inviter_role, self.role) => State::Closed,
            _ => State::Pending,
        }
    }

    /// Whether it is for this address, and the provider says that it is theirs.
    pub fn is_for(&self, email: &str, is_verified: bool) -> bool {
        is_verified && self.email.to_lowercase() == email.to_lowercase()
    }
}

fn may_give(inviter: Option<WorkspaceRole>, role: WorkspaceRole) -> bool {
    inviter.is_some_and(|inviter| judge(inviter, None, Some(role)).is_ok())
}

/// What the link leads to. None for one that never was, was replaced, or is not whole: all the same to a stranger.
pub async fn look(stoa: &Stoa, credential: Option<&Credential>) -> Result<Option<Found>, AppError> {
    let Some(credential) = credential else { return Ok(None) };
    let found = store::find_by_link(&stoa.db, credential.id, stoa.clock.now()).await?;
    Ok(found.filter(|found| proves(stoa, credential, found.secret_hash.as_deref())))
}

/// Under any pepper in use, since a link outlives a rotation. Compared under each, and also where there is nothing to
/// compare with, so that time tells nothing.
fn proves(stoa: &Stoa, credential: &Credential, kept: Option<&[u8]>) -> bool {
    stoa.config.secrets.peppers().fold(false, |proven, pepper| proven | credential.is(pepper, kept.unwrap_or_default()))
}

/// Whether an arriving identity holds the link of a pending invitation that is for it.
pub async fn admits(stoa: &Stoa, credential: Option<&Credential>, identity: &Identity) -> Result<bool, AppError> {
    let found = look(stoa, credential).await?;
    Ok(found.is_some_and(|found| found.state(stoa.clock.now()) == State::Pending && found.is_for(&identity.email, identity.email_verified)))
}

/// Where an acceptance leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub workspace_slug: String,
    pub workspace_name: String,
    pub role: WorkspaceRole,
}

/// Makes the person a member of team and workspace, and the invitation used, all in one transaction.
///
/// # Errors
/// `NotFound` for a link that leads nowhere; `Conflict`, saying what would help, for everything that keeps this person
/// from accepting it now.
pub async fn accept(stoa: &Stoa, request: &RequestContext, person: &Person) -> Result<Accepted, AppError> {
    let credential = request.invitation.as_ref().ok_or(AppError::NotFound)?;
    let found = look(stoa, Some(credential)).await?.ok_or(AppError::NotFound)?;
    let accepted =
        Accepted { workspace_slug: found.workspace_slug.clone(), workspace_name: found.workspace_name.clone(), role: found.role };
    // The twin of this form got here first.
    if found.state(stoa.clock.now()) == State::Accepted && found.accepted_by == Some(person.id) {
        return Ok(accepted);
    }
    if !found.is_for(&person.email, person.email_verified) {
        return conflict(
            "This invitation is for another address than yours, or your identity provider does not say that the address is yours.",
        );
    }
    let (tenant, workspace, id) = (found.tenant, found.workspace, InvitationId(credential.id));
    let mut scope = ServiceScope::open_service(stoa, request, Actor::user(person), tenant, "invitation.accept").await?;
    // In the order in which everyone locks: the workspace, then what belongs to it.
    match members::server::take_turn(&mut scope, tenant, workspace).await {
        Ok(()) if found.is_open => {}
        Ok(()) | Err(AppError::NotFound) => return conflict("This workspace does not take new members any more."),
        Err(error) => return Err(error),
    }
    let Some(pending) = store::lock_pending(&mut scope, tenant, workspace, id).await? else {
        scope.close().await?;
        return settled_meanwhile(stoa, credential, person, accepted).await;
    };
    check(&mut scope, credential, &pending, &found).await?;
    let now = scope.now();
    if !store::accept(&mut scope, tenant, workspace, id, person.id, now).await? {
        return Err(AppError::Internal);
    }
    let event = Event::new(EventKind::InvitationAccepted, target(id, &pending.email)).changing("role", None, Some(pending.role.name()));
    scope.record_in(Log::Workspace(tenant, workspace), event);
    teams::server::join(&mut scope, person.id, &person.name).await?;
    let newcomer = Newcomer { user: person.id, name: &person.name, role: pending.role, ends_at: pending.ends_at };
    admit(&mut scope, tenant, workspace, newcomer).await?;
    tell(&mut scope, pending.invited_by, &news(&found, person)).await?;
    scope.commit().await?;
    Ok(accepted)
}

/// Everything again, now that nobody can change it.
async fn check(scope: &mut ServiceScope, credential: &Credential, pending: &store::Pending, found: &Found) -> Result<(), AppError> {
    let stoa = scope.stoa().clone();
    if !proves(&stoa, credential, pending.secret_hash.as_deref()) {
        return Err(AppError::NotFound);
    }
    if pending.expires_at <= scope.now() {
        return conflict("This invitation has expired. Ask for a new one.");
    }
    if pending.ends_at.is_some_and(|end| end <= scope.now()) {
        return conflict("The membership that this invitation leads to would be over already. Ask for a new invitation.");
    }
    let inviter = members::server::role_of(scope, found.tenant, found.workspace, pending.invited_by).await?;
    if !may_give(inviter, pending.role) {
        return conflict("Whoever invited you may not invite like this any more. Ask for a new invitation.");
    }
    let domains = teams::server::allowed_domains(scope, found.tenant).await?;
    if !teams::server::domains::admit(&domains, &pending.email) {
        return conflict("This team no longer takes addresses of your domain. Ask an owner of the team.");
    }
    Ok(())
}

/// It is not pending any more: accepted by this person's other tab, or else gone.
async fn settled_meanwhile(stoa: &Stoa, credential: &Credential, person: &Person, accepted: Accepted) -> Result<Accepted, AppError> {
    let found = look(stoa, Some(credential)).await?.ok_or(AppError::NotFound)?;
    if found.accepted_by == Some(person.id) {
        return Ok(accepted);
    }
    conflict("This invitation is not open any more. Ask for a new one.")
}

fn conflict<T>(says: &str) -> Result<T, AppError> {
    Err(AppError::Conflict(says.to_owned()))
}

fn news(found: &Found, person: &Person) -> Notice {
    Notice {
        kind: EventKind::InvitationAccepted.name(),
        tenant: Some(found.tenant),
        workspace: Some(found.workspace),
        title: format!("{} accepted your invitation", person.name),
        body: format!("{} ({}) is now in {} as {}.", person.name, person.email, found.workspace_name, found.role),
        link: Some(paths::members(&found.workspace_slug)),
    }
}
