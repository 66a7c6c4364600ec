//! What was signed opens nothing any more once the place, the module or the asset says no.

use axum::http::StatusCode;
use serde_json::json;

use super::{Desk, TEXT, fetch, put};
use crate::{
    archive::archive,
    modules::{switch_off, switch_on},
    records::data,
};

/// How a file that is under way and one that is there are answered now.
async fn answers(desk: &Desk, up: &str, down: &str) -> (StatusCode, StatusCode) {
    (put(desk.router(), up, TEXT).await.status, fetch(desk.router(), down).await.status)
}

#[tokio::test]
async fn a_module_that_is_switched_off_gives_and_takes_nothing() {
    let desk = Desk::open(&[]).await;
    let (_, up) = desk.announced(TEXT).await;
    let down = desk.address(&desk.ready(TEXT).await).await;
    assert_eq!(switch_off(&desk.console, &desk.team, "assets").await.status, StatusCode::SEE_OTHER);
    assert_eq!(answers(&desk, &up, &down).await, (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!(fetch(desk.router(), &down).await.code(), "module_not_enabled");
    assert_eq!(desk.announce(TEXT).await.code(), "module_not_enabled");
    assert_eq!(switch_on(&desk.console, &desk.team, "assets").await.status, StatusCode::SEE_OTHER);
    assert_eq!(answers(&desk, &up, &down).await, (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn an_archived_workspace_gives_and_takes_nothing() {
    let desk = Desk::open(&[]).await;
    let (_, up) = desk.announced(TEXT).await;
    let down = desk.address(&desk.ready(TEXT).await).await;
    let files = desk.files();
    assert_eq!(archive(&desk.console, &desk.team, &desk.team.owner).await.status, StatusCode::SEE_OTHER);
    assert_eq!(answers(&desk, &up, &down).await, (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(desk.files(), files, "what it holds stays until it is purged");
}

#[tokio::test]
async fn an_asset_that_was_put_away_gives_and_takes_nothing() {
    let desk = Desk::open(&[]).await;
    let (waiting, up) = desk.announced(TEXT).await;
    let ready = desk.ready(TEXT).await;
    let down = desk.address(&ready).await;
    for id in [&waiting, &ready] {
        data(&desk.client.post(&format!("/assets/{id}/archive"), &json!({})).await);
        assert_eq!(desk.client.get(&format!("/assets/{id}/download")).await.code(), "conflict");
        assert_eq!(desk.client.post(&format!("/assets/{id}/upload"), &json!({})).await.code(), "conflict");
    }
    assert_eq!(answers(&desk, &up, &down).await, (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(desk.files(), 1, "what it holds stays until the workspace is purged");
}

#[tokio::test]
async fn one_workspace_knows_nothing_of_anothers() {
    let desk = Desk::open(&[]).await;
    let zenith = desk.console.team("Zenith").await;
    let stranger = desk.console.client(&zenith.owner, &zenith.slug, &super::SCOPES).await;
    let id = desk.ready(TEXT).await;
    let (waiting, _) = desk.announced(TEXT).await;
    for path in [format!("/assets/{id}"), format!("/assets/{id}/download")] {
        assert_eq!(stranger.get(&path).await.code(), "resource_not_found", "{path}");
    }
    for path in [format!("/assets/{waiting}/upload"), format!("/assets/{waiting}/complete"), format!("/assets/{id}/archive")] {
        assert_eq!(stranger.post(&path, &json!({})).await.code(), "resource_not_found", "{path}");
    }
    let reader = desk.console.client(&desk.team.admin, &desk.team.slug, &["assets:read"]).await;
    assert_eq!(reader.post("/assets", &json!({})).await.code(), "missing_required_scope");
    let url = data(&reader.get(&format!("/assets/{id}/download")).await)["url"].as_str().expect("an address").to_owned();
    assert_eq!(fetch(desk.router(), &url).await.bytes, TEXT, "to read is enough to fetch");
}

#[tokio::test]
async fn where_no_store_is_configured_nothing_is_announced() {
    let console = crate::support::Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.admin, &team.slug, &super::SCOPES).await;
    let mut config = console.stoa.config.clone();
    config.assets = None;
    let without = crate::support::Console::assemble(config, console.stoa.clock.clone());
    let router = stoa::server::http::router(without, stoa::app::doors(), stoa::app::operations(), axum::Router::new());
    let body = json!({ "file_name": "a", "content_type": "text/plain", "size_bytes": 1 });
    let reply = crate::support::Client::with(router, &key.secret).post("/assets", &body).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "conflict"), "{}", reply.body);
}
