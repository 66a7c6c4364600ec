//! What the overview tells of keys.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::TimeDelta;
use serde_json::json;
use stoa::features::api_keys::server::{self as api_keys, NewKey};
use tower::ServiceExt as _;

use super::{later, leads, overview, told};
use crate::support::{Client, Console, Person, Team};

/// A key for so many days, which `steward` answers for.
pub async fn make(console: &Console, team: &Team, steward: &Person, days: i64) -> Client {
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    let scopes = vec!["tasks:read".to_owned()];
    let new = NewKey {
        kind: stoa::server::credentials::Kind::Key,
        name: format!("For {days}"),
        steward: Some(steward.user),
        scopes,
        days: Some(days),
    };
    let created = api_keys::create(&mut scope, &new, None).await.expect("a key");
    scope.commit().await.expect("committed");
    let mut client = Client::with(console.router.clone(), &created.secret.reveal());
    client.key = created.key.id;
    client
}

async fn version(console: &Console, client: &Client) -> i64 {
    console.database.text("select version::text from api_key where id = $1", client.key.0).await.parse().expect("a version")
}

async fn revoke(console: &Console, team: &Team, client: &Client) {
    let version = version(console, client).await;
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    api_keys::revoke(&mut scope, client.key, None, version).await.expect("revoked");
    scope.commit().await.expect("committed");
}

/// The names in the list of keys that a link leads to, by name: what is made at the same moment has no order.
async fn listed(person: &Person, link: &str) -> Vec<String> {
    let page = person.browser.get(link).await;
    assert_eq!(page.status, StatusCode::OK, "{link}");
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("main tbody th a").expect("a selector");
    let mut names: Vec<String> = html.select(&selector).map(|found| found.text().collect()).collect();
    names.sort();
    names
}

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn keys_that_end_soon_are_counted_and_listed_exactly() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    make(&console, &team, &team.owner, 90).await;
    let one = make(&console, &team, &team.member, 14).await;
    assert_eq!(told(&team.owner, &team).await, ["The key “For 14” expires in 14 days. API Keys"]);
    let other = make(&console, &team, &team.owner, 30).await;
    let says = "2 keys expire within 30 days, the first in 14 days. API Keys";
    for person in [&team.owner, &team.admin, &team.auditor] {
        assert_eq!(told(person, &team).await, [says]);
        let link = leads(person, &team, "2 keys").await;
        assert_eq!(link, format!("/w/{}/api-keys?status=active&ending=30", team.slug));
        assert_eq!(listed(person, &link).await, ["For 14", "For 30"]);
    }
    // A member sees the keys that they answer for, and of others nothing.
    assert_eq!(told(&team.member, &team).await, ["The key “For 14” expires in 14 days. API Keys"]);
    assert_eq!(listed(&team.member, &leads(&team.member, &team, "The key").await).await, ["For 14"]);
    revoke(&console, &team, &one).await;
    revoke(&console, &team, &other).await;
    assert_eq!(told(&team.owner, &team).await, NOTHING);
    assert_eq!(told(&team.member, &team).await, NOTHING);
}

#[tokio::test]
async fn a_key_that_is_quarantined_is_told_of_until_it_is_lifted() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, &team.member, 90).await;
    let mut scope = console.managing_credentials(&team.admin, &team.slug).await;
    api_keys::quarantine(&mut scope, client.key, "odd calls", 1).await.expect("quarantined");
    scope.commit().await.expect("committed");
    for (person, _) in team.people() {
        let says = "The key “For 90” is quarantined: calls with it are refused. It expires in 3 months. API Keys";
        assert_eq!(told(person, &team).await, [says]);
        assert_eq!(listed(person, &leads(person, &team, "The key").await).await, ["For 90"]);
    }
    let mut scope = console.managing_credentials(&team.admin, &team.slug).await;
    api_keys::lift(&mut scope, client.key, 2).await.expect("lifted");
    scope.commit().await.expect("committed");
    assert_eq!(told(&team.owner, &team).await, NOTHING);
}

