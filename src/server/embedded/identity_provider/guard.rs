//! Keeps the provider on this machine: it is not there for a request by another name or through a proxy.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, StatusCode};

pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    if is_direct(request.headers()) && is_addressed_to_loopback(&request) {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// As a URL spells the host, so IPv6 in brackets.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "127.0.0.1" || host == "[::1]" || host.eq_ignore_ascii_case("localhost")
}

fn is_direct(headers: &HeaderMap) -> bool {
    !headers.keys().any(|name| {
        let name = name.as_str();
        name == "forwarded" || name == "via" || name.starts_with("x-forwarded-")
    })
}

/// HTTP/1 names the host in its header, HTTP/2 in its target. At least one must, and none another host.
fn is_addressed_to_loopback(request: &Request) -> bool {
    let headers = request.headers().get_all(HOST).into_iter();
    let target = request.uri().authority().map(Authority::as_str);
    let mut hosts = headers.map(|value| value.to_str().unwrap_or_default()).chain(target).peekable();
    hosts.peek().is_some() && hosts.all(names_loopback)
}

fn names_loopback(authority: &str) -> bool {
    let parsed = authority.parse::<Authority>();
    !authority.contains('@') && parsed.is_ok_and(|parsed| is_loopback(parsed.host()))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use axum::{Router, extract::Request};
    use http::StatusCode;
    use tower::ServiceExt as _;

    use super::loopback_only;

    async fn status(headers: &[(&str, &str)]) -> anyhow::Result<StatusCode> {
        let router: Router = Router::new().route("/", get(|| async { "here" })).layer(from_fn(loopback_only));
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = router.oneshot(request.body(Body::empty())?).await?;
        let status = response.status();
        let body = to_bytes(response.into_body(), 1024).await?;
        assert_eq!(body.is_empty(), status == StatusCode::NOT_FOUND);
        Ok(status)
    }

    #[tokio::test]
    async fn loopback_is_answered_under_each_of_its_names() -> anyhow::Result<()> {
        for host in ["127.0.0.1", "127.0.0.1:3000", "localhost:80", "LocalHost", "[::1]:3000", "[::1]"] {
            assert_eq!(status(&[("host", host)]).await?, StatusCode::OK, "{host}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn no_other_host_is_answered() -> anyhow::Result<()> {
        assert_eq!(status(&[]).await?, StatusCode::NOT_FOUND);
        for host in [
            "",
            "stoa.example",
            "localhost.stoa.example",
            "127.0.0.1.nip.io:3000",
            "127.0.0.2",
            "localhost@stoa.example",
            "stoa.example@localhost",
            "0.0.0.0:3000",
        ] {
            assert_eq!(status(&[("host", host)]).await?, StatusCode::NOT_FOUND, "{host}");
        }
        let both = [("host", "localhost"), ("host", "stoa.example")];
        assert_eq!(status(&both).await?, StatusCode::NOT_FOUND);
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_answered_through_a_proxy() -> anyhow::Result<()> {
        for name in ["forwarded", "via", "x-forwarded-for", "X-Forwarded-Host", "x-forwarded-anything"] {
            let headers = [("host", "localhost:3000"), (name, "1")];
            assert_eq!(status(&headers).await?, StatusCode::NOT_FOUND, "{name}");
        }
        Ok(())
    }
}
