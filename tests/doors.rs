//! Every door by name, from the live table: what it asks for, and that it asks.

use axum::http::{Method, StatusCode};
use stoa::{
    access::{TenantRole, WorkspaceRole},
    app,
    server::scope::Asks,
};

use crate::support::{Console, golden};

#[test]
fn the_doors_are_these() {
    let mut lines: Vec<String> = app::doors().iter().map(|door| format!("{:<5} {:<32} {}", door.method, door.path, door.asks)).collect();
    lines.sort();
    golden::check("doors.txt", &(lines.join("\n") + "\n"));
}

#[tokio::test]
async fn no_door_that_asks_for_someone_opens_to_a_stranger() {
    let console = Console::start().await;
    let stranger = console.a_stranger();
    let mut tried = 0;
    for door in app::doors().into_iter().filter(|door| door.asks != Asks::Nothing) {
        let path = door.path.replace("{tenant}", "any").replace("{workspace}", "any");
        let answer = match door.method {
            Method::GET => stranger.get(&path).await,
            _ => stranger.post(&path, &[("name", "x")]).await,
        };
        match door.method {
            Method::GET => {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
                assert!(answer.location().starts_with("/sign-in?back=/"), "{path} led to {}", answer.location());
            }
            _ => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}"),
        }
        tried += 1;
    }
    assert!(tried >= 7, "only {tried} doors were tried");
}

#[tokio::test]
async fn each_role_gets_through_the_doors_it_holds_the_permission_for_and_no_others() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut tried = 0;
    for door in app::doors() {
        let Asks::Workspace(permission) = door.asks else { continue };
        let path = door.path.replace("{workspace}", &team.slug);
        for (person, role) in team.people() {
            let answer = match door.method {
                Method::GET => person.browser.get(&path).await,
                // A form that cannot be carried out: only the permission is tried.
                _ => person.browser.post(&path, &[("place", &team.slug)]).await,
            };
            if role.may(permission) {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{role} at {} {path}", door.method);
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role} at {} {path}", door.method);
                assert!(answer.text().contains(&permission.to_string()), "the permission is not named: {}", answer.text());
                assert!(answer.text().contains("owner"), "who can is not named: {}", answer.text());
            }
            tried += 1;
        }
    }
    assert!(tried >= 12, "only {tried} were tried");
}

/// What anyone may do about themselves, and what a team lets its members do whatever they are in a workspace.
const THEIR_OWN: &[&str] =
    &["/w/{workspace}/members/leave", "/t/{tenant}/people/leave", "/t/{tenant}/teams/new", "/t/{tenant}/workspaces/new"];

#[tokio::test]
async fn a_readonly_person_is_shown_no_control_that_changes_anything() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.invited(&team, "grace@example.com", "member").await;
    let member = console.member_id(team.workspace, team.member.user).await.to_string();
    let invitation = console.invitation_id("grace@example.com").await.to_string();
    let key = console.client(&team.owner, &team.slug, &["members:read", "audit:read"]).await.key.to_string();
    let mut shown = 0;
    for door in app::doors().into_iter().filter(|door| door.method == Method::GET) {
        let path = door.path.replace("{workspace}", &team.slug).replace("{tenant}", &team.tenant_slug);
        let path =
            path.replace("/members/{member}", &format!("/members/{member}")).replace("{invitation}", &invitation).replace("{key}", &key);
        let may = match door.asks {
            Asks::Workspace(permission) => WorkspaceRole::Readonly.may(permission),
            Asks::Tenant(permission) => TenantRole::Member.may(permission),
            _ => continue,
        };
        // What an address names further is tried by the feature that it belongs to.
        if path.contains('{') || THEIR_OWN.contains(&door.path) {
            continue;
        }
        let answer = team.auditor.browser.get(&path).await;
        let expected = if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{path}");
        if !may || answer.header("content-type").starts_with("text/csv") {
            continue;
        }
        assert_eq!(answer.count("main form:not([method=get])"), 0, "{path} has a form for a readonly person");
        assert_eq!(answer.count("main form:not([method=get]) button"), 0, "{path} has a submit button");
        shown += 1;
    }
    assert!(shown >= 5, "only {shown} pages were looked at");
}
