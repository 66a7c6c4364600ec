//! Archiving stops everything at once, leaves a receipt, and is undone exactly within its time.

use chrono::TimeDelta;
use sqlx::Executor as _;
use stoa::{
    access::{WorkspaceRole, tenant::ManageTeam},
    features::workspaces,
    server::{
        http::request::RequestContext,
        modules,
        scope::{InTenant, Intent, Scope},
        sessions,
    },
};

use crate::{
    restore::{members, restore},
    support::{Answer, Console, Person, Team},
    workspaces::give_plan,
};

fn address(team: &Team) -> String {
    format!("/w/{}/settings/archive", team.slug)
}

async fn send(console: &Console, team: &Team, person: &Person, digest: &str, phrase: &str) -> Answer {
    let key = console.form_key();
    let fields = [("form", key.as_str()), ("place", &team.slug), ("inventory", digest), ("phrase", phrase)];
    person.browser.post(&address(team), &fields).await
}

pub async fn archive(console: &Console, team: &Team, person: &Person) -> Answer {
    let digest = person.browser.get(&address(team)).await.field("inventory");
    send(console, team, person, &digest, &format!("delete {}", team.slug)).await
}

pub async fn status(console: &Console, team: &Team) -> String {
    console.database.text("select status from workspace where workspace_id = $1", team.workspace.0).await
}

/// An invitation and a consent to support access, as the features that own them leave them.
pub async fn fill(console: &Console, team: &Team) {
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in [invitation(team, "grace@example.com"), consent(team), view(team), stream(team)] {
        owner.execute(sqlx::AssertSqlSafe(statement)).await.expect("filled");
    }
}

pub fn invitation(team: &Team, email: &str) -> String {
    format!(
        "insert into invitation (tenant_id, id, workspace_id, email, role, invited_by, created_at, expires_at)
         values ('{}', gen_random_uuid(), '{}', '{email}', 'member', '{}', '2026-11-21T12:00:00Z', '2026-11-28T12:00:00Z')",
        team.tenant.0, team.workspace.0, team.owner.user.0
    )
}

fn view(team: &Team) -> String {
    format!(
        "insert into audit_view (tenant_id, id, workspace_id, name, line, created_at, updated_at)
         values ('{}', gen_random_uuid(), '{}', 'Refusals', 'outcome:denied', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z')",
        team.tenant.0, team.workspace.0
    )
}

pub fn stream(team: &Team) -> String {
    format!(
        "insert into audit_stream (tenant_id, workspace_id, id, name, url, next_seq, secret_salt, secret_pepper, secret_made_at, due_at,
             created_at, updated_at)
         values ('{}', '{}', gen_random_uuid(), 'SIEM', 'https://siem.example.com/in', 0, '', 'gone', '2026-11-21T12:00:00Z',
             '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z')",
        team.tenant.0, team.workspace.0
    )
}

pub fn consent(team: &Team) -> String {
    format!(
        "insert into support_consent (tenant_id, workspace_id, id, granted_by, reason, granted_at, expires_at)
         values ('{}', '{}', gen_random_uuid(), '{}', 'Webhooks fail', '2026-11-21T11:00:00Z', '2026-11-21T15:00:00Z')",
        team.tenant.0, team.workspace.0, team.owner.user.0
    )
}

async fn another_owner(console: &Console, team: &Team) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace_grant set role = 'owner' where workspace_id = $1 and role = 'member'")
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("an owner more");
}

pub async fn events(console: &Console, team: &Team, action: &str) -> i64 {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select count(*) from audit_event where log_id = $1 and action = $2")
        .bind(team.workspace.0)
        .bind(action)
        .fetch_one(&mut owner)
        .await
        .expect("a count")
}

