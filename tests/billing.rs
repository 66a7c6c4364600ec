//! What was used is what the pages say; plan and caps pause billable calls and nothing else; and they run again.

use axum::{
    Router,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use serde_json::json;
use stoa::{
    access::{TenantRole, workspace::ReadWorkspace},
    app,
    error::AppError,
    features::{billing, teams, usage},
    ids::ApiKeyId,
    server::{
        chance, http, modules,
        rest::{Answer, Call, Named, Nothing, Operation},
    },
};

use crate::{
    support::{Client, Console, Person, Reply, Team, browser::Answer as Shown},
    workspaces::give_plan,
};

/// A dollar, in nano-dollars.
pub const DOLLAR: i64 = 1_000_000_000;

/// So much was used by a key, or without one, and is added up.
pub async fn used(console: &Console, team: &Team, key: Option<ApiKeyId>, dimension: &str, nanos: i64) {
    append_used(console, team, key, dimension, nanos).await;
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
}

async fn append_used(console: &Console, team: &Team, key: Option<ApiKeyId>, dimension: &str, nanos: i64) {
    let now = console.stoa.clock.now();
    let events = json!([{
        "tenant_id": team.tenant.0, "occurred_at": now, "id": chance::uuid(now), "workspace_id": team.workspace.0,
        "dimension": dimension, "module": "tasks", "operation": "tasks.list", "quantity": 3, "nanos": nanos,
        "rate_version": "2026-11-01", "credential_id": key.map(|key| key.0), "channel": "api", "request_id": chance::uuid(now),
    }]);
    let mut app = console.database.connect("stoa_app").await;
    let new: i32 =
        sqlx::query_scalar("select append_usage($1::jsonb)").bind(events.to_string()).fetch_one(&mut app).await.expect("appended");
    assert_eq!(new, 1);
}

async fn look(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Nothing>, AppError> {
    Ok(call.answers(Nothing {}))
}

/// The same key, where a module has a billable route.
fn calling(console: &Console, client: &Client) -> Client {
    let module = modules::find("tasks").expect("a module");
    let named = Named::of_module("tests.look", "/tests/look", module, false, "Looks.");
    let mut operations = app::operations();
    operations.push(Operation::read(named, look));
    Client::with(http::router(console.stoa.clone(), app::doors(), operations, Router::new()), &client.secret)
}

async fn billable(client: &Client) -> Reply {
    client.get("/tests/look").await
}

pub async fn submit(console: &Console, person: &Person, place: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
    let key = console.form_key();
    let mut sent = vec![("form", key.as_str()), ("place", place)];
    sent.extend_from_slice(fields);
    person.browser.post(path, &sent).await
}

pub async fn cap_account(console: &Console, team: &Team, by: &Person, of: &str, amount: &str, kind: &str) -> Shown {
    let path = format!("/t/{}/billing/cap", team.tenant_slug);
    submit(console, by, &team.tenant_slug, &path, &[("of", of), ("amount", amount), ("kind", kind)]).await
}

pub async fn cap_workspace(console: &Console, team: &Team, by: &Person, of: &str, amount: &str, kind: &str) -> Shown {
    let path = format!("/w/{}/settings/spend/cap", team.slug);
    submit(console, by, &team.slug, &path, &[("of", of), ("amount", amount), ("kind", kind)]).await
}

/// Every row of every table, its cells parted by a stroke.
pub fn rows(page: &Shown) -> String {
    let html = scraper::Html::parse_document(&page.body);
    let (row, cell) = (scraper::Selector::parse("main tr").expect("a selector"), scraper::Selector::parse("th, td").expect("a selector"));
    let read = |cell: scraper::ElementRef| cell.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    html.select(&row).map(|row| row.select(&cell).map(read).collect::<Vec<_>>().join(" | ") + "\n").collect()
}

pub async fn events(console: &Console, action: &str) -> i64 {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select count(*) from audit_event where action = $1").bind(action).fetch_one(&mut owner).await.expect("a count")
}

pub async fn payer(console: &Console, team: &Team) -> Person {
    let person = console.signed_in_as("Bill Payer").await;
    let mut scope = console.service(team).await;
    teams::server::add(&mut scope, person.user, "Bill Payer", TenantRole::Billing).await.expect("added");
    scope.commit().await.expect("committed");
    person
}

#[tokio::test]
async fn the_page_says_what_the_sums_are() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["billing:read"]).await;
    used(&console, &team, Some(client.key), "rest.read", DOLLAR + 234_567_890).await;
    used(&console, &team, None, "rest.write", 20_000).await;
    let address = format!("/t/{}/billing", team.tenant_slug);
    let page = team.owner.browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text() + &rows(&page);
    for says in [
        "Developer",
        "usage of $5.00 a month",
        "$1.23 of $5.00 (24 %)",
        "Acme Shop | $1.23",
        "rest.read | 3 | $1.23",
        "rest.write | 3 | $0.00002",
        "begins on 1 December 2026, 00:00 UTC",
        "API reads | rest.read | $0.00002 | a call",
    ] {
        assert!(text.contains(says), "{says} is not in {text}");
    }
    let total = console.database.text("select sum(nanos)::text from usage_event where tenant_id = $1", team.tenant.0).await;
    let csv = team.owner.browser.get(&format!("{address}/usage.csv")).await;
    let sum: i64 =
        csv.body.lines().skip(1).map(|line| line.rsplit(',').next().and_then(|sum| sum.parse::<i64>().ok()).expect("a sum")).sum();
    assert_eq!(sum.to_string(), total, "{}", csv.body);
    assert_eq!(events(&console, "usage.exported").await, 1);
    let spend = rows(&team.admin.browser.get(&format!("/w/{}/settings/spend", team.slug)).await);
    assert!(spend.contains("Test | $1.23") && spend.contains("Without a key | $0.00002"), "{spend}");
    let told = client.get("/billing").await.body;
    assert_eq!(told["data"]["spent_nanos"].to_string(), total);
    assert_eq!(told["data"]["paused"], json!(null));
}

