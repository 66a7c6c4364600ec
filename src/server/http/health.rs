//! What machines ask: is it up, can it work, what does it count.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use subtle::ConstantTimeEq as _;

use crate::server::{Stoa, database::MIGRATOR, manifests};

const PLAIN: [(header::HeaderName, &str); 2] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];

/// Alive: the process answers.
pub async fn alive() -> Response {
    (PLAIN, "ok\n").into_response()
}

/// Ready: the database answers, its schema is the one this build was made for, and this node holds the manifests in force.
pub async fn ready(State(stoa): State<Stoa>) -> Response {
    match sqlx::query_scalar::<_, i64>("select max(version) from _sqlx_migrations where success").fetch_one(&stoa.db).await {
        Ok(version) if MIGRATOR.iter().map(|migration| migration.version).max() <= Some(version) => of_manifests(&stoa).await,
        Ok(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, ALREADY_TEXT, "the database has not been migrated: run `stoa migrate`\n").into_response()
        }
        Err(error) => unanswered(&error),
    }
}

/// And the manifests in force are those that this node holds.
async fn of_manifests(stoa: &Stoa) -> Response {
    match manifests::current(&stoa.db).await {
        Ok(in_force) if stoa.manifests().ask(in_force.as_deref()).is_ok() => (PLAIN, "ready\n").into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, ALREADY_TEXT, "other manifests of modules are in force than this node holds\n")
            .into_response(),
        Err(error) => unanswered(&error),
    }
}

fn unanswered(error: &sqlx::Error) -> Response {
    tracing::warn!(error = crate::server::telemetry::chain(error), "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, ALREADY_TEXT, "the database does not answer\n").into_response()
}

/// Keeps the answer out of the error pages.
const ALREADY_TEXT: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/vnd.stoa.status+text")];

/// Figures in Prometheus' text format: for this machine, or for whoever holds the token.
pub async fn figures(State(stoa): State<Stoa>, request: Request) -> Response {
    let Some(metrics) = stoa.metrics.as_ref() else { return StatusCode::NOT_FOUND.into_response() };
    if !is_local(&request) && !has_token(&stoa, &request) {
        return StatusCode::NOT_FOUND.into_response();
    }
    metrics::gauge!("stoa_database_connections").set(f64::from(stoa.db.size()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}

fn is_local(request: &Request) -> bool {
    let is_loopback = request.extensions().get::<ConnectInfo<SocketAddr>>().is_some_and(|info| info.0.ip().is_loopback());
    // Behind a proxy on this machine everyone is loopback.
    let is_forwarded =
        request.headers().keys().any(|name| name == header::FORWARDED || name == header::VIA || name.as_str().starts_with("x-forwarded"));
    is_loopback && !is_forwarded
}

fn has_token(stoa: &Stoa, request: &Request) -> bool {
    let given =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    match (&stoa.config.operations.metrics_token, given) {
        (Some(token), Some(given)) => token.as_bytes().ct_eq(given.as_bytes()).into(),
        _ => false,
    }
}
