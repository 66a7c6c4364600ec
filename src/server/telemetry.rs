//! What the server says about itself: log lines and counted figures.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::Level;
use tracing_subscriber::{
    EnvFilter,
    filter::{FilterFn, filter_fn},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::server::config::{Log, LogFormat};

/// What is logged: as configured.
pub fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Whatever is configured, what would hold secrets is not said: lettre writes out the mails that it sends, with the links of
/// invitations in them, and what it proves itself with; the check of where forms come from writes out addresses; what speaks to agents
/// writes out their messages, and what they chose to be called.
pub fn held_back() -> FilterFn {
    filter_fn(|said| {
        let is_of = |library: &str| said.target().strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        !(is_of("tower_http::csrf") || is_of("rmcp") || is_of("lettre") && *said.level() > Level::INFO)
    })
}

/// Starts logging to standard error. A second start in one process changes nothing.
pub fn start_logging(log: &Log) {
    let filter = filter(&log.level);
    let registry = tracing_subscriber::registry().with(filter).with(held_back());
    let started = match log.format {
        LogFormat::Json => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        LogFormat::Text => registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init(),
    };
    drop(started);
}

/// The recorder behind `/metrics`; one a server, none shared between tests.
pub fn start_metrics() -> Option<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
        .ok()?
        .install_recorder()
        .ok()
}

/// An error with everything that caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = text + ": " + &cause.to_string();
        next = cause.source();
    }
    text
}
