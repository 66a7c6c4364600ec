//! Takes a secret everywhere where somebody could take it, and keeps what was answered.

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, header},
};
use serde_json::{Value, json};
use stoa::{app, server::scope::Asks};
use tower::ServiceExt as _;

use crate::support::{Console, Person, Things, browser::encode};

/// An answer, and what was asked.
pub struct Heard {
    pub asked: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Names that pages take in their query and forms in their fields.
const NAMES: [&str; 43] = [
    "q",
    "search",
    "status",
    "state",
    "role",
    "steward",
    "unused_days",
    "actor",
    "action",
    "target",
    "outcome",
    "request",
    "range",
    "format",
    "from",
    "to",
    "after",
    "before",
    "cursor",
    "limit",
    "period",
    "by",
    "measure",
    "module",
    "dimension",
    "credential",
    "day",
    "name",
    "word",
    "reason",
    "phrase",
    "addresses",
    "email",
    "networks",
    "amount",
    "kind",
    "theme",
    "time_zone",
    "scopes",
    "expires_in_days",
    "back",
    "code",
    "other",
];

/// Headers that carry text of the caller's own.
const HEADERS: [&str; 14] = [
    "x-request-id",
    "user-agent",
    "referer",
    "origin",
    "if-match",
    "accept",
    "accept-language",
    "traceparent",
    "tracestate",
    "x-api-key",
    "x-forwarded-for",
    "forwarded",
    "x-forwarded-host",
    "cookie",
];

pub struct Driver {
    router: Router,
    pub heard: Vec<Heard>,
}

/// Ways in which a secret is sent wrongly, and rightly. Each holds most of it.
pub fn spoilt(secret: &str) -> Vec<String> {
    let (middle, last) = (secret.len() - 30, secret.len() - 1);
    let turned = |at: usize| {
        let other = if secret.as_bytes()[at] == b'a' { "b" } else { "a" };
        format!("{}{other}{}", &secret[..at], &secret[at + 1..])
    };
    vec![
        secret.to_owned(),
        turned(middle),
        turned(last),
        secret[..last].to_owned(),
        format!("{secret}x"),
        secret.replacen("_key_", "_mcp_", 1),
        secret.replacen("_live_", "_test_", 1),
        format!("{secret} {secret}"),
        format!("\"{secret}\""),
    ]
}

impl Driver {
    pub fn new(router: Router) -> Self {
        Self { router, heard: Vec::new() }
    }

