//! Another plan: what it would change is shown first, a larger one is there at once, a smaller one when the month ends; what it
//! has no room for can be read and not written.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use stoa::{
    features::{
        billing::server::{assess, changing::apply_due},
        usage,
    },
    server::chance,
};

use crate::{
    billing::{payer, rows, submit},
    support::{Client, Console, Person, Team, browser::Answer},
    workspaces::give_plan,
};

async fn choose(console: &Console, team: &Team, by: &Person, plan: &str, seen: &str) -> Answer {
    let path = format!("/t/{}/billing/plan", team.tenant_slug);
    submit(console, by, &team.tenant_slug, &path, &[("plan", plan), ("seen", seen)]).await
}

async fn looked_at(team: &Team, by: &Person, to: &str) -> String {
    let page = by.browser.get(&format!("/t/{}/billing/plan?to={to}", team.tenant_slug)).await;
    assert_eq!(page.status, StatusCode::OK);
    page.text() + &rows(&page)
}

async fn plan_of(console: &Console, team: &Team) -> String {
    console.database.text("select plan from tenant where tenant_id = $1", team.tenant.0).await
}

async fn recorded(console: &Console, action: &str) -> i64 {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select count(*) from audit_event where action = $1").bind(action).fetch_one(&mut owner).await.expect("a count")
}

/// So many writes of a module at one moment, added up.
async fn wrote(console: &Console, team: &Team, ago: TimeDelta, module: &str, quantity: i64) {
    let at = console.stoa.clock.now() - ago;
    let events = json!([{
        "tenant_id": team.tenant.0, "occurred_at": at, "id": chance::uuid(at), "workspace_id": team.workspace.0,
        "dimension": "rest.write", "module": module, "operation": "tasks.create", "quantity": quantity, "nanos": quantity * 100_000,
        "rate_version": "2026-11-01", "channel": "api", "request_id": chance::uuid(at),
    }]);
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query("select append_usage($1::jsonb)").bind(events.to_string()).execute(&mut app).await.expect("appended");
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
}

