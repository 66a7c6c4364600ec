//! Modules: seen by everyone, switched by some, on every node with the next call; and through archiving and back.

use axum::{
    Router,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use stoa::{
    access::{WorkspacePermission, WorkspaceRole, workspace::ReadWorkspace},
    app,
    server::{
        Stoa, http, modules,
        rest::{Call, Named, Nothing, Operation},
    },
};

use crate::{
    archive::{archive, events},
    restore::restore,
    support::{Answer, Client, Console, Person, Reply, Team},
};

/// A node with an operation of Tasks that does nothing: what is asked of it is all there is.
fn probing(stoa: Stoa) -> Router {
    let tasks = modules::find("tasks").expect("a module");
    let probe = Operation::read(
        Named::of_module("tasks.probe", "/probe", tasks, false, "Looks."),
        async |call: Call<ReadWorkspace>, _: Nothing| Ok(call.answers(Nothing {})),
    );
    http::router(stoa, app::doors(), app::operations().into_iter().chain([probe]).collect(), Router::new())
}

fn address(team: &Team, rest: &str) -> String {
    format!("/w/{}/modules{rest}", team.slug)
}

async fn send(console: &Console, team: &Team, person: &Person, rest: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let mut all = vec![("form", key.as_str()), ("place", &team.slug)];
    all.extend_from_slice(fields);
    person.browser.post(&address(team, rest), &all).await
}

pub async fn switch_on(console: &Console, team: &Team, module: &str) -> Answer {
    send(console, team, &team.admin, &format!("/{module}/enable"), &[]).await
}

pub async fn switch_off(console: &Console, team: &Team, module: &str) -> Answer {
    let rest = format!("/{module}/disable");
    let shown = team.admin.browser.get(&address(team, &rest)).await.field("shown");
    send(console, team, &team.admin, &rest, &[("shown", &shown)]).await
}

/// As the operator's own command would leave it.
async fn allow(console: &Console, team: &Team, key: &str, allowed: i64) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into entitlement (tenant_id, id, workspace_id, key, allowed, reason, starts_at, created_at)
         values ($1, gen_random_uuid(), $2, $3, $4, 'A trial', 'epoch', 'epoch')",
    )
    .bind(team.tenant.0)
    .bind(team.workspace.0)
    .bind(key)
    .bind(allowed)
    .execute(&mut owner)
    .await
    .expect("allowed");
}

/// Every decided switch: module, on, off with the workspace.
async fn switches(console: &Console, team: &Team) -> Vec<(String, bool, bool)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select module, enabled, suspended_with_workspace from module_switch where workspace_id = $1 order by module")
        .bind(team.workspace.0)
        .fetch_all(&mut owner)
        .await
        .expect("switches")
}

fn is(reply: &Reply, status: StatusCode, code: &str) {
    assert_eq!((reply.status, reply.code()), (status, code), "{}", reply.body);
}

/// The modules that run, as a key is told by two operations.
async fn running(client: &Client) -> Vec<String> {
    let (me, workspace) = (client.get("/me").await, client.get("/workspace").await);
    let told = workspace.body["data"]["enabled_modules"].as_array().expect("modules").clone();
    let mine = me.body["data"]["modules"].as_array().expect("modules").clone();
    let runs = |module: &&Value| ["live", "entitled", "enabled"].iter().all(|field| module[*field] == true);
    let mine: Vec<Value> = mine.iter().filter(runs).map(|module| module["key"].clone()).collect();
    assert_eq!(mine, told);
    told.iter().map(|key| key.as_str().expect("a key").to_owned()).collect()
}

