//! An operator's own module, from one file: driven over HTTP on the real program, and among nodes that hold others.

mod changed;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use stoa::server::clock::Clock;

use crate::support::{Browser, Client, Console, Folder, Node, Person, Team, node::run, noon};

pub const VISITS: &str = include_str!("own_modules/visits.toml");

/// With the clock of the system, which processes of their own go by.
pub async fn started() -> (Console, Team) {
    let console = Console::start().await;
    console.hands.advance(Clock::system().now() - noon() - TimeDelta::seconds(1));
    let team = console.team("Acme").await;
    (console, team)
}

/// The same browser, led to the node.
fn there(node: &Node, person: &Person) -> Browser {
    let browser = Browser::new(node.router.clone());
    browser.set_cookie("stoa_session", &person.browser.cookie("stoa_session").expect("a session"));
    browser
}

/// A key with these scopes, made on the node's own page.
async fn key(node: &Node, team: &Team, scopes: &[&str]) -> Client {
    let browser = there(node, &team.owner);
    let address = format!("/w/{}/api-keys/new", team.slug);
    let page = browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let (form, steward) = (page.field("form"), team.owner.user.to_string());
    let mut fields =
        vec![("form", form.as_str()), ("place", &team.slug), ("name", "Robot"), ("steward", &steward), ("expires_in_days", "90")];
    fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
    let made = browser.post(&address, &fields).await;
    let at = made.body.find("value=\"stoa_key_live_").unwrap_or_else(|| panic!("no secret in {}", made.text())) + "value=\"".len();
    Client::with(node.router.clone(), made.body[at..].split('"').next().expect("an end"))
}

