//! Being told that a job was put down. Only for liveliness: who misses it looks again a few seconds later.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::server::{Stoa, telemetry};

const CHANNEL: &str = "stoa_jobs";
const AGAIN: Duration = Duration::from_secs(15);

/// Listens on a connection of its own, outside the pool, until it is dropped.
pub async fn listen(stoa: Stoa, wake: Arc<Notify>) {
    loop {
        if let Err(error) = hear(&stoa, &wake).await {
            tracing::warn!(error = telemetry::chain(&error), "not told of new jobs just now; they are found by looking");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn hear(stoa: &Stoa, wake: &Notify) -> sqlx::Result<()> {
    let mut listener = PgListener::connect(&stoa.config.database.url).await?;
    listener.listen(CHANNEL).await?;
    // What was put down before this could be told.
    wake.notify_one();
    loop {
        listener.recv().await?;
        wake.notify_one();
    }
}
