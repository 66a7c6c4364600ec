//! One attempt at one job: the handler is run within its time, and how it went is written down under the lease.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    Done, Failure, Handlers, Job,
    backoff::{backoff, jittered},
    says::storable,
    store::{self, Claimed},
};
use crate::server::{Stoa, telemetry};

/// How long a handler may run; half of its lease, so that clocks may differ a little.
const LONGEST: Duration = Duration::from_mins(1);

/// Runs what was claimed and settles it. Cut short, it leaves the lease as it was.
pub async fn attempt(stoa: Stoa, handlers: Handlers, claimed: Claimed, lease: Uuid) {
    let Some((kind, handler)) = handlers.find(&claimed.kind) else { return };
    let attempt = u32::try_from(claimed.attempt).unwrap_or(u32::MAX);
    let job = Job { id: claimed.id, tenant: claimed.tenant, kind, payload: read(&claimed.payload), attempt };
    let started = tokio::time::Instant::now();
    // Those before this one ended without a word: with their nodes, every time.
    let outcome = if attempt > 1 && backoff(attempt - 1).is_none() {
        Err(Failure::Never("every node that took it stopped before it was done".to_owned()))
    } else {
        let span = tracing::info_span!("job", id = %job.id, kind);
        run(handler(stoa.clone(), job.clone())).instrument(span).await
    };
    metrics::histogram!("stoa_job_seconds", "kind" => kind).record(started.elapsed().as_secs_f64());
    let word = settle(&stoa, &job, lease, outcome).await;
    metrics::counter!("stoa_jobs_total", "kind" => kind, "outcome" => word).increment(1);
}

/// What we put down ourselves; unreadable, its handler says so.
fn read(payload: &str) -> serde_json::Value {
    serde_json::from_str(payload).unwrap_or_default()
}

async fn run(handling: impl Future<Output = Result<Done, Failure>>) -> Result<Done, Failure> {
    match tokio::time::timeout(LONGEST, AssertUnwindSafe(handling).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        // What it said may hold anything; the hook has printed it where the operator's logs are.
        Ok(Err(_)) => Err(Failure::Again("the handler panicked".to_owned())),
        Err(_) => Err(Failure::Again(format!("it was not done within {} seconds", LONGEST.as_secs()))),
    }
}

/// Writes down how it went, and returns the word for it.
async fn settle(stoa: &Stoa, job: &Job, lease: Uuid, outcome: Result<Done, Failure>) -> &'static str {
    let (word, settled) = match outcome {
        Ok(Done) => ("done", store::finish(&stoa.db, job.tenant, job.id, lease).await),
        Err(failure) => {
            let reason = storable(failure.reason());
            let wait = match failure {
                Failure::Again(_) => backoff(job.attempt).map(jittered),
                Failure::Never(_) => None,
            };
            let word = if wait.is_some() { "again" } else { "dead" };
            tell(job, word);
            let again_at = wait.map(|wait| stoa.clock.now() + wait);
            (word, store::fail(&stoa.db, job.tenant, job.id, lease, &reason, again_at).await)
        }
    };
    match settled {
        Ok(true) => word,
        Ok(false) => {
            tracing::warn!(job = %job.id, kind = job.kind, "the lease ran out before the job was done; another node has it");
            "late"
        }
        Err(error) => {
            tracing::error!(job = %job.id, kind = job.kind, error = telemetry::chain(&error), "how a job went was not written down");
            "unsettled"
        }
    }
}

/// Not why: a mail server's answer names who the mail was for. `stoa jobs list` says it.
fn tell(job: &Job, word: &str) {
    if word == "dead" {
        tracing::error!(job = %job.id, kind = job.kind, attempt = job.attempt, "a job is dead; `stoa jobs list --dead` says why");
    } else {
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt, "a job failed and will be tried again");
    }
}
