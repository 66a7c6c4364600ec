//! What happens to keys by themselves: warnings, reports of leaks, and the going of stewards and workspaces.

use std::{fs, path::Path};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::TimeDelta;
use serde_json::json;
use stoa::{
    error::AppError,
    features::api_keys::server as api_keys,
    server::{
        credentials::{Credential, Kind},
        events::Actor,
        http::request::RequestContext,
        scope::ServiceScope,
    },
};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::support::{Client, Console, Person, Team, logs};

async fn told(console: &Console, person: &Person) -> Vec<(String, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select kind, title from inbox_item where user_id = $1 and kind <> 'api_key.created' order by created_at, id")
        .bind(person.user.0)
        .fetch_all(&mut owner)
        .await
        .expect("items")
}

async fn actors(console: &Console, team: &Team, action: &str) -> Vec<(String, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select actor_type, actor_id from audit_event where log_id = $1 and action = $2 order by occurred_at, id")
        .bind(team.workspace.0)
        .bind(action)
        .fetch_all(&mut owner)
        .await
        .expect("events")
}

async fn service(console: &Console, team: &Team) -> ServiceScope {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope")
}

async fn report(console: &Console, body: impl Into<Body>) -> String {
    let request = Request::builder().method("POST").uri("/api/v1/leaked-credentials").body(body.into()).expect("a request");
    let response = console.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    let mut body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert!(body["request_id"].as_str().is_some_and(|id| id.starts_with("req_")));
    body["request_id"] = json!(null);
    body.to_string()
}

async fn make(console: &Console, team: &Team, days: i64) -> Client {
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    let new = api_keys::NewKey {
        kind: Kind::Key,
        name: format!("For {days}"),
        steward: Some(team.member.user),
        scopes: vec!["members:read".to_owned()],
        days: Some(days),
    };
    let created = api_keys::create(&mut scope, &new, None).await.expect("a key");
    scope.commit().await.expect("committed");
    let mut client = Client::with(console.router.clone(), &created.secret.reveal());
    client.key = created.key.id;
    client
}

#[tokio::test]
async fn each_warning_is_given_once_to_steward_owners_and_admins() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Zenith").await);
    make(&console, &team, 90).await;
    let warn = async |days| {
        console.hands.advance(TimeDelta::days(days));
        let before = told(&console, &team.member).await.len();
        api_keys::warn_expiring(console.stoa.clone()).await.expect("warned");
        api_keys::warn_expiring(console.stoa.clone()).await.expect("warned");
        let after = told(&console, &team.member).await;
        assert_eq!(told(&console, &team.owner).await.len(), after.len());
        assert_eq!(told(&console, &team.admin).await.len(), after.len());
        after[before..].iter().map(|(_, title)| title.clone()).collect::<Vec<_>>()
    };
    let says = |within: &str| vec![format!("The API key “For 90” expires {within}")];
    assert_eq!(warn(0).await, Vec::<String>::new());
    assert_eq!(warn(59).await, Vec::<String>::new());
    assert_eq!(warn(1).await, says("within 30 days"));
    assert_eq!(warn(20).await, Vec::<String>::new());
    assert_eq!(warn(3).await, says("within 7 days"));
    assert_eq!(warn(6).await, says("within a day"));
    assert_eq!(warn(1).await, Vec::<String>::new(), "it is over");
    assert!(told(&console, &team.auditor).await.is_empty() && told(&console, &other.owner).await.is_empty());
    assert_eq!(actors(&console, &team, "api_key.expiring").await, vec![("system".to_owned(), "api_key.warn".to_owned()); 3]);
}

#[tokio::test]
async fn nobody_is_warned_of_what_they_just_chose_or_ended() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    make(&console, &team, 7).await;
    make(&console, &team, 30).await;
    let ended = make(&console, &team, 60).await;
    let mut scope = service(&console, &team).await;
    let keys = api_keys::made_by(&mut scope, team.tenant, Some(team.workspace), team.member.user).await.expect("keys");
    assert_eq!(keys.len(), 3);
    scope.close().await.expect("closed");
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    api_keys::revoke(&mut scope, ended.key, None, 1).await.expect("revoked");
    scope.commit().await.expect("committed");
    api_keys::warn_expiring(console.stoa.clone()).await.expect("warned");
    assert!(told(&console, &team.member).await.is_empty(), "{:?}", told(&console, &team.member).await);
    // A first warning that comes late says what is true then, and the ones before are left out.
    console.hands.advance(TimeDelta::days(25));
    api_keys::warn_expiring(console.stoa.clone()).await.expect("warned");
    let said: Vec<String> = told(&console, &team.member).await.into_iter().map(|(_, title)| title).collect();
    assert_eq!(said, ["The API key “For 30” expires within 7 days"]);
}