#[tokio::test]
async fn what_is_switched_here_is_so_there_with_the_next_call() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let made = console.client(&team.admin, &team.slug, &["tasks:read", "settings:read", "modules:write"]).await;
    let nodes = [console.stoa.clone(), console.another_node(&[])].map(|stoa| Client::with(probing(stoa), &made.secret));
    for node in &nodes {
        assert_eq!(node.get("/probe").await.status, StatusCode::OK);
        assert!(running(node).await.contains(&"tasks".to_owned()));
    }
    let off = switch_off(&console, &team, "tasks").await;
    assert_eq!((off.status, off.location()), (StatusCode::SEE_OTHER, address(&team, "/tasks").as_str()), "{}", off.text());
    for node in &nodes {
        let refused = node.get("/probe").await;
        is(&refused, StatusCode::FORBIDDEN, "module_not_enabled");
        assert_eq!(refused.body["error"]["module"], "tasks");
        assert!(!running(node).await.contains(&"tasks".to_owned()));
    }
    // And back, over the API of one, for both.
    let on = nodes[1].post("/modules/tasks/enable", &json!({})).await;
    assert_eq!((on.status, &on.body["data"]["state"]), (StatusCode::OK, &json!("on")), "{}", on.body);
    for node in &nodes {
        assert_eq!(node.get("/probe").await.status, StatusCode::OK);
    }
    assert_eq!((events(&console, &team, "module.disabled").await, events(&console, &team, "module.enabled").await), (1, 1));
    assert_eq!(console.actors_of(team.workspace, "module.disabled").await, ["Acme Admin"]);
}

#[tokio::test]
async fn plan_and_switch_are_told_apart() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let made = console.client(&team.admin, &team.slug, &["tasks:read", "modules:read", "modules:write"]).await;
    let client = Client::with(probing(console.stoa.clone()), &made.secret);
    let page = team.auditor.browser.get(&address(&team, "")).await;
    for says in ["Tasks", "in the plan", "tasks:read tasks:write", "planned"] {
        assert!(page.text().contains(says), "{says}: {}", page.text());
    }
    assert_eq!(page.count("main tbody tr"), modules::list().len());

    allow(&console, &team, "module:tasks", 0).await;
    let page = team.admin.browser.get(&address(&team, "/tasks")).await.text();
    assert!(page.contains("on, without effect") && page.contains("It is switched on, and its calls are refused"), "{page}");
    is(&client.get("/probe").await, StatusCode::FORBIDDEN, "module_not_entitled");
    // Switching off is always allowed; switching on is not.
    assert_eq!(switch_off(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    let page = team.admin.browser.get(&address(&team, "/tasks")).await;
    assert_eq!(page.count("main form button[disabled]"), 1, "{}", page.text());
    assert!(page.text().contains("Tasks is not allowed here."), "{}", page.text());
    let refused = switch_on(&console, &team, "tasks").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("Not in this plan"), "{}", refused.text());
    is(&client.post("/modules/tasks/enable", &json!({})).await, StatusCode::FORBIDDEN, "module_not_entitled");
    assert_eq!(switches(&console, &team).await, [("tasks".to_owned(), false, false)]);
}

#[tokio::test]
async fn what_is_planned_has_no_switch() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let planned = modules::list().iter().find(|module| !module.is_live()).expect("one that is planned");
    let client = console.client(&team.admin, &team.slug, &["modules:write"]).await;
    let page = team.owner.browser.get(&address(&team, &format!("/{}", planned.key()))).await;
    assert_eq!((page.status, page.count("main form")), (StatusCode::OK, 0), "{}", page.text());
    for verb in ["enable", "disable"] {
        let refused = send(&console, &team, &team.owner, &format!("/{}/{verb}", planned.key()), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{verb}");
        assert!(refused.text().contains("is planned: it has no routes yet"), "{}", refused.text());
        is(&client.post(&format!("/modules/{}/{verb}", planned.key()), &json!({})).await, StatusCode::CONFLICT, "conflict");
    }
    assert_eq!(switches(&console, &team).await, []);
}

