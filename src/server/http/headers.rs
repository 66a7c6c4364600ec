//! The edge: what every answer carries, whatever happened inside.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use metrics::Label;
use tracing::Instrument as _;

use super::request::{self, Minted};
use crate::server::Stoa;

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The same for every answer.
static FIXED: [(HeaderName, HeaderValue); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Middleware, outermost: mints the request's id and nonce, opens its span, counts it, and sets the headers.
pub async fn edge(State(stoa): State<Stoa>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let minted = Minted::new(&stoa.clock);
    let route = request::route(&request);
    let method = known_method(request.method());
    request.extensions_mut().insert(minted.clone());
    // The template and never the path: paths hold slugs, and elsewhere tokens.
    let span = tracing::info_span!("request", id = %minted.id, method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let seconds = started.elapsed().as_secs_f64();
    let status = response.status();
    span.in_scope(|| {
        tracing::info!(status = status.as_u16(), milliseconds = (seconds * 1000.0).round(), "answered");
    });
    let labels = vec![Label::new("method", method), Label::new("route", route), Label::new("status", status.as_str().to_owned())];
    metrics::counter!("stoa_http_requests_total", labels.clone()).increment(1);
    metrics::histogram!("stoa_http_request_seconds", labels).record(seconds);
    protect(&stoa, &minted, &mut response);
    response
}

/// A method by its name, and every made-up one by the same: names become labels, and labels are kept.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn protect(stoa: &Stoa, minted: &Minted, response: &mut Response) {
    let is_https = stoa.config.public_urls.is_https();
    let headers = response.headers_mut();
    headers.reserve(FIXED.len() + 3);
    if let Ok(id) = HeaderValue::from_str(&minted.id.to_string()) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    // A part that sets its own policy (a stored file, say) keeps it.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::from_str(&policy(&minted.nonce, is_https))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in &FIXED {
        headers.insert(name, value.clone());
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
}

/// No foreign origin, no inline style, scripts by nonce or from here. `wasm-unsafe-eval` lets islands compile, and
/// nothing else. Sign-in and sign-out leave by a GET, so that forms need no foreign target.
fn policy(nonce: &str, is_https: bool) -> String {
    let upgrade = if is_https { "; upgrade-insecure-requests" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'{upgrade}"
    )
}

/// What a panic leaves: a bare 500, which becomes a page further out. The panic itself is in the log.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer wants")]
pub fn panicked(cause: Box<dyn std::any::Any + Send>) -> http::Response<axum::body::Body> {
    let says =
        cause.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = says, "a handler panicked");
    let mut response = http::Response::new(axum::body::Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
