//! The server's half of workspaces.

pub mod rest;
mod store;

pub use store::Listed;

use crate::{
    access::{AskTenant, workspace::RenameWorkspace},
    error::AppError,
    ids::WorkspaceId,
    server::{
        chance,
        events::{Event, EventKind, Log, Target},
        scope::{ServiceScope, TenantScope, Workspace, WorkspaceScope},
    },
};

/// The workspaces of this tenant that the person is in.
pub async fn list<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Vec<Listed>, AppError> {
    let (tenant, user) = (scope.tenant().id, scope.person().id);
    store::list(scope, tenant, user).await
}

/// Makes a workspace in the scope's tenant. `word` begins its slug, for good.
pub async fn create(scope: &mut ServiceScope, word: &str, name: &str) -> Result<WorkspaceId, AppError> {
    let tenant = scope.reach().tenant;
    let id = WorkspaceId(scope.new_id());
    let (slug, now) = (chance::slug(word), scope.now());
    store::insert(scope, tenant, id, &slug, name, now).await?;
    store::take_slug(scope, tenant, id, &slug).await?;
    let event = Event::new(EventKind::WorkspaceCreated, target(id, name)).changing("name", None, Some(name));
    scope.record_in(Log::Workspace(tenant, id), event);
    Ok(id)
}

/// Gives the workspace another display name. Its id and slug stay.
///
/// # Errors
/// `Stale` where someone else changed it since `version` was shown.
pub async fn rename(scope: &mut WorkspaceScope<RenameWorkspace>, name: &str, version: i64) -> Result<(), AppError> {
    let Workspace { id, name: before, version: current, .. } = scope.workspace().clone();
    if version != current {
        return Err(AppError::Stale("This workspace"));
    }
    if name == before {
        return Ok(());
    }
    let (tenant, now) = (scope.tenant().id, scope.now());
    if !store::rename(scope, tenant, id, name, version, now).await? {
        return Err(AppError::Stale("This workspace"));
    }
    scope.record(Event::new(EventKind::WorkspaceRenamed, target(id, name)).changing("name", Some(&before), Some(name)));
    Ok(())
}

fn target(id: WorkspaceId, name: &str) -> Target {
    Target { kind: "workspace", id: id.to_string(), name: Some(name.to_owned()) }
}
