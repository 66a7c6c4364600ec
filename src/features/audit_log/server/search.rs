//! That somebody searched: one row for the same search of one session or key in a minute, however many pages they turn.

use chrono::TimeDelta;

use super::{Filter, Logged, Source, store, target};
use crate::{
    error::AppError,
    server::{
        Stoa,
        events::{Event, EventKind},
        http::request::RequestContext,
        scope::{Intent, Scope},
    },
};

/// For this long the same search says nothing new.
const SAME: TimeDelta = TimeDelta::seconds(60);

/// Writes `audit_log.searched`, in a scope of its own: a page's scope only reads.
///
/// # Errors
/// Whoever cannot be written down as searching does not get to see what was found.
pub async fn record_search<R: Logged>(stoa: &Stoa, request: &RequestContext, source: &Source, filter: &Filter) -> Result<(), AppError> {
    if filter.is_empty() {
        return Ok(());
    }
    let mut scope = Scope::<R>::open(stoa, request, Some(&source.slug), Intent::Write, false).await?;
    search(&mut scope, source, filter).await?;
    scope.commit().await
}

/// Records `audit_log.searched` in this scope, which is committed before the answer goes out. Looking at the log without
/// a filter is no search.
pub async fn search<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter) -> Result<(), AppError> {
    if filter.is_empty() {
        return Ok(());
    }
    let event = filter
        .parts()
        .into_iter()
        .fold(Event::new(EventKind::AuditLogSearched, target(source)), |event, (field, value)| event.changing(field, None, Some(&value)));
    let changes = serde_json::to_string(&event.changes).map_err(|_| AppError::Internal)?;
    let since = scope.now() - SAME;
    store::one_at_a_time(scope, source).await?;
    if !store::is_searched(scope, source, &changes, since).await? {
        scope.record(event);
    }
    Ok(())
}
