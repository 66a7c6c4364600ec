//! Removing a member, and leaving: what they made here is counted first, and goes to somebody or ends with them.

use sha2::{Digest as _, Sha256};

use super::{
    Filter, Member,
    changing::{keep_an_owner, standing},
    place, store,
};
use crate::{
    access::{AskWorkspace, WorkspacePermission, WorkspaceRole, workspace::ManageMembers, workspace::ReadWorkspace},
    error::AppError,
    features::{
        api_keys,
        inbox::server::{Notice, tell},
        invitations,
        members::model::{Made, judge},
    },
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        events::{Event, EventKind, Log},
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// So many are offered to hand things over to.
const SUCCESSORS_MAX: i64 = 20;

/// A removal before it is done.
#[derive(Clone, Debug)]
pub struct Preview {
    pub member: Member,
    pub made: Vec<Made>,
    /// Names of keys that others answer for, and whose secrets the member may still know.
    pub known: Vec<String>,
    /// Tells what is shown from what is there later.
    pub digest: String,
}

/// What becomes of the things that the member made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    HandOver(UserId),
    Revoke,
}

/// Somebody whom things can be handed over to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    pub user: UserId,
    pub name: String,
}

pub async fn preview<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: MembershipId) -> Result<Preview, AppError> {
    let (tenant, workspace) = place(scope);
    let member = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)?;
    let made: Vec<Made> = [invitations::server::made_by(scope, tenant, workspace, member.user).await?]
        .into_iter()
        .chain(keys_of(scope, tenant, workspace, member.user).await?)
        .collect();
    let digest = digest(&member, &made);
    let known = api_keys::server::known_to(scope, tenant, workspace, member.user).await?;
    Ok(Preview { member, known, made: made.into_iter().filter(|made| made.count() > 0).collect(), digest })
}

/// The keys and tokens that a member answers for.
async fn keys_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<impl Iterator<Item = Made>, AppError> {
    let keys = api_keys::server::made_by(scope, tenant, Some(workspace), user).await?;
    Ok([Kind::Key, Kind::Mcp].into_iter().map(move |kind| {
        let of_kind = || keys.iter().filter(|key| key.kind == kind);
        Made {
            kind: api_keys::server::words(kind).name,
            marks: of_kind().map(|key| format!("{}:{}", key.id, key.version)).collect(),
            names: of_kind().map(|key| key.name.clone()).collect(),
        }
    }))
}

/// What leaving would do, and whom to hand things over to.
pub async fn leaving(scope: &mut WorkspaceScope<ReadWorkspace>) -> Result<(Preview, Vec<Successor>), AppError> {
    let ((tenant, workspace), me) = (place(scope), scope.person().id);
    // An operator who is here by consent is no member.
    let id = store::id_of(scope, tenant, workspace, me).await?.ok_or(AppError::NotFound)?;
    let preview = preview(scope, id).await?;
    let mut successors = Vec::new();
    for role in WorkspaceRole::ALL.into_iter().filter(|role| role.may(WorkspacePermission::ManageMembers)) {
        let filter = Filter { role: Some(role), ..Filter::default() };
        let managers = store::list(scope, tenant, workspace, &filter, None, SUCCESSORS_MAX).await?;
        successors.extend(
            managers.into_iter().filter(|member| member.user != me).map(|member| Successor { user: member.user, name: member.name }),
        );
    }
    Ok((preview, successors))
}

/// Takes a member out of the workspace. Their next request finds nothing here.
///
/// # Errors
/// `NotAllowed` above one's own level; `Conflict` where it is oneself, the only owner, or not as it was `shown`.
pub async fn remove(scope: &mut WorkspaceScope<ManageMembers>, id: MembershipId, shown: &str, fate: Fate) -> Result<Member, AppError> {
    let actor = standing(scope).await?;
    let Preview { member, digest, .. } = preview(scope, id).await?;
    judge(actor, Some(member.role), None).map_err(AppError::NotAllowed)?;
    if member.user == scope.person().id {
        return Err(AppError::Conflict("This is you. Leave the workspace instead of removing yourself.".to_owned()));
    }
    refuse_if_changed(shown, &digest)?;
    take_out(scope, &member, fate, EventKind::MemberRemoved).await?;
    let here = scope.workspace().clone();
    let notice = Notice {
        kind: EventKind::MemberRemoved.name(),
        tenant: Some(scope.tenant().id),
        workspace: Some(here.id),
        title: format!("You are no longer a member of {}", here.name),
        body: format!("{} ended your membership. If that is a mistake, ask them for a new invitation.", scope.person().name),
        link: None,
    };
    tell(scope, member.user, &notice).await?;
    Ok(member)
}

/// Takes the person who asks out of the workspace.
///
/// # Errors
/// As [`remove`], and `NotFound` for who is no member.
pub async fn leave(scope: &mut WorkspaceScope<ReadWorkspace>, shown: &str, fate: Fate) -> Result<(), AppError> {
    standing(scope).await?;
    let (Preview { member, digest, .. }, successors) = leaving(scope).await?;
    if let Fate::HandOver(to) = fate
        && !successors.iter().any(|successor| successor.user == to)
    {
        return Err(AppError::invalid("fate", "This person cannot take them over. Choose someone from the list."));
    }
    refuse_if_changed(shown, &digest)?;
    take_out(scope, &member, fate, EventKind::MemberLeft).await
}

fn refuse_if_changed(shown: &str, now: &str) -> Result<(), AppError> {
    if shown == now {
        return Ok(());
    }
    Err(AppError::Conflict("What this would do has changed since it was shown. Look at it again, then decide.".to_owned()))
}

async fn take_out<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    member: &Member,
    fate: Fate,
    as_event: EventKind,
) -> Result<(), AppError> {
    let (tenant, workspace) = place(scope);
    if member.role == WorkspaceRole::Owner {
        keep_an_owner(scope).await?;
    }
    match fate {
        Fate::HandOver(to) => {
            let level = super::role_of(scope, tenant, workspace, to).await?;
            invitations::server::hand_over(scope, tenant, workspace, (member.user, member.role), (to, level)).await?;
            api_keys::server::hand_over_all(scope, tenant, workspace, member.user, to).await?;
        }
        Fate::Revoke => {
            invitations::server::revoke_of(scope, tenant, workspace, member.user).await?;
            api_keys::server::revoke_all(scope, tenant, workspace, member.user, "its steward left the workspace").await?;
        }
    }
    end(scope, tenant, workspace, member, as_event).await
}

/// Ends one membership with its grants, and says so in the workspace's log. What the person made is dealt with before.
pub(super) async fn end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    member: &Member,
    as_event: EventKind,
) -> Result<(), AppError> {
    let now = scope.now();
    if !store::end(scope, tenant, workspace, member.id, now).await? {
        return Err(AppError::NotFound);
    }
    store::delete_grants(scope, tenant, workspace, member.id).await?;
    let event = Event::new(as_event, member.target()).changing("role", Some(member.role.name()), None);
    scope.record_in(Log::Workspace(tenant, workspace), event);
    Ok(())
}

fn digest(member: &Member, made: &[Made]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{} {} {}", member.id, member.version, member.role));
    for made in made {
        hash.update(format!("\n{}", made.kind));
        for mark in &made.marks {
            hash.update(format!(" {mark}"));
        }
    }
    hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
