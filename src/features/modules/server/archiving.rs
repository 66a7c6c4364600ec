//! What an archiving does to a workspace's modules, and a restore undoes: switches go off and come back; what the
//! operator allowed beside the plan ends for good.

use uuid::Uuid;

use super::{store, switching::switched};
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        events::{Event, EventKind, Log, Target},
        modules::{self, Module},
        scope::{Reach, Scope},
    },
};

pub use store::Override;

/// A live module whose switch is on, entitled or not.
pub type Running = &'static Module;

/// What would be switched off, in the catalogue's order. The plan is not asked: what is on without effect is on.
pub async fn switched_on<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Running>, AppError> {
    let switches = store::list(scope, tenant, workspace).await?;
    let is_on = |module: &Module| {
        let decided = switches.iter().find(|switch| switch.module == module.manifest.key);
        decided.map_or(module.manifest.default_on, |switch| switch.enabled)
    };
    Ok(modules::list().iter().filter(|module| module.is_live() && is_on(module)).collect())
}

/// Switches these modules off with their workspace; each is an event in its log.
pub async fn suspend<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    running: &[Running],
) -> Result<(), AppError> {
    if running.is_empty() {
        return Ok(());
    }
    let now = scope.now();
    let keys: Vec<String> = running.iter().map(|module| module.manifest.key.clone()).collect();
    store::suspend(scope, tenant, workspace, &keys, now).await?;
    for key in keys {
        scope.record_in(Log::Workspace(tenant, workspace), switched(&key, false).because("the workspace was archived"));
    }
    Ok(())
}

/// Switches on again what went off with the workspace; each is an event in its log. Returns how many.
pub async fn resume<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<usize, AppError> {
    let switches = store::list(scope, tenant, workspace).await?;
    if !switches.iter().any(|switch| switch.suspended_with_workspace) {
        // A statement that finds nothing to change would still ask for an event.
        return Ok(0);
    }
    let now = scope.now();
    let resumed = store::resume(scope, tenant, workspace, now).await?;
    for key in &resumed {
        scope.record_in(Log::Workspace(tenant, workspace), switched(key, true).because("the workspace was restored"));
    }
    Ok(resumed.len())
}

/// What the operator allows, or does not allow, this workspace alone beside its plan.
pub async fn live_overrides<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Override>, AppError> {
    let now = scope.now();
    store::live_overrides(scope, tenant, workspace, now).await
}

/// Waits for the operator's changes to them; from here on there are none.
pub async fn hold_overrides<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    store::lock_overrides(scope, tenant, workspace).await
}

/// Ends them, as an archiving does; each is an event in the workspace's log.
pub async fn end_overrides<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    let live = live_overrides(scope, tenant, workspace).await?;
    if live.is_empty() {
        return Ok(());
    }
    let (now, ids): (_, Vec<Uuid>) = (scope.now(), live.iter().map(|one| one.id).collect());
    store::end_overrides(scope, tenant, workspace, &ids, now).await?;
    for one in live {
        let target = Target { kind: "entitlement", id: one.id.to_string(), name: Some(one.key) };
        let event = Event::new(EventKind::EntitlementEnded, target).because("the workspace was archived");
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}
