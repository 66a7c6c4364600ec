//! Where files come and go: beside the console and its layers. No cookie is read here, nothing is compressed, and bytes take
//! their time. Where files have an origin of their own, this is all that it serves.

use std::time::Duration;

use axum::{Router, extract::Request, middleware};
use http::{HeaderName, Method, StatusCode, header, uri::Authority};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};
use url::Url;

use super::{Door, headers, request};
use crate::server::{Stoa, manifests, rest};

pub fn router(stoa: &Stoa, doors: Vec<Door>) -> Router {
    let mut routes: Router<Stoa> = Router::new();
    for door in doors {
        routes = routes.route(door.path, door.handler);
    }
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(stoa.clone(), request::identify_call))
        .layer(middleware::from_fn_with_state(stoa.clone(), rest::answers))
        .layer(cors())
        .layer(CatchPanicLayer::custom(headers::panicked));
    let routes = routes.layer(middleware::from_fn_with_state(stoa.clone(), manifests::refuse_beside));
    let routes = match stoa.config.public_urls.files {
        Some(_) => routes.fallback(|| std::future::ready(StatusCode::NOT_FOUND)),
        None => routes,
    };
    routes.layer(layers).with_state(stoa.clone())
}

/// Any page may send and fetch with an address of its own; none can use a cookie here.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::CONTENT_LENGTH,
            HeaderName::from_static("repr-digest"),
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(Duration::from_hours(1))
}

/// Host and port as requests name them: without the port that the scheme has anyway.
pub fn host_of(origin: &Url) -> String {
    let host = origin.host_str().unwrap_or_default();
    origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the request was sent to that host.
pub fn is_for(request: &Request, host: &str) -> bool {
    // HTTP/2 says it in the address, HTTP/1.1 in a header.
    let named = request.uri().authority().map(Authority::as_str);
    let named = named.or_else(|| request.headers().get(header::HOST)?.to_str().ok());
    named.is_some_and(|named| named.strip_suffix(":443").unwrap_or(named).eq_ignore_ascii_case(host.trim_end_matches(":443")))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_host_is_known_however_it_is_named() {
        let is_for = |uri: &str, named: Option<&str>, origin: &str| {
            let mut request = Request::builder().uri(uri);
            if let Some(named) = named {
                request = request.header(header::HOST, named);
            }
            let origin: Url = origin.parse().expect("an origin");
            super::is_for(&request.body(Body::empty()).expect("a request"), &host_of(&origin))
        };
        assert!(is_for("/files", Some("files.example.com"), "https://files.example.com"));
        assert!(is_for("/files", Some("Files.Example.com:443"), "https://files.example.com"));
        assert!(is_for("https://files.example.com/files", None, "https://files.example.com"));
        assert!(is_for("/files", Some("127.0.0.1:3001"), "http://127.0.0.1:3001"));
        for other in [Some("console.example.com"), Some("files.example.com.evil.example"), Some("files.example.com:8443"), None] {
            assert!(!is_for("/files", other, "https://files.example.com"), "{other:?}");
        }
    }
}
