//! What every request can reach: configuration, database, clock, files, identity provider.

use std::{ops::Deref, sync::Arc};

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;

use super::{clock::Clock, config::Config, http::assets::Files, identity::RelyingParty};

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct Stoa(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub db: PgPool,
    pub clock: Clock,
    pub files: Files,
    pub identity: RelyingParty,
    pub metrics: Option<PrometheusHandle>,
}

impl Stoa {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Stoa {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
