//! Stopping a key: for the time being, or for good.

use super::{
    operations::{live, this},
    reading::find,
    store::{self, Key},
    words::{Act, event, target, words},
};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    ids::ApiKeyId,
    server::{events::Event, scope::WorkspaceScope},
};

/// Stops a key for the time being.
pub async fn quarantine(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, reason: &str, version: i64) -> Result<(), AppError> {
    let key = live(scope, id, version).await?;
    if key.status == "quarantined" {
        return Ok(());
    }
    set_status(scope, &key, "quarantined", Some(reason), Act::Quarantined).await
}

/// Lets a quarantined key work again. Only people do: what stopped it may have been a person, or a report of a leak.
///
/// # Errors
/// `Conflict` while a secret of it that was reported as leaked would work again.
pub async fn lift(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, version: i64) -> Result<(), AppError> {
    let key = live(scope, id, version).await?;
    if key.status != "quarantined" {
        return Ok(());
    }
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    if store::has_working_leak(scope, tenant, workspace, id, now).await? {
        let noun = words(key.kind).noun;
        return Err(AppError::Conflict(format!(
            "A secret of this {noun} was reported as leaked, and would work again. Rotate the {noun} first; the leaked secret then ends at \
             once."
        )));
    }
    set_status(scope, &key, "active", None, Act::Lifted).await
}

/// Ends a key for good. Ending one that is over already changes nothing.
///
/// # Errors
/// `Stale` where it changed since `version`: what stops is not what was shown.
pub async fn revoke(
    scope: &mut WorkspaceScope<ManageCredentials>,
    id: ApiKeyId,
    reason: Option<&str>,
    version: i64,
) -> Result<(), AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::lock(scope, tenant, workspace, id).await?;
    let key = find(scope, id).await?;
    if key.status == "revoked" {
        return Ok(());
    }
    if key.version != version {
        return Err(AppError::Stale(this(key.kind)));
    }
    set_status(scope, &key, "revoked", reason, Act::Revoked).await
}

async fn set_status(
    scope: &mut WorkspaceScope<ManageCredentials>,
    key: &Key,
    status: &'static str,
    reason: Option<&str>,
    act: Act,
) -> Result<(), AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    store::set_status(scope, tenant, workspace, key.id, status, reason, now).await?;
    let mut event =
        Event::new(event(key.kind, act), target(key.kind, key.id, &key.name)).changing("status", Some(&key.status), Some(status));
    if let Some(reason) = reason {
        event = event.because(reason);
    }
    scope.record(event);
    Ok(())
}
