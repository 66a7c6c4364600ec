//! What is done on a clock: each task by one node a period, whichever gets there first.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::FutureExt as _;

use super::{store, work::Ending};
use crate::{error::AppError, server::Stoa};

/// How often each node looks whose turn it is.
const LOOK: Duration = Duration::from_secs(10);
/// How long a task may run; until a little later it is nobody else's turn.
const LONGEST: Duration = Duration::from_mins(5);
const PATIENCE: TimeDelta = TimeDelta::minutes(6);
/// A task that failed is tried again after this time, or after its own where that is shorter.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

type Task = Arc<dyn Fn(Stoa) -> Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>> + Send + Sync>;

/// A task, and how often it is done.
#[derive(Clone)]
pub struct Periodic {
    /// `noun.verb`; whose turn it is goes by it, so it stays what it is.
    pub name: &'static str,
    pub every: TimeDelta,
    run: Task,
}

impl Periodic {
    pub fn new<F, Fut>(name: &'static str, every: TimeDelta, run: F) -> Self
    where
        F: Fn(Stoa) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), AppError>> + Send + 'static,
    {
        Self { name, every, run: Arc::new(move |stoa| Box::pin(run(stoa))) }
    }

    /// Does the task where it is due and this node's turn. Returns whether it was.
    ///
    /// # Errors
    /// Only the database's: how the task itself went is in the log.
    pub async fn take_turn(&self, stoa: &Stoa) -> Result<bool, AppError> {
        let started = stoa.clock.now();
        if !store::claim_periodic(&stoa.db, self.name, started, PATIENCE).await? {
            return Ok(false);
        }
        let is_done = self.run(stoa).await;
        let wait = if is_done { self.every } else { AGAIN.min(self.every) };
        store::finish_periodic(&stoa.db, self.name, started, started + wait).await?;
        Ok(true)
    }

    async fn run(&self, stoa: &Stoa) -> bool {
        let task = AssertUnwindSafe((self.run)(stoa.clone())).catch_unwind();
        let outcome = match tokio::time::timeout(LONGEST, task).await {
            Ok(Ok(Ok(()))) => "done",
            Ok(Ok(Err(error))) => {
                tracing::error!(task = self.name, error = %error, "a periodic task failed");
                "failed"
            }
            Ok(Err(_)) => {
                tracing::error!(task = self.name, "a periodic task panicked");
                "failed"
            }
            Err(_) => {
                tracing::error!(task = self.name, "a periodic task was not done in time");
                "failed"
            }
        };
        metrics::counter!("stoa_periodic_total", "task" => self.name, "outcome" => outcome).increment(1);
        outcome == "done"
    }
}

/// Looks after all tasks until asked to stop, one after the other.
pub async fn keep_time(stoa: Stoa, tasks: Vec<Periodic>, mut ending: Ending) {
    while !*ending.borrow() {
        for task in &tasks {
            if let Err(error) = task.take_turn(&stoa).await {
                tracing::error!(task = task.name, error = %error, "whose turn a task is could not be asked");
            }
        }
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

impl std::fmt::Debug for Periodic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Periodic").field("name", &self.name).field("every", &self.every).finish_non_exhaustive()
    }
}