#[tokio::test]
async fn an_archiving_stops_what_it_counted_and_its_receipt_says_the_same() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team).await;
    another_owner(&console, &team).await;
    let page = team.owner.browser.get(&address(&team)).await;
    for says in [
        "2 owners lose access",
        "1 admin loses access",
        "1 auditor loses access",
        "1 pending invitation is revoked",
        "1 consent to support access ends",
        "1 audit stream rests",
        "4 members with their roles",
        "grace@example.com",
        "until 21 Dec 2026, 12:00:00 UTC",
    ] {
        assert!(page.text().contains(says), "{says}: {}", page.text());
    }
    let answer = archive(&console, &team, &team.owner).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/w/{}/archived", team.slug).as_str()), "{}", answer.text());

    assert_eq!(status(&console, &team).await, "archived");
    assert!(members(&console, &team).await.iter().all(|(_, status, with, _)| status == "suspended" && *with));
    assert_eq!(console.database.count("select count(*) from invitation where status = 'revoked' and revoked_at is not null").await, 1);
    assert_eq!(console.database.count("select count(*) from support_consent where ended_at is not null and ended_by is not null").await, 1);
    let counted = [("workspace.archived", 1), ("member.suspended", 4), ("invitation.revoked", 1), ("support_access.ended", 1)];
    for (action, count) in counted {
        assert_eq!(events(&console, &team, action).await, count, "{action}");
    }
    let text = console.database.text("select contents::text from archive_receipt where workspace_id = $1", team.workspace.0).await;
    let contents: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let kinds: Vec<(&str, usize)> = contents["stopped"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|stopped| (stopped["kind"].as_str().expect("a kind"), stopped["things"].as_array().expect("things").len()))
        .collect();
    let running = modules::list().iter().filter(|module| module.is_live() && module.manifest.default_on).count();
    assert_eq!(
        kinds,
        [
            ("member", 4),
            ("invitation", 1),
            ("support_consent", 1),
            ("api_key", 0),
            ("mcp_client", 0),
            ("module", running),
            ("audit_stream", 1),
            ("entitlement", 0)
        ]
    );
    let view = team.owner.browser.get(answer.location()).await;
    for says in ["Acme Admin", "grace@example.com", "Webhooks fail", "Acme Owner", "21 Dec 2026, 12:00:00 UTC", "Restore this workspace"] {
        assert!(view.text().contains(says), "{says}: {}", view.text());
    }
}

#[tokio::test]
async fn the_other_owners_are_told() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    another_owner(&console, &team).await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    let mut owner = console.database.connect("stoa_owner").await;
    let told: Vec<(uuid::Uuid, String)> = sqlx::query_as("select user_id, link from inbox_item where kind = 'workspace.archived'")
        .fetch_all(&mut owner)
        .await
        .expect("items");
    assert_eq!(told, [(team.member.user.0, format!("/w/{}/archived", team.slug))]);
    assert_eq!(team.member.browser.get(&told[0].1).await.status, 200, "the link leads somewhere");
}

#[tokio::test]
async fn an_admin_may_archive_and_sees_no_archive() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = archive(&console, &team, &team.admin).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/t/{}/workspaces", team.tenant_slug).as_str()));
    let list = team.admin.browser.get(answer.location()).await;
    assert!(list.text().contains("Acme Shop is archived."), "{}", list.text());
    assert_eq!(list.count("main table"), 0, "{}", list.text());
    assert_eq!(team.admin.browser.get(&format!("/w/{}/archived", team.slug)).await.status, 404);
}

#[tokio::test]
async fn nothing_is_archived_without_the_words_the_inventory_and_a_recent_sign_in() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let digest = team.owner.browser.get(&address(&team)).await.field("inventory");
    let phrase = format!("delete {}", team.slug);
    for typed in ["", "delete", "DELETE", &team.slug] {
        let answer = send(&console, &team, &team.owner, &digest, typed).await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text().contains(&format!("Type “{phrase}” exactly")), "{}", answer.text());
    }
    assert_eq!(send(&console, &team, &team.owner, "", &phrase).await.status, 409);
    fill(&console, &team).await;
    let changed = send(&console, &team, &team.owner, &digest, &phrase).await;
    assert_eq!(changed.status, 409);
    assert!(changed.text().contains("What would stop has changed") && changed.text().contains("grace@example.com"), "{}", changed.text());
    assert_ne!(changed.field("inventory"), digest, "the page shows what is there now");
    for (person, role) in team.people() {
        if matches!(role, WorkspaceRole::Member | WorkspaceRole::Readonly) {
            assert_eq!(send(&console, &team, person, &digest, &phrase).await.status, 403, "{role}");
        }
    }
    console.hands.advance(TimeDelta::minutes(16));
    let page = team.owner.browser.get(&address(&team)).await;
    assert_eq!(page.count("main form"), 0, "nothing is typed that would be lost");
    assert!(page.text().contains("Sign in again"), "{}", page.text());
    let late = send(&console, &team, &team.owner, &changed.field("inventory"), &phrase).await;
    assert_eq!(late.status, 403);
    assert_eq!(status(&console, &team).await, "active");
    assert_eq!(console.database.count("select count(*) from archive_receipt").await, 0);
}

