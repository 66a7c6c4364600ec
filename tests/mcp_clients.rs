//! MCP clients by their tokens: made, seen, changed and ended as API keys are, in the console and over the API, and never taken for one.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{features::api_keys::server as api_keys, ids::ApiKeyId, server::usage::roll_up};

use crate::{
    archive::archive,
    mcp::{Agent, MODERN},
    support::{Answer, Client, Console, Person, Team},
};

const MANAGING: [&str; 4] = ["credentials:read", "credentials:write", "tasks:read", "tasks:write"];

fn list_of(team: &Team) -> String {
    format!("/w/{}/mcp-clients", team.slug)
}

fn agent<'a>(console: &'a Console, team: &Team, secret: &str) -> Agent<'a> {
    Agent { console, address: format!("/mcp/{}", team.slug), secret: secret.to_owned(), revision: MODERN }
}

/// Whether it may speak now.
async fn speaks(console: &Console, team: &Team, secret: &str) -> bool {
    match agent(console, team, secret).ask("tools/list", json!({})).await.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        other => panic!("{other}"),
    }
}

async fn post(console: &Console, team: &Team, person: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = console.form_key();
    let sent: Vec<(&str, &str)> =
        [("form", form.as_str()), ("place", team.slug.as_str())].into_iter().chain(fields.iter().copied()).collect();
    person.browser.post(path, &sent).await
}

async fn act(console: &Console, team: &Team, path: &str, verb: &str, fields: &[(&str, &str)]) -> Answer {
    let id: ApiKeyId = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let version = console.database.text("select version::text from api_key where id = $1", id.0).await;
    let fields: Vec<(&str, &str)> = [("version", version.as_str())].into_iter().chain(fields.iter().copied()).collect();
    let answer = post(console, team, &team.admin, &format!("{path}/{verb}"), &fields).await;
    assert!(answer.status == StatusCode::SEE_OTHER || answer.status == StatusCode::OK, "{verb}: {}", answer.text());
    answer
}

fn secret_in(answer: &Answer) -> String {
    let at = answer.body.find("value=\"stoa_mcp_live_").unwrap_or_else(|| panic!("no token in {}", answer.text())) + "value=\"".len();
    answer.body[at..].split('"').next().expect("an end").to_owned()
}

/// What happened to keys and tokens, in no order: the clock of a test stands still.
async fn events(console: &Console, team: &Team) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(
        "select action || ' ' || target_type from audit_event
         where log_id = $1 and (action like 'mcp_client%' or action like 'api_key%') order by action",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("events")
}

