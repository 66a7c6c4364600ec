//! The server's half of members.

mod store;

use crate::{
    access::{AskWorkspace, WorkspaceRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log, Target},
        scope::{ServiceScope, WorkspaceScope},
    },
};

/// Puts a person into a workspace, as the server itself: at its making, or because the operator says so.
pub async fn add(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    name: &str,
    role: WorkspaceRole,
) -> Result<MembershipId, AppError> {
    let membership = MembershipId(scope.new_id());
    let (grant, now) = (scope.new_id(), scope.now());
    store::insert(scope, tenant, workspace, membership, user, now).await?;
    store::insert_grant(scope, tenant, workspace, membership, grant, role, now).await?;
    let target = Target { kind: "member", id: membership.to_string(), name: Some(name.to_owned()) };
    let event = Event::new(EventKind::MemberAdded, target).changing("role", None, Some(role.name()));
    scope.record_in(Log::Workspace(tenant, workspace), event);
    Ok(membership)
}

/// What a person is in the workspace now; None where they are no active member.
pub async fn role_of<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, user: UserId) -> Result<Option<WorkspaceRole>, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    store::role_of(scope, tenant, workspace, user, now).await
}
