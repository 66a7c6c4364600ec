//! A transaction that cannot leak: opened with its settings in one round trip, rolled back when it is dropped.
//!
//! Not sqlx's own `Transaction`: in 0.9.0 a `begin` cancelled while it waits returns its connection to the pool
//! with the transaction open, and the next borrower would run inside another tenant's reach
//! (<https://github.com/transact-rs/sqlx/issues/4393>). Here the connection is owned by a guard before the first
//! byte is sent, and only leaves it after `commit` or `rollback` was answered.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgPool, Postgres, pool::PoolConnection, postgres::PgRow};

pub struct Transaction {
    /// Taken by `commit`, `rollback` and `drop`.
    connection: Option<PoolConnection<Postgres>>,
}

impl Transaction {
    /// Runs `opening` (`begin; select …`) in one round trip and returns the rows of its last statement.
    pub async fn open(pool: &PgPool, opening: String) -> sqlx::Result<(Self, Vec<PgRow>)> {
        let mut transaction = Self { connection: Some(pool.acquire().await?) };
        let rows = sqlx::raw_sql(AssertSqlSafe(opening)).fetch_all(transaction.connection()).await?;
        Ok((transaction, rows))
    }

    /// What statements run on.
    ///
    /// # Panics
    /// Never: the connection leaves only with `self`.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a transaction in use still owns its connection")
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        self.commit_with(None).await
    }

    /// Commits, in one round trip with a `last` statement where there is one; if that fails, nothing is kept.
    pub async fn commit_with(mut self, last: Option<String>) -> sqlx::Result<()> {
        let statement = last.map_or_else(|| "commit".to_owned(), |last| last + "; commit");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(self.connection()).await?;
        self.connection = None;
        Ok(())
    }

    pub async fn rollback(mut self) -> sqlx::Result<()> {
        self.connection().execute("rollback").await?;
        self.connection = None;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match tokio::runtime::Handle::try_current() {
            // The driver first reads what an interrupted statement left unread, then rolls back.
            Ok(runtime) => drop(runtime.spawn(async move {
                if connection.execute("rollback").await.is_err() {
                    connection.close_on_drop();
                }
            })),
            // No runtime, no round trip: closing the socket rolls back too.
            Err(_) => drop(connection.detach()),
        }
    }
}
