//! The edge: what every answer carries, whatever happened inside.

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    time::Instant,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use metrics::Label;
use tower::ServiceExt as _;
use tracing::{Instrument as _, Span};

use super::{
    files,
    request::{self, Minted},
};
use crate::server::{Stoa, rest};

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

/// Middleware, outermost of what has a route: mints the request's id, opens its span, counts it, and sets the headers.
pub async fn edge(State(stoa): State<Stoa>, mut request: Request, next: Next) -> Response {
    let seen = Seen::of(&stoa, &request, request::route(&request));
    request.extensions_mut().insert(seen.minted.clone());
    let response = next.run(request).instrument(seen.span.clone()).await;
    seen.answered(&stoa, response)
}

/// What stands in front of all routes.
#[derive(Clone)]
pub struct Doorstep {
    pub stoa: Stoa,
    /// What asks for no key.
    pub open: Arc<[&'static str]>,
    /// Everything else.
    pub inside: Router,
    /// The origin of files where they have one of their own: its host, and all that it serves.
    pub files: Option<(String, Router)>,
}

/// What is refused here costs no more than its answer.
pub async fn doorstep(State(Doorstep { stoa, open, inside, files }): State<Doorstep>, request: Request) -> Response {
    let inside = match files {
        Some((host, files)) if files::is_for(&request, &host) => return answered_by(files, request).await,
        _ => inside,
    };
    if rest::is_misread(&request, &open) {
        let seen = Seen::of(&stoa, &request, rest::MISREAD_ROUTE.to_owned());
        let response = rest::refuse_misread(&stoa, seen.minted.id);
        return seen.answered(&stoa, response);
    }
    let is_head = *request.method() == Method::HEAD;
    let response = answered_by(inside, request).await;
    if is_head && !response.headers().contains_key(header::CONTENT_LENGTH) { response.map(|_| of_no_known_length()) } else { response }
}

async fn answered_by(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// For an answer to HEAD whose length nobody knows: an empty body would say that it is none (RFC 9110 §8.6).
fn of_no_known_length() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, Infallible>>())
}

/// A request from its first moment to its answer.
struct Seen {
    minted: Minted,
    started: Instant,
    method: &'static str,
    /// The template and never the path: paths hold slugs, and elsewhere tokens.
    route: String,
    span: Span,
}

impl Seen {
    fn of(stoa: &Stoa, request: &Request, route: String) -> Self {
        let (minted, method) = (Minted::new(&stoa.clock), known_method(request.method()));
        let span = tracing::info_span!("request", id = %minted.id, method, route);
        Self { minted, started: Instant::now(), method, route, span }
    }

    fn answered(self, stoa: &Stoa, mut response: Response) -> Response {
        let seconds = self.started.elapsed().as_secs_f64();
        let status = response.status();
        self.span.in_scope(|| {
            tracing::info!(status = status.as_u16(), milliseconds = (seconds * 1000.0).round(), "answered");
        });
        let labels =
            vec![Label::new("method", self.method), Label::new("route", self.route), Label::new("status", status.as_str().to_owned())];
        metrics::counter!("stoa_http_requests_total", labels.clone()).increment(1);
        metrics::histogram!("stoa_http_request_seconds", labels).record(seconds);
        protect(stoa, &self.minted, &mut response);
        response
    }
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
        && let Some(policy) = policy_of(minted, is_https)
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

/// What is no page has no script of its own, and says the same each time.
fn policy_of(minted: &Minted, is_https: bool) -> Option<HeaderValue> {
    static WITHOUT_NONCE: LazyLock<[Option<HeaderValue>; 2]> =
        LazyLock::new(|| [false, true].map(|is_https| HeaderValue::from_str(&policy("", is_https)).ok()));
    match minted.nonce.if_made() {
        Some(nonce) => HeaderValue::from_str(&policy(&format!("'nonce-{nonce}' "), is_https)).ok(),
        None => WITHOUT_NONCE[usize::from(is_https)].clone(),
    }
}

/// No foreign origin, no inline style, scripts by nonce or from here. `wasm-unsafe-eval` lets islands compile, and
/// nothing else. Sign-in and sign-out leave by a GET, so that forms need no foreign target.
fn policy(nonce: &str, is_https: bool) -> String {
    let upgrade = if is_https { "; upgrade-insecure-requests" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' {nonce}'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
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
