//! What happened last in a workspace, and what was refused there, for pages that are about something else.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Filter, LOOKED_AT, Reading, Refusals, Source, source, store};
use crate::{
    access::{AskWorkspace, Extent, WorkspacePermission},
    error::AppError,
    ids::ApiKeyId,
    server::scope::WorkspaceScope,
};

/// Refusals are counted for so long.
const REFUSED_WITHIN: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug)]
pub struct Recent {
    pub source: Source,
    /// The newest rows.
    pub entries: Vec<Entry>,
    /// Within the last 24 hours.
    pub refusals: Refusals,
}

/// The newest rows, so many at most, and what was refused lately; of these keys also to which, each since a moment of its own.
/// None for whoever may not read the log. Looking at what is newest is no search, and leaves no row.
pub async fn recent<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    most: usize,
    keys: &[(ApiKeyId, DateTime<Utc>)],
) -> Result<Option<Recent>, AppError> {
    if scope.reach().extent_of(WorkspacePermission::ReadAudit) != Extent::Everything {
        return Ok(None);
    }
    let (tenant, workspace, now) = (scope.tenant().clone(), scope.workspace().clone(), scope.now());
    let source = source::of_workspace(scope, &tenant, &workspace).await?;
    let found = store::list(scope, &source, &Filter::default(), None, Reading { most, looked_at: LOOKED_AT }).await?;
    let refusals = store::refusals(scope, &source, now - REFUSED_WITHIN, keys).await?;
    Ok(Some(Recent { source, entries: found.entries, refusals }))
}
