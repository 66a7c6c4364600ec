//! Teams: making one, finding its people, and who may do what to it.

mod deletion;
mod leaving;
mod removal;
mod roles;
mod settings;

use axum::http::Method;
use chrono::TimeDelta;
use stoa::{
    access::{TenantRole, WorkspaceRole},
    app,
    features::{members, teams, workspaces},
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        events::Actor,
        http::request::RequestContext,
        scope::{Asks, ServiceScope},
    },
};
use uuid::Uuid;

use crate::support::{Answer, Console, Person, Team};

/// Sends a form of a team's own pages.
async fn send(console: &Console, person: &Person, slug: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let mut all = vec![("form", key.as_str()), ("place", slug)];
    all.extend_from_slice(fields);
    person.browser.post(path, &all).await
}

async fn service(console: &Console, tenant: TenantId) -> ServiceScope {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    ServiceScope::open_service(&console.stoa, &request, Actor::operator(), tenant, "test").await.expect("a scope")
}

/// Puts somebody new into a team, and into none of its workspaces.
async fn newcomer(console: &Console, team: &Team, name: &str, role: TenantRole) -> Person {
    let person = console.signed_in_as(name).await;
    let mut scope = service(console, team.tenant).await;
    teams::server::add(&mut scope, person.user, name, role).await.expect("added");
    scope.commit().await.expect("committed");
    person
}

/// A further workspace of the team, owned by one person alone.
async fn workspace_of(console: &Console, team: &Team, name: &str, owner: &Person) -> WorkspaceId {
    let mut scope = service(console, team.tenant).await;
    let workspace = workspaces::server::create(&mut scope, "more", name).await.expect("a workspace");
    let added = members::server::add(&mut scope, team.tenant, workspace, owner.user, &owner.name, WorkspaceRole::Owner).await;
    added.expect("an owner");
    scope.commit().await.expect("committed");
    workspace
}

/// The id of somebody's place in the team, as it stands in addresses.
async fn place_of(console: &Console, team: &Team, user: UserId) -> MembershipId {
    let mut owner = console.database.connect("stoa_owner").await;
    let id: Uuid = sqlx::query_scalar("select id from tenant_membership where tenant_id = $1 and user_id = $2")
        .bind(team.tenant.0)
        .bind(user.0)
        .fetch_one(&mut owner)
        .await
        .expect("in the team");
    MembershipId(id)
}

/// What somebody is to the team now; None where they are not in it.
async fn role_of(console: &Console, team: &Team, user: UserId) -> Option<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select role from tenant_membership where tenant_id = $1 and user_id = $2")
        .bind(team.tenant.0)
        .bind(user.0)
        .fetch_optional(&mut owner)
        .await
        .expect("an answer")
}

/// The state of somebody's membership of a workspace, and their role: "active owner".
async fn in_workspace(console: &Console, workspace: WorkspaceId, user: UserId) -> String {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(
        "select member.status || ' ' || coalesce(granted.role, '-') from workspace_membership as member
         left join workspace_grant as granted on granted.membership_id = member.id
         where member.workspace_id = $1 and member.user_id = $2",
    )
    .bind(workspace.0)
    .bind(user.0)
    .fetch_one(&mut owner)
    .await
    .expect("a membership")
}

/// The rows of one kind, as JSON, oldest first.
async fn events(console: &Console, action: &str) -> Vec<serde_json::Value> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where action = $1 order by occurred_at, id")
        .bind(action)
        .fetch_all(&mut owner)
        .await
        .expect("rows")
}

/// The titles of what somebody was told, in the order of their letters.
async fn told(console: &Console, user: UserId) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select title from inbox_item where user_id = $1 order by title")
        .bind(user.0)
        .fetch_all(&mut owner)
        .await
        .expect("items")
}

async fn archive(console: &Console, workspace: WorkspaceId) {
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in [
        "update workspace set status = 'archived', archived_at = now(), purge_at = now() + interval '30 days', archived_by = (select id from app_user limit 1) where workspace_id = $1",
        "update workspace_membership set status = 'suspended', suspended_with_workspace = true where workspace_id = $1",
    ] {
        sqlx::query(statement).bind(workspace.0).execute(&mut owner).await.expect("archived");
    }
}

#[tokio::test]
async fn whoever_makes_a_team_owns_it_and_comes_to_its_workspaces() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let path = format!("/t/{}/teams/new", acme.tenant_slug);
    let page = acme.auditor.browser.get(&path).await;
    assert_eq!((page.status.as_u16(), page.count("main form")), (200, 1));
    console.hands.advance(TimeDelta::seconds(1));
    let answer = send(&console, &acme.auditor, &acme.tenant_slug, &path, &[("name", "Zenith")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.location().starts_with("/t/team-") && answer.location().ends_with("/workspaces"), "{}", answer.location());
    assert_eq!(acme.auditor.browser.get(answer.location()).await.status, 200);
    assert_eq!(acme.owner.browser.get(answer.location()).await.status, 404, "nobody else is in it");
    let made = events(&console, "tenant.created").await.pop().expect("a row");
    assert_eq!((made["target_name"].as_str(), made["actor_id"].as_str()), (Some("Zenith"), Some(acme.auditor.user.to_string().as_str())));
    assert_eq!((&made["log_id"], &made["route"]), (&made["tenant_id"], &"/t/{tenant}/teams/new".into()));
    let added = events(&console, "tenant.member_added").await.pop().expect("a row");
    assert_eq!(added["changes"], serde_json::json!([{ "field": "role", "before": null, "after": "owner" }]));
    let teams = acme.auditor.browser.get(&format!("/t/{}/teams", acme.tenant_slug)).await;
    assert!(teams.text().contains("ZenithTeamowner0Developer"), "{}", teams.text());
}