async fn visit(client: &Client, body: &serde_json::Value) -> String {
    let made = client.post("/visits", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made.body["data"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn one_file_is_a_module() {
    let (console, team) = started().await;
    let folder = Folder::with("visits.toml", VISITS);
    let node = Node::start(&console, Some(&folder));
    let owner = there(&node, &team.owner);
    let modules = owner.get(&format!("/w/{}/modules", team.slug)).await;
    assert!(modules.text().contains("VisitsWho came, and why.onin the planvisits:read visits:write"), "{}", modules.text());
    let client = key(&node, &team, &["visits:read", "visits:write"]).await;

    let first = visit(&client, &json!({ "visitor": "Ada", "reason": "delivery", "size": 2 })).await;
    visit(&client, &json!({ "visitor": "Grace", "reason": "meeting" })).await;
    let wrong = client.post("/visits", &json!({ "reason": "lunch", "size": 0 })).await;
    let fields: Vec<&str> =
        wrong.body["error"]["field_errors"].as_array().expect("a list").iter().map(|one| one["field"].as_str().expect("a name")).collect();
    assert_eq!((wrong.status, fields), (StatusCode::UNPROCESSABLE_ENTITY, vec!["reason", "size", "visitor"]));
    let found = client.get("/visits?reason=delivery").await;
    assert_eq!(
        (found.body["data"].as_array().map(Vec::len), &found.body["data"][0]["visitor"]),
        (Some(1), &json!("Ada")),
        "{}",
        found.body
    );
    let path = format!("/visits/{first}");
    let changed = client.send(Method::PATCH, &path, &[("if-match", "\"1\"")], Some(&json!({ "size": 3 }))).await;
    assert_eq!((&changed.body["data"]["size"], changed.header("etag")), (&json!(3), "\"2\""), "{}", changed.body);
    assert_eq!(client.post(&format!("{path}/leave"), &json!({})).await.body["data"]["status"], "over");
    assert_ne!(client.post(&format!("{path}/archive"), &json!({})).await.body["data"]["archived_at"], json!(null));

    let blind = key(&node, &team, &["members:read"]).await.get("/visits").await;
    assert_eq!((blind.status, blind.code()), (StatusCode::FORBIDDEN, "missing_required_scope"));
    let used = "select count(*) from usage_event where module = 'visits' and operation like 'visits.%'";
    assert_eq!(console.database.count(used).await, 6, "two were added; one was looked for, changed, ended and put away");
    let recorded = "select string_agg(action, ' ' order by id) from audit_event where action like 'record.%' and log_id = $1";
    let recorded = console.database.text(recorded, team.workspace.0).await;
    assert_eq!(recorded, ["created", "created", "updated", "left", "archived"].map(|verb| format!("record.visit.{verb}")).join(" "));
    let document = client.get("/openapi.json").await.body;
    assert_eq!(document["paths"]["/visits/{record}/leave"]["post"]["operationId"], "visits.leave");
    let page = Browser::new(node.router.clone()).get("/docs/api/visits").await;
    assert!(page.text().contains("visits.leave") && page.text().contains("Of the module Visits"), "{}", page.text());

    let (form, shown) = (console.form_key(), format!("/w/{}/modules/visits/disable", team.slug));
    let inventory = owner.get(&shown).await.field("shown");
    let off = owner.post(&shown, &[("form", &form), ("place", &team.slug), ("shown", &inventory)]).await;
    assert_eq!(off.status, StatusCode::SEE_OTHER, "{}", off.text());
    assert_eq!(client.get("/visits").await.code(), "module_not_enabled");
}

#[tokio::test]
async fn what_cannot_be_used_is_told_by_file_and_line_before_anything_starts() {
    let console = Console::start().await;
    let twice = VISITS.replacen("key = \"visits\"", "key = \"tasks\"", 1);
    let taken = VISITS.replacen("noun = \"visits\"", "noun = \"credentials\"", 1);
    for (text, line, says) in [
        (VISITS.replacen("type = \"integer\"", "type = \"number\"", 1), "line 29", "number"),
        (VISITS.replacen("to = \"over\"", "to = \"gone\"", 1), "line 35", "no state gone"),
        (twice, "line 2", "key: \"tasks\" is also that of modules/tasks.toml: line 1"),
        (taken, "line 6", "the control plane's"),
    ] {
        let folder = Folder::with("visits.toml", &text);
        let path = folder.path().join("visits.toml").display().to_string();
        let place = folder.path().display().to_string();
        for arguments in [&["modules", "check"][..], &["modules", "check", &place], &["serve"], &["doctor"], &["modules", "adopt"]] {
            let (done, said) = run(&console, Some(&folder), arguments);
            assert!(!done && said.contains(&path) && said.contains(line) && said.contains(says), "{arguments:?}: {said}");
        }
    }
    let folder = Folder::with("visits.toml", VISITS);
    let (done, said) = run(&console, None, &["modules", "check", &folder.path().display().to_string()]);
    assert!(done && said.contains("visits.toml: visits (Visits), 6 operations"), "{said}");
    let (done, said) = run(&console, None, &["modules", "check", "/nowhere/at/all"]);
    assert!(!done && said.contains("/nowhere/at/all: cannot be read"), "{said}");
}

#[tokio::test]
async fn nodes_with_other_manifests_never_serve_side_by_side() {
    let (console, team) = started().await;
    let folder = Folder::with("visits.toml", VISITS);
    let old = Node::start(&console, None);
    let client = key(&old, &team, &["tasks:read"]).await;
    assert_eq!(client.get("/tasks").await.status, StatusCode::OK);

    let new = Node::start(&console, Some(&folder));
    new.becomes("/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    let there = Client::with(new.router.clone(), &client.secret);
    let refused = there.get("/tasks").await;
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "2"));
    let page = Browser::new(new.router.clone()).get("/sign-in").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"), "pages are as old as their modules");
    assert_eq!(Browser::new(new.router.clone()).get("/healthz").await.status, StatusCode::OK);
    assert!(new.said().contains("other manifests are in force than this node holds"), "{}", new.said());
    assert_eq!(client.get("/tasks").await.status, StatusCode::OK, "who was there goes on");

    // The last one that held the old manifests goes, and the one that waits takes over by itself.
    old.stop();
    new.becomes("/readyz", StatusCode::OK).await;
    assert_eq!(there.get("/tasks").await.status, StatusCode::OK);
    assert_eq!(
        console.database.count("select count(*) from audit_event where action = 'manifests.adopted' and actor_type = 'system'").await,
        2
    );
    assert_eq!(console.database.count("select max(version) from manifest_version").await, 1, "what did not change is no new version");

    // By command it is at once: the node that is there learns it with its next call, and does not take it back.
    let (done, said) = run(&console, None, &["modules", "adopt"]);
    assert!(done, "{said}");
    assert_eq!(there.get("/tasks").await.status, StatusCode::SERVICE_UNAVAILABLE);
    new.becomes("/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    let late = Node::start(&console, Some(&folder));
    late.becomes("/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    let decided = Node::start(&console, None);
    decided.becomes("/readyz", StatusCode::OK).await;
    assert_eq!(late_is_ready(&late).await, StatusCode::SERVICE_UNAVAILABLE, "what was decided by command is not undone by a start");
}

async fn late_is_ready(node: &Node) -> StatusCode {
    Browser::new(node.router.clone()).get("/readyz").await.status
}