#[tokio::test]
async fn of_nodes_that_warn_at_once_one_does() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "12")]).await;
    let team = console.team("Acme").await;
    make(&console, &team, 90).await;
    console.hands.advance(TimeDelta::days(84));
    futures_util::future::join_all((0..6).map(|_| api_keys::warn_expiring(console.stoa.clone()))).await;
    assert_eq!(told(&console, &team.owner).await.len(), 1);
}

#[tokio::test]
async fn a_leaked_key_is_stopped_its_people_told_once_and_the_act_written_down() {
    logs::capture();
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, 90).await;
    let core = client.secret[40..70].to_owned();
    let right = json!({ "credential": client.secret }).to_string();
    let answers = [
        report(&console, "nonsense").await,
        report(&console, "x".repeat(20_000)).await,
        report(&console, json!({ "credential": Credential::mint(Kind::Key, client.key.0).reveal() }).to_string()).await,
        report(&console, json!({ "credential": &client.secret[..client.secret.len() - 1] }).to_string()).await,
    ];
    assert_eq!(client.get("/me").await.status, StatusCode::OK, "only the whole secret counts");
    let stopped = report(&console, right.clone()).await;
    assert!(answers.iter().all(|answer| *answer == stopped), "{answers:?} {stopped}");
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
    report(&console, json!({ "credentials": [client.secret, client.secret] }).to_string()).await;
    for person in [&team.member, &team.owner, &team.admin] {
        let said = told(&console, person).await;
        assert_eq!(said, [("api_key.leaked".to_owned(), "The API key “For 90” was reported as leaked".to_owned())], "{}", person.name);
    }
    for action in ["api_key.leaked", "api_key.quarantined"] {
        assert_eq!(actors(&console, &team, action).await, [("system".to_owned(), "leak report".to_owned())], "{action}");
    }
    assert!(!console.database.dump().await.contains(&core), "the secret is in the database");
    assert_eq!(logs::lines_with(&[&core]), Vec::<String>::new(), "the secret is in the log");
}

#[tokio::test]
async fn a_leaked_secret_never_works_again() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, 90).await;
    report(&console, json!({ "credential": client.secret }).to_string()).await;
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    let refused = api_keys::lift(&mut scope, client.key, 2).await.expect_err("refused");
    assert!(matches!(&refused, AppError::Conflict(says) if says.contains("Rotate")), "{refused}");
    let rotated = api_keys::rotate(&mut scope, client.key, 7, 2).await.expect("rotated");
    api_keys::lift(&mut scope, client.key, 3).await.expect("lifted");
    scope.commit().await.expect("committed");
    let newer = Client::with(console.router.clone(), &rotated.secret.reveal());
    assert_eq!((client.get("/me").await.status, newer.get("/me").await.status), (StatusCode::UNAUTHORIZED, StatusCode::OK));
}

#[tokio::test]
async fn a_workspace_may_choose_to_be_alerted_only() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, 90).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace set on_leak = 'alert'").execute(&mut owner).await.expect("set");
    report(&console, json!({ "credential": client.secret }).to_string()).await;
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    assert_eq!(told(&console, &team.owner).await.len(), 1);
    assert!(actors(&console, &team, "api_key.quarantined").await.is_empty());
    let page = team.admin.browser.get(&format!("/w/{}/api-keys/{}", team.slug, client.key)).await;
    assert!(page.text().contains("reported as leaked") && page.text().contains("leaked"), "{}", page.text());
}

