//! The API's routes, inside the layers that every call passes.

use std::time::Duration;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
    timeout::TimeoutLayer,
};

use super::{
    BASE, Operation,
    answer::{self, IDEMPOTENCY_REPLAYED},
    document, errors,
};
use crate::server::{
    Stoa,
    http::{panicked, request, request::RequestContext},
    manifests,
};

const CALL_SECONDS: u64 = 30;
/// Under [`BASE`]: the description of all operations, which anybody may read.
pub const DOCUMENT: &str = "/openapi.json";

/// Where that document is.
pub fn openapi_path() -> String {
    format!("{BASE}{DOCUMENT}")
}

/// Every operation, and the document that describes them.
pub fn router(stoa: &Stoa, operations: Vec<Operation>) -> Router<Stoa> {
    // Written once: it is the same for everybody.
    let document = answer::written(&document(&operations, &stoa.config.public_urls.console));
    let mut routes: Router<Stoa> = Router::new();
    for operation in operations {
        routes = routes.route(operation.path, operation.handler);
    }
    let routes = routes
        .route(DOCUMENT, get(move || std::future::ready(answer::json_written(StatusCode::OK, document.clone()))))
        .layer(middleware::from_fn_with_state(stoa.clone(), manifests::refuse_beside))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(stoa.clone(), request::identify_call))
                .layer(middleware::from_fn_with_state(stoa.clone(), answers))
                .layer(cors())
                .layer(CatchPanicLayer::custom(panicked))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(CALL_SECONDS))),
        );
    Router::new().nest(BASE, routes)
}

/// Any page may call with a key of its own; none can use a cookie here.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, HeaderName::from_static("idempotency-key")])
        .expose_headers(exposed())
        .max_age(Duration::from_hours(1))
}

/// What programs in other origins' pages may read of an answer's head.
pub fn exposed() -> Vec<HeaderName> {
    [header::ETAG, HeaderName::from_static("x-request-id"), IDEMPOTENCY_REPLAYED.clone(), header::RETRY_AFTER]
        .into_iter()
        .chain(super::gate::RATE_HEADERS.map(HeaderName::from_static))
        .collect()
}

/// Middleware: gives every bare error its envelope.
pub async fn answers(State(stoa): State<Stoa>, request: Request, next: Next) -> Response {
    let Some(id) = request.extensions().get().map(|context: &RequestContext| context.id) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = next.run(request).await;
    let status = response.status();
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == HeaderValue::from_static("application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut enveloped = errors::bare(&stoa, id, status);
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers_mut().remove(&name) {
            enveloped.headers_mut().insert(name, value);
        }
    }
    enveloped
}
