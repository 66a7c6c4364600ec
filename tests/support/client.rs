//! An application with an API key: it speaks JSON and keeps no cookies.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use serde_json::Value;
use stoa::{
    access::workspace::ManageCredentials,
    features::api_keys::server::{self as api_keys, NewKey},
    ids::ApiKeyId,
    server::{
        credentials::Kind,
        http::request::RequestContext,
        modules,
        scope::{Intent, WorkspaceScope},
    },
};
use tower::ServiceExt as _;

use super::{Console, Person};

pub struct Client {
    router: Router,
    pub key: ApiKeyId,
    pub secret: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

impl Client {
    pub fn with(router: Router, secret: &str) -> Self {
        Self { router, key: ApiKeyId(uuid::Uuid::nil()), secret: secret.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).expect("a request");
        let peer: SocketAddr = ([127, 0, 0, 1], 40_001).into();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes);
        // A file is the text that it is.
        let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        let body = if is_json { serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("not JSON: {text}")) } else { text.into() };
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl Console {
    /// A key with these scopes, made by `person` in the workspace `slug`.
    pub async fn client(&self, person: &Person, slug: &str, scopes: &[&str]) -> Client {
        self.client_with(Kind::Key, person, slug, scopes).await
    }

    /// The same of a token for agents.
    pub async fn agent(&self, person: &Person, slug: &str, scopes: &[&str]) -> Client {
        self.client_with(Kind::Mcp, person, slug, scopes).await
    }

    async fn client_with(&self, kind: Kind, person: &Person, slug: &str, scopes: &[&str]) -> Client {
        self.let_run(slug, scopes).await;
        let mut scope = self.managing_credentials(person, slug).await;
        let new = NewKey {
            kind,
            name: "Test".to_owned(),
            steward: None,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            days: None,
        };
        let created = api_keys::create(&mut scope, &new, None).await.expect("a key");
        scope.commit().await.expect("committed");
        Client { router: self.router.clone(), key: created.key.id, secret: created.secret.reveal() }
    }

    /// Entitles to and switches on, behind everyone's back, the modules of these scopes that do not run by themselves.
    pub async fn let_run(&self, slug: &str, scopes: &[&str]) {
        for module in scopes.iter().filter_map(|scope| modules::of_scope(scope)).filter(|module| !module.manifest.default_on) {
            let sql = "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at)
                       select tenant_id, workspace_id, $1, true, $2 from workspace where slug = $3
                       on conflict do nothing";
            let allowed = "insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
                           select tenant_id, gen_random_uuid(), 'module:' || $1, 1, 'A test.', $2, $2 from workspace where slug = $3";
            let mut owner = self.database.connect("stoa_owner").await;
            let entitled = sqlx::query(allowed).bind(module.key()).bind(self.stoa.clock.now()).bind(slug).execute(&mut owner).await;
            entitled.expect("entitled");
            let switched = sqlx::query(sql).bind(module.key()).bind(self.stoa.clock.now()).bind(slug).execute(&mut owner).await;
            switched.expect("switched on");
        }
    }

    pub async fn managing_credentials(&self, person: &Person, slug: &str) -> WorkspaceScope<ManageCredentials> {
        let mut request = RequestContext::internal(&self.stoa.clock, "console", "test");
        let id = person.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
        request.session = Some(stoa::server::sessions::hash(id));
        WorkspaceScope::open(&self.stoa, &request, Some(slug), Intent::Write, false).await.expect("a scope")
    }
}
