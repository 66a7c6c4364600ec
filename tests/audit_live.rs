//! New rows of a log, as a browser is told of them.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    audit_log::{happen, log_of, renamed},
    support::{Console, Person, Team, listener::Listener},
};

/// A look is taken every second; a machine may be slow.
const PATIENCE: Duration = Duration::from_secs(20);

async fn listen(person: &Person, path: &str) -> Listener {
    let listener = person.browser.listen(path).await;
    assert_eq!(listener.status, StatusCode::OK, "{path}");
    listener
}

/// The names that workspaces were given in the rows of the next telling, newest first.
async fn names(listener: &mut Listener) -> Vec<String> {
    let told = tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").expect("something is told");
    assert_eq!(told.event, "rows", "{told:?}");
    let data: Value = serde_json::from_str(&told.data).expect("JSON");
    assert_eq!(data["cut"], false);
    let html = |row: &Value| row["html"].as_str().expect("a row").to_owned();
    let rows: Vec<String> = data["rows"].as_array().expect("rows").iter().map(html).collect();
    rows.iter().map(|html| name_in(html)).collect()
}

/// The first word that begins with `Name`.
fn name_in(html: &str) -> String {
    let start = html.find("Name").unwrap_or_else(|| panic!("no name in {html}"));
    html[start..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn rename(console: &Console, team: &Team, name: &str) {
    happen(console, team, (&team.owner.user, &team.owner.name), renamed("wsp_1", name)).await;
}

fn live(team: &Team) -> String {
    format!("{}/live?action=workspace.renamed", log_of(team))
}

#[tokio::test]
async fn rows_come_as_they_are_written_each_once_and_to_whom_the_filters_let_through() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let other = console.team("Other").await;
    rename(&console, &team, "Name0").await;
    let mut auditor = listen(&team.auditor, &live(&team)).await;
    // What came between the page and the first look is told, and the page knows what it shows.
    assert_eq!(names(&mut auditor).await, ["Name0"]);
    rename(&console, &other, "Name1").await;
    rename(&console, &team, "Name2").await;
    assert_eq!(names(&mut auditor).await, ["Name2"]);
    console.hands.advance(TimeDelta::seconds(90));
    rename(&console, &team, "Name3").await;
    let told = tokio::time::timeout(PATIENCE, auditor.next()).await.expect("in time").expect("something is told");
    assert!(told.data.contains("Name3") && !told.data.contains("Name2"), "{told:?}");
    let mut again = team.auditor.browser.listen_after(&live(&team), &told.id).await;
    let told = tokio::time::timeout(PATIENCE, again.next()).await.expect("in time").expect("something is told");
    assert!(told.data.contains("Name3") && !told.data.contains("Name2"), "what may have been missed: {told:?}");
    rename(&console, &team, "Name4").await;
    assert_eq!(names(&mut auditor).await, ["Name4"]);
}

#[tokio::test]
async fn whoever_may_not_look_any_more_is_told_nothing_more() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut auditor = listen(&team.auditor, &live(&team)).await;
    let mut admin = listen(&team.admin, &live(&team)).await;
    assert!(auditor.is_quiet_at_first().await && admin.is_quiet_at_first().await);
    console
        .change(
            "update workspace_grant set role = 'member' from workspace_membership as member
             where member.id = workspace_grant.membership_id and member.user_id = $1 and workspace_grant.role = 'readonly'",
            team.auditor.user.0,
        )
        .await;
    console.change("delete from session where user_id = $1", team.admin.user.0).await;
    rename(&console, &team, "Name1").await;
    for (who, listener) in [("demoted", &mut auditor), ("signed out", &mut admin)] {
        let told = tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").expect("why it ends");
        assert_eq!(told.event, "ended", "{who}: {told:?}");
        assert!(!told.data.is_empty() && !told.data.contains("Name1"), "{who}: {told:?}");
        assert!(tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").is_none(), "{who}: nothing behind it");
    }
}

#[tokio::test]
async fn who_may_not_read_the_log_is_not_told_of_it() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Other").await);
    for (person, status) in [(&team.member, StatusCode::FORBIDDEN), (&other.owner, StatusCode::NOT_FOUND)] {
        let listener = person.browser.listen(&live(&team)).await;
        assert_eq!(listener.status, status);
    }
    let stranger = console.a_stranger().listen(&live(&team)).await;
    assert_ne!(stranger.status, StatusCode::OK);
}

#[tokio::test]
async fn a_look_keeps_no_session_from_ending_and_is_a_search_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let seen = "select coalesce(max(extract(epoch from last_seen_at))::bigint, 0) from session";
    let before = console.database.count(seen).await;
    console.hands.advance(TimeDelta::minutes(10));
    let mut auditor = listen(&team.auditor, &live(&team)).await;
    assert!(auditor.is_quiet_at_first().await);
    rename(&console, &team, "Name1").await;
    assert_eq!(names(&mut auditor).await, ["Name1"]);
    assert_eq!(console.database.count(seen).await, before, "nobody was there");
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'audit_log.searched'").await, 1);
}

#[tokio::test]
async fn a_session_has_few_and_all_end_when_the_server_stops() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut listeners = Vec::new();
    for _ in 0..4 {
        listeners.push(listen(&team.auditor, &live(&team)).await);
    }
    let fifth = team.auditor.browser.listen(&live(&team)).await;
    assert_eq!(fifth.status, StatusCode::CONFLICT);
    listeners.pop();
    listeners.push(listen(&team.auditor, &live(&team)).await);
    // Who does not say that it listens is answered once, and holds no seat.
    for _ in 0..2 {
        let once = team.admin.browser.get(&live(&team)).await;
        assert_eq!((once.status, once.header("content-type")), (StatusCode::OK, "text/event-stream"));
    }
    console.stoa.stop();
    for mut listener in listeners {
        tokio::time::timeout(PATIENCE, async { while listener.next().await.is_some() {} }).await.expect("it ends");
    }
}