#[tokio::test]
async fn a_key_that_nobody_uses_is_told_of_until_somebody_does() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, &team.owner, 300).await;
    later(&console, &team, TimeDelta::days(31)).await;
    make(&console, &team, &team.owner, 90).await;
    let auditor = &team.auditor;
    let says = "The key “For 300” works, and was not used for 30 days. It was last used or made 1 month ago. API Keys";
    assert_eq!(told(auditor, &team).await, [says]);
    assert_eq!(listed(auditor, &leads(auditor, &team, "The key").await).await, ["For 300"]);
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    // The use is noted beside the answer.
    for _ in 0..200 {
        if told(auditor, &team).await.is_empty() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(told(auditor, &team).await, NOTHING);
}

#[tokio::test]
async fn an_ended_key_is_told_of_only_while_somebody_calls_with_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (called, silent) = (make(&console, &team, &team.member, 1).await, make(&console, &team, &team.member, 1).await);
    later(&console, &team, TimeDelta::hours(23)).await;
    assert_eq!(silent.get("/members").await.status, StatusCode::FORBIDDEN, "while it lived it was refused something too");
    later(&console, &team, TimeDelta::hours(2)).await;
    assert!(told(&team.owner, &team).await.iter().all(|says| !says.contains("still called")), "nobody calls");
    later(&console, &team, TimeDelta::hours(23)).await;
    assert_eq!(told(&team.owner, &team).await, NOTHING, "nobody calls");
    assert_eq!(called.get("/tasks").await.status, StatusCode::UNAUTHORIZED);
    for person in [&team.owner, &team.admin, &team.auditor] {
        let told = told(person, &team).await;
        assert_eq!(told[0], "The key “For 1” expired 1 day ago, and is still called: its calls are refused. API key");
        assert_eq!(leads(person, &team, "The key").await, format!("/w/{}/api-keys/{}", team.slug, called.key));
    }
    assert_eq!(told(&team.member, &team).await, NOTHING, "who calls stands in the log, which members do not read");
    revoke(&console, &team, &called).await;
    assert!(told(&team.owner, &team).await.iter().all(|says| !says.contains("The key")));
}

#[tokio::test]
async fn a_leaked_key_that_works_comes_first_and_goes_when_it_is_rotated() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, &team.member, 14).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace set on_leak = 'alert'").execute(&mut owner).await.expect("set");
    let body = json!({ "credential": client.secret }).to_string();
    let report = Request::builder().method("POST").uri("/api/v1/leaked-credentials").body(Body::from(body)).expect("a request");
    assert_eq!(console.router.clone().oneshot(report).await.expect("an answer").status(), StatusCode::ACCEPTED);
    for (person, _) in team.people() {
        let told = told(person, &team).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0], "The key “For 14” was reported as leaked just now, and still works. Rotate it, or revoke it. API Keys");
    }
    let version = version(&console, &client).await;
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    api_keys::rotate(&mut scope, client.key, 7, version).await.expect("rotated");
    scope.commit().await.expect("committed");
    assert_eq!(told(&team.owner, &team).await, ["The key “For 14” expires in 14 days. API Keys"]);
}

#[tokio::test]
async fn what_is_elsewhere_is_never_told_of_here() {
    let console = Console::start().await;
    let (mut team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    make(&console, &zenith, &zenith.owner, 14).await;
    make(&console, &team, &team.owner, 14).await;
    console.invited(&zenith, "grace@example.com", "member").await;
    zenith.member.browser.get(&format!("/w/{}/audit-log", zenith.slug)).await;
    team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    crate::billing::used(&console, &zenith, None, "rest.read", 5 * crate::billing::DOLLAR).await;
    crate::workspaces::give_plan(&console, &team, "team").await;
    console.next_workspace(&mut team).await;
    for (person, role) in team.people() {
        let page = overview(person, &team).await;
        assert_eq!(super::concerns(&page), NOTHING, "{role}");
        assert!(!page.body.contains("For 14") && !page.text().contains("api_key.created"), "{role}");
        assert!(page.text().contains("Nothing was used in these 30 days"), "{role}");
    }
}