#[tokio::test]
async fn everyone_here_reads_and_only_some_switch() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    console.client(&team.owner, &team.slug, &["tasks:read"]).await;
    for (person, role) in team.people() {
        let may = role.may(WorkspacePermission::ManageModules);
        for rest in ["", "/tasks"] {
            let page = person.browser.get(&address(&team, rest)).await;
            assert_eq!(page.status, StatusCode::OK, "{role}");
            let controls = page.count("main form") + page.links("main a").iter().filter(|href| href.ends_with("/disable")).count();
            assert_eq!(controls > 0, may, "{role}: {}", page.text());
        }
        // A member reads the keys they answer for, and this is the owner's.
        let lists = person.browser.get(&address(&team, "/tasks")).await.links("main a").iter().any(|href| href.contains("/api-keys/"));
        assert_eq!(lists, role != WorkspaceRole::Member, "{role}");
        let confirm = person.browser.get(&address(&team, "/tasks/disable")).await;
        assert_eq!(confirm.status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{role}");
        if !may {
            for verb in ["enable", "disable"] {
                let refused = send(&console, &team, person, &format!("/tasks/{verb}"), &[("shown", "x")]).await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role} {verb}");
            }
        }
    }
    for rest in ["", "/tasks", "/tasks/disable"] {
        assert_eq!(zenith.owner.browser.get(&address(&team, rest)).await.status, StatusCode::NOT_FOUND, "{rest}");
    }
    assert_eq!(send(&console, &team, &zenith.owner, "/tasks/disable", &[("shown", "x")]).await.status, StatusCode::NOT_FOUND);
    for rest in ["/nothing", "/nothing/disable"] {
        assert_eq!(team.owner.browser.get(&address(&team, rest)).await.status, StatusCode::NOT_FOUND, "{rest}");
    }
    assert_eq!(switches(&console, &team).await, []);
}

#[tokio::test]
async fn what_stops_is_counted_first_and_a_change_of_it_is_refused() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let made = console.client(&team.owner, &team.slug, &["tasks:read", "members:read"]).await;
    let client = Client::with(probing(console.stoa.clone()), &made.secret);
    for _ in 0..2 {
        assert_eq!(client.get("/probe").await.status, StatusCode::OK);
    }
    stoa::features::usage::server::roll_up(console.stoa.clone()).await.expect("rolled up");
    assert_eq!(client.get("/probe").await.status, StatusCode::OK, "one that may not be rolled up yet");
    let confirm = team.admin.browser.get(&address(&team, "/tasks/disable")).await;
    for says in ["1 credential loses the effect", "3 calls in the last 30 days", "Test", "Acme Owner", "can be switched on again"] {
        assert!(confirm.text().contains(says), "{says}: {}", confirm.text());
    }
    let detail = team.auditor.browser.get(&address(&team, "/tasks")).await;
    assert!(detail.text().contains("Calls in the last 30 days3"), "{}", detail.text());

    console.client(&team.admin, &team.slug, &["tasks:write"]).await;
    let changed = send(&console, &team, &team.admin, "/tasks/disable", &[("shown", &confirm.field("shown"))]).await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    assert!(changed.text().contains("has changed since you opened this page") && changed.text().contains("2 credentials lose"));
    assert_eq!((events(&console, &team, "module.disabled").await, switches(&console, &team).await.len()), (0, 0));
    let off = send(&console, &team, &team.admin, "/tasks/disable", &[("shown", &changed.field("shown"))]).await;
    assert_eq!(off.status, StatusCode::SEE_OTHER, "{}", off.text());
    console.hands.advance(chrono::TimeDelta::days(31));
    let session = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &session);
    let later = team.owner.browser.get(&address(&team, "/tasks")).await;
    assert!(later.text().contains("Calls in the last 30 days0"), "{}", later.text());
}

#[tokio::test]
async fn two_who_switch_at_once_do_it_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (verb, action) in [("disable", "module.disabled"), ("enable", "module.enabled")] {
        let rest = format!("/tasks/{verb}");
        let shown = match verb {
            "disable" => team.owner.browser.get(&address(&team, &rest)).await.field("shown"),
            _ => String::new(),
        };
        let fields = [("shown", shown.as_str())];
        let (one, other) =
            tokio::join!(send(&console, &team, &team.owner, &rest, &fields), send(&console, &team, &team.admin, &rest, &fields));
        assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER), "{} {}", one.text(), other.text());
        assert_eq!(events(&console, &team, action).await, 1, "{verb}");
        let again = send(&console, &team, &team.admin, &rest, &fields).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert!(team.admin.browser.get(again.location()).await.text().contains("already. Nothing was changed."));
        assert_eq!(events(&console, &team, action).await, 1, "{verb} again");
    }
}

async fn ask_for_key(console: &Console, team: &Team, scope: &str) -> Answer {
    let (key, steward) = (console.form_key(), team.owner.user.to_string());
    let fields = [("form", key.as_str()), ("place", &team.slug), ("name", "New"), ("scopes", scope), ("steward", &steward)];
    let fields: Vec<_> = fields.into_iter().chain([("expires_in_days", "30")]).collect();
    team.owner.browser.post(&format!("/w/{}/api-keys/new", team.slug), &fields).await
}

