//! Suspending all members of a workspace together with it, and bringing them back.

mod store;

use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log, Target},
        scope::{Reach, Scope},
    },
};

/// A member whose place goes, or comes back, with the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    pub id: MembershipId,
    pub user: UserId,
    pub name: String,
    pub role: WorkspaceRole,
    /// Past: the place does not come back.
    pub is_over: bool,
}

impl Affected {
    fn target(&self) -> Target {
        Target { kind: "member", id: self.id.to_string(), name: Some(self.name.clone()) }
    }
}

/// Who is in the workspace now, by their ids.
pub async fn in_place<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Affected>, AppError> {
    let now = scope.now();
    store::active(scope, tenant, workspace, now).await
}

/// Waits for whoever is changing memberships or roles of the workspace; from here on nobody else does.
pub async fn hold<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    store::lock_memberships(scope, tenant, workspace).await?;
    store::lock_grants(scope, tenant, workspace).await
}

/// Suspends these members; each is an event in the workspace's log.
pub async fn suspend<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    members: &[Affected],
) -> Result<(), AppError> {
    store::suspend(scope, tenant, workspace, &ids(members)).await?;
    for member in members {
        let event = Event::new(EventKind::MemberSuspended, member.target()).changing("status", Some("active"), Some("suspended"));
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}

/// Brings back who was suspended with the workspace. Those whose end date has passed meanwhile end instead.
/// Returns who is back.
pub async fn reinstate<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Affected>, AppError> {
    let now = scope.now();
    let suspended = store::suspended(scope, tenant, workspace, now).await?;
    let (over, back): (Vec<_>, Vec<_>) = suspended.into_iter().partition(|member| member.is_over);
    store::end(scope, tenant, workspace, &ids(&over)).await?;
    store::reinstate(scope, tenant, workspace, &ids(&back)).await?;
    for (members, kind, after) in [(&over, EventKind::MemberExpired, "ended"), (&back, EventKind::MemberReinstated, "active")] {
        for member in members {
            let event = Event::new(kind, member.target()).changing("status", Some("suspended"), Some(after));
            scope.record_in(Log::Workspace(tenant, workspace), event);
        }
    }
    Ok(back)
}

fn ids(members: &[Affected]) -> Vec<uuid::Uuid> {
    members.iter().map(|member| member.id.0).collect()
}
