//! Expected refusals of the database, caught by the name of the constraint.

use crate::error::AppError;

pub trait IfViolates<T> {
    /// Turns the violation of one named constraint into something to tell the person.
    fn if_violates(self, constraint: &str, problem: impl FnOnce() -> AppError) -> Result<T, AppError>;
}

impl<T> IfViolates<T> for sqlx::Result<T> {
    fn if_violates(self, constraint: &str, problem: impl FnOnce() -> AppError) -> Result<T, AppError> {
        self.map_err(|error| match error.as_database_error() {
            Some(refused) if refused.constraint() == Some(constraint) => problem(),
            _ => error.into(),
        })
    }
}

/// The cause goes to the log once, here; the request's span says which request it was.
impl From<sqlx::Error> for AppError {
    fn from(cause: sqlx::Error) -> Self {
        let unreachable = matches!(cause, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_));
        tracing::error!(error = crate::server::telemetry::chain(&cause), unreachable, "database failed");
        if unreachable { Self::Unavailable } else { Self::Internal }
    }
}
