//! Retention, once an hour: what each plan allows is noted, and rows whose time is over go, a batch in a transaction, each with
//! a signed record in its log.

use uuid::Uuid;

use super::{
    Place,
    store::going::{self, Due},
};
use crate::{
    error::AppError,
    ids::LogId,
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log},
        http::request::RequestContext,
        plans,
        proof::{NOTE, removal_note},
        scope::ServiceScope,
    },
};

const JOB: &str = "audit.retention";
/// Rows that go in one transaction, at most.
const BATCH: i32 = 2000;
/// Logs that are listed at a time.
const LOGS: i32 = 100;
/// Batches of one log in one turn: the others have theirs too.
const TURNS: usize = 500;

/// Applies what is decided to every log. A log that fails keeps no other; twice at once is harmless.
///
/// # Errors
/// The database's, where it cannot say what is due.
pub async fn apply(stoa: Stoa) -> Result<(), AppError> {
    let now = stoa.clock.now();
    let (keys, days): (Vec<_>, Vec<_>) =
        plans::list(now).into_iter().map(|plan| (plan.key.clone(), plan.audit_days.map(i32::from))).unzip();
    going::note_allowances(&stoa.db, &keys, &days, now).await?;
    let mut after = LogId(Uuid::nil());
    loop {
        let due = going::due(&stoa.db, now, after, LOGS).await?;
        let Some(last) = due.last() else { return Ok(()) };
        after = last.log;
        for one in due {
            match trim_due(&stoa, one).await {
                Ok(removed) => tracing::info!(log = %one.log, removed, "rows of an audit log went, as their time was over"),
                Err(error) => tracing::error!(log = %one.log, %error, "rows of an audit log whose time is over did not go"),
            }
        }
    }
}

async fn trim_due(stoa: &Stoa, Due { tenant, log, workspace }: Due) -> Result<i64, AppError> {
    let place = match workspace {
        Some(workspace) => Log::Workspace(tenant, workspace),
        None if tenant.0.is_nil() => Log::Installation,
        None => Log::Tenant(tenant),
    };
    trim(stoa, &Place { tenant, workspace, id: log, log: place, name: log.to_string() }).await
}

/// Removes what is due of a log. Returns how many rows went.
///
/// # Errors
/// The database's; it refuses while a hold is on.
pub async fn trim(stoa: &Stoa, place: &Place) -> Result<i64, AppError> {
    let mut gone = 0;
    for _ in 0..TURNS {
        let request = RequestContext::internal(&stoa.clock, "system", JOB);
        let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), place.tenant, JOB).await?;
        let Some(removed) = going::remove(&mut scope, place.id, BATCH).await? else {
            scope.close().await?;
            break;
        };
        let note = removal_note(&removed.origin, &removed.rows, None, &stoa.config.secrets.audit_key);
        let event = Event::new(EventKind::AuditLogRetentionApplied, place.target())
            .changing("rows", None, Some(&removed.rows))
            .changing("removed", None, Some(&removed.removed.to_string()))
            .changing("days", None, Some(&removed.days.to_string()))
            .changing("before", None, Some(&removed.before.to_rfc3339()))
            .changing("decided_by", None, Some(&removed.decided_by))
            .changing(NOTE, None, Some(&note));
        scope.record_in(place.log, event);
        scope.commit().await?;
        gone += removed.removed;
        if removed.removed < BATCH.into() {
            break;
        }
    }
    Ok(gone)
}
