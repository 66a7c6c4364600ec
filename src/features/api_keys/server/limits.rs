//! How often a key may call, beside what the whole workspace may.

use super::{
    operations::live,
    store,
    words::{Act, event, target},
};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    ids::ApiKeyId,
    server::{
        events::Event,
        scope::{Caller, WorkspaceScope},
    },
};

/// Calls a minute at most; the schema says the same.
pub const CALLS_MAX: i32 = 1_000_000;

/// Sets how often the key may call from its next call on; none for as often as the workspace. It is no scope: it goes up
/// as well as down. `by_key` is the one that asks, where one does: it gives no more than it has.
///
/// # Errors
/// `Invalid` out of range, `Conflict` where the calling key is itself held to less, `Stale` and `Conflict` as every change.
pub async fn limit(
    scope: &mut WorkspaceScope<ManageCredentials>,
    id: ApiKeyId,
    calls_per_minute: Option<i32>,
    version: i64,
    by_key: Option<&Caller>,
) -> Result<(), AppError> {
    if calls_per_minute.is_some_and(|calls| !(1..=CALLS_MAX).contains(&calls)) {
        return Err(AppError::invalid("calls_per_minute", format!("Enter a whole number from 1 to {CALLS_MAX}, or nothing for no limit.")));
    }
    if let Some(own) = by_key.and_then(|caller| caller.calls_per_minute)
        && calls_per_minute.is_none_or(|wanted| wanted > own)
    {
        let says = format!("The calling key may call {own} times a minute, and allows none more. Change it in the console.");
        return Err(AppError::Conflict(says));
    }
    let key = live(scope, id, version).await?;
    if key.calls_per_minute == calls_per_minute {
        return Ok(());
    }
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::limit(scope, tenant, workspace, id, calls_per_minute).await?;
    let text = |calls: Option<i32>| calls.map(|calls| calls.to_string());
    let event = Event::new(event(key.kind, Act::Limited), target(key.kind, id, &key.name)).changing(
        "calls_per_minute",
        text(key.calls_per_minute).as_deref(),
        text(calls_per_minute).as_deref(),
    );
    scope.record(event);
    Ok(())
}