#[tokio::test]
async fn who_reports_without_end_is_answered_and_not_heard() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = make(&console, &team, 90).await;
    for _ in 0..60 {
        report(&console, "{}").await;
    }
    let right = json!({ "credential": client.secret }).to_string();
    report(&console, right.clone()).await;
    assert_eq!(client.get("/me").await.status, StatusCode::OK, "the budget of this address is spent");
    console.hands.advance(TimeDelta::minutes(1));
    report(&console, right).await;
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_a_leaver_answered_for_goes_to_somebody_or_ends() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Zenith").await);
    let theirs = make(&console, &other, 90).await;
    let (one, two) = (make(&console, &team, 90).await, make(&console, &team, 60).await);
    let strong = console.client(&team.admin, &team.slug, &["settings:write"]).await;
    let mut scope = service(&console, &team).await;
    let (tenant, workspace) = (team.tenant, team.workspace);
    let names = api_keys::made_by(&mut scope, tenant, None, team.member.user).await.expect("keys").into_iter().map(|key| key.name);
    assert_eq!(names.collect::<Vec<_>>(), ["For 60", "For 90"]);
    let refused = api_keys::hand_over_all(&mut scope, tenant, workspace, team.admin.user, team.member.user).await.expect_err("refused");
    assert!(matches!(&refused, AppError::Conflict(says) if says.contains("settings:write")), "{refused}");
    let handed = api_keys::hand_over_all(&mut scope, tenant, workspace, team.member.user, team.owner.user).await;
    assert_eq!(handed, Ok(2));
    assert_eq!(api_keys::hand_over_all(&mut scope, tenant, workspace, team.member.user, team.owner.user).await, Ok(0));
    assert_eq!(api_keys::revoke_all(&mut scope, tenant, workspace, team.member.user, "left").await, Ok(0), "there is nothing of theirs");
    scope.commit().await.expect("committed");
    assert_eq!(one.get("/me").await.body["data"]["key"]["steward"], team.owner.user.to_string());
    assert_eq!(told(&console, &team.owner).await, [("api_key.handed_over".to_owned(), "You answer for 2 more API keys now".to_owned())]);
    assert_eq!(actors(&console, &team, "api_key.handed_over").await.len(), 2);

    let mut scope = service(&console, &team).await;
    assert_eq!(api_keys::revoke_all(&mut scope, tenant, workspace, team.owner.user, "left").await, Ok(2));
    scope.commit().await.expect("committed");
    assert_eq!((one.get("/me").await.status, two.get("/me").await.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(strong.get("/me").await.status, StatusCode::OK);
    let mut scope = service(&console, &team).await;
    assert_eq!(api_keys::revoke_all_of_workspace(&mut scope, tenant, workspace, "archived").await, Ok(1));
    scope.commit().await.expect("committed");
    assert_eq!((strong.get("/me").await.status, theirs.get("/me").await.status), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    assert_eq!(actors(&console, &team, "api_key.revoked").await.len(), 3);
}

/// The expressions of a file for one scanner: what stands between its quotes on lines that hold one.
fn expressions(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/secret-scanning").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{file} is missing"));
    let quote =
        |line: &str| line.split(['\'', '`']).find(|part| part.contains("_live_") && part.contains("[0-9A-Za-z]")).map(str::to_owned);
    text.lines().filter_map(quote).collect()
}

#[test]
fn the_patterns_for_scanners_find_every_credential_and_nothing_cut_short() {
    for file in ["gitleaks.toml", "trufflehog.yaml", "github-custom-pattern.md"] {
        let found = expressions(file);
        assert_eq!(found.len(), 1, "{file}: {found:?}");
        let pattern = regex::Regex::new(&found[0]).unwrap_or_else(|error| panic!("{file}: {error}"));
        for kind in Kind::ALL {
            for id in [Uuid::nil(), Uuid::max(), Uuid::from_u128(0x0193_4f2c_7a11_7000_8000_0123_4567_89ab)] {
                let text = Credential::mint(kind, id).reveal();
                let line = format!("curl -H \"Authorization: Bearer {text}\" # old");
                assert_eq!(pattern.find(&line).map(|found| found.as_str()), Some(text.as_str()), "{file}");
                assert!(!pattern.is_match(&text[..text.len() - 1]), "{file}: {text} cut short");
                assert!(!pattern.is_match(&text.replace("_live_", "_dead_")), "{file}");
            }
        }
        assert!(!pattern.is_match("stoa_key_live_…a1b2"), "{file}: what the console shows is no secret");
    }
}
