//! The worker of one node: takes jobs by turns of their tenants, runs a few at a time, and stops without losing any.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{
    sync::{Notify, watch},
    task::{Id, JoinSet},
};
use uuid::Uuid;

use super::{
    Handlers,
    attempt::attempt,
    store::{self, Claim, Claimed},
    wake,
};
use crate::{
    ids::{JobId, TenantId},
    server::{Stoa, chance, telemetry},
};

/// A job that is held for longer is taken by somebody else: its node died.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How often to look where nobody says that there is something to do.
const LOOK: Duration = Duration::from_secs(5);
/// How long jobs that run at a stop may take to end.
const GRACE: Duration = Duration::from_secs(20);

/// Becomes true when the process is asked to stop.
pub type Ending = watch::Receiver<bool>;

/// Works off jobs until asked to stop, as many at a time as `queue.workers` says.
pub async fn work(stoa: Stoa, handlers: Handlers, mut ending: Ending) {
    let workers = usize::try_from(stoa.config.queue.workers).unwrap_or_default();
    if workers == 0 {
        return;
    }
    let wake = Arc::new(Notify::new());
    let mut ear = JoinSet::new();
    ear.spawn(wake::listen(stoa.clone(), wake.clone()));
    let mut worker = Worker::new(stoa, handlers, workers);
    while !*ending.borrow() {
        if let Err(error) = worker.fill().await {
            tracing::error!(error = telemetry::chain(&error), "no jobs can be taken just now");
        }
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            Some(ended) = worker.running.join_next_with_id() => worker.forget(&ended),
            () = wake.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    worker.end().await;
}

/// Does everything that is due now and ends: for tests, and for whoever wants to wait for it.
///
/// # Errors
/// Only the database's: a job that fails does so in the queue.
pub async fn work_off(stoa: &Stoa, handlers: &Handlers) -> sqlx::Result<()> {
    let workers = usize::try_from(stoa.config.queue.workers).unwrap_or_default().max(1);
    let mut worker = Worker::new(stoa.clone(), handlers.clone(), workers);
    worker.fill().await?;
    while let Some(ended) = worker.running.join_next_with_id().await {
        worker.forget(&ended);
        worker.fill().await?;
    }
    Ok(())
}

/// What this node holds, by the task that does it.
struct Held {
    tenant: TenantId,
    id: JobId,
    lease: Uuid,
}

struct Worker {
    stoa: Stoa,
    handlers: Handlers,
    workers: usize,
    running: JoinSet<()>,
    held: HashMap<Id, Held>,
    /// The tenant whose turn was last.
    after: Option<Uuid>,
}

impl Worker {
    fn new(stoa: Stoa, handlers: Handlers, workers: usize) -> Self {
        Self { stoa, handlers, workers, running: JoinSet::new(), held: HashMap::new(), after: None }
    }

    /// Takes jobs until all hands are full or nothing is due.
    async fn fill(&mut self) -> sqlx::Result<()> {
        while self.running.len() < self.workers {
            let now = self.stoa.clock.now();
            let claim = Claim {
                lease: chance::uuid(now),
                moment: now,
                until: now + LEASE,
                most: i32::try_from(self.workers - self.running.len()).unwrap_or(i32::MAX),
                kinds: self.handlers.kinds().into_iter().map(str::to_owned).collect(),
                after: self.after,
                passing_over: self.crowding(),
            };
            let claimed = store::claim(&self.stoa.db, &claim).await?;
            if claimed.is_empty() {
                break;
            }
            for job in claimed {
                self.start(job, claim.lease);
            }
        }
        Ok(())
    }

    /// Tenants that hold all hands but one: the last one is kept for somebody else.
    fn crowding(&self) -> Vec<Uuid> {
        let mut hands: HashMap<Uuid, usize> = HashMap::new();
        for held in self.held.values() {
            *hands.entry(held.tenant.0).or_default() += 1;
        }
        hands.into_iter().filter(|(_, count)| self.workers > 1 && *count + 1 >= self.workers).map(|(tenant, _)| tenant).collect()
    }

    fn start(&mut self, claimed: Claimed, lease: Uuid) {
        let held = Held { tenant: claimed.tenant, id: claimed.id, lease };
        self.after = Some(claimed.tenant.0);
        let task = self.running.spawn(attempt(self.stoa.clone(), self.handlers.clone(), claimed, lease));
        self.held.insert(task.id(), held);
    }

    fn forget(&mut self, ended: &Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.held.remove(&id);
    }

    /// Lets what runs end, and gives back what does not.
    async fn end(mut self) {
        let ended = tokio::time::timeout(GRACE, async {
            while let Some(ended) = self.running.join_next_with_id().await {
                self.forget(&ended);
            }
        })
        .await;
        if ended.is_ok() {
            return;
        }
        self.running.shutdown().await;
        tracing::warn!(jobs = self.held.len(), "some jobs did not end in time and are given back");
        for held in self.held.into_values() {
            if let Err(error) = store::release(&self.stoa.db, held.tenant, held.id, held.lease).await {
                tracing::warn!(job = %held.id, error = telemetry::chain(&error), "a job was not given back; its lease will run out");
            }
        }
    }
}