#[tokio::test]
async fn a_plan_that_is_used_up_pauses_what_is_billable_and_nothing_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let scopes = ["tasks:read", "members:read", "credentials:read", "audit:read", "billing:read", "settings:write"];
    let client = console.client(&team.owner, &team.slug, &scopes).await;
    let key = client.key;
    let client = calling(&console, &client);
    assert_eq!(billable(&client).await.status, StatusCode::OK);
    used(&console, &team, Some(key), "rest.read", 5 * DOLLAR).await;
    let refused = billable(&client).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"), "{}", refused.body);
    assert_eq!(refused.body["error"]["billing"]["reason"], "balance_exhausted");
    assert_eq!(refused.body["error"]["billing"]["resets_at"], "2026-12-01T00:00:00Z");
    for path in ["/me", "/members", "/api-keys", "/audit-log", "/billing"] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
    }
    assert_eq!(client.get("/billing").await.body["data"]["paused"]["reason"], "balance_exhausted");
    let page = team.owner.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await.text();
    assert!(page.contains("Billable calls are paused") && page.contains("$5.00 of $5.00 (100 %)"), "{page}");
    assert_eq!(console.told(team.owner.user).await, ["billing.paused"]);
    assert_eq!(console.told(team.admin.user).await, Vec::<String>::new(), "the account's money is not theirs");

    console.hands.advance(TimeDelta::seconds(1));
    give_plan(&console, &team, "builder").await;
    assert_eq!(billable(&client).await.status, StatusCode::OK, "another plan, and it runs on the next call");
    assert_eq!(console.told(team.owner.user).await, ["billing.paused", "billing.resumed"]);
    let page = team.owner.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await.text();
    assert!(!page.contains("Billable calls are paused") && page.contains("Charged at the same rates"), "{page}");
}

