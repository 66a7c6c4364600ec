//! Entries, their revisions, and their words in addresses.

use serde_json::{Value, json};

use super::{
    crm::{added, conflict, happened},
    data, patch, refused,
};
use crate::support::{Client, Console, Team};

async fn cms() -> (Console, Team, Client, String) {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["cms:read", "cms:write"]).await;
    let site = added(&client, "/sites", &json!({ "name": "Shop", "url": "https://shop.example" })).await;
    let collection = added(&client, "/collections", &json!({ "site": site, "name": "News" })).await;
    (console, team, client, collection)
}

async fn entry(client: &Client, collection: &str, slug: &str) -> String {
    added(client, "/entries", &json!({ "collection": collection, "title": "One", "slug": slug, "body": "First." })).await
}

async fn revisions(client: &Client, entry: &str) -> Vec<Value> {
    let list = client.get(&format!("/entry-revisions?entry={entry}&sort=revision")).await;
    data(&list).as_array().expect("a list").clone()
}

#[tokio::test]
async fn every_writing_of_an_entry_is_kept() {
    let (console, _team, client, collection) = cms().await;
    let id = entry(&client, &collection, "one").await;
    let path = format!("/entries/{id}");
    data(&patch(&client, &path, &json!({ "title": "Two", "body": "Second.", "data": { "picture": 7 } })).await);
    data(&patch(&client, &path, &json!({ "title": "Two" })).await);
    for verb in ["submit", "publish"] {
        data(&client.post(&format!("{path}/{verb}"), &json!({})).await);
    }
    let kept = revisions(&client, &id).await;
    let said: Vec<_> = kept.iter().map(|kept| (kept["revision"].as_i64(), kept["state"].as_str(), kept["title"].as_str())).collect();
    let expected = [(1, "draft", "One"), (2, "draft", "Two"), (3, "review", "Two"), (4, "published", "Two")];
    assert_eq!(said, expected.map(|(number, state, title)| (Some(number), Some(state), Some(title))));
    assert_eq!((&kept[0]["body"], &kept[0]["data"], &kept[1]["data"]), (&json!("First."), &Value::Null, &json!({ "picture": 7 })));
    let published = client.get(&path).await;
    assert_eq!((&data(&published)["revision"], &data(&published)["published_at"]), (&json!(4), &json!("2026-11-21T12:00:00.000Z")));
    assert_eq!(happened(&console).await.iter().filter(|event| *event == "entry_revision.created").count(), 4);
    let made = client.post("/entry-revisions", &json!({})).await;
    assert_eq!(made.status, axum::http::StatusCode::METHOD_NOT_ALLOWED, "nobody writes revisions");
}

#[tokio::test]
async fn an_entry_is_written_again_as_it_was() {
    let (_console, _team, client, collection) = cms().await;
    let id = entry(&client, &collection, "one").await;
    let path = format!("/entries/{id}");
    data(&patch(&client, &path, &json!({ "title": "Two", "slug": "two", "body": null, "data": { "a": 1 } })).await);
    let back = client.post(&format!("{path}/revert"), &json!({ "revision": 1 })).await;
    let back = data(&back);
    assert_eq!((&back["title"], &back["slug"], &back["body"]), (&json!("One"), &json!("one"), &json!("First.")));
    assert_eq!((&back["data"], &back["revision"]), (&Value::Null, &json!(3)), "with what it had not, as a writing of its own");
    for (body, field) in [(json!({}), "revision"), (json!({ "revision": 9 }), "revision"), (json!({ "revision": 1, "x": 1 }), "body")] {
        assert_eq!(refused(&client.post(&format!("{path}/revert"), &body).await), [field], "{body}");
    }
    let other = entry(&client, &collection, "other").await;
    assert_eq!(refused(&client.post(&format!("/entries/{other}/revert"), &json!({ "revision": 2 })).await), ["revision"]);
}

#[tokio::test]
async fn what_is_archived_changes_when_it_is_restored() {
    let (_console, _team, client, collection) = cms().await;
    let path = format!("/entries/{}", entry(&client, &collection, "one").await);
    data(&patch(&client, &path, &json!({ "title": "Two" })).await);
    data(&client.post(&format!("{path}/publish"), &json!({})).await);
    let retired = client.post(&format!("{path}/retire"), &json!({})).await;
    assert_eq!((&data(&retired)["status"], &data(&retired)["published_at"]), (&json!("archived"), &Value::Null));
    conflict(&patch(&client, &path, &json!({ "title": "New" })).await, "Restore it first");
    conflict(&client.post(&format!("{path}/revert"), &json!({ "revision": 1 })).await, "Restore it first");
    conflict(&client.post(&format!("{path}/publish"), &json!({})).await, "archived");
    assert_eq!(data(&client.post(&format!("{path}/restore"), &json!({})).await)["status"], "draft");
    data(&patch(&client, &path, &json!({ "title": "New" })).await);
}

#[tokio::test]
async fn a_word_is_one_entrys_in_its_collection() {
    let (_console, _team, client, collection) = cms().await;
    entry(&client, &collection, "one").await;
    let new = |slug: &str, of: &str| json!({ "collection": of, "title": "x", "slug": slug });
    assert_eq!(refused(&client.post("/entries", &new("one", &collection)).await), ["slug"]);
    for slug in ["One", "a b", "a--b", "-a", "ä"] {
        assert_eq!(refused(&client.post("/entries", &new(slug, &collection)).await), ["slug"], "{slug}");
    }
    let site = data(&client.get("/sites").await)[0]["id"].clone();
    let elsewhere = added(&client, "/collections", &json!({ "site": site, "name": "Help" })).await;
    let there = added(&client, "/entries", &new("one", &elsewhere)).await;
    let moved = patch(&client, &format!("/entries/{there}"), &json!({ "collection": collection })).await;
    assert_eq!(refused(&moved), ["slug"]);
    let body = new("both", &collection);
    let twins = tokio::join!(client.post("/entries", &body), client.post("/entries", &body));
    let done = [twins.0.status.as_u16(), twins.1.status.as_u16()];
    assert!(done == [201, 422] || done == [422, 201], "{done:?}");
}
