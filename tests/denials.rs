//! What a signed-in person is refused is a row: the first at once, then one a minute that counts.

use chrono::TimeDelta;
use stoa::{
    access::{WorkspacePermission, workspace::ReadWorkspace},
    error::{AppError, Refused},
    server::{
        events::EventKind,
        http::{self, Door, FormAnswer, Page, Submission, Visit},
        scope::{InWorkspace, write_denials},
        sessions,
    },
};
use tower_sessions::session::Id;

use crate::support::{Browser, Console, Person, Team, logs};

/// Every denied row, oldest first: action, target, reason, times, actor, credential, log.
async fn denied(console: &Console) -> Vec<serde_json::Value> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where outcome = 'denied' order by occurred_at, id")
        .fetch_all(&mut owner)
        .await
        .expect("rows")
}

fn times(row: &serde_json::Value) -> i64 {
    let change = &row["changes"][0];
    if change["field"] == "times" { change["after"].as_str().expect("a text").parse().expect("a number") } else { 1 }
}

fn credential(person: &Person) -> String {
    let id: Id = person.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    sessions::handle(sessions::hash(id))
}

/// The member opens the audit log, which members may not.
async fn knock(team: &Team) {
    let answer = team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
}

#[tokio::test]
async fn the_first_is_written_at_once_and_says_who_was_refused_what() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    assert!(answer.text().contains("ReadAudit"), "the permission is named: {}", answer.text());
    let rows = denied(&console).await;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["action"], EventKind::AccessDenied.name());
    assert_eq!(row["log_id"], team.workspace.0.to_string());
    assert_eq!((&row["actor_type"], &row["actor_id"]), (&"user".into(), &team.member.user.to_string().into()));
    assert_eq!(row["credential_id"], credential(&team.member));
    assert_eq!((&row["target_type"], &row["target_id"]), (&"permission".into(), &"ReadAudit".into()));
    assert_eq!((&row["target_name"], &row["route"]), (&"/w/{workspace}/audit-log".into(), &"/w/{workspace}/audit-log".into()));
    assert_eq!(row["reason"], "Their role does not hold ReadAudit.");
    assert_eq!(row["request_id"], answer.header("x-request-id"));
    assert_eq!(row["changes"], serde_json::Value::Null);
    assert_eq!(console.database.count("select count(*) from outbox where type = 'access.denied'").await, 0);
    let page = team.auditor.browser.get(&format!("/w/{}/audit-log?outcome=denied", team.slug)).await;
    assert!(page.text().contains("ReadAudit"), "{}", page.text());
}

#[tokio::test]
async fn those_after_it_are_counted_and_written_together_when_their_minute_is_over() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for _ in 0..4 {
        knock(&team).await;
    }
    assert_eq!(denied(&console).await.len(), 1);
    assert_eq!(write_denials(&console.stoa).await, Ok(0), "the minute is not over");
    console.hands.advance(TimeDelta::seconds(61));
    assert_eq!(write_denials(&console.stoa).await, Ok(1));
    assert_eq!(write_denials(&console.stoa).await, Ok(0), "written once");
    let rows = denied(&console).await;
    assert_eq!(rows.iter().map(times).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(rows[1]["reason"], "Their role does not hold ReadAudit. 3 times since 12:00 UTC.");
    assert_eq!((&rows[1]["actor_id"], &rows[1]["credential_id"]), (&rows[0]["actor_id"], &rows[0]["credential_id"]));
    assert_eq!((&rows[1]["log_id"], &rows[1]["route"]), (&rows[0]["log_id"], &rows[0]["route"]));
    assert_ne!(rows[1]["request_id"], rows[0]["request_id"], "it is the last refusal's request");
    // Within a minute of that row the next is only counted.
    knock(&team).await;
    assert_eq!(denied(&console).await.len(), 2);
}

#[tokio::test]
async fn the_row_after_the_minute_brings_those_that_waited() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    knock(&team).await;
    knock(&team).await;
    console.hands.advance(TimeDelta::seconds(90));
    knock(&team).await;
    console.hands.advance(TimeDelta::seconds(90));
    knock(&team).await;
    assert_eq!(denied(&console).await.iter().map(times).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(write_denials(&console.stoa).await, Ok(0), "nothing waits");
}

#[tokio::test]
async fn of_fifty_at_once_one_is_written_and_forty_nine_are_counted() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let knocks = (0..50).map(|_| knock(&team));
    futures_util::future::join_all(knocks).await;
    assert_eq!(denied(&console).await.iter().map(times).collect::<Vec<_>>(), [1]);
    console.hands.advance(TimeDelta::seconds(61));
    let (one, other) = tokio::join!(write_denials(&console.stoa), write_denials(&console.stoa));
    assert_eq!(one.expect("written") + other.expect("written"), 1, "two nodes at once write it once");
    assert_eq!(denied(&console).await.iter().map(times).collect::<Vec<_>>(), [1, 49]);
}

