//! All doors in one router, inside the layers that every request passes.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router, middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{Method, StatusCode};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};

use super::{
    Door, Whereabouts, assets,
    door::DoorKind,
    files, form,
    headers::{self, Doorstep},
    health, problem,
    request::{self, RequestContext},
};
use crate::{
    paths,
    server::{
        Stoa, manifests, mcp,
        rest::{self, Operation},
        sessions,
    },
};

const REQUEST_SECONDS: u64 = 30;

/// The whole console. `beside` are routes with rules of their own (the demonstration's identity provider).
pub fn router(stoa: Stoa, doors: Vec<Door>, operations: Vec<Operation>, beside: Router) -> Router {
    // What renders views; set once for the process, and a second time changes nothing.
    let _ = any_spawner::Executor::init_tokio();
    stoa.describe(&operations);
    let open = rest::open_to_all(&operations).into();
    let pages = Arc::new(Whereabouts::of(&doors));
    let mut routes: Router<Stoa> = Router::new();
    let (stored, doors): (Vec<Door>, Vec<Door>) = doors.into_iter().partition(|door| door.kind == DoorKind::File);
    for door in doors {
        routes = routes.route(door.path, door.handler);
    }
    let console = routes
        .layer(middleware::from_fn_with_state(stoa.clone(), manifests::refuse_beside))
        .route("/pkg/{*file}", get(assets::serve))
        .route("/favicon.svg", get(assets::serve))
        .route("/robots.txt", get(assets::serve))
        .route("/verify-audit.mjs", get(assets::serve))
        .fallback(elsewhere)
        // The first is the outermost.
        .layer(
            ServiceBuilder::new()
                .layer(sessions::layer(&stoa))
                .layer(middleware::from_fn_with_state((stoa.clone(), pages), request::identify))
                .layer(middleware::from_fn_with_state(stoa.clone(), problem::pages))
                .layer(CatchPanicLayer::custom(headers::panicked))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(REQUEST_SECONDS)))
                .layer(CsrfLayer::new())
                .layer(RequestBodyLimitLayer::new(form::BODY_MAX)),
        );
    let machines =
        Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready)).route("/metrics", get(health::figures));
    let inside = console
        .merge(mcp::router(&stoa, &operations))
        .merge(rest::router(&stoa, operations))
        .merge(machines)
        .with_state(stoa.clone())
        .merge(beside)
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(headers::panicked));
    let (files, edge) = (files::router(&stoa, stored), middleware::from_fn_with_state(stoa.clone(), headers::edge));
    let (inside, elsewhere) = match &stoa.config.public_urls.files {
        // An origin of its own serves nothing else, and nothing else serves it.
        Some(origin) => (inside, Some((files::host_of(origin), files.layer(edge.clone())))),
        None => (inside.merge(files), None),
    };
    let inside = inside.layer(edge);
    Router::new().fallback(headers::doorstep).with_state(Doorstep { stoa, open, inside, files: elsewhere })
}

/// What no address of the table matches. The same address without slashes at its end may be one.
async fn elsewhere(Extension(context): Extension<RequestContext>, method: Method) -> Response {
    let (address, query) = context.path.split_once('?').map_or((context.path.as_str(), None), |(address, query)| (address, Some(query)));
    let shorter = address.trim_end_matches('/');
    if !matches!(method, Method::GET | Method::HEAD) || shorter == address || paths::local(shorter) != shorter {
        return StatusCode::NOT_FOUND.into_response();
    }
    let target = query.map_or_else(|| shorter.to_owned(), |query| format!("{shorter}?{query}"));
    Redirect::permanent(&target).into_response()
}
