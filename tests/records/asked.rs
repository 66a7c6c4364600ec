//! What a body may say, and what of it is named when it cannot be taken.

use axum::http::{Method, StatusCode};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::{BOTH, TASKS, data, patch, refused, task};
use crate::support::Console;

#[tokio::test]
async fn every_field_that_cannot_be_taken_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let elsewhere = console.team("Zenith").await;
    let theirs = console.client(&elsewhere.admin, &elsewhere.slug, &TASKS).await;
    let their_task = task(&theirs, &json!({ "title": "Theirs" })).await;
    let before = console.database.count("select count(*) from record").await;
    for (body, fields) in [
        (json!({}), vec!["title"]),
        (json!({ "title": null }), vec!["title"]),
        (json!({ "title": " " }), vec!["title"]),
        (json!({ "title": "a\nb" }), vec!["title"]),
        (json!({ "title": "x".repeat(201) }), vec!["title"]),
        (json!({ "title": 7, "due": "soon", "description": [] }), vec!["description", "due", "title"]),
        (json!({ "title": "x", "due": "2026-02-30" }), vec!["due"]),
        (json!({ "title": "x", "assignee": "Ada" }), vec!["assignee"]),
        (json!({ "title": "x", "assignee": elsewhere.member.user }), vec!["assignee"]),
        (json!({ "title": "x", "related": "rec_7zzzzzzzzzzzzzzzzzzzzzzzzz" }), vec!["related"]),
        (json!({ "title": "x", "related": their_task }), vec!["related"]),
        (json!({ "title": "x", "status": "completed" }), vec!["status"]),
        (json!({ "title": "x", "completed_at": "2026-11-21T12:00:00Z" }), vec!["completed_at"]),
        (json!({ "title": "x", "colour": "red", "id": "rec_1" }), vec!["body", "body"]),
        (json!({ "title": "x", "custom_fields": [] }), vec!["custom_fields"]),
        (json!({ "title": "x", "custom_fields": { "a": "x".repeat(17_000) } }), vec!["custom_fields"]),
        // Within the bounds as it is sent, and not as it is kept.
        (json!({ "title": "x", "custom_fields": { "a": vec![1e300; 2000] } }), vec!["custom_fields"]),
        (json!({ "title": "a\0b" }), vec!["body"]),
    ] {
        let mut named = client.post("/tasks", &body).await;
        assert_eq!(refused(&named), fields, "{}", named.body);
        named = client.post("/tasks?dry_run=true", &body).await;
        assert_eq!(refused(&named), fields, "dry: {}", named.body);
    }
    assert_eq!(refused(&client.post("/activity", &json!({ "kind": "gossip", "subject": "x" })).await), ["kind"]);
    assert_eq!(console.database.count("select count(*) from record").await, before);
    let id = task(&client, &json!({ "title": "x" })).await;
    for body in [json!({ "title": null }), json!({ "title": "" })] {
        assert_eq!(refused(&patch(&client, &format!("/tasks/{id}"), &body).await), ["title"]);
    }
    assert_eq!(refused(&client.post(&format!("/tasks/{id}/complete"), &json!({ "note": "x" })).await), ["body"]);
    assert_eq!(refused(&client.get(&format!("/tasks/{id}?fields=title")).await), ["query"]);
}

#[tokio::test]
async fn a_person_who_left_is_nobody_to_assign_to() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &TASKS).await;
    let body = json!({ "title": "x", "assignee": team.member.user });
    data(&client.post("/tasks", &body).await);
    let member = console.member_id(team.workspace, team.member.user).await;
    console.change("update workspace_membership set status = 'ended' where id = $1", member.0).await;
    assert_eq!(refused(&client.post("/tasks", &body).await), ["assignee"]);
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof![
            Just("now"),
            Just("2026-11-21"),
            Just("9999-12-31T23:59:59.999999-23:59"),
            Just("0000-01-01T00:00:00Z"),
            Just("usr_01h455vb4pex5vsknk084sn02q"),
            Just("rec_01h455vb4pex5vsknk084sn02q"),
            Just("call"),
            Just("\u{0}"),
            Just("\u{feff}"),
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "title",
            "description",
            "due",
            "assignee",
            "related",
            "completed_at",
            "kind",
            "subject",
            "body",
            "occurred_at",
            "reference",
            "custom_fields",
            "status",
            "id",
            "version",
            "idempotency_key",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Whatever is sent, by whichever operation, it is taken or refused in words.
#[tokio::test]
async fn nothing_that_is_sent_breaks_anything() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    console.change("update tenant set plan = 'business' where tenant_id = $1", team.tenant.0).await;
    let id = task(&client, &json!({ "title": "Call" })).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let bodies = prop::collection::hash_map(names(), anything(), 0..6);
    let mut taken = 0;
    for round in 0..160 {
        let mut body: serde_json::Map<String, Value> = bodies.new_tree(&mut runner).expect("a body").current().into_iter().collect();
        // So that what is beside it is looked at too.
        body.insert("title".to_owned(), json!("Call"));
        if round % 4 == 0 {
            body.retain(|name, _| ["title", "custom_fields", "description"].contains(&name.as_str()));
            body.retain(|name, value| name == "title" || (name == "custom_fields") == value.is_object());
        }
        for (method, path) in
            [(Method::POST, "/tasks".to_owned()), (Method::PATCH, format!("/tasks/{id}")), (Method::POST, "/activity".to_owned())]
        {
            // A minute later there is always another call.
            console.hands.advance(chrono::TimeDelta::seconds(5));
            let reply = client.send(method, &path, &[], Some(&Value::Object(body.clone()))).await;
            assert!(
                reply.status.is_success() || matches!(reply.status.as_u16(), 409 | 413 | 422),
                "{path} answered {} to {body:?}: {}",
                reply.status,
                reply.body
            );
            taken += usize::from(reply.status.is_success());
        }
        let asked: String = anything().new_tree(&mut runner).expect("a value").current().to_string();
        let (field, value) = (names().new_tree(&mut runner).expect("a name").current(), crate::support::browser::encode(&asked));
        for filter in
            [format!("{}={value}", crate::support::browser::encode(&field)), format!("q={value}"), format!("sort=due&cursor={value}")]
        {
            let reply = client.get(&format!("/tasks?{filter}")).await;
            assert!(matches!(reply.status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY), "{filter}: {}", reply.body);
        }
    }
    assert!(taken >= 20, "only {taken} bodies were taken: the rest proves little");
}
