//! All doors in one router, inside the layers that every request passes.

use std::time::Duration;

use axum::{Router, middleware, routing::get};
use http::StatusCode;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use super::{Door, assets, form, headers, health, problem, request};
use crate::server::{
    Stoa,
    rest::{self, Operation},
    sessions,
};

const REQUEST_SECONDS: u64 = 30;

/// The whole console. `beside` are routes with rules of their own (the demonstration's identity provider).
pub fn router(stoa: Stoa, doors: Vec<Door>, operations: Vec<Operation>, beside: Router) -> Router {
    // What renders views; set once for the process, and a second time changes nothing.
    let _ = any_spawner::Executor::init_tokio();
    let mut routes: Router<Stoa> = Router::new();
    for door in doors {
        routes = routes.route(door.path, door.handler);
    }
    let console = routes
        .route("/pkg/{*file}", get(assets::serve))
        .route("/favicon.svg", get(assets::serve))
        .route("/robots.txt", get(assets::serve))
        .fallback(|| async { StatusCode::NOT_FOUND })
        // The first is the outermost.
        .layer(
            ServiceBuilder::new()
                .layer(sessions::layer(&stoa))
                .layer(middleware::from_fn_with_state(stoa.clone(), request::identify))
                .layer(middleware::from_fn_with_state(stoa.clone(), problem::pages))
                .layer(CatchPanicLayer::custom(headers::panicked))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(REQUEST_SECONDS)))
                .layer(CsrfLayer::new())
                .layer(RequestBodyLimitLayer::new(form::BODY_MAX)),
        );
    let machines =
        Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready)).route("/metrics", get(health::figures));
    console
        .merge(rest::router(&stoa, operations))
        .merge(machines)
        .with_state(stoa.clone())
        .merge(beside)
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(headers::panicked))
        .layer(middleware::from_fn_with_state(stoa, headers::edge))
}
