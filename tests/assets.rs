//! Files: announced, sent, completed and fetched, over HTTP and with a real folder.

mod addresses;
mod keeping;
mod leaving;
mod s3;
mod stopping;

use std::{net::SocketAddr, path::PathBuf};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use futures_util::stream;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::{
    records::{data, patch, refused},
    support::{Client, Console, Reply, Team},
};

pub const SCOPES: [&str; 2] = ["assets:read", "assets:write"];
pub const TEXT: &[u8] = b"What is in the file.\n";

/// What the door of a file answered.
pub struct Fetched {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Fetched {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn says(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A request to an address as the API gave it, by somebody without key or cookie.
pub async fn send(router: &Router, method: Method, url: &str, headers: &[(&str, &str)], body: Body) -> Fetched {
    let url: url::Url = url.parse().expect("an address");
    let host = format!("{}:{}", url.host_str().expect("a host"), url.port_or_known_default().expect("a port"));
    let mut request = Request::builder().method(method).uri(&url[url::Position::BeforePath..]).header(header::HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(body).expect("a request");
    let peer: SocketAddr = ([127, 0, 0, 1], 40_002).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    Fetched { status: parts.status, headers: parts.headers, bytes }
}

pub async fn put(router: &Router, url: &str, bytes: &[u8]) -> Fetched {
    let length = bytes.len().to_string();
    let headers = [("content-type", "text/plain"), ("content-length", &*length)];
    send(router, Method::PUT, url, &headers, Body::from(bytes.to_vec())).await
}

pub async fn fetch(router: &Router, url: &str) -> Fetched {
    send(router, Method::GET, url, &[], Body::empty()).await
}

/// A body whose length nobody says.
pub fn in_pieces(bytes: &[u8], piece: usize) -> Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> = bytes.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(stream::iter(pieces))
}

/// A console with a folder of its own, and somebody with a key to its assets.
pub struct Desk {
    pub console: Console,
    pub team: Team,
    pub client: Client,
    folder: PathBuf,
}

impl Desk {
    pub async fn open(extra: &[(&str, &str)]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::from_u128(rand()).to_string());
        std::fs::create_dir_all(&folder).expect("a folder");
        let settings = [&[("STOA_ASSETS__DIRECTORY", folder.to_str().expect("text"))], extra].concat();
        let console = Console::start_with(&settings).await;
        let team = console.team("Acme").await;
        let client = console.client(&team.admin, &team.slug, &SCOPES).await;
        Self { console, team, client, folder }
    }

    pub fn router(&self) -> &Router {
        &self.console.router
    }

    pub async fn announce(&self, bytes: &[u8]) -> Reply {
        let body = json!({ "file_name": "note.txt", "content_type": "text/plain", "size_bytes": bytes.len() });
        self.client.post("/assets", &body).await
    }

    /// The id of an asset that was announced, and where its file goes.
    pub async fn announced(&self, bytes: &[u8]) -> (String, String) {
        let made = self.announce(bytes).await;
        let asset = data(&made);
        (asset["id"].as_str().expect("an id").to_owned(), asset["upload"]["url"].as_str().expect("an address").to_owned())
    }

    pub async fn complete(&self, id: &str, body: &Value) -> Reply {
        self.client.post(&format!("/assets/{id}/complete"), body).await
    }

    /// The id of an asset whose file is there.
    pub async fn ready(&self, bytes: &[u8]) -> String {
        let (id, url) = self.announced(bytes).await;
        let sent = put(self.router(), &url, bytes).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.says());
        data(&self.complete(&id, &json!({})).await);
        id
    }

    pub async fn address(&self, id: &str) -> String {
        data(&self.client.get(&format!("/assets/{id}/download")).await)["url"].as_str().expect("an address").to_owned()
    }

    /// How many files lie in the folder, also those that are half there.
    pub fn files(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.folder)
    }

