//! The server's half of the policy for agents.

pub mod rest;
mod store;

use chrono::{DateTime, Utc};

use crate::{
    access::{AskWorkspace, workspace::ManageCredentials},
    error::AppError,
    server::{
        events::{Event, EventKind, Target},
        scope::WorkspaceScope,
    },
};

/// Since when no agent is let in here; none while they are.
pub async fn paused_since<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Option<DateTime<Utc>>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::paused_since(scope, tenant, workspace).await
}

/// Lets no agent in any more, whatever it comes with, or lets them in again. It holds from the next call on, on every node; what was
/// given to them stays as it is.
pub async fn pause(scope: &mut WorkspaceScope<ManageCredentials>, paused: bool) -> Result<(), AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let since = store::lock(scope, tenant, workspace).await?;
    if since.is_some() == paused {
        return Ok(());
    }
    store::set_paused(scope, tenant, workspace, paused.then_some(now)).await?;
    let kind = if paused { EventKind::AgentsPaused } else { EventKind::AgentsResumed };
    let target = here(scope);
    let (was, is) = if paused { ("false", "true") } else { ("true", "false") };
    scope.record(Event::new(kind, target).changing("paused", Some(was), Some(is)));
    Ok(())
}

fn here(scope: &WorkspaceScope<ManageCredentials>) -> Target {
    let here = scope.workspace();
    Target { kind: "workspace", id: here.id.to_string(), name: Some(here.name.clone()) }
}
