//! Who does which job: what a handler is given, what it answers, and the registry of all of them.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::says;
use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::Stoa,
};

/// One piece of work, as its handler is given it.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    /// Whose it is; nil for the installation's own.
    pub tenant: TenantId,
    pub kind: &'static str,
    pub payload: Value,
    /// Counted from 1.
    pub attempt: u32,
}

/// Nothing is left to do; the job goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done;

/// Why a job was not done. The reason is kept for the operator: never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Worth trying again later.
    Again(String),
    /// It would fail the same way every time: dead at once.
    Never(String),
}

impl Failure {
    pub fn reason(&self) -> &str {
        match self {
            Self::Again(reason) | Self::Never(reason) => reason,
        }
    }
}

/// What may pass by itself is tried again; what was decided stays decided.
impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Unavailable | AppError::Internal | AppError::Stale(_) => Self::Again(error.to_string()),
            _ => Self::Never(error.to_string()),
        }
    }
}

impl Job {
    /// One value of the payload.
    ///
    /// # Errors
    /// `Never` where it is missing or of another kind.
    pub fn value<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        let value = self.payload.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value).map_err(|error| Failure::Never(format!("the payload's {name} cannot be read: {}", says(&error))))
    }

    /// Whether failing now is final.
    pub fn is_last_attempt(&self) -> bool {
        super::backoff(self.attempt).is_none()
    }
}

pub type Handling = Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>>;
type Handler = Arc<dyn Fn(Stoa, Job) -> Handling + Send + Sync>;

/// Every kind of job that this build does. A kind that is not here waits for a node that knows it.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<&'static str, Handler>);

impl Handlers {
    /// `kind` is `noun.verb` or `noun.mail`, and stays what it is: jobs of it may be waiting.
    #[must_use]
    pub fn on<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Stoa, Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Done, Failure>> + Send + 'static,
    {
        self.0.insert(kind, Arc::new(move |stoa, job| Box::pin(handler(stoa, job))));
        self
    }

    pub fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    pub(super) fn find(&self, kind: &str) -> Option<(&'static str, &Handler)> {
        self.0.get_key_value(kind).map(|(kind, handler)| (*kind, handler))
    }
}
