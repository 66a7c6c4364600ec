//! What an archiving does to a workspace's modules, and a restore undoes: switches go off and come back.

use super::{store, switching::switched};
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        events::Log,
        modules::{self, Module},
        scope::{Reach, Scope},
    },
};

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
