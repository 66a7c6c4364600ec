//! The protocol's own conformance suite at the endpoint: what each revision requires, through the real door, with a real token.
//! Stoa has tools alone; what the suite wants to meet beside them is mounted for it (`fixtures.rs`).

mod fixtures;
mod rounds;

use std::{collections::BTreeSet, fs, future::IntoFuture as _, net::SocketAddr, process::Command, sync::Arc};

use axum::{Router, extract::Request, http::HeaderValue, http::header};
use rmcp::transport::streamable_http_server::{StreamableHttpService, session::local::LocalSessionManager};
use serde_json::Value;
use stoa::{
    app,
    features::billing::server::entitlements::{self, Key, NewEntitlement},
    server::{chance, http, mcp},
};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{
    mcp::{LEGACY, MODERN},
    support::Console,
};
use fixtures::Fixtures;

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/end2end/node_modules/@modelcontextprotocol/conformance");
const WITH_FIXTURES: &str = "/conformance/{workspace}";

/// A console that listens, and the addresses of its endpoints: the one that everybody has, and the one with fixtures.
struct Heard {
    plain: String,
    with_fixtures: String,
}

/// Adds the token to what comes without: the suite knows of none.
async fn listen() -> Heard {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    let console = Console::start_with(&[("STOA_PUBLIC_URLS__CONSOLE", &base)]).await;
    let team = console.team("Acme").await;
    let unlimited =
        NewEntitlement { workspace: None, key: Key::CallsPerMinute, allowed: None, reason: "the suite".to_owned(), until: None };
    let mut scope = console.service(&team).await;
    entitlements::set(&mut scope, &unlimited).await.expect("set");
    scope.commit().await.expect("committed");
    let agent = console.agent(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await;
    let fixtures = mcp::serving(WITH_FIXTURES, &console.stoa, &app::operations(), |config, speaking| {
        // Before 2026-07-28 a server's own questions need sessions; after it there are none.
        let config = config.with_legacy_session_mode(true);
        let make = move || Ok(Fixtures::beside(speaking.clone()));
        StreamableHttpService::new(make, Arc::new(LocalSessionManager::default()), config)
    });
    let router = http::router(console.stoa.clone(), app::doors(), app::operations(), fixtures.with_state(console.stoa.clone()));
    let bearer = HeaderValue::from_str(&format!("Bearer {}", agent.secret)).expect("a value");
    let router = router.layer(axum::middleware::map_request(move |mut request: Request| {
        let bearer = bearer.clone();
        async move {
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(bearer);
            request
        }
    }));
    let service = Router::into_make_service_with_connect_info::<SocketAddr>(router);
    tokio::spawn(axum::serve(listener, service).into_future());
    Heard { plain: format!("{base}/mcp/{}", team.slug), with_fixtures: format!("{base}/conformance/{}", team.slug) }
}

/// What came of a run of the suite, in all.
struct Came {
    scenarios: BTreeSet<String>,
    passed: usize,
    failed: Vec<String>,
}

/// Runs the suite; of what it ran only the `scored` count. What it skipped or only remarked upon counts as neither.
async fn run(arguments: &[&str], scored: impl Fn(&str) -> bool) -> Came {
    let results = std::env::temp_dir().join(format!("stoa-conformance-{}", Uuid::from_bytes(chance::bytes())));
    let mut suite = Command::new("node");
    suite.arg(format!("{SUITE}/dist/index.js")).arg("server").args(arguments).arg("-o").arg(&results);
    let output = tokio::task::spawn_blocking(move || suite.output()).await.expect("it ran");
    let output = output.expect("Node.js, and the packages of end2end (make setup)");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut came = Came { scenarios: BTreeSet::new(), passed: 0, failed: Vec::new() };
    for folder in fs::read_dir(&results).unwrap_or_else(|_| panic!("no results: {said}{}", String::from_utf8_lossy(&output.stderr))) {
        let folder = folder.expect("a folder");
        // server-{scenario}-2026-11-21T12-00-00-000Z
        let name = folder.file_name().into_string().expect("a name");
        let scenario = name.strip_prefix("server-").and_then(|name| name.get(..name.len() - 25)).expect("a scenario");
        if !scored(scenario) {
            continue;
        }
        came.scenarios.insert(scenario.to_owned());
        let checks: Vec<Value> =
            serde_json::from_str(&fs::read_to_string(folder.path().join("checks.json")).expect("checks")).expect("checks");
        for check in checks {
            match check["status"].as_str().expect("a status") {
                "SUCCESS" => came.passed += 1,
                "FAILURE" => came.failed.push(format!("{scenario}, {}: {}", check["id"], check["errorMessage"])),
                _ => {}
            }
        }
    }
    fs::remove_dir_all(&results).expect("results");
    assert_eq!(output.status.success(), came.failed.is_empty(), "{said}");
    came
}

/// All scenarios that a revision requires of a server, as the suite froze them.
fn required(revision: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(format!("{SUITE}/requirements/{revision}.yaml")).expect("requirements (make setup)");
    let servers = text.lines().skip_while(|line| *line != "server:").skip(1).map_while(|line| line.strip_prefix("  - "));
    servers.map(str::to_owned).collect()
}

async fn meets(revision: &str) {
    let (heard, required) = (listen().await, required(revision));
    let came = run(&["--url", &heard.with_fixtures, "--requirements", revision], |scenario| required.contains(scenario)).await;
    println!("{revision}: {} scenarios, {} checks passed, {} failed", came.scenarios.len(), came.passed, came.failed.len());
    assert_eq!(came.failed, Vec::<String>::new());
    assert_eq!(came.scenarios, required, "all of them were run");
    assert!(came.passed > required.len(), "{} checks", came.passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_2026_07_28_requires() {
    meets(MODERN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_2025_11_25_requires() {
    meets(LEGACY).await;
}

/// Where nothing is mounted, by what needs no fixtures.
#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_itself_in_both() {
    let heard = listen().await;
    for (revision, scenarios) in [
        (LEGACY, &["server-initialize", "ping", "tools-list", "dns-rebinding-protection"][..]),
        (MODERN, &["tools-list", "dns-rebinding-protection"][..]),
    ] {
        for scenario in scenarios {
            let came = run(&["--url", &heard.plain, "--scenario", scenario, "--spec-version", revision], |_| true).await;
            assert_eq!((came.failed, came.passed > 0), (Vec::new(), true), "{scenario} in {revision}");
        }
    }
}
