//! Changing what a member is: role and end date, one decision after the other.

use chrono::{DateTime, Utc};

use super::{Member, place, store, take_turn};
use crate::{
    access::{AskWorkspace, WorkspaceRole, workspace::ManageMembers},
    error::AppError,
    features::{
        inbox::server::{Notice, tell},
        members::model::judge,
    },
    ids::MembershipId,
    paths,
    server::{
        events::{Event, EventKind},
        scope::WorkspaceScope,
    },
};

/// What a member is to be from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub role: WorkspaceRole,
    /// For auditors alone; otherwise nothing is kept of it.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Gives a member another role, or another end date.
///
/// # Errors
/// `NotAllowed` above one's own level, `Stale` where someone changed the membership since `version` was shown, `Conflict`
/// where the workspace would be left without an owner.
pub async fn change(scope: &mut WorkspaceScope<ManageMembers>, id: MembershipId, version: i64, to: Change) -> Result<(), AppError> {
    let actor = standing(scope).await?;
    let (tenant, workspace) = place(scope);
    let member = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)?;
    judge(actor, Some(member.role), Some(to.role)).map_err(AppError::NotAllowed)?;
    if member.version != version {
        return Err(AppError::Stale("This membership"));
    }
    let ends_at = to.ends_at.filter(|_| to.role == WorkspaceRole::Readonly);
    if ends_at.is_some_and(|end| end <= scope.now()) {
        return Err(AppError::invalid("ends", "This day is over. Choose today or a later day, or remove the member."));
    }
    if to.role == member.role && ends_at == member.ends_at {
        return Ok(());
    }
    if member.role == WorkspaceRole::Owner && to.role != WorkspaceRole::Owner {
        keep_an_owner(scope).await?;
    }
    let now = scope.now();
    if !store::set_end(scope, tenant, workspace, id, ends_at, version).await? {
        return Err(AppError::Stale("This membership"));
    }
    if to.role != member.role {
        store::set_role(scope, tenant, workspace, id, to.role, now).await?;
    }
    record(scope, &member, to.role, ends_at);
    tell_them(scope, &member, to.role, ends_at).await
}

/// What the person who acts is to the workspace, asked again under the lock: whoever lost a role a moment ago has lost
/// what it let them do. A key that acts for them is what it may be at most.
pub(super) async fn standing<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<WorkspaceRole, AppError> {
    let ((tenant, workspace), person, now) = (place(scope), scope.person().id, scope.now());
    take_turn(scope, tenant, workspace).await?;
    let role = store::role_of(scope, tenant, workspace, person, now).await?.ok_or(AppError::NotFound)?;
    Ok(scope.held_to(role))
}

/// Asked before an owner goes or becomes something else. The database asks once more at the end.
pub(super) async fn keep_an_owner<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<(), AppError> {
    let (tenant, workspace) = place(scope);
    if store::count_owners(scope, tenant, workspace).await? > 1 {
        return Ok(());
    }
    Err(AppError::Conflict("This is the workspace's only owner, and it keeps at least one. Make someone else an owner first.".to_owned()))
}

/// Whether the workspace would be without an owner if this one went.
pub async fn is_only_owner<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, member: &Member) -> Result<bool, AppError> {
    let (tenant, workspace) = place(scope);
    Ok(member.role == WorkspaceRole::Owner && store::count_owners(scope, tenant, workspace).await? <= 1)
}

fn record(scope: &mut WorkspaceScope<ManageMembers>, member: &Member, role: WorkspaceRole, ends_at: Option<DateTime<Utc>>) {
    if role != member.role {
        let event = Event::new(EventKind::MemberRoleChanged, member.target());
        scope.record(event.changing("role", Some(member.role.name()), Some(role.name())));
    }
    if ends_at != member.ends_at {
        let (before, after) = (member.ends_at.map(|end| end.to_rfc3339()), ends_at.map(|end| end.to_rfc3339()));
        let event = Event::new(EventKind::MemberEndChanged, member.target());
        scope.record(event.changing("ends_at", before.as_deref(), after.as_deref()));
    }
}

/// Whoever changes their own membership knows; not so who answers for the key that did.
async fn tell_them(
    scope: &mut WorkspaceScope<ManageMembers>,
    member: &Member,
    role: WorkspaceRole,
    ends_at: Option<DateTime<Utc>>,
) -> Result<(), AppError> {
    if scope.actor().user == Some(member.user) {
        return Ok(());
    }
    let (here, actor) = (scope.workspace().clone(), scope.actor());
    let by = match &actor.on_behalf_of {
        Some((_, steward)) => format!("The API key “{}” of {steward}", actor.name),
        None => actor.name.clone(),
    };
    let mut body = if role == member.role {
        format!("{by} changed how long your membership lasts.")
    } else {
        format!("{by} changed your role from {} to {role}.", member.role)
    };
    if let Some(end) = ends_at {
        body = format!("{body} It ends on {}.", end.format("%-d %b %Y, %H:%M UTC"));
    }
    let notice = Notice {
        kind: if role == member.role { EventKind::MemberEndChanged } else { EventKind::MemberRoleChanged }.name(),
        tenant: Some(scope.tenant().id),
        workspace: Some(here.id),
        title: format!("Your membership in {} was changed", here.name),
        body,
        link: Some(paths::overview(&here.slug)),
    };
    tell(scope, member.user, &notice).await
}
