//! What every call of a module is held to: scope, role, switch, plan, pause, rate, version and repetition; and that each
//! answered call is metered once.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::access::WorkspaceRole;

use super::{BOTH, TASKS, data, patch, task};
use crate::support::{Console, Reply, Team};

fn is_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{}", reply.body);
}

async fn as_owner(console: &Console, team: &Team, sql: &str) {
    let sql = sql.replace("WORKSPACE", &format!("'{}'", team.workspace.0)).replace("TENANT", &format!("'{}'", team.tenant.0));
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut console.database.connect("stoa_owner").await).await.expect("done");
}

async fn used(console: &Console) -> Vec<(String, String, i64)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select operation, dimension, count(*) from usage_event where module is not null group by 1, 2 order by 1, 2")
        .fetch_all(&mut owner)
        .await
        .expect("rows")
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let id = task(&console.client(&team.admin, &team.slug, &TASKS).await, &json!({ "title": "x" })).await;
    let reader = console.client(&team.admin, &team.slug, &["tasks:read", "activity:write"]).await;
    data(&reader.get(&format!("/tasks/{id}")).await);
    data(&reader.post("/activity", &json!({ "kind": "note", "subject": "x" })).await);
    for reply in [
        reader.post("/tasks", &json!({ "title": "y" })).await,
        patch(&reader, &format!("/tasks/{id}"), &json!({ "title": "y" })).await,
        reader.post(&format!("/tasks/{id}/complete"), &json!({})).await,
        reader.post(&format!("/tasks/{id}/archive"), &json!({})).await,
    ] {
        is_refused(&reply, 403, "missing_required_scope");
        assert_eq!(reply.body["error"]["required_scope"], "tasks:write");
    }
    is_refused(&reader.get("/activity").await, 403, "missing_required_scope");
    assert_eq!(console.database.count("select count(*) from record where version > 1").await, 0);
}

#[tokio::test]
async fn a_steward_who_only_reads_lets_a_key_only_read() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let steward = console.joins(&team, "Steward", WorkspaceRole::Owner).await;
    let client = console.client(&steward, &team.slug, &TASKS).await;
    let id = task(&client, &json!({ "title": "x" })).await;
    let member = console.member_id(team.workspace, steward.user).await;
    console.change("update workspace_grant set role = 'readonly' where membership_id = $1", member.0).await;
    data(&client.get(&format!("/tasks/{id}")).await);
    is_refused(&client.post("/tasks", &json!({ "title": "y" })).await, 403, "policy_denied");
    is_refused(&client.post(&format!("/tasks/{id}/complete"), &json!({})).await, 403, "policy_denied");
    assert_eq!(console.database.count("select count(*) from record where status = 'open'").await, 1);
}

#[tokio::test]
async fn a_module_that_is_off_or_not_in_the_plan_does_not_answer() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let id = task(&client, &json!({ "title": "x" })).await;
    as_owner(
        &console,
        &team,
        "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at) values (TENANT, WORKSPACE, 'tasks', false, now())",
    )
    .await;
    for reply in [client.get("/tasks").await, client.get(&format!("/tasks/{id}")).await, client.post("/tasks", &json!({})).await] {
        is_refused(&reply, 403, "module_not_enabled");
        assert_eq!(reply.body["error"]["module"], "tasks");
    }
    data(&client.get("/activity").await);
    as_owner(&console, &team, "update module_switch set enabled = true").await;
    data(&client.get(&format!("/tasks/{id}")).await);
    let no_more = "insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
                   values (TENANT, gen_random_uuid(), 'module:tasks', 0, 'A test.', '2026-11-01', '2026-11-01')";
    as_owner(&console, &team, no_more).await;
    is_refused(&client.get(&format!("/tasks/{id}")).await, 403, "module_not_entitled");
    assert_eq!(console.database.count("select count(*) from record").await, 1, "what there is stays");
}

#[tokio::test]
async fn while_paused_records_wait_and_the_control_plane_goes_on() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["tasks:read", "tasks:write", "members:read"]).await;
    as_owner(
        &console,
        &team,
        "insert into billing_pause (tenant_id, id, reason, limit_micros, since)
         values (TENANT, gen_random_uuid(), 'balance_exhausted', 5000000, '2026-11-20')",
    )
    .await;
    for reply in [client.get("/tasks").await, client.post("/tasks", &json!({ "title": "x" })).await] {
        is_refused(&reply, 402, "billing_paused");
        assert_eq!(reply.body["error"]["billing"]["reason"], "balance_exhausted");
    }
    data(&client.get("/members").await);
    assert_eq!(used(&console).await, [], "what is refused is not metered");
    as_owner(&console, &team, "update billing_pause set ended_at = since").await;
    data(&client.get("/tasks").await);
}

#[tokio::test]
async fn more_calls_than_the_plan_has_are_put_off() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &TASKS).await;
    console.change("update api_key set calls_per_minute = 3 where id = $1", client.key.0).await;
    let mut last = client.get("/tasks").await;
    for _ in 0..3 {
        assert_eq!(last.status, StatusCode::OK, "{}", last.body);
        assert_eq!(last.header("ratelimit-limit"), "3");
        last = client.get("/tasks").await;
    }
    is_refused(&last, 429, "rate_limited");
    assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..120).contains(&seconds)), "{:?}", last.headers);
    assert_eq!(last.header("ratelimit-remaining"), "0");
    assert_eq!(used(&console).await, [("tasks.list".to_owned(), "rest.read".to_owned(), 3)]);
    console.hands.advance(chrono::TimeDelta::minutes(2));
    data(&client.get("/tasks").await);
}