#[tokio::test]
async fn a_token_lives_in_the_console() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let empty = team.admin.browser.get(&list_of(&team)).await;
    assert!(empty.text().contains("No MCP token yet") && empty.body.contains(&format!("/mcp/{}", team.slug)), "{}", empty.text());
    let form = team.admin.browser.get(&format!("{}/new", list_of(&team))).await;
    assert_eq!((form.count("[value='tasks:write']"), form.count("[value='members:read']")), (1, 1));
    assert_eq!(form.count("[value='credentials:write']"), 0, "no tool asks for it");
    let steward = team.admin.user.to_string();
    let wanted = [
        ("name", "Researcher"),
        ("scopes", "tasks:read"),
        ("scopes", "tasks:write"),
        ("steward", steward.as_str()),
        ("expires_in_days", "90"),
    ];
    let made = post(&console, &team, &team.admin, &format!("{}/new", list_of(&team)), &wanted).await;
    let secret = secret_in(&made);
    assert!(made.text().contains("Visual Studio Code") && !made.text().contains("curl"), "{}", made.text());
    assert!(speaks(&console, &team, &secret).await);

    let list = team.owner.browser.get(&list_of(&team)).await;
    let path = list.link("Researcher");
    assert!(path.starts_with(&list_of(&team)), "{path}");
    assert!(!team.owner.browser.get(&format!("/w/{}/api-keys", team.slug)).await.text().contains("Researcher"), "it is no API key");
    let elsewhere = path.replace("/mcp-clients/", "/api-keys/");
    assert_eq!(team.owner.browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let revoke = format!("{elsewhere}/revoke");
    let taken = post(&console, &team, &team.admin, &revoke, &[("version", "1"), ("phrase", "Researcher")]).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND, "nor by its address");

    act(&console, &team, &path, "narrow", &[("scopes", "tasks:read")]).await;
    let refused = agent(&console, &team, &secret).call("tasks_create", json!({ "title": "x" })).await;
    assert_eq!(crate::mcp::refusal(&refused)["error"]["required_scope"], "tasks:write");
    act(&console, &team, &path, "quarantine", &[("reason", "odd calls")]).await;
    assert!(!speaks(&console, &team, &secret).await);
    act(&console, &team, &path, "lift", &[]).await;
    let newer = secret_in(&act(&console, &team, &path, "rotate", &[("overlap_days", "0")]).await);
    assert_eq!((speaks(&console, &team, &secret).await, speaks(&console, &team, &newer).await), (false, true));
    act(&console, &team, &path, "limits", &[("calls_per_minute", "30")]).await;
    act(&console, &team, &path, "steward", &[("steward", &team.member.user.to_string())]).await;
    let csv = team.admin.browser.get(&format!("/w/{}/mcp-clients.csv", team.slug)).await;
    assert!(csv.body.contains("Researcher") && csv.body.lines().count() == 2, "{}", csv.body);
    let page = team.member.browser.get(&path).await;
    assert!(page.text().contains("An MCP token of this workspace.") && page.text().contains("stoa_mcp_live_…"), "{}", page.text());
    assert_eq!(page.count("form[action*='mcp-clients']"), 0, "a member changes none");
    let ending = team.admin.browser.get(&format!("{path}/revoke")).await;
    assert!(ending.text().contains("This ends the token for good."), "{}", ending.text());
    act(&console, &team, &path, "revoke", &[("phrase", "Researcher"), ("reason", "")]).await;
    assert!(!speaks(&console, &team, &newer).await);
    let told: Vec<String> = ["created", "handed_over", "lifted", "limited", "narrowed", "quarantined", "revoked", "rotated"]
        .iter()
        .map(|verb| format!("mcp_client.{verb} mcp_client"))
        .chain(["mcp_clients.exported workspace".to_owned()])
        .collect();
    assert_eq!(events(&console, &team).await, told, "and nothing of any API key");
}

