//! The way to Postgres: connecting, migrating, and turning its refusals into answers.

mod migrations;
mod refusal;

pub use migrations::{Installation, MIGRATOR, ROLES_SQL, migrate};
pub use refusal::{IfViolates, at_commit};

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A connection that was idle for longer is asked whether it lives before it is used.
const RESTED: Duration = Duration::from_secs(5);

/// Connections as the application's role. None is opened before the first is wanted.
///
/// A statement that runs longer than 15 seconds, or a transaction that idles for 30, is ended by the server.
pub fn pool(url: &str, max_connections: u32) -> sqlx::Result<PgPool> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("stoa")
        // Openings carry slugs and session hashes in their text.
        .disable_statement_logging()
        .options([
            ("statement_timeout", "15s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("timezone", "UTC"),
            // Each connection serves one of many requests: workers that gather for one take the cores from the others.
            ("max_parallel_workers_per_gather", "0"),
            // Statements are small, and what is estimated of many partitions is not: compiling one takes longer than running it.
            ("jit", "off"),
        ]);
    Ok(PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(5))
        // A busy connection is proven by its next statement; one that rested may have been cut meanwhile.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options))
}