#[tokio::test]
async fn a_cap_holds_as_soon_as_it_is_set_and_no_longer_than_it_is_there() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["tasks:read", "settings:write", "billing:read"]).await;
    let key = client.key;
    let client = calling(&console, &client);
    used(&console, &team, Some(key), "rest.read", 2 * DOLLAR).await;
    let workspace = team.workspace.to_string();
    assert_eq!(cap_workspace(&console, &team, &team.admin, &workspace, "2.00", "hard").await.status, StatusCode::SEE_OTHER);
    let refused = billable(&client).await;
    assert_eq!(refused.body["error"]["billing"]["reason"], "workspace_cap", "{}", refused.body);
    assert_eq!(console.told(team.admin.user).await, ["billing.paused"]);
    assert_eq!(console.actors_of(team.workspace, "spend_cap.set").await, ["Acme Admin"]);
    // Another cap that is reached too is the same pause.
    cap_workspace(&console, &team, &team.admin, &workspace, "1", "hard").await;
    assert_eq!(billable(&client).await.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(console.told(team.admin.user).await, ["billing.paused"]);
    cap_workspace(&console, &team, &team.admin, &workspace, "2.01", "hard").await;
    assert_eq!(billable(&client).await.status, StatusCode::OK);

    // The same over the API, which no pause stops.
    let put = client.send(Method::PUT, &format!("/billing/caps/{workspace}"), &[], Some(&json!({ "limit_micros": 5, "hard": true }))).await;
    assert_eq!((put.status, &put.body["data"]["limit_micros"]), (StatusCode::OK, &json!(5)), "{}", put.body);
    console.work_off().await;
    assert_eq!(billable(&client).await.status, StatusCode::PAYMENT_REQUIRED);
    let gone = client.send(Method::DELETE, &format!("/billing/caps/{workspace}"), &[], None).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.body);
    console.work_off().await;
    assert_eq!(billable(&client).await.status, StatusCode::OK);
    assert_eq!(client.send(Method::DELETE, &format!("/billing/caps/{workspace}"), &[], None).await.status, StatusCode::NOT_FOUND);

    // A key's own cap stops that key alone, and is not its own to move.
    let own = format!("/billing/caps/{key}");
    assert_eq!(client.send(Method::PUT, &own, &[], Some(&json!({ "limit_micros": 5, "hard": true }))).await.status, StatusCode::CONFLICT);
    assert_eq!(cap_workspace(&console, &team, &team.admin, &key.to_string(), "1", "hard").await.status, StatusCode::SEE_OTHER);
    assert_eq!(billable(&client).await.body["error"]["billing"]["reason"], "credential_cap");
    let other = console.client(&team.owner, &team.slug, &["tasks:read"]).await;
    assert_eq!(billable(&calling(&console, &other)).await.status, StatusCode::OK);
    let path = format!("/w/{}/settings/spend/cap/remove", team.slug);
    let fields = [("of", key.to_string()), ("version", "1".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let removed = submit(&console, &team.admin, &team.slug, &path, &fields).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER, "{}", removed.text());
    assert_eq!(billable(&client).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_month_runs_again_and_the_pause_is_closed_with_the_old_one() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = calling(&console, &console.client(&team.owner, &team.slug, &["tasks:read"]).await);
    used(&console, &team, None, "rest.read", 5 * DOLLAR).await;
    assert_eq!(billable(&client).await.status, StatusCode::PAYMENT_REQUIRED);
    console.hands.advance(TimeDelta::days(10));
    assert_eq!(billable(&client).await.status, StatusCode::OK, "also before anybody closed it");
    assert_eq!(events(&console, "billing.resumed").await, 0);
    billing::server::reassess(console.stoa.clone()).await.expect("assessed");
    billing::server::reassess(console.stoa.clone()).await.expect("assessed");
    assert_eq!(events(&console, "billing.resumed").await, 1);
    let ended = "select (ended_at at time zone 'UTC')::text from billing_pause where tenant_id = $1";
    assert_eq!(console.database.text(ended, team.tenant.0).await, "2026-12-01 00:00:00");
    let back = console.signed_in_as("Acme Owner").await;
    let page = back.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await.text();
    assert!(page.contains("$0.00 of $5.00 (0 %)") && page.contains("None this month."), "{page}");
}

#[tokio::test]
async fn a_limit_that_was_reached_and_never_decided_on_is_looked_at_again() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = calling(&console, &console.client(&team.owner, &team.slug, &["tasks:read"]).await);
    used(&console, &team, None, "rest.read", DOLLAR).await;
    assert_eq!(billable(&client).await.status, StatusCode::OK);
    // Added up, and then whoever was to decide is stopped.
    append_used(&console, &team, None, "rest.read", 4 * DOLLAR).await;
    let reached = stoa::server::usage::roll_up(&console.stoa).await.expect("added up");
    assert_eq!(reached, [team.tenant]);
    assert_eq!(billable(&client).await.status, StatusCode::PAYMENT_REQUIRED, "also before anybody decided");
    let paused = "select count(*)::text from billing_pause where tenant_id = $1 and ended_at is null";
    assert_eq!(console.database.text(paused, team.tenant.0).await, "0");
    billing::server::reassess(console.stoa.clone()).await.expect("assessed");
    assert_eq!(console.database.text(paused, team.tenant.0).await, "1");
    billing::server::reassess(console.stoa.clone()).await.expect("assessed");
    assert_eq!(console.database.text(paused, team.tenant.0).await, "1");
}