#[tokio::test]
async fn a_token_lives_over_the_api() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let boss = console.client(&team.admin, &team.slug, &MANAGING).await;
    let made = boss.post("/mcp-clients", &json!({ "name": "Researcher", "scopes": ["tasks:read", "tasks:write"] })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let secret = made.body["data"]["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("stoa_mcp_live_") && speaks(&console, &team, &secret).await);
    let id = made.body["data"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/mcp-clients/{id}");
    let names = |reply: &Value| reply["data"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&boss.get("/mcp-clients").await.body), ["Researcher"]);
    assert_eq!(names(&boss.get("/api-keys").await.body), ["Test"]);
    assert_eq!(boss.get(&path).await.body["data"]["scopes"], json!(["tasks:read", "tasks:write"]));
    assert_eq!(boss.get(&format!("/api-keys/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(boss.post(&format!("/api-keys/{id}/revoke"), &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(boss.get(&format!("/mcp-clients/{}", boss.key)).await.status, StatusCode::NOT_FOUND);
    for (scopes, says) in
        [(json!(["credentials:write"]), "is not for agents"), (json!(["members:read"]), "not among the scopes of the key that asks")]
    {
        let refused = boss.post("/mcp-clients", &json!({ "name": "Wide", "scopes": scopes })).await;
        assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
        assert!(refused.body.to_string().contains(says), "{}", refused.body);
    }
    let done = async |verb: &str, body: Value| {
        let reply = boss.post(&format!("{path}/{verb}"), &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{verb}: {}", reply.body);
        reply.body["data"].clone()
    };
    assert_eq!(done("narrow", json!({ "scopes": ["tasks:read"] })).await["scopes"], json!(["tasks:read"]));
    let newer = done("rotate", json!({})).await["secret"].as_str().expect("a secret").to_owned();
    assert_eq!((speaks(&console, &team, &secret).await, speaks(&console, &team, &newer).await), (false, true));
    let limited = boss.send(Method::PATCH, &format!("{path}/limits"), &[], Some(&json!({ "calls_per_minute": 2 }))).await;
    assert_eq!(limited.body["data"]["calls_per_minute"], 2, "{}", limited.body);
    done("hand-over", json!({ "steward": team.member.user.to_string() })).await;
    done("quarantine", json!({ "reason": "odd calls" })).await;
    assert!(!speaks(&console, &team, &newer).await);
    assert_eq!(done("revoke", json!({})).await["status"], "revoked");
}

#[tokio::test]
async fn its_people_are_warned_of_its_end_and_of_its_leak() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.agent(&team.admin, &team.slug, &["tasks:read"]).await;
    console.hands.advance(TimeDelta::days(61));
    api_keys::warn_expiring(console.stoa.clone()).await.expect("warned");
    let report = json!({ "credential": client.secret });
    assert_eq!(Client::with(console.router.clone(), "").post("/leaked-credentials", &report).await.status, StatusCode::ACCEPTED);
    assert!(!speaks(&console, &team, &client.secret).await, "stopped at once");
    let told = "select string_agg(title || ' ' || link, '; ' order by title) from inbox_item where user_id = $1";
    let page = format!("{}/{}", list_of(&team), client.key);
    assert_eq!(
        console.database.text(told, team.admin.user.0).await,
        format!("The MCP token “Test” expires within 30 days {page}; The MCP token “Test” was reported as leaked {page}")
    );
    let says = ["created", "expiring", "leaked", "quarantined"].map(|verb| format!("mcp_client.{verb} mcp_client"));
    assert_eq!(events(&console, &team).await, says);
}

#[tokio::test]
async fn whoever_leaves_or_archives_ends_tokens_as_well() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.agent(&team.owner, &team.slug, &["tasks:read"]).await;
    let preview = team.owner.browser.get(&format!("/w/{}/settings/archive", team.slug)).await;
    assert!(preview.text().contains("1 MCP token is revoked"), "{}", preview.text());
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    assert!(!speaks(&console, &team, &client.secret).await, "archived means unreachable");
    assert_eq!(events(&console, &team).await, ["mcp_client.created mcp_client", "mcp_client.revoked mcp_client"]);
    let receipt = console.database.text("select contents::text from archive_receipt where workspace_id = $1", team.workspace.0).await;
    assert!(receipt.contains("mcp_client"), "{receipt}");
}

#[tokio::test]
async fn what_agents_use_is_told_by_client() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let agents = console.agent(&team.owner, &team.slug, &["tasks:read"]).await;
    let key = console.client(&team.owner, &team.slug, &["tasks:read", "usage:read"]).await;
    agent(&console, &team, &agents.secret).call("tasks_list", json!({})).await;
    key.get("/tasks").await;
    while !roll_up(&console.stoa).await.expect("added up").is_empty() {}
    let used = key.get("/usage?by=client&channel=mcp").await;
    let rows = used.body["data"]["rows"].as_array().unwrap_or_else(|| panic!("{}", used.body)).clone();
    assert_eq!(rows.len(), 1, "{}", used.body);
    assert_eq!(rows[0]["credential_id"], agents.key.to_string(), "{}", used.body);
    let found = team.owner.browser.get(&format!("/w/{}/search?q={}", team.slug, agents.key)).await;
    assert!(found.body.contains(&format!("{}/{}", list_of(&team), agents.key)), "{}", found.text());
}
