//! What a key can do over the API, and what it can never do.

use axum::http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Console};

const KEYS: [&str; 2] = ["credentials:read", "credentials:write"];

fn new_key(name: &str, scopes: &[&str]) -> Value {
    json!({ "name": name, "scopes": scopes })
}

#[tokio::test]
async fn what_ends_a_key_ends_it_with_the_next_call() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let boss = console.client(&team.admin, &team.slug, &KEYS).await;
    let made = boss.post("/api-keys", &new_key("Robot", &KEYS)).await;
    let robot = Client::with(console.router.clone(), made.body["data"]["secret"].as_str().expect("a secret"));
    let path = format!("/api-keys/{}", made.body["data"]["id"].as_str().expect("an id"));
    let says = |reply: &crate::support::Reply| reply.body["error"]["message"].as_str().unwrap_or_default().to_owned();

    boss.post(&format!("{path}/quarantine"), &json!({ "reason": "odd calls" })).await;
    let stopped = robot.get("/me").await;
    assert_eq!(stopped.status, StatusCode::UNAUTHORIZED);
    assert!(says(&stopped).contains("quarantined"), "{}", says(&stopped));
    assert_eq!(boss.post(&format!("{path}/lift"), &json!({})).await.status, StatusCode::NOT_FOUND, "what stopped it a key does not undo");
    console.change("update api_key set status = 'active' where id <> $1", boss.key.0).await;
    assert_eq!(robot.get("/me").await.status, StatusCode::OK);

    let turned = boss.post(&format!("{path}/rotate"), &json!({ "overlap_days": 2 })).await;
    let newer = Client::with(console.router.clone(), turned.body["data"]["secret"].as_str().expect("a secret"));
    assert_eq!((robot.get("/me").await.status, newer.get("/me").await.status), (StatusCode::OK, StatusCode::OK));
    console.hands.advance(chrono::TimeDelta::hours(49));
    assert_eq!((robot.get("/me").await.status, newer.get("/me").await.status), (StatusCode::UNAUTHORIZED, StatusCode::OK));

    boss.post(&format!("{path}/revoke"), &json!({})).await;
    assert!(says(&newer.get("/me").await).contains("revoked"));
    console.hands.advance(chrono::TimeDelta::days(100));
    assert!(says(&boss.get("/me").await).contains("expired"));
}

#[tokio::test]
async fn a_key_is_never_more_than_its_steward_is_now() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    assert_eq!(client.post("/api-keys", &new_key("Before", &KEYS)).await.status, StatusCode::CREATED);
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "update workspace_grant set role = 'member' where workspace_id = $2 and membership_id in (select id from workspace_membership where user_id = $1)",
    )
    .bind(team.admin.user.0)
    .bind(team.workspace.0)
    .execute(&mut owner)
    .await
    .expect("demoted");
    let refused = client.post("/api-keys", &new_key("After", &KEYS)).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", refused.body);
    sqlx::query("update workspace_membership set status = 'ended' where user_id = $1 and workspace_id = $2")
        .bind(team.admin.user.0)
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("ended");
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_reaches_its_own_workspace_and_no_other() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = console.client(&acme.admin, &acme.slug, &KEYS).await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &KEYS).await;
    for verb in ["", "/narrow", "/rotate", "/quarantine", "/revoke", "/hand-over"] {
        let path = format!("/api-keys/{}{verb}", theirs.key);
        let body = json!({ "scopes": ["credentials:read"], "reason": "x" });
        let (method, body) = if verb.is_empty() { (Method::GET, None) } else { (Method::POST, Some(&body)) };
        let reply = ours.send(method, &path, &[], body).await;
        assert!(reply.status == StatusCode::NOT_FOUND || reply.code() == "validation_failed", "{path}: {}", reply.body);
    }
    let listed = ours.get("/api-keys").await.body.to_string();
    assert!(listed.contains(&ours.key.to_string()) && !listed.contains(&theirs.key.to_string()));
    assert_eq!(theirs.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_key_does_is_written_down_as_the_keys_and_its_stewards() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let made = client.post("/api-keys", &new_key("Robot", &KEYS)).await;
    let mut owner = console.database.connect("stoa_owner").await;
    let row: Value = sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where request_id = $1")
        .bind(made.body["request_id"].as_str().expect("an id"))
        .fetch_one(&mut owner)
        .await
        .expect("one row");
    assert_eq!((row["actor_type"].as_str(), row["channel"].as_str()), (Some("agent"), Some("api")));
    assert_eq!(row["actor_id"], client.key.to_string());
    assert_eq!(row["credential_id"], client.key.to_string());
    assert_eq!(row["on_behalf_of_id"], team.admin.user.to_string());
    assert_eq!(row["on_behalf_of_name"], "Acme Admin");
    assert_eq!(row["route"], "/api/v1/api-keys");
}

