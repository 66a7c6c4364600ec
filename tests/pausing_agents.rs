//! All agents of a workspace are paused with one act, and let in again; nobody else is touched, and nothing is lost.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::{app, server::http};

use crate::{
    mcp::{Agent, LEGACY, MODERN, agent, refusal},
    support::{Answer, Console, Person, Team},
};

async fn set_paused(console: &Console, team: &Team, person: &Person, paused: &str) -> Answer {
    let form = console.form_key();
    let fields = [("form", form.as_str()), ("place", team.slug.as_str()), ("paused", paused)];
    person.browser.post(&format!("/w/{}/mcp-clients/pause", team.slug), &fields).await
}

/// What the list of MCP clients says to one of them.
async fn list(team: &Team, person: &Person) -> String {
    person.browser.get(&format!("/w/{}/mcp-clients", team.slug)).await.text()
}

#[tokio::test]
async fn all_of_them_stop_with_the_next_call_on_every_node_and_come_back_as_they_were() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = agent(&console, &acme, &["tasks:read", "tasks:write"], MODERN).await;
    let older = agent(&console, &acme, &["tasks:read"], LEGACY).await;
    let elsewhere = agent(&console, &zenith, &["tasks:read"], MODERN).await;
    let application = console.client(&acme.owner, &acme.slug, &["tasks:read"]).await;
    let page = list(&acme, &acme.admin).await;
    assert!(page.contains("Pause all agents") && !page.contains("are paused"), "{page}");
    let asking = acme.admin.browser.get(&format!("/w/{}/mcp-clients/pause", acme.slug)).await.text();
    assert!(asking.contains("2 MCP tokens"), "{asking}");

    assert_eq!(set_paused(&console, &acme, &acme.admin, "yes").await.status, StatusCode::SEE_OTHER);
    let listed = ours.ask("tools/list", json!({})).await;
    assert_eq!((listed.status, listed.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", listed.body);
    let called = ours.call("tasks_list", json!({})).await;
    let error = refusal(&called);
    assert_eq!(error["error"]["code"], "policy_denied");
    assert!(error["error"]["message"].as_str().is_some_and(|says| says.contains("paused") && says.contains("owner or admin")), "{error}");
    assert_eq!(refusal(&older.call("tasks_list", json!({})).await)["error"]["code"], "policy_denied");
    let there = Console {
        router: http::router(console.another_node(&[]), app::doors(), app::operations(), axum::Router::new()),
        stoa: console.another_node(&[]),
        hands: console.hands.clone(),
        database: console.database.clone(),
    };
    let on_another_node = Agent { console: &there, address: ours.address.clone(), secret: ours.secret.clone(), revision: MODERN };
    assert_eq!(on_another_node.ask("tools/list", json!({})).await.status, StatusCode::FORBIDDEN);
    // Neither applications nor other workspaces.
    assert_eq!(application.get("/tasks").await.status, StatusCode::OK);
    assert!(elsewhere.tools().await.contains(&"tasks_list".to_owned()));
    // Everybody who may read them sees that they are.
    for person in [&acme.owner, &acme.admin, &acme.auditor] {
        let page = list(&acme, person).await;
        assert!(page.contains("All agents are paused since"), "{page}");
    }
    assert!(!list(&acme, &acme.auditor).await.contains("Let agents in again"));

    assert_eq!(set_paused(&console, &acme, &acme.admin, "yes").await.status, StatusCode::SEE_OTHER, "again changes nothing");
    assert_eq!(set_paused(&console, &acme, &acme.owner, "no").await.status, StatusCode::SEE_OTHER);
    assert_eq!(ours.call("tasks_list", json!({})).await.body["result"]["isError"], false);
    assert!(!list(&acme, &acme.admin).await.contains("are paused"));
    assert_eq!(console.actors_of(acme.workspace, "agents.paused").await.len(), 1);
    assert_eq!(console.actors_of(acme.workspace, "agents.resumed").await.len(), 1);
}

#[tokio::test]
async fn only_who_manages_credentials_pauses_them() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for person in [&team.member, &team.auditor] {
        assert_eq!(set_paused(&console, &team, person, "yes").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(set_paused(&console, &team, &team.admin, "perhaps").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(console.actors_of(team.workspace, "agents.paused").await.len(), 0);
}

#[tokio::test]
async fn an_application_pauses_them_too() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let ours = agent(&console, &team, &["tasks:read"], MODERN).await;
    let boss = console.client(&team.owner, &team.slug, &["credentials:read", "credentials:write"]).await;
    let reader = console.client(&team.owner, &team.slug, &["credentials:read"]).await;
    assert_eq!(reader.get("/agent-policy").await.body["data"], json!({ "paused": false, "paused_since": null }));
    let refused = reader.send(Method::POST, "/agent-policy/pause", &[], Some(&json!({}))).await;
    assert_eq!(refused.body["error"]["required_scope"], "credentials:write");
    let dry = boss.send(Method::POST, "/agent-policy/pause?dry_run=true", &[], Some(&json!({}))).await;
    assert_eq!(dry.body["data"]["would"][0]["event"], "agents.paused", "{}", dry.body);
    assert_eq!(ours.ask("tools/list", json!({})).await.status, StatusCode::OK);
    let paused = boss.send(Method::POST, "/agent-policy/pause", &[], Some(&json!({}))).await;
    assert_eq!(paused.body["data"], json!({ "paused": true, "paused_since": "2026-11-21T12:00:00.000Z" }), "{}", paused.body);
    assert_eq!(ours.ask("tools/list", json!({})).await.status, StatusCode::FORBIDDEN);
    // Only people let them in again.
    assert_eq!(set_paused(&console, &team, &team.admin, "no").await.status, StatusCode::SEE_OTHER);
    assert_eq!(ours.ask("tools/list", json!({})).await.status, StatusCode::OK);
}
