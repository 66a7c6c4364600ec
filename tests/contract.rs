//! The API, held to its own document by a program that knows nothing else of it: schemathesis reads the document, makes
//! up calls that it allows and calls that it does not, and checks every answer against it.
//!
//! Every day one operation of each kind is asked the same calls. With `STOA_CONTRACT=whole` all are, and with other calls
//! for another `STOA_CONTRACT_SEED`; `STOA_CONTRACT_EXAMPLES` is how many of each.

use std::{env, process::Stdio};

use axum::Router;
use stoa::{
    app,
    features::billing,
    server::{
        events::Actor,
        http::{self, request::RequestContext},
        plans, rest,
        scope::ServiceScope,
    },
};
use tokio::{net::TcpListener, process::Command};

use crate::support::{Client, Console, Team};

/// One of each kind: made from a manifest, and written by hand for the control plane.
const KINDS: [&str; 17] = [
    "tasks.list",
    "tasks.get",
    "tasks.create",
    "tasks.update",
    "tasks.archive",
    "tasks.complete",
    "activity.create",
    "leads.convert",
    "invoices.create",
    "journal_entries.create",
    "entries.revert",
    "me.get",
    "members.list",
    "api_keys.create",
    "workspace.rename",
    "audit_log.list",
    "audit_log.export",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_api_keeps_to_its_document() {
    let program = env::var("STOA_SCHEMATHESIS").expect("STOA_SCHEMATHESIS names schemathesis's program `st`; remedy: make setup");
    let console = Console::start().await;
    let (team, client) = with_all_scopes(&console).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let router = http::router(console.stoa.clone(), app::doors(), app::operations(), Router::new());
    tokio::spawn(http::serve(listener, router, std::future::pending()));

    let is_whole = env::var("STOA_CONTRACT").is_ok_and(|what| what == "whole");
    let folder = env::temp_dir().join(format!("stoa-contract-{}", team.slug));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut command = Command::new(program);
    command
        .current_dir(&folder)
        .args(["run", &format!("http://{at}{}/openapi.json", rest::BASE), "--workers", "1", "--no-color"])
        .args(["--header", &format!("Authorization: Bearer {}", client.secret)])
        // What the document allows can still be refused: a member who is none, a state that does not lead there.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--max-examples", &env::var("STOA_CONTRACT_EXAMPLES").unwrap_or_else(|_| "20".to_owned())]);
    if is_whole {
        // It answers alike whatever it is sent.
        command.args(["--exclude-operation-id", "leaked_credentials.report"]);
        command.args(["--seed", &env::var("STOA_CONTRACT_SEED").unwrap_or_else(|_| "1".to_owned())]);
    } else {
        command.arg("--generation-deterministic");
        let known: Vec<&str> = app::operations().iter().map(|operation| operation.id).collect();
        for kind in KINDS {
            assert!(known.contains(&kind), "there is no operation {kind} any more: name another one of its kind");
            command.args(["--include-operation-id", kind]);
        }
    }
    command.args(env::var("STOA_CONTRACT_ARGUMENTS").unwrap_or_default().split_whitespace());
    let done = command.stdin(Stdio::null()).output().await.expect("schemathesis runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    println!("{said}");
    let _ = std::fs::remove_dir_all(&folder);
    some_were_answered(&console).await;
    assert!(
        done.status.success(),
        "what is answered differs from what the document says:\n{said}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Of what asks for nothing that has to be there, some calls went well: refusals alone would prove little.
async fn some_were_answered(console: &Console) {
    for operation in ["tasks.list", "tasks.create", "activity.create", "members.list"] {
        let sql = format!("select count(*) from usage_event where operation = '{operation}'");
        let mut owner = console.database.connect("stoa_owner").await;
        let answered: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut owner).await.expect("a count");
        assert!(answered > 0, "no call of {operation} went well");
    }
}

/// A key that may ask for everything, of a workspace whose plan sets no limit.
async fn with_all_scopes(console: &Console) -> (Team, Client) {
    let team = console.team("Acme").await;
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let plan = plans::find("enterprise", console.stoa.clock.now()).expect("a plan without a limit");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope");
    billing::server::set_plan(&mut scope, plan, "Much is called.").await.expect("set");
    scope.commit().await.expect("committed");
    let scopes: Vec<&str> = rest::scopes().map(|scope| scope.name).collect();
    let client = console.client(&team.owner, &team.slug, &scopes).await;
    (team, client)
}

/// What linters of such documents refuse: a text that is none, and what is grouped without a word.
#[tokio::test]
async fn the_document_says_what_it_names() {
    fn walk(value: &serde_json::Value, place: &str) {
        match value {
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                assert!(name != "description" || !value.is_null(), "{place} has a description that is none");
                walk(value, &format!("{place}/{name}"));
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, place)),
            _ => {}
        }
    }
    let console = Console::start().await;
    let document = rest::document(&app::operations(), &console.stoa.config.public_urls.console);
    walk(&document, "");
    for tag in document["tags"].as_array().expect("tags") {
        assert!(tag["description"].as_str().is_some_and(|says| !says.is_empty()), "{tag}");
    }
}
