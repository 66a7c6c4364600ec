//! The sealer: appends what waits to its log's tree and signs how far that goes. One at a time per log, all of it in one
//! transaction, so that whoever is killed leaves a log as it was before or whole.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    note::{self, Checkpoint},
    prover, rows,
    store::{self, Head},
    tree::{self, Edge},
    witness,
};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{Stoa, events::Actor, http::request::RequestContext, queue::Ending, scope::ServiceScope},
};

const JOB: &str = "audit.seal";
/// Rows of a log in one transaction, at most.
const TOGETHER: i32 = 1024;
/// Logs that are asked for at once.
const LOGS: i32 = 128;
/// A checkpoint is signed over so many new leaves, or when the first of them is so old.
const SIGN_ROWS: u64 = 256;
const SIGN_AFTER: TimeDelta = TimeDelta::seconds(60);
/// After something was written here, rows gather this long.
const GATHERING: Duration = Duration::from_secs(1);
/// How often each node looks for what others left behind, and for what is to be signed.
const LOOK: Duration = Duration::from_secs(10);

/// What one turn came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    pub rows: usize,
    pub checkpoints: usize,
    /// Rows that do not make the leaf they were written with: edited before they were sealed.
    pub broken: usize,
}

/// Seals whatever waits, of all logs, signs what is due, and hands it to the witness. A log that cannot be sealed holds up
/// no other.
///
/// # Errors
/// The database's, where it cannot say what waits.
pub async fn seal(stoa: &Stoa) -> Result<Sealed, AppError> {
    turn(stoa, SIGN_AFTER).await
}

/// The same, and signs whatever no checkpoint covers yet.
pub async fn seal_now(stoa: &Stoa) -> Result<Sealed, AppError> {
    turn(stoa, TimeDelta::zero()).await
}

async fn turn(stoa: &Stoa, patience: TimeDelta) -> Result<Sealed, AppError> {
    let mut done = Sealed::default();
    loop {
        let due = store::logs_to_seal(&stoa.db, stoa.clock.now() - patience, LOGS).await?;
        let before = done;
        for (tenant, log) in due {
            match seal_log(stoa, tenant, log, patience).await {
                Ok(sealed) => {
                    done.rows += sealed.rows;
                    done.checkpoints += sealed.checkpoints;
                    done.broken += sealed.broken;
                }
                Err(error) => tracing::error!(%log, %error, "a log could not be sealed; its rows wait"),
            }
        }
        // What others are at, and what cannot be done, is left for another turn.
        if (done.rows, done.checkpoints) == (before.rows, before.checkpoints) {
            break;
        }
    }
    witness::push(stoa).await?;
    Ok(done)
}

/// Seals soon after something was written here, and looks around now and then, until asked to stop.
pub async fn keep_sealing(stoa: Stoa, mut ending: Ending) {
    while !*ending.borrow() {
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            () = stoa.sealing().notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            () = tokio::time::sleep(GATHERING) => {}
        }
        if let Err(error) = seal(&stoa).await {
            tracing::error!(%error, "the audit logs could not be sealed; their rows wait");
        }
    }
}

/// One transaction's worth of one tenant's rows in one log.
async fn seal_log(stoa: &Stoa, tenant: Uuid, log: Uuid, patience: TimeDelta) -> Result<Sealed, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), TenantId(tenant), JOB).await?;
    let origin = note::origin(&stoa.config.public_urls.console, log);
    let Some(head) = store::begin(&mut scope, tenant, log, &origin).await? else {
        scope.close().await?;
        return Ok(Sealed::default());
    };
    let mut edge = u64::try_from(head.size).ok().and_then(|size| Edge::from_bytes(size, &head.edge)).ok_or_else(|| {
        tracing::error!(%log, "the head of the log does not fit its size");
        AppError::Internal
    })?;
    let mut done = Sealed::default();
    let keys = store::waiting(&mut scope, tenant, log, TOGETHER).await?;
    if !keys.is_empty() {
        let stored = rows::read(&mut scope, log, &keys).await?;
        let mut whole = Vec::new();
        for key in &keys {
            let row = stored.get(&key.id).ok_or(AppError::Internal)?;
            if !row.is_whole() {
                // Sealed all the same, as it was written: what was edited is proven then, and a log is never held up.
                tracing::error!(%log, row = %crate::ids::AuditId(key.id), "a row was edited before it was sealed");
                done.broken += 1;
            }
            whole.extend(edge.push(row.carried.as_slice().try_into().map_err(|_| AppError::Internal)?));
        }
        store::seal(&mut scope, log, head.size, &keys, &whole, &edge).await?;
        done.rows = keys.len();
    }
    if is_due(&head, &edge, scope.now(), patience) && sign(&mut scope, log, &head, &edge).await? {
        done.checkpoints = 1;
    }
    scope.commit().await?;
    metrics::counter!("stoa_audit_sealed_total").increment(done.rows as u64);
    metrics::counter!("stoa_audit_broken_total").increment(done.broken as u64);
    Ok(done)
}

fn is_due(head: &Head, edge: &Edge, now: DateTime<Utc>, patience: TimeDelta) -> bool {
    let unsigned = edge.size().saturating_sub(u64::try_from(head.signed_size).unwrap_or_default());
    unsigned >= SIGN_ROWS || (unsigned > 0 && head.unsigned_since.unwrap_or(now) <= now - patience)
}

/// Signs how far the log is. Returns whether it did: never what does not go on from the checkpoint before.
async fn sign(scope: &mut ServiceScope, log: Uuid, head: &Head, edge: &Edge) -> Result<bool, AppError> {
    if let Err(problem) = goes_on(scope, log, head, edge).await? {
        tracing::error!(%log, problem, "the log is not signed any more: `stoa audit verify` says what is wrong with it");
        metrics::counter!("stoa_audit_unsignable_total").increment(1);
        return Ok(false);
    }
    let stoa = scope.stoa().clone();
    let key = &stoa.config.secrets.audit_key;
    let checkpoint = Checkpoint { origin: head.origin.clone(), size: edge.size(), root: edge.root() };
    let size = i64::try_from(checkpoint.size).map_err(|_| AppError::Internal)?;
    store::keep_checkpoint(scope, log, size, &checkpoint.root, &key.public().id(), &checkpoint.sign(key)).await?;
    Ok(true)
}

/// Whether the tree as it is kept begins with the one that was signed last. Whoever changed the database and not the key
/// gets no signature for what they made of it.
async fn goes_on(scope: &mut ServiceScope, log: Uuid, head: &Head, edge: &Edge) -> Result<Result<(), &'static str>, AppError> {
    if head.signed_size == 0 {
        return Ok(Ok(()));
    }
    let stoa = scope.stoa().clone();
    let Some(note) = &head.note else { return Ok(Err("its newest checkpoint is gone")) };
    let Ok((last, _)) = Checkpoint::open(note, stoa.config.secrets.audit_keys()) else {
        return Ok(Err("its newest checkpoint is not signed by secrets.audit_key or one of secrets.former_audit_keys"));
    };
    if last.origin != head.origin || i64::try_from(last.size) != Ok(head.signed_size) {
        return Ok(Err("its newest checkpoint is another's"));
    }
    let path = prover::consistency(scope, log, last.size, edge.size()).await?;
    let is_consistent = tree::is_consistent((last.size, &last.root), (edge.size(), &edge.root()), &path);
    Ok(if is_consistent { Ok(()) } else { Err("its tree does not begin with the one that was signed last") })
}
