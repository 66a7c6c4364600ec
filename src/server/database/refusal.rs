//! Expected refusals of the database, caught by the name of the constraint.

use crate::error::AppError;

const AT_ONCE: &str = "Somebody else changed this at the same moment. Look at what is there now, then try again.";

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

/// Rules that are checked when a transaction commits, by the names of their constraint triggers, and what is said of
/// each. Operations look first and say it better; this is what is left when two of them met.
const AT_COMMIT: [(&str, &str); 2] = [
    (
        "tenant_keeps_an_owner",
        "This would leave the team without an owner: someone else changed its owners at the same time. Look at its people now, then try again.",
    ),
    (
        "workspace_keeps_an_owner",
        "This would leave a workspace without an owner: someone else changed its owners at the same time. Look at its members now, then try again.",
    ),
];

/// A refusal of `commit` itself.
pub fn at_commit(cause: sqlx::Error) -> AppError {
    let constraint = cause.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    match AT_COMMIT.into_iter().find(|(rule, _)| constraint == Some(*rule)) {
        Some((_, says)) => AppError::Conflict(says.to_owned()),
        None => cause.into(),
    }
}

/// The cause goes to the log once, here; the request's span says which request it was.
impl From<sqlx::Error> for AppError {
    fn from(cause: sqlx::Error) -> Self {
        match cause.as_database_error() {
            // The workspace was archived while this request was under way: as if it had come a moment later.
            Some(refused) if refused.constraint() == Some("only_in_a_live_workspace") => return Self::NotFound,
            // Of two who wait for each other the database lets one go on (40P01); the other has to look again. So has who
            // waited for somebody else for too long (55P03).
            Some(refused) if matches!(refused.code().as_deref(), Some("40P01" | "55P03")) => return Self::Conflict(AT_ONCE.to_owned()),
            _ => {}
        }
        // Class 57P: the server is going down or ended this connection (PostgreSQL, Appendix A).
        let is_ended = cause.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code.starts_with("57P"));
        let unreachable =
            is_ended || matches!(cause, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_));
        tracing::error!(error = crate::server::telemetry::chain(&cause), unreachable, "database failed");
        if unreachable { Self::Unavailable } else { Self::Internal }
    }
}
