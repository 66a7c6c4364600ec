//! A signed address opens what it was signed for, and nothing else.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use serde_json::json;

use super::{Desk, TEXT, fetch, put, send};
use crate::records::data;

/// The address with one part of its query said otherwise.
fn changed(url: &str, name: &str, value: &str) -> String {
    let mut url: url::Url = url.parse().expect("an address");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(known, _)| known == name), "{name} is not in {url}");
    url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(known, old)| (known, if known == name { value } else { old })));
    url.into()
}

#[tokio::test]
async fn an_address_that_was_changed_opens_nothing() {
    let desk = Desk::open(&[]).await;
    let zenith = desk.console.team("Zenith").await;
    let (id, up) = desk.announced(TEXT).await;
    let other = desk.announced(TEXT).await;
    let theirs = up.replace(&desk.team.workspace.to_string(), &zenith.workspace.to_string());
    let long = [TEXT, TEXT].concat();
    for (tampered, bytes) in [
        (changed(&up, "length", &long.len().to_string()), &*long),
        (changed(&up, "type", "text/html"), TEXT),
        (changed(&up, "expires", "99999999999"), TEXT),
        (changed(&up, "signature", "AAAA"), TEXT),
        (changed(&up, "signature", &"A".repeat(43)), TEXT),
        (up.replace(&id, &other.0), TEXT),
        (theirs.clone(), TEXT),
        (theirs.replace(&desk.team.tenant.to_string(), &zenith.tenant.to_string()), TEXT),
        (up.replace(&id, "rec_nobody"), TEXT),
        (up.split('?').next().expect("a path").to_owned(), TEXT),
        (format!("{up}&length=1"), TEXT),
    ] {
        let refused = put(desk.router(), &tampered, bytes).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{tampered}: {}", refused.says());
    }
    assert_eq!((desk.objects().await, desk.files()), (0, 0));
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
    data(&desk.complete(&id, &json!({})).await);
    let down = desk.address(&id).await;
    for tampered in [changed(&down, "expires", "99999999999"), down.replace(&id, &other.0), up.clone(), down.replace("signature", "sig")] {
        assert_eq!(fetch(desk.router(), &tampered).await.status, StatusCode::UNAUTHORIZED, "{tampered}");
    }
    assert_eq!(put(desk.router(), &down, TEXT).await.status, StatusCode::UNAUTHORIZED, "what fetches does not send");
    for method in [Method::POST, Method::DELETE, Method::PATCH] {
        let refused = send(desk.router(), method, &down, &[], Body::empty()).await;
        assert_eq!((refused.status, refused.header("content-type")), (StatusCode::METHOD_NOT_ALLOWED, "application/json"));
    }
    assert_eq!(fetch(desk.router(), &down).await.bytes, TEXT);
}

#[tokio::test]
async fn an_address_is_good_for_five_minutes() {
    let desk = Desk::open(&[]).await;
    let (id, up) = desk.announced(TEXT).await;
    let ready = desk.ready(TEXT).await;
    let down = desk.address(&ready).await;
    desk.console.hands.advance(TimeDelta::seconds(299));
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
    assert_eq!(fetch(desk.router(), &down).await.status, StatusCode::OK);
    desk.console.hands.advance(TimeDelta::seconds(1));
    for late in [put(desk.router(), &up, TEXT).await, fetch(desk.router(), &down).await] {
        assert_eq!(late.status, StatusCode::UNAUTHORIZED);
        assert!(late.says().contains("expired"), "{}", late.says());
    }
    data(&desk.complete(&id, &json!({})).await);
}

#[tokio::test]
async fn a_page_elsewhere_may_use_an_address_and_no_cookie_counts() {
    let desk = Desk::open(&[]).await;
    let (_, up) = desk.announced(TEXT).await;
    let asked = [
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type"),
    ];
    let preflight = send(desk.router(), Method::OPTIONS, &up, &asked, Body::empty()).await;
    assert_eq!(preflight.status, StatusCode::OK);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    assert!(preflight.header("access-control-allow-methods").contains("PUT"));
    let id = desk.ready(TEXT).await;
    let bare = desk.address(&id).await;
    let bare = bare.split('?').next().expect("a path");
    let path = &bare[bare.find("/files").expect("a path")..];
    let signed_in = desk.team.owner.browser.get(path).await;
    assert_eq!(signed_in.status, StatusCode::UNAUTHORIZED, "a session opens no file");
}

#[tokio::test]
async fn an_origin_of_its_own_serves_files_and_nothing_else() {
    let desk = Desk::open(&[("STOA_PUBLIC_URLS__FILES", "http://files.localhost:3001")]).await;
    let id = desk.ready(TEXT).await;
    let down = desk.address(&id).await;
    assert!(down.starts_with("http://files.localhost:3001/files/"), "{down}");
    let file = fetch(desk.router(), &down).await;
    assert_eq!((file.status, &*file.bytes), (StatusCode::OK, TEXT));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    for path in ["/", "/sign-in", "/healthz", "/metrics", "/robots.txt", "/api/v1/openapi.json", "/files/"] {
        let nothing = fetch(desk.router(), &format!("http://files.localhost:3001{path}")).await;
        assert_eq!((nothing.status, nothing.code().as_str()), (StatusCode::NOT_FOUND, "resource_not_found"), "{path}");
    }
    let at_the_console = down.replace("files.localhost:3001", "127.0.0.1:3000");
    assert_eq!(fetch(desk.router(), &at_the_console).await.status, StatusCode::NOT_FOUND);
}