#[tokio::test]
async fn a_team_is_made_once_however_often_its_form_is_sent() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let home = ada.browser.get("/").await;
    let slug = ada.browser.get(home.location()).await.body.split("/t/").nth(1).and_then(|rest| rest.split('/').next().map(str::to_owned));
    let slug = slug.expect("a personal account");
    let (path, key) = (format!("/t/{slug}/teams/new"), console.form_key());
    let fields = [("form", key.as_str()), ("place", slug.as_str()), ("name", "Twin")];
    let (one, other) = tokio::join!(ada.browser.post(&path, &fields), ada.browser.post(&path, &fields));
    let again = ada.browser.post(&path, &fields).await;
    for answer in [&one, &other, &again] {
        assert_eq!((answer.status.as_u16(), answer.location()), (303, one.location()), "{}", answer.text());
    }
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Twin'").await, 1);
    assert_eq!(console.database.count("select count(*) from audit_event where target_name = 'Twin'").await, 1);
    for (name, says) in [("", "is empty"), (&"x".repeat(81), "81 characters")] {
        let refused = send(&console, &ada, &slug, &path, &[("name", name)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(says), "{}", refused.text());
    }
}

#[tokio::test]
async fn everyone_in_the_team_sees_its_people_and_owners_go_on_from_there() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let path = format!("/t/{}/people", acme.tenant_slug);
    let seen = acme.member.browser.get(&path).await;
    assert_eq!((seen.status.as_u16(), seen.count("main tbody tr"), seen.count("main tbody a")), (200, 4, 0));
    assert!(seen.text().contains("acme.owner@example.comowner1"), "{}", seen.text());
    let managed = acme.owner.browser.get(&path).await;
    assert_eq!(managed.count("main tbody a"), 4);
    let found = acme.member.browser.get(&format!("{path}?q=AUDIT")).await;
    assert_eq!(found.count("main tbody tr"), 1);
    let owners = acme.member.browser.get(&format!("{path}?role=owner")).await;
    assert_eq!(owners.count("main tbody tr"), 1);
    let nobody = acme.member.browser.get(&format!("{path}?q=%25&role=billing")).await;
    assert!(nobody.text().contains("Nobody fits"), "{}", nobody.text());
    assert_eq!(zenith.owner.browser.get(&path).await.status, 404);
    let theirs = place_of(&console, &zenith, zenith.member.user).await;
    for place in [theirs.to_string(), format!("{theirs}/remove"), "mem_x".to_owned()] {
        assert_eq!(acme.owner.browser.get(&format!("{path}/{place}")).await.status, 404, "{place}");
    }
}

#[tokio::test]
async fn a_long_list_of_people_is_read_page_by_page_and_each_stands_once() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "with person as (
             insert into app_user (id, issuer, subject, email, email_verified, name, created_at, updated_at)
             select gen_random_uuid(), 'x', 'p' || number, 'p' || number || '@example.com', true, 'Same ~ Name', now(), now()
             from generate_series(1, 116) as number
             returning id)
         insert into tenant_membership (tenant_id, id, user_id, role, joined_at)
         select $1, gen_random_uuid(), person.id, 'member', now() from person",
    )
    .bind(acme.tenant.0)
    .execute(&mut owner)
    .await
    .expect("many");
    let mut path = format!("/t/{}/people", acme.tenant_slug);
    let (mut seen, mut sizes) = (std::collections::BTreeSet::new(), Vec::new());
    loop {
        let page = acme.owner.browser.get(&path).await;
        let links = page.links("main tbody a");
        sizes.push(links.len());
        seen.extend(links);
        match page.links("nav.pager a").into_iter().find(|href| href.contains("after=")) {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!((sizes, seen.len()), (vec![50, 50, 20], 120));
}

#[tokio::test]
async fn each_tenant_role_gets_through_the_doors_it_holds_the_permission_for_and_no_others() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let billing = newcomer(&console, &acme, "Bill", TenantRole::Billing).await;
    let someone = place_of(&console, &acme, acme.member.user).await.to_string();
    let mut tried = 0;
    for door in app::doors() {
        let Asks::Tenant(permission) = door.asks else { continue };
        let path = door.path.replace("{tenant}", &acme.tenant_slug).replace("{member}", &someone);
        for (person, role) in [(&acme.owner, TenantRole::Owner), (&billing, TenantRole::Billing), (&acme.member, TenantRole::Member)] {
            let answer = match door.method {
                Method::GET => person.browser.get(&path).await,
                // A form that cannot be carried out: only the permission is tried.
                _ => person.browser.post(&path, &[("place", &acme.tenant_slug)]).await,
            };
            let refused = answer.status == 403;
            assert_eq!(refused, !role.may(permission), "{role} at {} {path}: {}", door.method, answer.text());
            assert!(!refused || answer.text().contains(&permission.to_string()), "{}", answer.text());
            tried += 1;
        }
    }
    assert!(tried >= 50, "only {tried} were tried");
}

#[tokio::test]
async fn a_way_in_leads_to_a_team_without_workspaces_too() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let grace = newcomer(&console, &acme, "Grace", TenantRole::Member).await;
    let mut owner = console.database.connect("stoa_owner").await;
    // Somebody whose own account is gone.
    sqlx::query("update tenant set status = 'deleted', deleted_at = now(), purge_at = now() where kind = 'personal' and name = 'Grace'")
        .execute(&mut owner)
        .await
        .expect("deleted");
    assert_eq!(grace.browser.get("/").await.location(), format!("/t/{}/workspaces", acme.tenant_slug));
}