    pub async fn objects(&self) -> i64 {
        self.console.database.count("select count(*) from asset_object").await
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Folders of two tests are never the same.
fn rand() -> u128 {
    stoa::server::chance::uuid(stoa::server::clock::Clock::system().now()).as_u128()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn a_file_goes_up_and_comes_back() {
    let desk = Desk::open(&[]).await;
    let body = json!({ "file_name": "note.txt", "content_type": "text/plain", "size_bytes": TEXT.len(), "custom_fields": { "order": 7 } });
    let made = desk.client.post("/assets", &body).await;
    assert_eq!((made.status, made.header("etag")), (StatusCode::CREATED, "\"1\""), "{}", made.body);
    let asset = data(&made);
    assert_eq!((&asset["status"], &asset["sha256"], &asset["custom_fields"]), (&json!("uploading"), &Value::Null, &json!({ "order": 7 })));
    let upload = &asset["upload"];
    assert_eq!((&upload["method"], &upload["expires_at"]), (&json!("PUT"), &json!("2026-11-21T12:05:00.000Z")));
    assert_eq!(upload["headers"], json!({ "Content-Type": "text/plain", "Content-Length": "21" }));
    let (id, url) = (asset["id"].as_str().expect("an id"), upload["url"].as_str().expect("an address"));

    let sent = put(desk.router(), url, TEXT).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.says());
    assert!(sent.says().contains(&sha256(TEXT)));
    assert_eq!(desk.client.get(&format!("/assets/{id}/download")).await.code(), "conflict", "it is not completed");

    let completed = desk.complete(id, &json!({ "sha256": sha256(TEXT) })).await;
    assert_eq!((&data(&completed)["status"], &data(&completed)["sha256"]), (&json!("ready"), &json!(sha256(TEXT))));
    assert_eq!(completed.header("etag"), "\"2\"");

    let given = desk.client.get(&format!("/assets/{id}/download")).await;
    assert_eq!(data(&given)["expires_at"], "2026-11-21T12:05:00.000Z");
    let address = data(&given)["url"].as_str().expect("an address");
    let file = fetch(desk.router(), address).await;
    assert_eq!((file.status, &*file.bytes), (StatusCode::OK, TEXT));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-length", "21"),
        ("content-disposition", "attachment; filename=\"note.txt\"; filename*=UTF-8''note.txt"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("accept-ranges", "none"),
        ("content-encoding", ""),
        ("set-cookie", ""),
    ] {
        assert_eq!(file.header(name), value, "{name}");
    }
    assert!(file.header("repr-digest").starts_with("sha-256=:") && file.header("x-request-id").starts_with("req_"));
    let head = send(desk.router(), Method::HEAD, address, &[("accept-encoding", "gzip")], Body::empty()).await;
    assert_eq!((head.status, head.header("content-length"), head.bytes.len()), (StatusCode::OK, "21", 0));
    let part = send(desk.router(), Method::GET, address, &[("range", "bytes=0-3"), ("accept-encoding", "gzip")], Body::empty()).await;
    assert_eq!((part.status, &*part.bytes), (StatusCode::OK, TEXT), "ranges are not served, and nothing is compressed");

    let renamed = patch(&desk.client, &format!("/assets/{id}"), &json!({ "file_name": "Zoë's notes.txt" })).await;
    assert_eq!(data(&renamed)["file_name"], "Zoë's notes.txt");
    let file = fetch(desk.router(), address).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"Zo_'s notes.txt\"; filename*=UTF-8''Zo%C3%AB%27s%20notes.txt");
    for fixed in [json!({ "size_bytes": 3 }), json!({ "content_type": "text/html" })] {
        let reply = patch(&desk.client, &format!("/assets/{id}"), &fixed).await;
        assert_eq!(refused(&reply), fixed.as_object().expect("an object").keys().collect::<Vec<_>>());
    }
    assert_eq!(refused(&patch(&desk.client, &format!("/assets/{id}"), &json!({ "sha256": sha256(b"") })).await), ["sha256"]);
    let listed = desk.client.get(&format!("/assets?status=ready&content_type=text/plain&q=notes&sha256={}", sha256(TEXT))).await;
    assert_eq!(data(&listed).as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn every_step_is_told_and_an_upload_is_counted_once() {
    let desk = Desk::open(&[]).await;
    let id = desk.ready(TEXT).await;
    for body in [json!({}), json!({ "sha256": sha256(TEXT).to_uppercase() })] {
        assert_eq!(desk.complete(&id, &body).await.header("etag"), "\"2\"", "again is harmless");
    }
    fetch(desk.router(), &desk.address(&id).await).await;
    data(&desk.client.post(&format!("/assets/{id}/archive"), &json!({})).await);
    let mut owner = desk.console.database.connect("stoa_owner").await;
    let actions: Vec<String> = sqlx::query_scalar("select action from audit_event where target_id = $1 order by action")
        .bind(&id)
        .fetch_all(&mut owner)
        .await
        .expect("rows");
    assert_eq!(actions, ["record.asset.archived", "record.asset.completed", "record.asset.created"]);
    let used: Vec<(String, String)> =
        sqlx::query_as("select dimension, operation from usage_event where module = 'assets' order by operation, dimension")
            .fetch_all(&mut owner)
            .await
            .expect("rows");
    let used: Vec<(&str, &str)> = used.iter().map(|(dimension, operation)| (&**dimension, &**operation)).collect();
    assert_eq!(
        used,
        [
            ("rest.write", "assets.archive"),
            ("asset.upload", "assets.complete"),
            ("rest.write", "assets.complete"),
            ("rest.write", "assets.complete"),
            ("rest.write", "assets.create"),
            ("rest.read", "assets.download"),
        ]
    );
}

#[tokio::test]
async fn an_announcement_that_is_repeated_gives_no_second_address() {
    let desk = Desk::open(&[]).await;
    let body = json!({ "file_name": "note.txt", "content_type": "text/plain", "size_bytes": TEXT.len() });
    let once = async || desk.client.send(Method::POST, "/assets", &[("idempotency-key", "one")], Some(&body)).await;
    let (first, again) = (once().await, once().await);
    assert!(data(&first)["upload"]["url"].is_string());
    assert_eq!((again.header("idempotency-replayed"), &data(&again)["upload"]), ("true", &Value::Null));
    assert_eq!(data(&again)["id"], data(&first)["id"]);
    let stored = "select count(*) from idempotent_answer where answer like '%signature%'";
    assert_eq!(desk.console.database.count(stored).await, 0);
    let id = data(&first)["id"].as_str().expect("an id");
    let fresh = desk.client.post(&format!("/assets/{id}/upload"), &json!({})).await;
    let url = data(&fresh)["url"].as_str().expect("an address");
    assert_eq!(put(desk.router(), url, TEXT).await.status, StatusCode::OK);
    data(&desk.complete(id, &json!({})).await);
    assert_eq!(desk.client.post(&format!("/assets/{id}/upload"), &json!({})).await.code(), "conflict");
    let planned = desk.client.post("/assets?dry_run=true", &body).await;
    assert!(!planned.body.to_string().contains("signature"), "{}", planned.body);
}
