//! Exports longer than a page: they go out as they are read, ask again for every page, and say how they ended.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::ConnectInfo,
    http::{Method, StatusCode, header},
};
use futures_util::StreamExt as _;
use serde_json::Value;
use stoa::features::audit_log::server::EXPORT_PAGE;
use tower::ServiceExt as _;

use crate::{
    audit_log::log_of,
    audit_search::model::many,
    support::{Console, Person, Team},
};

/// Longer than anybody reads a part, and shorter than a test may be.
const A_WHILE: Duration = Duration::from_millis(300);

/// The body of an answer, not read yet.
async fn taking(console: &Console, person: &Person, path: &str) -> BodyDataStream {
    let mut request = person.browser.request(Method::GET, path).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_003))));
    let answer = console.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body().into_data_stream()
}

fn lines(part: &Bytes) -> usize {
    part.split(|byte| *byte == b'\n').count() - 1
}

/// What the log says of exports, how they ended last: the action, how it ended, how many rows, and why.
async fn told(console: &Console, team: &Team) -> Vec<(String, String, Option<String>, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<Value> = sqlx::query_scalar(
        "select to_jsonb(audit_event) from audit_event where log_id = $1 and action like 'audit\\_log.export%'
         order by action = 'audit_log.exported'",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("rows");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let counted = |row: &Value| {
        let changes = row["changes"].as_array().expect("changes");
        changes.iter().find(|change| change["field"] == "rows").map(|change| text(&change["after"]))
    };
    rows.iter().map(|row| (text(&row["action"]), text(&row["outcome"]), counted(row), text(&row["reason"]))).collect()
}

/// Once the last page is told of, which a task of its own does.
async fn ended(console: &Console, team: &Team) -> Vec<(String, String, Option<String>, String)> {
    for _ in 0..200 {
        let told = told(console, team).await;
        if told.len() == 2 {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("how it ended was not written down: {:?}", told(console, team).await);
}

#[tokio::test]
async fn a_long_file_goes_out_while_it_is_read() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    many(&mut owner, &team, "2026-11-20T00:00:00Z", 60_000).await;
    let mut parts = taking(&console, &team.auditor, &format!("{}.csv?q=action:record.filled", log_of(&team))).await;
    let first = parts.next().await.expect("a part").expect("bytes");
    assert_eq!(lines(&first), EXPORT_PAGE + 1, "a page and the head");
    // The reader is slow: if all was read by now, what is written now is not in it. It is the oldest, and so the last.
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(told(&console, &team).await.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["audit_log.export_begun"]);
    many(&mut owner, &team, "2026-11-19T00:00:00Z", 3).await;
    let (mut rows, mut largest, mut last) = (lines(&first) - 1, 0, Bytes::new());
    while let Some(part) = parts.next().await {
        last = part.expect("bytes");
        rows += lines(&last);
        largest = largest.max(lines(&last));
    }
    assert_eq!((rows, largest), (60_003, EXPORT_PAGE));
    assert_eq!(lines(&last), 3, "{}", String::from_utf8_lossy(&last));
    let told = told(&console, &team).await;
    let [begun, exported] = &told[..] else { panic!("{told:?}") };
    assert_eq!((begun.0.as_str(), begun.1.as_str(), &begun.2), ("audit_log.export_begun", "succeeded", &None));
    assert_eq!((exported.0.as_str(), exported.1.as_str(), exported.2.as_deref()), ("audit_log.exported", "succeeded", Some("60003")));
}

#[tokio::test]
async fn whoever_may_no_longer_read_gets_no_more() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    many(&mut owner, &team, "2026-11-20T00:00:00Z", 20_000).await;
    let mut parts = taking(&console, &team.auditor, &format!("{}.jsonl?q=action:record.", log_of(&team))).await;
    parts.next().await.expect("a part").expect("bytes");
    let sql = "update workspace_membership set status = 'ended' where user_id = $1 and workspace_id = $2";
    sqlx::query(sql).bind(team.auditor.user.0).bind(team.workspace.0).execute(&mut owner).await.expect("ended");
    let (mut more, mut is_cut_off) = (0, false);
    while let Some(part) = parts.next().await {
        match part {
            Ok(_) => more += 1,
            Err(_) => is_cut_off = true,
        }
    }
    // What was read when the membership ended is out already: a page that waits, and one that is read.
    assert!(is_cut_off && more <= 3, "{more}");
    let told = ended(&console, &team).await;
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("audit_log.exported", "failed"));
    assert!(told[1].3.starts_with("It was cut off: There is nothing here"), "{told:?}");
}

#[tokio::test]
async fn whoever_stops_taking_leaves_a_row_that_says_so() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    many(&mut owner, &team, "2026-11-20T00:00:00Z", 10_000).await;
    let mut parts = taking(&console, &team.auditor, &format!("{}.ocsf.jsonl?q=action:record.", log_of(&team))).await;
    parts.next().await.expect("a part").expect("bytes");
    drop(parts);
    let told = ended(&console, &team).await;
    assert_eq!((told[1].1.as_str(), told[1].3.as_str()), ("failed", "It was cut off: whoever took it stopped."));
    let rows: usize = told[1].2.as_deref().expect("rows").parse().expect("a number");
    assert!((EXPORT_PAGE..5 * EXPORT_PAGE).contains(&rows), "{rows}");
}

#[tokio::test]
async fn a_key_that_is_revoked_gets_no_more() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let mut owner = console.database.connect("stoa_owner").await;
    many(&mut owner, &team, "2026-11-20T00:00:00Z", 20_000).await;
    let mut request = axum::http::Request::get("/api/v1/audit-log/export?format=jsonl")
        .header(header::AUTHORIZATION, format!("Bearer {}", client.secret))
        .header(header::HOST, "127.0.0.1:3000")
        .body(Body::empty())
        .expect("a request");
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 40_003))));
    let answer = console.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let mut parts = answer.into_body().into_data_stream();
    parts.next().await.expect("a part").expect("bytes");
    let sql = "update api_key set status = 'revoked', revoked_at = $2 where id = $1";
    sqlx::query(sql).bind(client.key.0).bind(console.stoa.clock.now()).execute(&mut owner).await.expect("revoked");
    let mut rest = Vec::new();
    while let Some(part) = parts.next().await {
        rest.push(part.is_ok());
    }
    assert!(rest.last() == Some(&false) && rest.len() <= 4, "{rest:?}");
    let told = ended(&console, &team).await;
    assert!(told[1].1 == "failed" && told[1].3.contains("was revoked"), "{told:?}");
}

#[tokio::test]
async fn so_many_long_exports_of_one_log_run_at_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    many(&mut owner, &team, "2026-11-20T00:00:00Z", 8_000).await;
    let path = format!("{}.csv?q=action:record.", log_of(&team));
    let mut running = Vec::new();
    for _ in 0..4 {
        running.push(taking(&console, &team.auditor, &path).await);
    }
    let refused = team.auditor.browser.get(&path).await;
    assert!(refused.status == 409 && refused.body.contains("Enough long exports run already"), "{}", refused.text());
    // A short one is none of them.
    assert_eq!(team.auditor.browser.get(&format!("{}.csv?q=action:member.", log_of(&team))).await.status, 200);
    for parts in running {
        assert!(parts.count().await > 1);
    }
    assert_eq!(team.auditor.browser.get(&path).await.status, 200);
}
