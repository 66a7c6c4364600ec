//! The server's half of workspaces.

mod allowance;
mod archive;
mod create;
mod inventory;
mod purge;
pub mod rest;
mod restore;
mod stops;
mod store;
mod transfer;

pub use allowance::{Allowance, allowance, why_not_create};
pub use archive::{archive, archive_all, phrase, preview, purge_time};
pub use create::{create, create_in_plan};
pub use inventory::{Inventory, Stop, StopKind, Stopped};
pub use purge::purge_due;
pub use restore::{Receipt, receipt, restore, why_not_restore};
pub use store::{Archived, Called, Filter, Listed};
pub use transfer::{Destination, Joiner, Plan as MovePlan, destinations, former_tenants, plan_move, transfer};

use crate::{
    access::{AskTenant, workspace::RenameWorkspace},
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        events::{Event, EventKind, Target},
        scope::{Reach, Scope, TenantScope, Workspace, WorkspaceScope},
    },
};

/// The first live workspaces of this tenant that the person is in.
pub async fn list<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Listed>, AppError> {
    find(scope, &Filter::default()).await
}

/// One page of the live workspaces of this tenant that the person is in, by name; one more than a page holds where
/// there is a next one.
pub async fn find<P: AskTenant>(scope: &mut TenantScope<P>, filter: &Filter) -> Result<Vec<Listed>, AppError> {
    let (tenant, user, now) = (scope.tenant().id, scope.person().id, scope.now());
    store::list(scope, tenant, user, filter, now).await
}

/// The archived workspaces of this tenant that the person was an owner or auditor of, the latest first.
pub async fn list_archived<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Archived>, AppError> {
    let (tenant, user, now) = (scope.tenant().id, scope.person().id, scope.now());
    store::list_archived(scope, tenant, user, now).await
}

/// How every workspace of the tenant that the scope reaches is called, by name.
pub async fn called<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Called>, AppError> {
    store::called(scope, tenant).await
}

/// Gives the workspace another display name, and says whether it is another one. Its id and slug stay.
///
/// # Errors
/// `Stale` where someone else changed it since `version` was shown.
pub async fn rename(scope: &mut WorkspaceScope<RenameWorkspace>, name: &str, version: i64) -> Result<bool, AppError> {
    let Workspace { id, name: before, version: current, .. } = scope.workspace().clone();
    if version != current {
        return Err(AppError::Stale("This workspace"));
    }
    if name == before {
        return Ok(false);
    }
    let (tenant, now) = (scope.tenant().id, scope.now());
    if !store::rename(scope, tenant, id, name, version, now).await? {
        return Err(AppError::Stale("This workspace"));
    }
    scope.record(Event::new(EventKind::WorkspaceRenamed, target(id, name)).changing("name", Some(&before), Some(name)));
    Ok(true)
}

fn target(id: WorkspaceId, name: &str) -> Target {
    Target { kind: "workspace", id: id.to_string(), name: Some(name.to_owned()) }
}