/// No way through the API makes a key that can do more than the one that made it.
#[test]
fn no_key_mints_or_becomes_one_wider_than_itself() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (console, team) = runtime.block_on(async {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        (console, team)
    });
    let all: Vec<&str> = stoa::server::rest::scopes().map(|kind| kind.name).collect();
    let some = proptest::sample::subsequence(all.clone(), 0..all.len());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() });
    let strategy = (some.clone(), some.clone(), some);
    runner
        .run(&strategy, |(mut held, wanted, narrowed)| {
            held.push("credentials:write");
            runtime.block_on(async {
                let client = console.client(&team.owner, &team.slug, &held).await;
                let made = client.post("/api-keys", &new_key("Child", &wanted)).await;
                let is_within = wanted.iter().all(|scope| held.contains(scope));
                prop_assert_eq!(made.status == StatusCode::CREATED, is_within && !wanted.is_empty(), "{}", made.body);
                let Some(id) = made.body["data"]["id"].as_str() else { return Ok(()) };
                let reply = client.post(&format!("/api-keys/{id}/narrow"), &json!({ "scopes": narrowed })).await;
                if reply.status == StatusCode::OK {
                    let left = reply.body["data"]["scopes"].to_string();
                    prop_assert!(narrowed.iter().all(|scope| wanted.contains(scope)), "{left}");
                }
                let stored: Vec<String> = sqlx::query_scalar("select unnest(scopes) from api_key where id = $1")
                    .bind(id.parse::<stoa::ids::ApiKeyId>().expect("an id").0)
                    .fetch_all(&mut console.database.connect("stoa_owner").await)
                    .await
                    .expect("scopes");
                prop_assert!(stored.iter().all(|scope| wanted.contains(&scope.as_str()) && held.contains(&scope.as_str())));
                Ok(())
            })
        })
        .expect("none");
}

#[tokio::test]
async fn what_a_proven_key_is_refused_is_written_down_once_a_minute() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["audit:read"]).await;
    for _ in 0..5 {
        assert_eq!(client.get("/api-keys").await.code(), "missing_required_scope");
    }
    assert_eq!(Client::with(console.router.clone(), "stoa_key_live_nobody").get("/api-keys").await.status, StatusCode::UNAUTHORIZED);
    console.hands.advance(chrono::TimeDelta::seconds(61));
    stoa::server::scope::write_denials(&console.stoa).await.expect("written");
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<Value> =
        sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where action = 'access.denied' order by occurred_at")
            .fetch_all(&mut owner)
            .await
            .expect("rows");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in &rows {
        assert_eq!(
            (row["outcome"].as_str(), row["channel"].as_str(), row["actor_type"].as_str()),
            (Some("denied"), Some("api"), Some("agent"))
        );
        assert_eq!(row["credential_id"], client.key.to_string());
        assert_eq!(row["on_behalf_of_id"], team.admin.user.to_string());
        assert_eq!(row["target_id"], "credentials:read");
        assert_eq!(row["log_id"], team.workspace.0.to_string());
    }
    assert!(rows[1]["reason"].as_str().expect("a reason").contains("4 times"), "{}", rows[1]["reason"]);
}
