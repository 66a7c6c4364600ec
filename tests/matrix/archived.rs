//! Archived means unreachable: for everybody at every address, with things that are there, and for every key.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::{access::WorkspaceRole, app, server::scope::Asks};

use super::World;
use crate::{
    archive::archive,
    support::{Client, Console},
};

#[tokio::test]
async fn an_archived_workspace_is_nowhere_for_anyone_but_in_its_archive() {
    let world = World::start().await;
    let mut tried = 0;
    for door in app::doors().into_iter().filter(|door| door.path.contains("{workspace}")) {
        let path = world.archived.address(door.path);
        for (person, role) in world.team.people() {
            let sees = matches!(role, WorkspaceRole::Owner | WorkspaceRole::Readonly);
            let expected = match door.asks {
                // Whether it comes back is tried in tests/restore.rs.
                Asks::Archive(permission) if sees && role.may(permission) && door.method != Method::GET => continue,
                Asks::Archive(permission) if sees && role.may(permission) => 200,
                Asks::Archive(_) if sees => 403,
                _ => 404,
            };
            let fields = [("form", &*world.console.form_key()), ("place", &world.archived.slug), ("version", "1")];
            let answer = match door.method {
                Method::GET => person.browser.get(&path).await,
                _ => person.browser.post(&path, &fields).await,
            };
            assert_eq!(answer.status, expected, "{role} at {} {path}", door.method);
            tried += 1;
        }
    }
    assert!(tried >= 190, "only {tried} were tried");
    for (person, _) in world.team.people() {
        let page = person.browser.get("/profile").await;
        assert!(!page.body.contains(&world.archived.slug), "the switcher still leads there");
    }
}

/// Keys in every state, with every secret of theirs, at every operation.
#[tokio::test]
async fn no_key_of_an_archived_workspace_is_answered() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let all: Vec<&str> = stoa::server::rest::scopes().map(|kind| kind.name).collect();
    let boss = console.client(&team.owner, &team.slug, &all).await;
    let (turned, stopped) = (console.client(&team.owner, &team.slug, &all).await, console.client(&team.admin, &team.slug, &all[..1]).await);
    let rotated = boss.post(&format!("/api-keys/{}/rotate", turned.key), &json!({ "overlap_days": 2 })).await;
    let newer = Client::with(console.router.clone(), rotated.body["data"]["secret"].as_str().expect("a secret"));
    assert_eq!(boss.post(&format!("/api-keys/{}/quarantine", stopped.key), &json!({ "reason": "odd" })).await.status, StatusCode::OK);
    let keys = [boss, turned, newer, stopped];
    for key in &keys[..3] {
        assert_eq!(key.get("/me").await.status, StatusCode::OK);
    }
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    every_call_is_refused(&console, &keys, &team.slug).await;
    assert_eq!(console.database.count("select count(*) from api_key where status <> 'revoked'").await, 0);
    // By construction, and not because each was revoked: one that the archiving had missed is refused the same.
    console.change("update api_key set status = 'active', revoked_at = null where workspace_id = $1", team.workspace.0).await;
    every_call_is_refused(&console, &keys, &team.slug).await;
    let says = keys[0].get("/me").await.body["error"]["message"].to_string();
    assert!(says.contains("archived"), "{says}");
}

async fn every_call_is_refused(console: &Console, keys: &[Client], slug: &str) {
    let acts = "select count(*) from audit_event where action <> 'access.denied'";
    let before = console.database.count(acts).await;
    for operation in app::operations().into_iter().filter(|operation| operation.asks != Asks::Nothing) {
        for key in keys {
            let path = operation.path.replace("{key}", &key.key.to_string()).replace(['{', '}'], "");
            let body = (operation.method != Method::GET).then(|| json!({ "name": "Back", "scopes": ["members:read"] }));
            let reply = key.send(operation.method.clone(), &path, &[], body.as_ref()).await;
            assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{slug}: {} {path}", operation.method);
        }
    }
    assert_eq!(console.database.count(acts).await, before);
}