#[tokio::test]
async fn each_credential_and_each_reason_counts_for_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    knock(&team).await;
    let rename = format!("/w/{}/settings/name", team.slug);
    for person in [&team.member, &team.auditor] {
        // With all that a form has: a refused form is one refusal and not two.
        let fields =
            [("form", console.form_key()), ("place", team.slug.clone()), ("version", "1".to_owned()), ("name", "Taken".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(person.browser.post(&rename, &fields).await.status, 403);
    }
    let again = console.new_session(team.member.user, "Acme Member").await;
    let elsewhere = console.a_stranger();
    elsewhere.set_cookie("stoa_session", &again);
    assert_eq!(elsewhere.get(&format!("/w/{}/audit-log", team.slug)).await.status, 403);
    assert_eq!(denied(&console).await.len(), 4);
    write_denials(&console.stoa).await.expect("told");
    assert_eq!(console.database.count("select count(*) from denial where waiting > 0").await, 0);
}

#[tokio::test]
async fn what_is_refused_behind_the_door_is_a_row_too() {
    async fn refuse(_: Submission<InWorkspace<ReadWorkspace>>) -> Result<FormAnswer, AppError> {
        Err(AppError::NotAllowed(Refused::Workspace(WorkspacePermission::ManageOwners)))
    }
    async fn show(_: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
        Err(AppError::NotFound)
    }
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let router =
        http::router(console.stoa.clone(), vec![Door::form("/w/{workspace}/owners", refuse, show)], Vec::new(), axum::Router::new());
    let browser = Browser::new(router);
    browser.set_cookie("stoa_session", &team.admin.browser.cookie("stoa_session").expect("a session"));
    let answer = browser.post(&format!("/w/{}/owners", team.slug), &[("form", &console.form_key()), ("place", &team.slug)]).await;
    assert_eq!(answer.status, 403);
    let rows = denied(&console).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["target_id"], &rows[0]["target_name"]), (&"ManageOwners".into(), &"/w/{workspace}/owners".into()));
    write_denials(&console.stoa).await.expect("told");
    assert_eq!(console.database.count("select count(*) from denial where waiting > 0").await, 0, "and is one refusal");
}

#[tokio::test]
async fn a_team_has_its_own_and_strangers_leave_none() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Zenith").await);
    assert_eq!(team.auditor.browser.get(&format!("/t/{}/audit-log", team.tenant_slug)).await.status, 403);
    for path in [format!("/w/{}/audit-log", other.slug), format!("/t/{}/audit-log", other.tenant_slug), "/w/nowhere-222222".to_owned()] {
        assert_eq!(team.owner.browser.get(&path).await.status, 404);
    }
    let rows = denied(&console).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["log_id"], team.tenant.0.to_string());
    assert_eq!(rows[0]["workspace_id"], serde_json::Value::Null);
    assert_eq!(rows[0]["target_id"], "ReadTenantAudit");
}

#[tokio::test]
async fn a_rule_of_the_place_that_keeps_someone_out_is_a_row_too() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace set allowed_networks = '{192.0.2.0/24}' where workspace_id = $1")
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("set");
    assert_eq!(team.owner.browser.get(&format!("/w/{}/settings", team.slug)).await.status, 403);
    assert_eq!(team.owner.browser.get(&format!("/w/{}", team.slug)).await.status, 403);
    let rows = denied(&console).await;
    assert_eq!(rows.len(), 1, "one reason, whatever was asked for");
    assert_eq!(rows[0]["reason"], "The place does not answer from their network.");
    assert_eq!(rows[0]["target_id"], "ReadSettings");
}

#[tokio::test]
async fn no_header_spares_anybody_the_row() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let request = team
        .member
        .browser
        .request(axum::http::Method::GET, &format!("/w/{}/audit-log", team.slug))
        .header("sec-purpose", "prefetch")
        .body(axum::body::Body::empty())
        .expect("a request");
    assert_eq!(team.member.browser.send(request).await.status, 403);
    assert_eq!(denied(&console).await.len(), 1);
}

#[tokio::test]
async fn a_denial_that_cannot_be_written_changes_nothing_for_the_person() {
    logs::capture();
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("revoke insert, update on denial from stoa_app").execute(&mut owner).await.expect("revoked");
    let answer = team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("ReadAudit"));
    assert_eq!(logs::lines_with(&["a denial was not written", answer.header("x-request-id")]).len(), 1);
    assert_eq!(denied(&console).await.len(), 0);
}

#[tokio::test]
async fn what_was_quiet_for_long_is_forgotten() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    knock(&team).await;
    console.hands.advance(TimeDelta::minutes(59));
    write_denials(&console.stoa).await.expect("written");
    assert_eq!(console.database.count("select count(*) from denial").await, 1);
    console.hands.advance(TimeDelta::minutes(2));
    write_denials(&console.stoa).await.expect("written");
    assert_eq!(console.database.count("select count(*) from denial").await, 0);
}

#[tokio::test]
async fn a_flood_of_refusals_is_told_once_a_second_and_none_is_lost() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let revision = || console.database.count("select coalesce(max(xmin::text::bigint), 0)::bigint from denial");
    knock(&team).await;
    let first = revision().await;
    for _ in 0..30 {
        knock(&team).await;
    }
    assert_eq!(revision().await, first, "thirty refusals within the second asked nothing of the database");
    console.hands.advance(TimeDelta::seconds(2));
    knock(&team).await;
    assert_eq!(console.database.count("select waiting::bigint from denial").await, 31);
    console.hands.advance(TimeDelta::seconds(61));
    assert_eq!(write_denials(&console.stoa).await, Ok(1));
    assert_eq!(denied(&console).await.iter().map(times).collect::<Vec<_>>(), [1, 31]);
}
