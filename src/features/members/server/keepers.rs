//! Who can look after what a workspace owns: its active members, for whatever asks for somebody who answers.

use super::store;
use crate::{
    access::WorkspaceRole,
    error::AppError,
    ids::{TenantId, UserId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Someone who is in the workspace now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    pub user: UserId,
    pub name: String,
    pub role: WorkspaceRole,
}

/// The active members with one of `roles`, by name.
pub async fn active<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    roles: &[WorkspaceRole],
) -> Result<Vec<Active>, AppError> {
    let now = scope.now();
    store::keepers::active(scope, tenant, workspace, roles, now).await
}

/// Keeps memberships as they are until this scope ends, for whoever makes something depend on one: who removes a member
/// waits, and then finds what was made. To be asked before anything else is locked.
///
/// # Errors
/// `NotFound` where the workspace was archived meanwhile.
pub async fn hold<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    if store::keepers::hold(scope, tenant, workspace).await? { Ok(()) } else { Err(AppError::NotFound) }
}