    pub async fn send(&mut self, method: Method, uri: &str, headers: &[(&str, &str)], body: Vec<u8>) -> &Heard {
        let mut request = Request::builder().method(method.clone()).uri(uri).header(header::HOST, "127.0.0.1:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).unwrap_or_else(|error| panic!("{uri}: {error}"));
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_002))));
        let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        assert!(!parts.status.is_server_error(), "{method} {uri}: {} {}", parts.status, String::from_utf8_lossy(&body));
        self.heard.push(Heard { asked: format!("{method} {uri} → {}", parts.status), headers: parts.headers, body });
        self.heard.last().expect("an answer")
    }

    async fn calls(&mut self, method: &Method, path: &str, authorization: &str, more: &[(&str, &str)], body: &Value) {
        let mut headers = vec![("authorization", authorization), ("content-type", "application/json")];
        headers.extend_from_slice(more);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method.clone(), &format!("/api/v1{path}"), &headers, body).await;
    }

    /// Every operation of the document: with the secret as its key, in its address, in its query, in its headers and in
    /// each field of its body; the others with `other`, a key that may everything.
    pub async fn every_operation(&mut self, console: &Console, things: &Things, secret: &str, other: &str) {
        let document = stoa::server::rest::document(&app::operations(), &console.stoa.config.public_urls.console);
        let proven = format!("Bearer {other}");
        // A report stops the key that it is about: that comes last, by itself.
        for operation in app::operations().into_iter().filter(|operation| operation.asks != Asks::Nothing) {
            let described = &document["paths"][operation.path][operation.method.as_str().to_lowercase()];
            let path = things.address(operation.path);
            let method = &operation.method;
            // Whether it is one is decided before anything else, and the same for all.
            let ways = if operation.id == "me.get" || operation.id == "api_keys.create" { usize::MAX } else { 2 };
            for sent in spoilt(secret).into_iter().take(ways) {
                self.calls(method, &path, &format!("Bearer {sent}"), &[], &json!({})).await;
            }
            for scheme in ["bearer ", "Basic ", ""] {
                self.calls(method, &path, &format!("{scheme}{secret}"), &[], &json!({})).await;
            }
            let named = parameters(operation.path, secret);
            self.calls(method, &named, &proven, &[], &json!({})).await;
            for parameter in described["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query") {
                let query = format!("{path}?{}={}", parameter["name"].as_str().expect("a name"), encode(secret));
                self.calls(method, &query, &proven, &[], &json!({})).await;
            }
            self.calls(method, &format!("{path}?{}={}", encode(secret), encode(secret)), &proven, &[], &json!({})).await;
            self.calls(method, &path, &proven, &HEADERS.map(|name| (name, secret)), &json!({})).await;
            self.calls(method, &path, &proven, &[("idempotency-key", secret)], &json!({})).await;
            let is_record = operation.gate.module.is_some();
            self.bodies(&document, described, (method, &path), is_record, secret, &proven).await;
        }
    }

    async fn bodies(
        &mut self,
        document: &Value,
        described: &Value,
        (method, path): (&Method, &str),
        is_record: bool,
        secret: &str,
        proven: &str,
    ) {
        let schema = &described["requestBody"]["content"]["application/json"]["schema"];
        let fields = fields_of(document, schema);
        for (field, known) in &fields {
            // What a record holds is its user's, and is tried by itself.
            let is_text = known["type"] == "string" || known["type"][0] == "string";
            if is_record && field != "idempotency_key" && (is_text || field == "custom_fields") {
                continue;
            }
            let mut body = json!({});
            for (required, known) in &fields {
                body[required] = sample(known);
            }
            for wrong in [json!(secret), json!([secret]), json!({ secret: secret }), json!(format!("Bearer {secret}"))] {
                body[field] = wrong;
                self.calls(method, path, proven, &[], &body).await;
            }
        }
        for body in [json!({ secret: secret }), json!({ "idempotency_key": secret }), json!([secret])] {
            self.calls(method, path, proven, &[], &body).await;
        }
        if !is_record {
            self.calls(method, path, proven, &[], &json!({ "custom_fields": { secret: 1 } })).await;
        }
        let headers = [("authorization", proven), ("content-type", "application/json")];
        self.send(method.clone(), &format!("/api/v1{path}"), &headers, format!("{{\"name\": {secret}").into_bytes()).await;
    }

    /// Every page, form and file of the console: with the secret in its address, its query, its fields and its headers, by
    /// somebody signed in and by nobody.
    pub async fn every_door(&mut self, console: &Console, person: &Person, things: &Things, secret: &str) {
        for door in app::doors() {
            // Its own browser each time: some doors sign out.
            let cookie = format!("stoa_session={}", console.new_session(person.user, &person.name).await);
            let path = things.address(door.path);
            let place = path.split('/').nth(2).unwrap_or_default().to_owned();
            let place = if path.starts_with("/w/") || path.starts_with("/t/") { place } else { person.user.to_string() };
            if door.method == Method::GET {
                let query = NAMES.map(|name| format!("{name}={}", encode(secret))).join("&");
                for cookies in [&[("cookie", cookie.as_str())][..], &[]] {
                    self.send(Method::GET, &format!("{path}?{query}"), cookies, Vec::new()).await;
                    self.send(Method::GET, &format!("{path}?{}", encode(secret)), cookies, Vec::new()).await;
                    self.send(Method::GET, &parameters(door.path, secret), cookies, Vec::new()).await;
                    self.send(Method::GET, &format!("{path}/{secret}/?x={secret}"), cookies, Vec::new()).await;
                }
                let mut headers = vec![("cookie", cookie.as_str())];
                headers.extend(HEADERS.into_iter().filter(|name| *name != "cookie").map(|name| (name, secret)));
                self.send(Method::GET, &path, &headers, Vec::new()).await;
                continue;
            }
            for cookies in [Some(&cookie), None] {
                let mut headers = vec![("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
                headers.extend(cookies.map(|cookie| ("cookie", cookie.as_str())));
                for also in [secret.to_owned(), format!("key: {secret}")] {
                    let fields = NAMES.map(|name| format!("{name}={}", encode(&also))).join("&");
                    let body = format!("form={}&place={place}&version=1&{}&{fields}", console.form_key(), fixed(door.path, person));
                    self.send(Method::POST, &path, &headers, body.into_bytes()).await;
                }
                self.send(Method::POST, &path, &headers, format!("form={0}&place={0}&{0}={0}", encode(secret)).into_bytes()).await;
            }
        }
    }
}

/// What is right in a form beside the secret, so that it comes as far as being carried out.
fn fixed(path: &str, person: &Person) -> String {
    match path {
        "/w/{workspace}/api-keys/new" => format!("steward={}&scopes=members:read&expires_in_days=90", person.user),
        "/w/{workspace}/settings/support-access" => "lasting=24".to_owned(),
        _ => String::new(),
    }
}

/// A path with every parameter replaced.
fn parameters(path: &str, by: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { by } else { part }).collect::<Vec<_>>().join("/")
}

fn fields_of(document: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &document["components"]["schemas"][name.rsplit('/').next().expect("a name")],
        None => schema,
    };
    schema["properties"].as_object().into_iter().flatten().map(|(name, known)| (name.clone(), known.clone())).collect()
}

/// Something that the field takes.
fn sample(known: &Value) -> Value {
    match known["type"].as_str().or_else(|| known["type"][0].as_str()) {
        Some("array") => json!([]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("object") => json!({}),
        _ => json!("Robot"),
    }
}
