//! The queue as its operator sees it: what waits, what is dead, and what is done about it.

use chrono::{DateTime, Utc};

use super::store;
use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Target},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

/// Jobs of a list, at most.
const LISTED: i32 = 500;

/// How many jobs wait past their time, and how many are dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub dead: i64,
}

/// A job as the operator's list has it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub tenant: TenantId,
    pub id: JobId,
    pub kind: String,
    /// `ready` or `dead`.
    pub status: String,
    pub run_at: DateTime<Utc>,
    /// Until when a node holds it, where one does or did.
    pub lease_until: Option<DateTime<Utc>>,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
}

pub async fn count(stoa: &Stoa) -> Result<Counts, AppError> {
    Ok(store::count(&stoa.db, stoa.clock.now()).await?)
}

/// The oldest jobs first, at most 500.
pub async fn list(stoa: &Stoa, only_dead: bool) -> Result<Vec<Listed>, AppError> {
    let mut scope = open(stoa, "stoa jobs list").await?;
    let listed = store::list(&mut scope, only_dead, LISTED).await?;
    scope.close().await?;
    Ok(listed)
}

/// Makes a job due now, with all its attempts before it. False where there is none by that id that nobody holds.
pub async fn retry(stoa: &Stoa, id: JobId) -> Result<bool, AppError> {
    let mut scope = open(stoa, "stoa jobs retry").await?;
    let now = scope.now();
    let is_retried = store::retry(&mut scope, id, now).await?;
    record(scope, EventKind::JobRetried, id, is_retried).await
}

/// Takes a job away that was not done. False where there is none by that id that nobody holds.
pub async fn discard(stoa: &Stoa, id: JobId) -> Result<bool, AppError> {
    let mut scope = open(stoa, "stoa jobs drop").await?;
    let now = scope.now();
    let is_dropped = store::discard(&mut scope, id, now).await?;
    record(scope, EventKind::JobDropped, id, is_dropped).await
}

async fn record(mut scope: ServiceScope, kind: EventKind, id: JobId, is_done: bool) -> Result<bool, AppError> {
    if !is_done {
        scope.close().await?;
        return Ok(false);
    }
    scope.record(Event::new(kind, Target { kind: "job", id: id.to_string(), name: None }));
    scope.commit().await?;
    Ok(true)
}

async fn open(stoa: &Stoa, route: &str) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "cli", route);
    ServiceScope::open_service(stoa, &request, Actor::operator(), TenantId(uuid::Uuid::nil()), "jobs").await
}