#[tokio::test]
async fn of_two_that_assess_at_once_one_pauses() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    let mut app = console.database.connect("stoa_app").await;
    let now = console.stoa.clock.now();
    let event = json!([{
        "tenant_id": team.tenant.0, "occurred_at": now, "id": chance::uuid(now), "workspace_id": team.workspace.0,
        "dimension": "rest.read", "operation": "tasks.list", "quantity": 1, "nanos": 5 * DOLLAR, "rate_version": "2026-11-01",
        "channel": "api", "request_id": chance::uuid(now),
    }]);
    sqlx::query("select append_usage($1::jsonb)").bind(event.to_string()).execute(&mut app).await.expect("appended");
    sqlx::query("select roll_up_usage(100)").execute(&mut app).await.expect("rolled up");
    let assessed = futures_util::future::join_all(nodes.iter().map(|node| billing::server::assess(node, team.tenant))).await;
    assert!(assessed.iter().all(Result::is_ok), "{assessed:?}");
    assert_eq!(events(&console, "billing.paused").await, 1);
    assert_eq!(console.told(team.owner.user).await, ["billing.paused"]);
}

#[tokio::test]
async fn a_cap_of_the_account_is_taken_away_by_whoever_pays() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let payer = payer(&console, &team).await;
    assert_eq!(cap_account(&console, &team, &payer, "account", "1", "hard").await.status, StatusCode::SEE_OTHER);
    let path = format!("/t/{}/billing/cap/remove", team.tenant_slug);
    let removed = submit(&console, &payer, &team.tenant_slug, &path, &[("of", "account"), ("version", "1")]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER, "{}", removed.text());
    let mut owner = console.database.connect("stoa_owner").await;
    let told: (uuid::Uuid, String) = sqlx::query_as("select log_id, route from audit_event where action = 'spend_cap.removed'")
        .fetch_one(&mut owner)
        .await
        .expect("one row");
    assert_eq!(told, (team.tenant.0, "/t/{tenant}/billing/cap/remove".to_owned()));
}

#[tokio::test]
async fn a_soft_cap_refuses_nothing_and_tells_once_a_month() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let payer = payer(&console, &team).await;
    let client = calling(&console, &console.client(&team.owner, &team.slug, &["tasks:read"]).await);
    assert_eq!(cap_account(&console, &team, &payer, "account", "1", "soft").await.status, StatusCode::SEE_OTHER);
    for _ in 0..2 {
        used(&console, &team, None, "rest.read", DOLLAR).await;
    }
    assert_eq!(billable(&client).await.status, StatusCode::OK);
    for person in [&team.owner, &payer] {
        assert_eq!(console.told(person.user).await, ["spend_cap.reached"], "{}", person.name);
    }
    console.hands.advance(TimeDelta::days(10));
    used(&console, &team, None, "rest.read", DOLLAR).await;
    assert_eq!(console.told(payer.user).await.len(), 2, "another month");
    assert_eq!(events(&console, "spend_cap.reached").await, 2);
}
