//! Nothing stays in the store that nobody keeps, and nothing goes that somebody does.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use stoa::{
    features::{
        assets::server::{remove_all, sweep},
        workspaces::server::purge_due,
    },
    server::Stoa,
};

use super::{Desk, TEXT, fetch, put};
use crate::{
    archive::{archive, events},
    records::data,
    support::Console,
};

/// A node that does not know where files lie.
fn blind(desk: &Desk) -> Stoa {
    let mut config = desk.console.stoa.config.clone();
    config.assets = None;
    Console::assemble(config, desk.console.stoa.clock.clone())
}

#[tokio::test]
async fn an_upload_that_nobody_completes_goes_after_a_day() {
    let desk = Desk::open(&[]).await;
    let kept = desk.ready(TEXT).await;
    let (waiting, up) = desk.announced(TEXT).await;
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
    // A node that died on the way left a row, and perhaps something in the store.
    let mut owner = desk.console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into asset_object (tenant_id, workspace_id, asset_id, id, bytes, created_at)
         select tenant_id, workspace_id, asset_id, gen_random_uuid(), 5, created_at from asset_object where kept_at is null",
    )
    .execute(&mut owner)
    .await
    .expect("a row");
    desk.console.hands.advance(TimeDelta::hours(24));
    sweep(desk.console.stoa.clone()).await.expect("swept");
    assert_eq!((desk.objects().await, desk.files()), (3, 2), "not before a day is over");
    desk.console.hands.advance(TimeDelta::seconds(1));
    sweep(blind(&desk)).await.expect("looked");
    assert_eq!((desk.objects().await, desk.files()), (3, 2), "what could not be removed is still known");
    assert_eq!(desk.complete(&waiting, &json!({})).await.code(), "conflict", "and is no longer given to anybody");
    desk.console.hands.advance(TimeDelta::hours(24));
    sweep(desk.console.stoa.clone()).await.expect("swept");
    assert_eq!((desk.objects().await, desk.files()), (1, 1));
    assert_eq!(fetch(desk.router(), &desk.address(&kept).await).await.bytes, TEXT);
    let late = desk.complete(&waiting, &json!({})).await;
    assert_eq!(late.code(), "conflict", "{}", late.body);
}

#[tokio::test]
async fn a_purge_takes_the_files_along_and_waits_for_the_store() {
    let desk = Desk::open(&[]).await;
    let zenith = desk.console.team("Zenith").await;
    let others = desk.console.client(&zenith.owner, &zenith.slug, &super::SCOPES).await;
    let theirs = others.post("/assets", &json!({ "file_name": "a", "content_type": "text/plain", "size_bytes": TEXT.len() })).await;
    assert_eq!(put(desk.router(), data(&theirs)["upload"]["url"].as_str().expect("an address"), TEXT).await.status, StatusCode::OK);
    let theirs = data(&theirs)["id"].as_str().expect("an id").to_owned();
    data(&others.post(&format!("/assets/{theirs}/complete"), &json!({})).await);
    desk.ready(TEXT).await;
    let (_, up) = desk.announced(TEXT).await;
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
    assert_eq!(archive(&desk.console, &desk.team, &desk.team.owner).await.status, StatusCode::SEE_OTHER);
    desk.console.hands.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    purge_due(desk.console.stoa.clone()).await.expect("looked");
    assert_eq!((desk.objects().await, desk.files()), (3, 3), "not before the date");

    desk.console.hands.advance(TimeDelta::seconds(1));
    purge_due(blind(&desk)).await.expect("looked");
    assert_eq!((desk.objects().await, desk.files()), (3, 3), "nothing is lost track of");
    assert_eq!(events(&desk.console, &desk.team, "workspace.purged").await, 0);
    purge_due(desk.console.stoa.clone()).await.expect("purged");
    assert_eq!((desk.objects().await, desk.files()), (1, 1), "another workspace's stays");
    assert_eq!(events(&desk.console, &desk.team, "workspace.purged").await, 1);
}

/// A purge that was decided on just before somebody restored the workspace.
#[tokio::test]
async fn nothing_goes_of_a_workspace_that_is_not_to_be_purged() {
    let desk = Desk::open(&[]).await;
    let kept = desk.ready(TEXT).await;
    let stoa = &desk.console.stoa;
    remove_all(stoa, desk.team.tenant, desk.team.workspace).await.expect("looked");
    assert_eq!((desk.objects().await, desk.files()), (1, 1));
    assert_eq!(fetch(desk.router(), &desk.address(&kept).await).await.bytes, TEXT);
    assert_eq!(archive(&desk.console, &desk.team, &desk.team.owner).await.status, StatusCode::SEE_OTHER);
    remove_all(stoa, desk.team.tenant, desk.team.workspace).await.expect("looked");
    assert_eq!((desk.objects().await, desk.files()), (1, 1), "its date has not come");
    desk.console.hands.advance(TimeDelta::days(30));
    remove_all(stoa, desk.team.tenant, desk.team.workspace).await.expect("removed");
    assert_eq!((desk.objects().await, desk.files()), (0, 0));
}

/// Should a purge ever forget the store, the database does not.
#[tokio::test]
async fn the_database_lets_no_workspace_be_purged_that_has_files() {
    let desk = Desk::open(&[]).await;
    desk.ready(TEXT).await;
    assert_eq!(archive(&desk.console, &desk.team, &desk.team.owner).await.status, StatusCode::SEE_OTHER);
    let mut owner = desk.console.database.connect("stoa_owner").await;
    let refused = sqlx::query("update workspace set purged_at = now() where workspace_id = $1")
        .bind(desk.team.workspace.0)
        .execute(&mut owner)
        .await
        .expect_err("refused");
    assert!(refused.to_string().contains("still holds files"), "{refused}");
}
