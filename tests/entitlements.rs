//! What the operator allows beside the plan holds from the next call on, and ends.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use stoa::{
    error::AppError,
    features::{
        billing::server::entitlements::{self, Key, NewEntitlement},
        workspaces,
    },
    ids::EntitlementId,
};

use crate::{
    billing::rows,
    support::{Console, Team},
};

async fn allow(console: &Console, team: &Team, key: &str, value: &str, until: Option<DateTime<Utc>>) -> EntitlementId {
    let key = Key::parse(key).expect("a key");
    let allowed = key.value(value).expect("a value");
    let mut scope = console.service(team).await;
    let new = NewEntitlement { workspace: None, key, allowed, reason: "agreed in November".to_owned(), until };
    let id = entitlements::set(&mut scope, &new).await.expect("set");
    scope.commit().await.expect("committed");
    id
}

async fn recorded(console: &Console, team: &Team, action: &'static str) -> Vec<(String, Option<String>)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select actor_name, reason from audit_event where log_id = $1 and action = $2 order by occurred_at, id")
        .bind(team.tenant.0)
        .bind(action)
        .fetch_all(&mut owner)
        .await
        .expect("events")
}

#[tokio::test]
async fn a_module_beside_the_plan_is_there_on_the_next_call_until_it_ends() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["members:read"]).await;
    let entitled = || async {
        let me = client.get("/me").await.body;
        let modules = me["data"]["modules"].as_array().expect("modules").clone();
        modules.iter().any(|module| module["key"] == "cms" && module["entitled"] == true)
    };
    assert!(!entitled().await);
    let id = allow(&console, &team, "module:cms", "on", None).await;
    assert!(entitled().await);
    let page = rows(&team.owner.browser.get(&format!("/t/{}/billing", team.tenant_slug)).await);
    assert!(page.contains("module:cms | on | the whole account | agreed in November"), "{page}");

    let mut scope = console.service(&team).await;
    entitlements::end(&mut scope, id, "not needed").await.expect("ended");
    scope.commit().await.expect("committed");
    assert!(!entitled().await);
    let mut scope = console.service(&team).await;
    assert!(matches!(entitlements::end(&mut scope, id, "again").await, Err(AppError::Conflict(_))));
    scope.close().await.expect("closed");
    assert_eq!(recorded(&console, &team, "entitlement.set").await, [("Operator".to_owned(), Some("agreed in November".to_owned()))]);
    assert_eq!(recorded(&console, &team, "entitlement.ended").await, [("Operator".to_owned(), Some("not needed".to_owned()))]);
}

#[tokio::test]
async fn one_workspaces_own_goes_before_its_tenants() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["members:read"]).await;
    let limit = || async { client.get("/me").await.body["data"]["limits"]["workspace_calls_per_minute"].clone() };
    assert_eq!(limit().await, 120);
    allow(&console, &team, "calls_per_minute", "500", None).await;
    assert_eq!(limit().await, 500);
    let mut scope = console.service(&team).await;
    let key = Key::CallsPerMinute;
    let new = NewEntitlement { workspace: Some(team.workspace), key, allowed: None, reason: "a test of load".to_owned(), until: None };
    entitlements::set(&mut scope, &new).await.expect("set");
    scope.commit().await.expect("committed");
    assert_eq!(limit().await, serde_json::Value::Null);
    assert_eq!(console.actors_of(team.workspace, "entitlement.set").await.len(), 1, "in the workspace's own log");
    allow(&console, &team, "calls_per_minute", "7", None).await;
    assert_eq!(console.database.count("select count(*) from entitlement where ends_at is null").await, 2, "the one before has ended");

    let zenith = console.team("Zenith").await;
    let mut scope = console.service(&zenith).await;
    assert_eq!(entitlements::set(&mut scope, &new).await, Err(AppError::NotFound), "another tenant's workspace");
    scope.close().await.expect("closed");
}

#[tokio::test]
async fn more_workspaces_than_the_plan_can_be_agreed_until_a_date() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let room = |says: &'static str| {
        let (console, team) = (&console, &team);
        async move {
            let page = team.owner.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await.text();
            assert!(page.contains(says), "{page}");
            let mut scope = console.service(team).await;
            let allowance = workspaces::server::allowance(&mut scope, team.tenant, "developer").await.expect("an allowance");
            scope.close().await.expect("closed");
            allowance.is_full()
        }
    };
    assert!(room("1 of 1 workspace of the Developer plan is used.").await);
    let until = console.stoa.clock.now() + TimeDelta::days(30);
    allow(&console, &team, "workspaces", "3", Some(until)).await;
    assert!(!room("1 of 3 workspaces that this console's operator allows are used.").await);
    console.hands.advance(TimeDelta::days(30));
    let back = console.signed_in_as("Acme Owner").await;
    let page = back.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("1 of 1 workspace of the Developer plan is used."), "it ended by itself: {}", page.text());
    for _ in 0..2 {
        entitlements::end_due(console.stoa.clone()).await.expect("recorded");
    }
    let ended = recorded(&console, &team, "entitlement.ended").await;
    assert_eq!(ended.iter().map(|(_, reason)| reason.as_deref()).collect::<Vec<_>>(), [Some("its end date has come")]);
}

#[tokio::test]
async fn what_ends_before_it_begins_is_not_taken() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = console.service(&team).await;
    let until = Some(console.stoa.clock.now());
    let new = NewEntitlement { workspace: None, key: Key::Workspaces, allowed: Some(9), reason: "late".to_owned(), until };
    assert!(matches!(entitlements::set(&mut scope, &new).await, Err(AppError::Invalid(_))));
    scope.close().await.expect("closed");
    assert_eq!(console.database.count("select count(*) from entitlement").await, 0);
}