/// A further workspace of the account, and a key of it.
async fn another(console: &Console, team: &Team, name: &str) -> (String, Client) {
    console.hands.advance(TimeDelta::seconds(1));
    let path = format!("/t/{}/workspaces/new", team.tenant_slug);
    let word = name.to_lowercase();
    let made = submit(console, &team.owner, &team.tenant_slug, &path, &[("name", name), ("word", &word)]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let slug = made.location().trim_start_matches("/w/").split('/').next().expect("a slug").to_owned();
    let client = console.client(&team.owner, &slug, &["tasks:read", "tasks:write"]).await;
    (slug, client)
}

async fn writes(client: &Client) -> (u16, String) {
    let reply = client.post("/tasks", &json!({ "title": "One more" })).await;
    let code = reply.body["error"]["code"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn what_a_plan_would_change_is_shown_first() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    another(&console, &team, "Second").await;
    another(&console, &team, "Third").await;
    // Last month: 120 dollars in all, of which 110 came in its last days.
    wrote(&console, &team, TimeDelta::days(40), "tasks", 100_000).await;
    wrote(&console, &team, TimeDelta::days(25), "analytics", 1_100_000).await;
    // This one does not count.
    wrote(&console, &team, TimeDelta::hours(1), "tasks", 7_000_000).await;
    let page = looked_at(&team, &team.owner, "builder").await;
    for says in [
        "Team yours | $299.00 | $299.00 | charged | 5 | $299.00",
        "Builder | $99.00 | $99.00 | charged | 2 | $120.00",
        "Business | $799.00",
        "Enterprise | by contract",
        "October 2026",
        "From Team to Builder",
        "from 1 December 2026 on",
        "no room for the workspace Third",
        "The module Analytics is not in Builder: its 1 call of October 2026",
    ] {
        assert!(page.contains(says), "{says} is not in {page}");
    }
    assert!(!page.contains("no room for the workspace Second") && !page.contains("no room for the workspace Acme Shop"), "{page}");
    let smallest = looked_at(&team, &team.owner, "developer").await;
    assert!(
        smallest.contains("$0.00, with calls refused") && smallest.contains("would have been refused from 12 October, 12:15 UTC on: 1"),
        "{smallest}"
    );
    let larger = looked_at(&team, &team.owner, "business").await;
    assert!(larger.contains("Everything that was in use goes on.") && larger.contains("at once"), "{larger}");
    // Whoever only reads has no form, and those who may not read it no page.
    let address = format!("/t/{}/billing/plan?to=business", team.tenant_slug);
    assert_eq!(team.owner.browser.get(&address).await.count("main form"), 1);
    for person in [&team.member, &team.auditor] {
        assert_eq!(person.browser.get(&address).await.status, StatusCode::FORBIDDEN);
        assert_eq!(choose(&console, &team, person, "business", "team").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(plan_of(&console, &team).await, "team");
}

#[tokio::test]
async fn a_larger_plan_is_there_at_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let payer = payer(&console, &team).await;
    let client = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await;
    // Five dollars are included.
    wrote(&console, &team, TimeDelta::hours(1), "tasks", 50_000).await;
    assess(&console.stoa, team.tenant).await.expect("assessed");
    assert_eq!(writes(&client).await, (402, "billing_paused".to_owned()));
    let done = choose(&console, &team, &payer, "builder", "developer").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!((plan_of(&console, &team).await.as_str(), recorded(&console, "tenant.plan_changed").await), ("builder", 1));
    assert_eq!(writes(&client).await.0, 201, "what was paused runs on");
    assert!(console.told(team.owner.user).await.iter().any(|kind| kind == "tenant.plan_changed"));
    // What was shown is not what is so any more.
    assert_eq!(choose(&console, &team, &team.owner, "team", "developer").await.status, StatusCode::CONFLICT);
    let refused = choose(&console, &team, &team.owner, "enterprise", "builder").await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("Choose one of the plans"), "{}", refused.text());
    assert_eq!(choose(&console, &team, &team.owner, "builder", "builder").await.status, StatusCode::SEE_OTHER);
    assert_eq!(recorded(&console, "tenant.plan_changed").await, 1, "nothing to change");
}

#[tokio::test]
async fn a_smaller_plan_comes_when_the_month_ends_and_takes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let first = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await;
    let (second, of_second) = another(&console, &team, "Second").await;
    let (_, of_third) = another(&console, &team, "Third").await;
    assert_eq!(choose(&console, &team, &team.owner, "builder", "team").await.status, StatusCode::SEE_OTHER);
    assert_eq!(recorded(&console, "tenant.plan_change_scheduled").await, 1);
    assert!(looked_at(&team, &team.owner, "").await.contains("The plan is Builder from 1 December 2026 on"));
    assert_eq!((plan_of(&console, &team).await.as_str(), writes(&of_third).await.0), ("team", 201));
    // Withdrawn, asked for again, and asked for twice.
    assert_eq!(choose(&console, &team, &team.owner, "team", "team").await.status, StatusCode::SEE_OTHER);
    assert_eq!(recorded(&console, "tenant.plan_change_withdrawn").await, 1);
    for _ in 0..2 {
        choose(&console, &team, &team.owner, "builder", "team").await;
    }
    assert_eq!(recorded(&console, "tenant.plan_change_scheduled").await, 2);
    apply_due(console.stoa.clone()).await.expect("nothing is due");
    assert_eq!(plan_of(&console, &team).await, "team");

    console.hands.advance(TimeDelta::days(12));
    let other = console.another_node(&[]);
    let (one, two) = tokio::join!(apply_due(console.stoa.clone()), apply_due(other));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(plan_of(&console, &team).await, "builder");
    assert!(console.told(team.owner.user).await.iter().any(|kind| kind == "tenant.plan_changed"));
    let mut owner = console.database.connect("stoa_owner").await;
    let reasons: Vec<Option<String>> =
        sqlx::query_scalar("select reason from audit_event where action = 'tenant.plan_changed' order by occurred_at")
            .fetch_all(&mut owner)
            .await
            .expect("reasons");
    assert_eq!(reasons.len(), 2, "one by the test, one by the clock: {reasons:?}");
    assert!(reasons[1].as_ref().is_some_and(|reason| reason.starts_with("asked for on")), "{reasons:?}");

    // The oldest ones go on; of the third everything can still be read.
    assert_eq!((writes(&first).await.0, writes(&of_second).await.0), (201, 201));
    assert_eq!(writes(&of_third).await, (403, "policy_denied".to_owned()));
    let refused = of_third.post("/tasks", &json!({ "title": "One more" })).await;
    assert_eq!(refused.body["error"]["plan"], "Team", "{}", refused.body);
    assert_eq!(of_third.get("/tasks").await.body["data"].as_array().map(Vec::len), Some(1));
    // Where another one is archived there is room again, and where the plan has more.
    let archived = format!(
        "update workspace set status = 'archived', archived_at = created_at, archived_by = (select id from app_user limit 1), purge_at = created_at + interval '30 days' where slug = '{second}'"
    );
    let lived =
        format!("update workspace set status = 'active', archived_at = null, archived_by = null, purge_at = null where slug = '{second}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(archived)).execute(&mut owner).await.expect("archived");
    assert_eq!(writes(&of_third).await.0, 201);
    sqlx::raw_sql(sqlx::AssertSqlSafe(lived)).execute(&mut owner).await.expect("live");
    assert_eq!(writes(&of_third).await.0, 403);
    give_plan(&console, &team, "business").await;
    assert_eq!(writes(&of_third).await.0, 201);
}

#[tokio::test]
async fn the_operators_word_comes_first() {
    let console = Console::start_with(&[("STOA_BILLING__SELF_SERVICE", "false")]).await;
    let team = console.team("Acme").await;
    let page = looked_at(&team, &team.owner, "team").await;
    assert!(page.contains("Whoever runs this console changes the plan") && !page.contains("From Developer to Team"), "{page}");
    let refused = choose(&console, &team, &team.owner, "team", "developer").await;
    assert!(refused.status == StatusCode::CONFLICT && refused.text().contains("Ask them"), "{}", refused.text());

    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    choose(&console, &team, &team.owner, "developer", "team").await;
    give_plan(&console, &team, "business").await;
    let waits = "select count(*) from plan_change where ended_at is null";
    assert_eq!(console.database.count(waits).await, 0, "another plan took its place");
    // By contract: nobody else changes that.
    give_plan(&console, &team, "enterprise").await;
    assert_eq!(choose(&console, &team, &team.owner, "developer", "enterprise").await.status, StatusCode::CONFLICT);
    console.hands.advance(TimeDelta::days(12));
    apply_due(console.stoa.clone()).await.expect("applied");
    assert_eq!(plan_of(&console, &team).await, "enterprise");
}
