//! Which workspaces are beyond what a plan has room for: the oldest ones go on, the others are read only over the API until
//! there is room.

use super::store;
use crate::{
    error::AppError,
    features::{
        billing::server::entitlements::{self, Agreed},
        workspaces,
    },
    ids::{TenantId, WorkspaceId},
    server::{
        plans::Plan,
        scope::{Reach, Scope},
    },
};

/// A live workspace that a plan has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    pub id: WorkspaceId,
    pub name: String,
}

/// Those of the tenant that the plan, or what is agreed in its place, has no room for; the oldest first.
pub async fn beyond<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, plan: &Plan) -> Result<Vec<Beyond>, AppError> {
    let limit = match entitlements::allowed_workspaces(scope, tenant).await? {
        Some(Agreed(allowed)) => allowed.map(|allowed| usize::try_from(allowed).unwrap_or_default()),
        None => plan.workspaces.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
    };
    let Some(limit) = limit else { return Ok(Vec::new()) };
    let mut live: Vec<_> = workspaces::server::called(scope, tenant).await?.into_iter().filter(|called| called.is_live).collect();
    live.sort_by_key(|called| (called.created_at, called.id.0));
    Ok(live.into_iter().skip(limit).map(|called| Beyond { id: called.id, name: called.name }).collect())
}

/// Notes whether there are any, after the plan or what is agreed beside it became another.
pub async fn note<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, plan: &Plan) -> Result<(), AppError> {
    let is_over = !beyond(scope, tenant, plan).await?.is_empty();
    store::note_over_plan(scope, tenant, is_over).await
}