#[tokio::test]
async fn a_new_key_cannot_ask_for_what_is_off_and_an_old_one_goes_on() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let old = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write", "members:read"]).await;
    let boss = console.client(&team.owner, &team.slug, &["credentials:read", "credentials:write", "tasks:read"]).await;
    let form = format!("/w/{}/api-keys/new", team.slug);
    assert_eq!(team.owner.browser.get(&form).await.count("input[value='tasks:read']"), 1);
    assert_eq!(switch_off(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);

    let page = team.owner.browser.get(&form).await;
    assert_eq!((page.count("input[value='tasks:read']"), page.count("input[value='members:read']")), (0, 1));
    assert!(page.text().contains("the module does not run here: Tasks"), "{}", page.text());
    let refused = ask_for_key(&console, &team, "tasks:read").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("switch the module on first"), "{}", refused.text());
    let refused = boss.post("/api-keys", &json!({ "name": "New", "scopes": ["tasks:read"] })).await;
    is(&refused, StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");
    let error = &refused.body["error"]["field_errors"][0];
    assert_eq!(error["field"], "scopes");
    assert!(error["message"].as_str().is_some_and(|says| says.contains("Tasks, which is switched off here")), "{error}");

    let path = format!("/w/{}/api-keys/{}", team.slug, old.key);
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("tasks:write has no effect while Tasks is off."), "{}", page.text());
    for (verb, fields) in [
        ("rotate", vec![("version", "1"), ("overlap_days", "1")]),
        ("narrow", vec![("version", "2"), ("scopes", "tasks:read"), ("scopes", "members:read")]),
    ] {
        let key = console.form_key();
        let all: Vec<_> = [("form", key.as_str()), ("place", &team.slug)].into_iter().chain(fields).collect();
        let done = team.owner.browser.post(&format!("{path}/{verb}"), &all).await;
        assert!(done.status.is_success() || done.status.is_redirection(), "{verb}: {} {}", done.status, done.text());
    }
    assert_eq!(console.database.count("select count(*) from api_key").await, 2);
    assert_eq!(switch_on(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    assert_eq!(ask_for_key(&console, &team, "tasks:read").await.status, StatusCode::OK, "its secret is shown");
    assert!(!team.owner.browser.get(&path).await.text().contains("has no effect"));
}

/// Whoever comes second sees what the first one did: never both a key for a module and the module off unseen.
#[tokio::test]
async fn a_key_and_a_switch_at_once_know_of_each_other() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for round in 0..5 {
        let shown = team.admin.browser.get(&address(&team, "/tasks/disable")).await.field("shown");
        let fields = [("shown", shown.as_str())];
        let (made, off) =
            tokio::join!(ask_for_key(&console, &team, "tasks:read"), send(&console, &team, &team.admin, "/tasks/disable", &fields));
        let outcome = (made.status.as_u16(), off.status.as_u16());
        assert!([(200, 409), (422, 303)].contains(&outcome), "round {round}: {outcome:?} {} {}", made.text(), off.text());
        assert_eq!(switch_on(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn modules_go_with_their_workspace_and_come_back_as_they_were() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(switch_off(&console, &team, "activity_log").await.status, StatusCode::SEE_OTHER);
    allow(&console, &team, "module:cms", 1).await;
    let on: Vec<&str> = modules::list()
        .iter()
        .filter(|module| module.is_live() && module.manifest.default_on && module.key() != "activity_log")
        .map(modules::Module::key)
        .collect();
    let counted = i64::try_from(on.len()).expect("few");
    let confirm = team.owner.browser.get(&format!("/w/{}/settings/archive", team.slug)).await.text();
    for says in ["switched off", "1 exception to the plan ends", "module:cms", "A trial", "Tasks"] {
        assert!(confirm.contains(says), "{says}: {confirm}");
    }
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    assert_eq!(events(&console, &team, "module.disabled").await, 1 + counted, "one by hand");
    assert_eq!(events(&console, &team, "entitlement.ended").await, 1);
    let off = switches(&console, &team).await;
    assert!(off.iter().all(|(_, enabled, _)| !enabled), "{off:?}");
    assert!(off.contains(&("activity_log".to_owned(), false, false)) && off.contains(&("tasks".to_owned(), false, true)), "{off:?}");
    let receipt = team.auditor.browser.get(&format!("/w/{}/archived", team.slug)).await.text();
    assert!(receipt.contains("Tasks") && receipt.contains("module:cms"), "{receipt}");
    // By no way at all while it is archived.
    let mut owner = console.database.connect("stoa_owner").await;
    let sql = "update module_switch set enabled = true, suspended_with_workspace = false where workspace_id = $1";
    let refused = sqlx::query(sql).bind(team.workspace.0).execute(&mut owner).await.expect_err("it is archived");
    assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some("only_in_a_live_workspace"));

    assert_eq!(restore(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    let back: Vec<String> =
        switches(&console, &team).await.into_iter().filter(|(_, enabled, _)| *enabled).map(|(module, ..)| module).collect();
    let mut expected: Vec<String> = on.iter().map(|key| (*key).to_owned()).collect();
    expected.sort();
    assert_eq!(back, expected);
    assert!(switches(&console, &team).await.iter().all(|(_, _, suspended)| !suspended));
    assert_eq!(events(&console, &team, "module.enabled").await, counted);
    let live = "select count(*) from entitlement where ends_at is null";
    assert_eq!(console.database.count(live).await, 0, "what the operator allowed beside the plan does not come back");
}

#[tokio::test]
async fn the_api_reads_and_switches_what_the_console_does() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["credentials:read", "modules:read", "modules:write", "tasks:read"]).await;
    let list = client.get("/modules").await;
    let keys: Vec<&str> =
        list.body["data"].as_array().expect("a list").iter().map(|module| module["key"].as_str().expect("a key")).collect();
    assert_eq!(keys, modules::list().iter().map(modules::Module::key).collect::<Vec<_>>());
    let first = client.get("/modules?limit=1").await;
    let cursor = first.body["next_cursor"].as_str().expect("a next page").to_owned();
    let second = client.get(&format!("/modules?limit=1&cursor={cursor}")).await;
    assert_eq!(second.body["data"][0]["key"], keys[1], "{}", second.body);

    let tasks = client.get("/modules/tasks").await;
    let data = &tasks.body["data"];
    assert_eq!((&data["state"], &data["entitled"], &data["enabled"]), (&json!("on"), &json!(true), &json!(true)), "{data}");
    assert_eq!((&data["scopes"], &data["calls_last_30_days"]), (&json!(["tasks:read", "tasks:write"]), &json!(0)));
    assert_eq!(data["api_keys"][0]["id"], client.key.to_string());
    let without = console.client(&team.admin, &team.slug, &["modules:read"]).await.get("/modules/tasks").await;
    assert_eq!(without.body["data"]["api_keys"], json!([]), "who reads keys holds credentials:read");
    assert_eq!(data["switched_at"], Value::Null);
    is(&client.get("/modules/nothing").await, StatusCode::NOT_FOUND, "resource_not_found");
    let planned = client.send(Method::POST, "/modules/tasks/disable?dry_run=true", &[], Some(&json!({}))).await;
    assert_eq!(planned.body["data"]["would"][0]["event"], "module.disabled", "{}", planned.body);
    assert_eq!(switches(&console, &team).await, [], "nothing was done");
    for expected in [1, 1] {
        let off = client.post("/modules/tasks/disable", &json!({})).await;
        assert_eq!((off.status, &off.body["data"]["state"]), (StatusCode::OK, &json!("off")), "{}", off.body);
        assert_eq!(events(&console, &team, "module.disabled").await, expected);
    }
    assert_eq!(client.get("/modules/tasks").await.body["data"]["switched_at"], "2026-11-21T12:00:00.000Z");
    let reader = console.client(&team.admin, &team.slug, &["modules:read"]).await;
    is(&reader.post("/modules/tasks/enable", &json!({})).await, StatusCode::FORBIDDEN, "missing_required_scope");
    let zenith = console.team("Zenith").await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &["modules:read"]).await;
    assert_eq!(theirs.get("/modules/tasks").await.body["data"]["state"], "on", "another workspace's switch is its own");
}