#[tokio::test]
async fn sent_twice_it_is_archived_once_and_both_are_answered_alike() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (key, digest) = (console.form_key(), team.owner.browser.get(&address(&team)).await.field("inventory"));
    let phrase = format!("delete {}", team.slug);
    let fields = [("form", key.as_str()), ("place", &team.slug), ("inventory", &digest), ("phrase", &phrase)];
    let first = team.owner.browser.post(&address(&team), &fields).await;
    let again = team.owner.browser.post(&address(&team), &fields).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (303, 303), "{}", again.text());
    assert_eq!(first.location(), again.location());
    assert_eq!(events(&console, &team, "workspace.archived").await, 1);
}

#[tokio::test]
async fn the_archive_is_for_former_owners_and_auditors_and_only_of_archived_workspaces() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let view = format!("/w/{}/archived", team.slug);
    for (person, role) in team.people() {
        assert_eq!(person.browser.get(&view).await.status, 404, "{role}: it is not archived");
    }
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    for (person, role) in team.people() {
        let sees = matches!(role, WorkspaceRole::Owner | WorkspaceRole::Readonly);
        let answer = person.browser.get(&view).await;
        assert_eq!(answer.status, if sees { 200 } else { 404 }, "{role}");
        let list = person.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await;
        assert_eq!(list.text().contains("Archived workspaces"), sees, "{role}: {}", list.text());
    }
    let auditor = team.auditor.browser.get(&view).await;
    assert_eq!(auditor.count("main form"), 0);
    assert_eq!(zenith.owner.browser.get(&view).await.status, 404);
    assert_eq!(restore(&console, &team, &zenith.owner).await.status, 404);
    assert_eq!(restore(&console, &team, &team.auditor).await.status, 403);
    assert_eq!(restore(&console, &team, &team.admin).await.status, 404);
    assert_eq!(status(&console, &team).await, "archived");
}

#[tokio::test]
async fn a_team_is_archived_as_a_whole_with_a_receipt_for_each_workspace() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    fill(&console, &team).await;
    let fields = [("form", console.form_key()), ("place", team.tenant_slug.clone()), ("name", "Second".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(team.member.browser.post(&format!("/t/{}/workspaces/new", team.tenant_slug), &fields).await.status, 303);
    let cookie = team.owner.browser.cookie("stoa_session").expect("a session");
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    request.session = Some(sessions::hash(cookie.parse().expect("an id")));
    let mut scope =
        Scope::<InTenant<ManageTeam>>::open(&console.stoa, &request, Some(&team.tenant_slug), Intent::Write, false).await.expect("a scope");
    let receipts = workspaces::server::archive_all(&mut scope).await.expect("archived");
    scope.commit().await.expect("committed");
    assert_eq!(receipts.len(), 2);
    let left = "select count(*)::text from workspace where tenant_id = $1 and status = 'active'";
    assert_eq!(console.database.text(left, team.tenant.0).await, "0");
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'member.suspended'").await, 5);
    assert_eq!(
        console.database.count("select count(*) from inbox_item where user_id is not null and kind = 'workspace.archived'").await,
        1
    );
}

#[tokio::test]
async fn the_danger_zone_shows_what_the_role_may_and_no_more() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let page = person.browser.get(&format!("/w/{}/settings", team.slug)).await;
        let may = role.may(stoa::access::WorkspacePermission::ArchiveWorkspace);
        assert_eq!(page.text().contains("Archive this workspace"), may, "{role}");
    }
}
