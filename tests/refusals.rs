//! Every operation of the document beside everything that a call can be refused for. Each is refused as the contract says,
//! and leaves nothing but the row that it was. What is another workspace's is in `isolation`, who may what in `matrix`.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::{
    app,
    server::{
        modules,
        rest::{Operation, scopes},
        scope::Asks,
    },
};

use crate::support::{Client, Console, Reply, Team, Things};

struct Ground {
    console: Console,
    team: Team,
    things: Things,
    /// May everything.
    client: Client,
}

impl Ground {
    async fn start() -> Self {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        // Without a limit: there are more operations than smaller plans have calls.
        console.change("update tenant set plan = 'enterprise' where tenant_id = $1", team.tenant.0).await;
        let things = console.things(&team).await;
        let all: Vec<&str> = scopes().map(|kind| kind.name).collect();
        let client = console.client(&team.owner, &team.slug, &all).await;
        Self { console, team, things, client }
    }

    async fn run(&self, sql: &str) {
        let sql = sql.replace("WORKSPACE", &format!("'{}'", self.team.workspace.0)).replace("TENANT", &format!("'{}'", self.team.tenant.0));
        let mut owner = self.console.database.connect("stoa_owner").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.expect("the statement runs");
    }

    async fn call(&self, operation: &Operation, client: &Client, query: &str) -> Reply {
        let body = (operation.method != Method::GET).then(|| json!({}));
        let path = format!("{}{query}", self.things.address(operation.path));
        client.send(operation.method.clone(), &path, &[("idempotency-key", operation.id)], body.as_ref()).await
    }

    /// What nothing that is refused may change.
    async fn left(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for counted in [
            "select coalesce(sum(version), 0)::bigint from record",
            "select count(*) from usage_event",
            "select count(*) from idempotent_answer",
            "select count(*) from outbox where type not like 'access.%'",
            "select count(*) from audit_event where action <> 'access.denied'",
            "select count(*) from api_key where status = 'active'",
            "select count(*) from workspace_membership where status = 'active'",
            "select count(*) from invitation",
        ] {
            counts.push(self.console.database.count(counted).await);
        }
        counts
    }

    /// Each of these operations by this client, with nothing changed by all of them.
    async fn each_is(&self, operations: Vec<Operation>, client: &Client, status: StatusCode, code: &str) -> usize {
        let before = self.left().await;
        for operation in &operations {
            let reply = self.call(operation, client, "").await;
            assert_eq!((reply.status, reply.code()), (status, code), "{}: {}", operation.id, reply.body);
            let error = &reply.body["error"];
            match code {
                "missing_required_scope" => assert_eq!(error["required_scope"].as_str(), operation.gate.scope, "{}", operation.id),
                "module_not_enabled" | "module_not_entitled" => {
                    assert_eq!(error["module"].as_str(), operation.gate.module.map(modules::Module::key), "{}", operation.id);
                }
                "rate_limited" => assert!(reply.header("retry-after").parse::<u32>().is_ok_and(|wait| wait > 0), "{}", operation.id),
                "billing_paused" => assert_eq!(error["billing"]["reason"], "balance_exhausted", "{}", operation.id),
                _ => {}
            }
        }
        assert_eq!(self.left().await, before, "what is refused for {code} changes nothing");
        operations.len()
    }
}

fn operations() -> Vec<Operation> {
    app::operations().into_iter().filter(|operation| operation.asks != Asks::Nothing).collect()
}

fn of_modules() -> Vec<Operation> {
    operations().into_iter().filter(|operation| operation.gate.module.is_some()).collect()
}

const PAUSED: &str = "insert into billing_pause (tenant_id, id, reason, limit_micros, since)
    values (TENANT, gen_random_uuid(), 'balance_exhausted', 5000000, '2026-11-01')";

#[tokio::test]
async fn every_operation_runs_for_a_key_that_may() {
    let ground = Ground::start().await;
    for operation in operations() {
        let reply = ground.call(&operation, &ground.client, if operation.method == Method::GET { "" } else { "?dry_run=true" }).await;
        let is_refused = [401, 402, 403, 404, 429].contains(&reply.status.as_u16()) || reply.status.is_server_error();
        assert!(!is_refused, "{}: {} {}", operation.id, reply.status, reply.body);
        assert!(operation.method != Method::GET || reply.status == StatusCode::OK, "{}: {}", operation.id, reply.body);
    }
}