#[tokio::test]
async fn each_answered_call_is_metered_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let id = task(&client, &json!({ "title": "x" })).await;
    let path = format!("/tasks/{id}");
    data(&client.get(&path).await);
    data(&client.get("/tasks").await);
    data(&patch(&client, &path, &json!({ "title": "y" })).await);
    data(&patch(&client, &path, &json!({ "title": "y" })).await);
    data(&client.post(&format!("{path}/complete"), &json!({})).await);
    data(&client.post("/activity", &json!({ "kind": "note", "subject": "x" })).await);
    client.post("/tasks", &json!({})).await;
    let expected = [
        ("activity.create", "rest.write", 1),
        ("tasks.complete", "rest.write", 1),
        ("tasks.create", "rest.write", 1),
        ("tasks.get", "rest.read", 1),
        ("tasks.list", "rest.read", 1),
        ("tasks.update", "rest.write", 2),
    ];
    assert_eq!(used(&console).await, expected.map(|(operation, dimension, count)| (operation.to_owned(), dimension.to_owned(), count)));
    assert_eq!(console.database.count("select count(*) - count(distinct request_id) from usage_event").await, 0);
}

#[tokio::test]
async fn another_workspaces_record_is_not_there() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = console.client(&acme.admin, &acme.slug, &TASKS).await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &TASKS).await;
    let path = format!("/tasks/{}", task(&ours, &json!({ "title": "Ours" })).await);
    for reply in [
        theirs.get(&path).await,
        patch(&theirs, &path, &json!({ "title": "Theirs" })).await,
        theirs.post(&format!("{path}/complete"), &json!({})).await,
        theirs.post(&format!("{path}/archive"), &json!({})).await,
        theirs.get("/tasks/nonsense").await,
    ] {
        is_refused(&reply, 404, "resource_not_found");
    }
    assert_eq!(*data(&theirs.get("/tasks").await), json!([]));
    assert_eq!(*data(&theirs.get("/tasks?status=open&q=ours").await), json!([]));
    assert_eq!(data(&ours.get(&path).await)["title"], "Ours");
}

#[tokio::test]
async fn what_was_looked_at_before_is_not_changed_unseen() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &TASKS).await;
    let path = format!("/tasks/{}", task(&client, &json!({ "title": "x" })).await);
    let body = json!({ "title": "y" });
    let seen = [("if-match", "\"1\"")];
    data(&client.send(Method::PATCH, &path, &seen, Some(&body)).await);
    for (method, path, body) in [
        (Method::PATCH, path.clone(), json!({ "title": "z" })),
        (Method::POST, format!("{path}/complete"), json!({})),
        (Method::POST, format!("{path}/archive"), json!({})),
    ] {
        is_refused(&client.send(method, &path, &seen, Some(&body)).await, 412, "version_conflict");
    }
    assert_eq!(data(&client.get(&path).await)["title"], "y");
    // Without a version each waits for the other, and both are done.
    let both = futures_util::future::join_all(["a", "b"].map(|by| {
        let (client, path, body) = (&client, &path, json!({ "custom_fields": { by: true } }));
        async move { patch(client, path, &body).await }
    }))
    .await;
    assert!(both.iter().all(|reply| reply.status == StatusCode::OK));
    assert_eq!(data(&client.get(&path).await)["custom_fields"], json!({ "a": true, "b": true }));
}

#[tokio::test]
async fn what_is_sent_twice_is_done_once_and_a_dry_run_not_at_all() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &TASKS).await;
    let body = json!({ "title": "Once" });
    let headers = [("idempotency-key", "one")];
    let first = client.send(Method::POST, "/tasks", &headers, Some(&body)).await;
    let again = client.send(Method::POST, "/tasks", &headers, Some(&body)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!((data(&again), again.header("etag")), (data(&first), "\"1\""));
    is_refused(&client.send(Method::POST, "/tasks", &headers, Some(&json!({ "title": "Other" }))).await, 409, "idempotency_conflict");
    let written = || async {
        let mut counts = Vec::new();
        for sql in [
            "select count(*) from record",
            "select count(*) from record_value",
            "select records + archived from record_count",
            "select count(*) from audit_event",
            "select count(*) from outbox",
            "select sum(version)::bigint from record",
        ] {
            counts.push(console.database.count(sql).await);
        }
        counts
    };
    let before = written().await;
    assert_eq!(before[0], 1);
    let path = format!("/tasks/{}", data(&first)["id"].as_str().expect("an id"));
    for (method, path, body, event) in [
        (Method::POST, "/tasks".to_owned(), body, "record.task.created"),
        (Method::PATCH, path.clone(), json!({ "title": "Twice" }), "record.task.updated"),
        (Method::POST, format!("{path}/complete"), json!({}), "record.task.completed"),
        (Method::POST, format!("{path}/archive"), json!({}), "record.task.archived"),
    ] {
        let planned = client.send(method, &format!("{path}?dry_run=true"), &[], Some(&body)).await;
        assert_eq!((&data(&planned)["dry_run"], &data(&planned)["would"][0]["event"]), (&json!(true), &json!(event)), "{}", planned.body);
    }
    assert_eq!(written().await, before, "a dry run left something");
    let changes: &Value = &json!([{ "field": "title", "before": "Once", "after": "Twice" }]);
    let planned = client.send(Method::PATCH, &format!("{path}?dry_run=true"), &[], Some(&json!({ "title": "Twice" }))).await;
    assert_eq!(&data(&planned)["would"][0]["changes"], changes);
}
