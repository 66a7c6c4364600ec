//! What a call is held to, in its order, and what it leaves behind.

use axum::{Router, http::StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{
    access::workspace::{ReadWorkspace, WriteRecords},
    features::usage,
    server::{
        http, modules,
        plans::Dimension,
        rest::{Call, Named, Nothing, Operation},
    },
};

use crate::support::{Client, Console, Team};

/// Two operations of a module that do nothing: what is asked of them is all there is.
fn probes() -> Vec<Operation> {
    let tasks = modules::find("tasks").expect("a module");
    vec![
        Operation::read(
            Named::of_module("tasks.probe", "/probe", tasks, false, "Looks."),
            async |call: Call<ReadWorkspace>, _: Nothing| Ok(call.answers(Nothing {})),
        ),
        Operation::write(
            axum::http::Method::POST,
            Named::of_module("tasks.poke", "/probe", tasks, true, "Pokes."),
            StatusCode::OK,
            async |call: Call<WriteRecords>, _: Nothing| Ok(call.answers(Nothing {})),
        ),
    ]
}

fn probing(console: &Console) -> Router {
    http::router(console.stoa.clone(), Vec::new(), probes(), Router::new())
}

async fn client(console: &Console, team: &Team, scopes: &[&str]) -> Client {
    let made = console.client(&team.admin, &team.slug, scopes).await;
    Client::with(probing(console), &made.secret)
}

async fn run(console: &Console, team: &Team, sql: &str) {
    let sql = sql.replace("$tenant", &format!("'{}'", team.tenant.0)).replace("$workspace", &format!("'{}'", team.workspace.0));
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.expect("the statement runs");
}

const TAKEN: &str = "insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
    values ($tenant, gen_random_uuid(), 'module:tasks', 0, 'A test.', 'epoch', 'epoch')";
const OFF: &str = "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at)
    values ($tenant, $workspace, 'tasks', false, 'epoch')";
const PAUSED: &str = "insert into billing_pause (tenant_id, id, workspace_id, reason, limit_micros, since)
    select tenant_id, gen_random_uuid(), workspace_id, 'workspace_cap', 5000000, '2999-01-01T00:00:00Z' from workspace
    where workspace_id = $workspace";

/// Each check is made to fail beside all that come after it, and is the one that the answer names.
#[tokio::test]
async fn the_first_check_that_fails_is_the_one_that_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let scoped = client(&console, &team, &["tasks:read", "tasks:write"]).await;
    let scopeless = client(&console, &team, &["members:read"]).await;
    assert_eq!(scoped.get("/probe").await.status, StatusCode::OK);

    run(&console, &team, PAUSED).await;
    let paused = scoped.get("/probe").await;
    assert_eq!((paused.status, paused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"));
    assert_eq!(paused.body["error"]["billing"]["reason"], "workspace_cap");
    assert_eq!(paused.body["error"]["billing"]["cap"], json!({ "amount_micros": 5_000_000, "currency": "USD" }));
    let lacking = scopeless.get("/probe").await;
    assert_eq!((lacking.status, lacking.code()), (StatusCode::FORBIDDEN, "missing_required_scope"));
    assert_eq!(lacking.body["error"]["required_scope"], "tasks:read");
    run(&console, &team, OFF).await;
    let off = scopeless.get("/probe").await;
    assert_eq!((off.status, off.code(), &off.body["error"]["module"]), (StatusCode::FORBIDDEN, "module_not_enabled", &json!("tasks")));
    run(&console, &team, TAKEN).await;
    let not_entitled = scopeless.get("/probe").await;
    assert_eq!((not_entitled.status, not_entitled.code()), (StatusCode::FORBIDDEN, "module_not_entitled"));
    assert_eq!(not_entitled.body["error"]["plan"], "Developer");
    run(&console, &team, "update api_key set calls_per_minute = 1 where workspace_id = $workspace").await;
    assert_eq!(scopeless.get("/probe").await.code(), "module_not_entitled", "the one call that there may be");
    let limited = scopeless.get("/probe").await;
    assert_eq!((limited.status, limited.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    run(&console, &team, "update api_key set status = 'quarantined' where workspace_id = $workspace").await;
    assert_eq!(scopeless.get("/probe").await.code(), "unauthorized");
}

#[tokio::test]
async fn a_limit_is_said_before_it_refuses_and_ends_with_its_minute() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = client(&console, &team, &["tasks:read"]).await;
    run(&console, &team, "update api_key set calls_per_minute = 2 where workspace_id = $workspace").await;
    for left in ["1", "0"] {
        let reply = client.get("/probe").await;
        assert_eq!((reply.status, reply.header("ratelimit-limit"), reply.header("ratelimit-remaining")), (StatusCode::OK, "2", left));
    }
    let refused = client.get("/probe").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert_eq!(refused.body["error"]["retry_after_seconds"], wait);
    console.hands.advance(TimeDelta::seconds(wait));
    assert_eq!(client.get("/probe").await.status, StatusCode::OK, "as it was told");
    let denied = "select count(*) from audit_event where action = 'access.denied' and reason like 'More than 2 calls%'";
    assert_eq!(console.database.count(denied).await, 1);
}

#[tokio::test]
async fn an_answered_call_is_used_once_and_a_refused_one_not_at_all() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = client(&console, &team, &["tasks:read", "tasks:write"]).await;
    let read = client.get("/probe").await;
    let written = client.send(axum::http::Method::POST, "/probe", &[("idempotency-key", "one")], Some(&json!({}))).await;
    let replayed = client.send(axum::http::Method::POST, "/probe", &[("idempotency-key", "one")], Some(&json!({}))).await;
    assert_eq!((read.status, written.status, replayed.header("idempotency-replayed")), (StatusCode::OK, StatusCode::OK, "true"));
    client.send(axum::http::Method::POST, "/probe?dry_run=true", &[], Some(&json!({}))).await;
    client.send(axum::http::Method::POST, "/probe", &[], Some(&json!({ "x": 1 }))).await;
    client.get("/nowhere").await;

    let mut owner = console.database.connect("stoa_owner").await;
    let kept: Vec<Value> = sqlx::query_scalar(
        "select json_build_array(dimension, module, operation, quantity, nanos, rate_version, channel, request_id, credential_id)
         from usage_event where module = 'tasks' order by dimension",
    )
    .fetch_all(&mut owner)
    .await
    .expect("usage");
    let of = |reply: &crate::support::Reply| {
        let id: stoa::ids::RequestId = reply.header("x-request-id").parse().expect("an id");
        id.0.to_string()
    };
    let key = sqlx::query_scalar::<_, uuid::Uuid>("select id from api_key").fetch_one(&mut owner).await.expect("a key");
    assert_eq!(
        kept,
        [
            json!(["rest.read", "tasks", "tasks.probe", 1, 20_000, "2026-11-01", "api", of(&read), key]),
            json!(["rest.write", "tasks", "tasks.poke", 1, 100_000, "2026-11-01", "api", of(&written), key]),
        ]
    );
    usage::server::roll_up(console.stoa.clone()).await.expect("rolled up");
    assert_eq!(console.database.count("select count(*) from usage_pending").await, 0);
    assert_eq!(console.database.count("select sum(nanos)::bigint from usage_rollup").await, 120_000);
    assert_eq!(console.database.count("select sum(nanos)::bigint from usage_spend").await, 120_000);
}

#[tokio::test]
async fn the_control_plane_is_counted_for_nothing_and_goes_on_in_a_pause() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read", "credentials:read"]).await;
    run(&console, &team, PAUSED).await;
    let me = client.get("/me").await;
    assert_eq!(me.body["data"]["billing_paused"]["reason"], "workspace_cap", "{}", me.body);
    for path in ["/members", "/api-keys", "/workspace"] {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
    }
    let mut owner = console.database.connect("stoa_owner").await;
    let kept: Vec<(String, i64)> =
        sqlx::query_as("select dimension, nanos from usage_event order by dimension").fetch_all(&mut owner).await.expect("usage");
    let free = [Dimension::CredentialOperation, Dimension::WorkspaceOperation].map(|dimension| (dimension.name().to_owned(), 0));
    assert_eq!(kept, free);
}
