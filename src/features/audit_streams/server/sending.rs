//! The sender that every node runs: takes streams that have something to send under a lease, and sends batch after batch.
//! The cursor moves after a 2xx alone, so that whoever is killed leaves rows that are sent twice, and none that are not.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    batch::{self, Batch, Outcome},
    pace,
    store::sending::{self, Outgoing},
    telling::{self, Turn},
};
use crate::{
    error::AppError,
    ids::{AuditStreamId, TenantId},
    server::{
        Stoa, chance,
        events::Actor,
        http::request::RequestContext,
        queue::{Ending, jittered},
        scope::ServiceScope,
    },
};

const JOB: &str = "audit.stream";
/// Streams of this node at a time.
const HANDS: usize = 8;
/// Batches of a stream before others have their turn.
const TOGETHER: usize = 20;
/// Longer than a batch may take: whoever holds one for longer died.
const LEASE: TimeDelta = TimeDelta::minutes(1);
const LOOK: Duration = Duration::from_secs(2);

/// Sends until asked to stop. What is on its way then is waited for.
pub async fn keep_sending(stoa: Stoa, mut ending: Ending) {
    let mut running = JoinSet::new();
    while !*ending.borrow() {
        if let Err(error) = fill(&stoa, &mut running).await {
            tracing::error!(%error, "no audit streams can be taken just now; their rows wait");
        }
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Sends whatever is due now and ends: for tests, and for whoever wants to wait for it.
///
/// # Errors
/// Only the database's: a stream that fails does so by itself.
pub async fn send_due(stoa: &Stoa) -> Result<(), AppError> {
    let mut running = JoinSet::new();
    fill(stoa, &mut running).await?;
    while running.join_next().await.is_some() {
        fill(stoa, &mut running).await?;
    }
    Ok(())
}

/// Takes streams until all hands are full or none is due.
async fn fill(stoa: &Stoa, running: &mut JoinSet<()>) -> Result<(), AppError> {
    let free = i32::try_from(HANDS.saturating_sub(running.len())).unwrap_or_default();
    if free == 0 {
        return Ok(());
    }
    let now = stoa.clock.now();
    let lease = chance::uuid(now);
    for (tenant, id) in sending::claim(&stoa.db, lease, now, now + LEASE, free).await? {
        let stoa = stoa.clone();
        running.spawn(async move {
            if let Err(error) = turn(&stoa, tenant, id, lease).await {
                tracing::error!(stream = %id, %error, "an audit stream was left in the middle; its rows wait");
            }
        });
    }
    Ok(())
}

async fn scope(stoa: &Stoa, tenant: TenantId) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await
}

/// Some batches of one stream. No transaction is open while one is on its way.
async fn turn(stoa: &Stoa, tenant: TenantId, id: AuditStreamId, lease: Uuid) -> Result<(), AppError> {
    for _ in 0..TOGETHER {
        if *stoa.stopping().borrow() {
            break;
        }
        let (first, end, outcome) = match prepared(stoa, tenant, id, lease).await? {
            None => break,
            Some(Ok(batch)) => (batch.first, batch.end, batch.send(stoa).await),
            Some(Err(outcome)) => (0, 0, outcome),
        };
        let mut scope = scope(stoa, tenant).await?;
        let goes_on = settle(&mut scope, id, lease, (first, end), &outcome).await?;
        scope.commit().await?;
        metrics::counter!("stoa_audit_stream_batches_total", "outcome" => if outcome.is_sent() { "sent" } else { "failed" }).increment(1);
        if !goes_on {
            break;
        }
    }
    let mut scope = scope(stoa, tenant).await?;
    sending::release(&mut scope, id, lease).await?;
    scope.commit().await
}

/// The next batch, or why there can be none; none where there is nothing to send, or it is somebody else's to send.
async fn prepared(stoa: &Stoa, tenant: TenantId, id: AuditStreamId, lease: Uuid) -> Result<Option<Result<Batch, Outcome>>, AppError> {
    let mut scope = scope(stoa, tenant).await?;
    let stream = sending::hold(&mut scope, id, lease).await?.filter(|stream| stream.status == "active");
    let next = match stream {
        Some(stream) => {
            let until = scope.now() + LEASE;
            batch::next(&mut scope, &stream, lease, until).await?
        }
        None => None,
    };
    scope.commit().await?;
    Ok(next)
}

/// Writes down how it went. Returns whether the next batch may follow.
async fn settle(
    scope: &mut ServiceScope,
    id: AuditStreamId,
    lease: Uuid,
    (first, end): (i64, i64),
    outcome: &Outcome,
) -> Result<bool, AppError> {
    if outcome.is_sent() {
        let status = outcome.attempt.status.unwrap_or_default();
        return sending::advance(scope, id, lease, first, end, status).await;
    }
    let Some(stream) = sending::hold(scope, id, lease).await? else { return Ok(false) };
    let now = scope.now();
    let since = stream.failing_since.unwrap_or(now);
    let wait = outcome.wait.unwrap_or_else(|| jittered(pace::wait(stream.failures + 1)));
    sending::fail(scope, id, lease, &outcome.attempt, since, now + wait).await?;
    let error = outcome.attempt.error.as_deref().unwrap_or_default();
    match turned(&stream, outcome, now - since) {
        Some(Turn::Failing) => {
            sending::note_told(scope, id, lease).await?;
            telling::say(scope, &stream, Turn::Failing, error).await?;
        }
        Some(turn) => {
            sending::pause(scope, id, lease, if turn == Turn::Gone { "gone" } else { "failing" }).await?;
            telling::say(scope, &stream, turn, error).await?;
        }
        None => {}
    }
    Ok(false)
}

fn turned(stream: &Outgoing, outcome: &Outcome, failing: TimeDelta) -> Option<Turn> {
    if stream.status != "active" {
        // Somebody stopped it while it was on its way.
        None
    } else if outcome.is_gone() {
        Some(Turn::Gone)
    } else if failing >= pace::PAUSE_AFTER {
        Some(Turn::GivenUp)
    } else if failing >= pace::TELL_AFTER && stream.told_at.is_none() {
        Some(Turn::Failing)
    } else {
        None
    }
}
