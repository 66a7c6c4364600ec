//! What surrounds every answer: headers, errors, limits, machines' questions.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, StatusCode, header},
};

use crate::support::{Console, logs};

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let mut nonces = std::collections::BTreeSet::new();
    for path in ["/sign-in", "/profile", "/nowhere", "/signed-out", "/healthz"] {
        let answer = ada.browser.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains("http"), "{path}: {policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        assert_eq!(
            nonce.is_some(),
            answer.header("content-type").starts_with("text/html"),
            "{path}: pages alone have scripts of their own"
        );
        assert!(nonce.is_none_or(|nonce| nonces.insert(nonce.to_owned())), "{path}: a nonce was used twice");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "plain http says nothing about https");
        if answer.header("content-type").starts_with("text/html") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            for script in answer.body.split("<script").skip(1) {
                assert!(
                    script.split('>').next().is_some_and(|tag| nonce.is_some_and(|nonce| tag.contains(nonce))),
                    "{path}: a script without the nonce"
                );
            }
            assert_eq!(answer.count("[style], style, [onclick]"), 0, "{path}");
        }
    }
}

#[tokio::test]
async fn behind_https_the_cookies_are_bound_to_the_host() {
    let console = Console::start_with(&[("STOA_PUBLIC_URLS__CONSOLE", "https://console.example.com")]).await;
    let ada = console.signed_in_as("Ada").await;
    let session = ada.browser.cookie("stoa_session").expect("a session");
    ada.browser.set_cookie("__Host-stoa_session", &session);
    let answer = ada.browser.post("/theme", &[("theme", "dark"), ("back", "/profile")]).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("Secure") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").contains("max-age="));
    let out = ada.browser.post("/sign-out", &[]).await;
    let removal = out
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .find(|line| line.starts_with("__Host-stoa_session=;") && line.contains("Secure"));
    assert!(removal.is_some_and(|line| line.contains("Max-Age=0")), "a removal that browsers heed: {:?}", out.headers);
}

#[tokio::test]
async fn what_is_asked_by_its_head_alone_is_not_said_to_be_empty() {
    let console = Console::start().await;
    let browser = console.a_stranger();
    for encoding in ["br", "identity"] {
        let request =
            browser.request(Method::HEAD, "/sign-in").header(header::ACCEPT_ENCODING, encoding).body(Body::empty()).expect("a request");
        let answer = browser.send(request).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{encoding}");
        assert_ne!(answer.header("content-length"), "0", "{encoding}");
    }
}

#[tokio::test]
async fn request_ids_are_the_servers_own() {
    let console = Console::start().await;
    let browser = console.a_stranger();
    let request = browser.request(Method::GET, "/sign-in").header("x-request-id", "mine").body(Body::empty()).expect("a request");
    let answer = browser.send(request).await;
    assert_ne!(answer.header("x-request-id"), "mine");
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = format!("/w/{}/settings/name", team.slug);
    let key = console.form_key();
    let body = format!("form={key}&place={}&version=1&name=Forged", team.slug);
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("sec-fetch-site", "same-site"), ("origin", "null")]
    {
        let request = team
            .owner
            .browser
            .request(Method::POST, &path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(body.clone()))
            .expect("a request");
        let answer = team.owner.browser.send(request).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(answer.text().contains("another site"), "{}", answer.text());
    }
    assert_eq!(console.database.count("select count(*) from workspace where name = 'Forged'").await, 0);
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_said_so() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let request = ada.browser.request(Method::PUT, "/profile").body(Body::empty()).expect("a request");
    let answer = ada.browser.send(request).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET"));
    assert!(answer.text().contains("does not take that method"));
}

#[tokio::test]
async fn when_the_database_is_gone_people_are_told_and_nothing_leaks() {
    logs::capture();
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    console.stoa.db.close().await;
    let answer = ada.browser.get("/profile").await;
    assert_eq!(answer.status, 503);
    let request = answer.header("x-request-id").to_owned();
    assert!(answer.text().contains(&request), "{}", answer.text());
    for inside in ["sqlx", "pool", "postgres", "src/"] {
        assert!(!answer.body.to_lowercase().contains(inside), "{inside} leaks: {}", answer.text());
    }
    assert!(!logs::lines_with(&[&request, "database failed"]).is_empty());
    assert_eq!(ada.browser.get("/readyz").await.status, 503);
    assert_eq!(ada.browser.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn logs_say_the_route_and_never_the_path() {
    logs::capture();
    let console = Console::start().await;
    let team = console.team("Quietly").await;
    let answer = team.owner.browser.get(&format!("/w/{}/settings?token=secret-in-query", team.slug)).await;
    let request = answer.header("x-request-id").to_owned();
    let lines = logs::lines_with(&[&request, "answered"]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("/w/{workspace}/settings"), "{}", lines[0]);
    for secret in [team.slug.as_str(), "secret-in-query", &team.owner.browser.cookie("stoa_session").expect("a session")] {
        assert_eq!(logs::lines_with(&[&request, secret]), Vec::<String>::new(), "{secret} is in the log");
    }
}

#[tokio::test]
async fn figures_are_for_this_machine_or_for_the_token() {
    let console = Console::start_with(&[("STOA_OPERATIONS__METRICS_TOKEN", "scrape-me")]).await;
    let browser = console.a_stranger();
    let here: SocketAddr = ([127, 0, 0, 1], 40_000).into();
    let elsewhere: SocketAddr = ([203, 0, 113, 7], 40_000).into();
    for (peer, headers, status) in [
        (here, vec![], 200),
        (elsewhere, vec![], 404),
        (here, vec![("x-forwarded-for", "203.0.113.7")], 404),
        (here, vec![("via", "1.1 proxy")], 404),
        (elsewhere, vec![("authorization", "Bearer scrape-me")], 200),
        (here, vec![("x-forwarded-for", "203.0.113.7"), ("authorization", "Bearer scrape-me")], 200),
        (elsewhere, vec![("authorization", "Bearer scrape-you")], 404),
        (elsewhere, vec![("authorization", "Bearer ")], 404),
        (elsewhere, vec![("authorization", "Basic scrape-me")], 404),
    ] {
        let mut request = browser.request(Method::GET, "/metrics").extension(ConnectInfo(peer));
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, status, "{peer} with {headers:?}");
    }
}

#[tokio::test]
async fn a_migrated_database_is_ready_and_another_is_not() {
    let console = Console::start().await;
    let browser = console.a_stranger();
    let ready = browser.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.body.as_str()), (200, "ready\n"));
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::raw_sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&mut owner)
        .await
        .expect("one migration less");
    let behind = browser.get("/readyz").await;
    assert_eq!(behind.status, 503);
    assert!(behind.body.contains("stoa migrate"), "{}", behind.body);
}

#[tokio::test]
async fn our_own_script_is_cached_for_good() {
    let console = Console::start().await;
    let path = console.stoa.files.assets().script.clone();
    let answer = console.a_stranger().get(&path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(console.a_stranger().get("/pkg/../../etc/passwd").await.status, 404);
    assert_eq!(console.a_stranger().get("/pkg/none.js").await.status, 404);
}