#[tokio::test]
async fn every_operation_refuses_what_is_no_key() {
    let ground = Ground::start().await;
    let router = &ground.console.router;
    let good = &ground.client.secret;
    let last = if good.ends_with('0') { '1' } else { '0' };
    let misread = format!("{}{last}", &good[..good.len() - 1]);
    let session = ground.team.owner.browser.cookie("stoa_session").expect("a session");
    for presented in ["", &misread, &good.replacen("_key_", "_mcp_", 1), &session] {
        let stranger = Client::with(router.clone(), presented);
        assert!(ground.each_is(operations(), &stranger, StatusCode::UNAUTHORIZED, "unauthorized").await > 100);
    }
}

#[tokio::test]
async fn every_operation_refuses_a_key_that_was_stopped() {
    let ground = Ground::start().await;
    ground.console.hands.advance(chrono::TimeDelta::minutes(1));
    for stopped in [
        "update api_key set status = 'quarantined' where workspace_id = WORKSPACE",
        "update api_key set status = 'active', expires_at = created_at + interval '1 second' where workspace_id = WORKSPACE",
        "update api_key set status = 'revoked', revoked_at = created_at, expires_at = created_at + interval '90 days' where workspace_id = WORKSPACE",
    ] {
        ground.run(stopped).await;
        ground.each_is(operations(), &ground.client, StatusCode::UNAUTHORIZED, "unauthorized").await;
    }
}

#[tokio::test]
async fn every_operation_refuses_a_key_without_its_scope() {
    let ground = Ground::start().await;
    let asking = || operations().into_iter().filter(|operation| operation.gate.scope.is_some());
    let one = ground.console.client(&ground.team.owner, &ground.team.slug, &["members:read"]).await;
    let other = ground.console.client(&ground.team.owner, &ground.team.slug, &["audit:read"]).await;
    let (of_members, others): (Vec<Operation>, Vec<Operation>) =
        asking().partition(|operation| operation.gate.scope == Some("members:read"));
    let lacking = (StatusCode::FORBIDDEN, "missing_required_scope");
    assert!(ground.each_is(others, &one, lacking.0, lacking.1).await > 100);
    assert!(ground.each_is(of_members, &other, lacking.0, lacking.1).await > 0);
}

#[tokio::test]
async fn every_operation_of_a_module_waits_for_it() {
    let ground = Ground::start().await;
    ground
        .run(
            "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at)
             select TENANT, WORKSPACE, module, false, 'epoch' from (select distinct module from record) as known
             on conflict (tenant_id, workspace_id, module) do update set enabled = false",
        )
        .await;
    assert!(ground.each_is(of_modules(), &ground.client, StatusCode::FORBIDDEN, "module_not_enabled").await > 80);
    ground
        .run(
            "delete from entitlement where tenant_id = TENANT;
             insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
             select TENANT, gen_random_uuid(), 'module:' || module, 0, 'A test.', 'epoch', 'epoch'
             from (select distinct module from record) as known",
        )
        .await;
    ground.each_is(of_modules(), &ground.client, StatusCode::FORBIDDEN, "module_not_entitled").await;
    let rest: Vec<Operation> = operations().into_iter().filter(|operation| operation.gate.module.is_none()).collect();
    for operation in rest.iter().filter(|operation| operation.method == Method::GET) {
        assert_eq!(ground.call(operation, &ground.client, "").await.status, StatusCode::OK, "{} is of no module", operation.id);
    }
}

#[tokio::test]
async fn every_operation_counts_against_the_limit() {
    let ground = Ground::start().await;
    ground.console.change("update api_key set calls_per_minute = 1 where id = $1", ground.client.key.0).await;
    assert_eq!(ground.client.get("/me").await.status, StatusCode::OK);
    ground.each_is(operations(), &ground.client, StatusCode::TOO_MANY_REQUESTS, "rate_limited").await;
}

#[tokio::test]
async fn every_billable_operation_waits_while_paused_and_no_other() {
    let ground = Ground::start().await;
    ground.run(PAUSED).await;
    let (others, waiting): (Vec<Operation>, Vec<Operation>) = operations().into_iter().partition(|operation| operation.gate.while_paused);
    assert_eq!(waiting.len(), of_modules().len(), "what is of a module is billed, and nothing else is");
    ground.each_is(waiting, &ground.client, StatusCode::PAYMENT_REQUIRED, "billing_paused").await;
    for operation in others {
        let reply = ground.call(&operation, &ground.client, if operation.method == Method::GET { "" } else { "?dry_run=true" }).await;
        assert!(![402, 403, 404].contains(&reply.status.as_u16()), "{}: {}", operation.id, reply.body);
    }
}
