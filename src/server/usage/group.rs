//! The group commit of reads: what many calls used goes to the database together, and each answer waits for it.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, types::Json};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

use super::UsageEvent;
use crate::{
    error::AppError,
    server::{config, telemetry},
};

/// In one statement at most.
const TOGETHER: usize = 512;
/// Batches that are on their way: while one is written to the disk the next is worked on.
const AT_ONCE: usize = 2;
/// How often a batch is sent again where the database did not answer, and after how long.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(50);

/// What takes events in.
#[derive(Debug)]
pub struct Usage {
    queue: mpsc::Sender<Waiting>,
    pub(super) arrived: Arc<Notify>,
}

#[derive(Debug)]
struct Waiting {
    event: UsageEvent,
    kept: oneshot::Sender<bool>,
}

impl Usage {
    /// Must be called within a runtime.
    pub fn start(db: PgPool, settings: config::Usage) -> Self {
        let (queue, waiting) = mpsc::channel(usize::try_from(settings.waiting).unwrap_or(usize::MAX));
        let arrived = Arc::new(Notify::new());
        let gathering = Duration::from_millis(settings.flush_milliseconds.into());
        tokio::spawn(keep(db, waiting, gathering, arrived.clone()));
        Self { queue, arrived }
    }

    /// Returns when the event is committed.
    ///
    /// # Errors
    /// `Unavailable` where too many wait, or the database does not take it.
    pub async fn append(&self, event: UsageEvent) -> Result<(), AppError> {
        let (kept, answer) = oneshot::channel();
        self.queue.try_send(Waiting { event, kept }).map_err(|_| {
            tracing::error!(waiting = self.queue.max_capacity(), "usage is not taken in fast enough; a call is refused");
            AppError::Unavailable
        })?;
        match answer.await {
            Ok(true) => Ok(()),
            _ => Err(AppError::Unavailable),
        }
    }

    /// Says that something was kept which is in no roll-up yet.
    pub fn wake(&self) {
        self.arrived.notify_one();
    }
}

/// While batches are on their way the next one gathers: under no load an event waits for nobody, under load for one commit.
/// Where a time to gather is set, the first of a batch waits that long, or until the batch is full.
async fn keep(db: PgPool, mut waiting: mpsc::Receiver<Waiting>, gathering: Duration, arrived: Arc<Notify>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Ok(place) = room.clone().acquire_owned().await {
        let mut batch = Vec::with_capacity(TOGETHER);
        if waiting.recv_many(&mut batch, TOGETHER).await == 0 {
            return;
        }
        if !gathering.is_zero() {
            // Whatever came in time is there, also when the time is over.
            let _ = tokio::time::timeout(gathering, fill(&mut waiting, &mut batch)).await;
        }
        let (db, arrived) = (db.clone(), arrived.clone());
        tokio::spawn(async move {
            send(&db, batch).await;
            arrived.notify_one();
            drop(place);
        });
    }
}

async fn send(db: &PgPool, batch: Vec<Waiting>) {
    let (events, kept): (Vec<_>, Vec<_>) = batch.into_iter().map(|waiting| (waiting.event, waiting.kept)).unzip();
    let outcomes = append(db, &events).await;
    metrics::histogram!("stoa_usage_batch").record(f64::from(u32::try_from(events.len()).unwrap_or(u32::MAX)));
    for (kept, is_kept) in kept.into_iter().zip(outcomes) {
        // Whoever waited may have gone; what they used stays counted.
        let _ = kept.send(is_kept);
    }
}

async fn fill(waiting: &mut mpsc::Receiver<Waiting>, batch: &mut Vec<Waiting>) {
    while batch.len() < TOGETHER {
        let room = TOGETHER - batch.len();
        if waiting.recv_many(batch, room).await == 0 {
            return;
        }
    }
}

/// Whether each was kept. Where the whole batch is refused for what is in it, each goes alone: one that cannot be kept
/// fails nobody else.
async fn append(db: &PgPool, events: &[UsageEvent]) -> Vec<bool> {
    match insert(db, events).await {
        Ok(()) => vec![true; events.len()],
        Err(error) if is_about_a_row(&error) && events.len() > 1 => {
            let mut outcomes = Vec::with_capacity(events.len());
            for event in events {
                outcomes.push(insert(db, std::slice::from_ref(event)).await.is_ok());
            }
            outcomes
        }
        Err(error) => {
            tracing::error!(events = events.len(), error = telemetry::chain(&error), "usage was not kept; its calls are answered 503");
            vec![false; events.len()]
        }
    }
}

/// An answer that was lost may have been a commit: the same rows are sent again, and those that are there stay.
async fn insert(db: &PgPool, events: &[UsageEvent]) -> Result<(), sqlx::Error> {
    let mut tries = 1;
    loop {
        match sqlx::query_scalar!("select append_usage($1)", Json(events) as _).fetch_one(db).await {
            Ok(_) => return Ok(()),
            Err(error) if is_about_a_row(&error) || tries == TRIES => return Err(error),
            Err(error) => {
                tracing::warn!(tries, error = telemetry::chain(&error), "usage was not kept at once; it is sent again");
                tokio::time::sleep(PAUSE * tries).await;
                tries += 1;
            }
        }
    }
}

/// Classes 22 (data exception) and 23 (integrity constraint violation) of SQLSTATE.
fn is_about_a_row(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}
