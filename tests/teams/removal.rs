//! Removing somebody from a team, with all that it ends.

use stoa::{
    access::{TenantRole, tenant::ManageTeam},
    error::AppError,
    features::members::server::ending,
    server::{
        http::request::RequestContext,
        scope::{Intent, TenantScope},
        sessions,
    },
};
use tower_sessions::session::Id;

use super::{archive, events, in_workspace, newcomer, place_of, role_of, send, told, workspace_of};
use crate::support::{Answer, Console, Person, Team};

async fn remove(console: &Console, team: &Team, by: &Person, of: &Person, inventory: &str) -> Answer {
    let place = place_of(console, team, of.user).await;
    let path = format!("/t/{}/people/{place}/remove", team.tenant_slug);
    send(console, by, &team.tenant_slug, &path, &[("inventory", inventory)]).await
}

/// The confirm page of somebody's removal.
async fn confirm(console: &Console, team: &Team, of: &Person) -> Answer {
    let place = place_of(console, team, of.user).await;
    team.owner.browser.get(&format!("/t/{}/people/{place}/remove", team.tenant_slug)).await
}

async fn invite(console: &Console, team: &Team, by: &Person, workspace: bool) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into invitation (tenant_id, id, workspace_id, email, role, invited_by, created_at, expires_at)
         values ($1, gen_random_uuid(), $2, 'new@example.com', 'member', $3, now(), now() + interval '7 days')",
    )
    .bind(team.tenant.0)
    .bind(workspace.then_some(team.workspace.0))
    .bind(by.user.0)
    .execute(&mut owner)
    .await
    .expect("invited");
}

#[tokio::test]
async fn removing_somebody_ends_everything_of_theirs_in_the_team_and_says_so_first() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let second = workspace_of(&console, &acme, "Second", &acme.owner).await;
    let mut scope = super::service(&console, acme.tenant).await;
    stoa::features::members::server::add(
        &mut scope,
        acme.tenant,
        second,
        acme.admin.user,
        "Acme Admin",
        stoa::access::WorkspaceRole::Readonly,
    )
    .await
    .expect("added");
    scope.commit().await.expect("committed");
    invite(&console, &acme, &acme.admin, true).await;
    invite(&console, &acme, &acme.admin, false).await;
    let page = confirm(&console, &acme, &acme.admin).await;
    for says in ["2 workspace memberships", "2 pending invitations they sent", "Acme Shopadmin", "Secondreadonly"] {
        assert!(page.text().contains(says), "{says}: {}", page.text());
    }
    let answer = remove(&console, &acme, &acme.owner, &acme.admin, &page.field("inventory")).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/t/{}/people", acme.tenant_slug).as_str()), "{}", answer.text());
    assert_eq!(role_of(&console, &acme, acme.admin.user).await, None);
    for workspace in [acme.workspace, second] {
        assert_eq!(in_workspace(&console, workspace, acme.admin.user).await, "ended -");
    }
    let rows = events(&console, "member.removed").await;
    let mut logs: Vec<_> = rows.iter().map(|row| row["log_id"].as_str().expect("a log").to_owned()).collect();
    logs.sort();
    let mut expected = [acme.workspace.0.to_string(), second.0.to_string()];
    expected.sort();
    assert_eq!(logs, expected);
    assert!(rows.iter().all(|row| row["reason"] == "removed from the team" && row["actor_id"] == acme.owner.user.to_string()));
    let revoked = events(&console, "invitation.revoked").await;
    assert_eq!(revoked.iter().filter(|row| row["log_id"] == acme.tenant.0.to_string()).count(), 1, "{revoked:?}");
    assert_eq!(revoked.len(), 2);
    assert_eq!(events(&console, "tenant.member_removed").await[0]["log_id"], acme.tenant.0.to_string());
    assert_eq!(told(&console, acme.admin.user).await, ["You were removed from Acme"]);
    for path in [format!("/w/{}", acme.slug), format!("/t/{}/people", acme.tenant_slug)] {
        assert_eq!(acme.admin.browser.get(&path).await.status, 404, "{path}: at the next request");
    }
}

#[tokio::test]
async fn keys_that_somebody_answers_for_are_counted_and_end_with_them() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let before = confirm(&console, &acme, &acme.admin).await;
    assert!(!before.text().contains("they answer for"), "{}", before.text());
    let client = console.client(&acme.admin, &acme.slug, &["members:read"]).await;
    let page = confirm(&console, &acme, &acme.admin).await;
    assert!(page.text().contains("1 credential they answer for"), "{}", page.text());
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.admin, &before.field("inventory")).await.status, 409, "a key has come since");
    assert_eq!(client.get("/me").await.status, 200);
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.admin, &page.field("inventory")).await.status, 303);
    assert_eq!(client.get("/me").await.status, 401);
    assert_eq!(events(&console, "api_key.revoked").await[0]["reason"], "removed from the team");
}

#[tokio::test]
async fn what_changed_since_it_was_shown_is_shown_again() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let page = confirm(&console, &acme, &acme.admin).await;
    invite(&console, &acme, &acme.admin, true).await;
    for shown in [page.field("inventory").as_str(), ""] {
        let answer = remove(&console, &acme, &acme.owner, &acme.admin, shown).await;
        assert_eq!(answer.status, 409);
        assert!(
            answer.text().contains("has changed since it was shown") && answer.text().contains("1 pending invitation "),
            "{}",
            answer.text()
        );
        assert_eq!(role_of(&console, &acme, acme.admin.user).await.as_deref(), Some("member"));
    }
    let again = confirm(&console, &acme, &acme.admin).await;
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.admin, &again.field("inventory")).await.status, 303);
}

#[tokio::test]
async fn whoever_alone_owns_a_live_workspace_is_not_removed_before_somebody_else_does() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let lone = workspace_of(&console, &acme, "Lone", &acme.member).await;
    let page = confirm(&console, &acme, &acme.member).await;
    assert!(page.text().contains("LoneownerOnly owner") && page.text().contains("made an owner first"), "{}", page.text());
    assert_eq!(page.count("main form"), 0);
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.member, "").await.status, 409);
    let refused = end_all(&console, &acme, &acme.member).await.expect_err("refused");
    assert_eq!(refused, AppError::Conflict("Nobody else owns Lone. Make somebody else an owner there first.".to_owned()));
    assert_eq!(in_workspace(&console, lone, acme.member.user).await, "active owner");
    assert_eq!(events(&console, "member.removed").await.len(), 0, "nothing of it is kept");
    // An archived one stands in nobody's way, and the page says what that means.
    archive(&console, lone).await;
    let page = confirm(&console, &acme, &acme.member).await;
    assert!(page.text().contains("nobody else can restore it"), "{}", page.text());
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.member, &page.field("inventory")).await.status, 303);
    assert_eq!(in_workspace(&console, lone, acme.member.user).await, "ended -");
}

#[tokio::test]
async fn nobody_lesser_removes_anybody_and_owners_not_themselves() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let shown = confirm(&console, &acme, &acme.member).await.field("inventory");
    assert_eq!(remove(&console, &acme, &acme.admin, &acme.member, &shown).await.status, 403);
    assert_eq!(remove(&console, &acme, &zenith.owner, &acme.member, &shown).await.status, 404);
    let own = confirm(&console, &acme, &acme.owner).await;
    assert_eq!(own.status, 409);
    assert!(own.text().contains("Leave the team instead"), "{}", own.text());
    assert_eq!(remove(&console, &acme, &acme.owner, &acme.owner, "").await.status, 409);
    assert_eq!(role_of(&console, &acme, acme.member.user).await.as_deref(), Some("member"));
}

#[tokio::test]
async fn of_two_owners_who_remove_each_other_at_once_one_stays() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    for round in 0..10 {
        let one = newcomer(&console, &acme, &format!("One{round}"), TenantRole::Owner).await;
        let two = newcomer(&console, &acme, &format!("Two{round}"), TenantRole::Owner).await;
        let (of_one, of_two) =
            (confirm(&console, &acme, &one).await.field("inventory"), confirm(&console, &acme, &two).await.field("inventory"));
        let (first, second) = tokio::join!(remove(&console, &acme, &one, &two, &of_two), remove(&console, &acme, &two, &one, &of_one));
        let statuses = [first.status.as_u16(), second.status.as_u16()];
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "round {round}: {} / {}", first.text(), second.text());
        let stay = [role_of(&console, &acme, one.user).await, role_of(&console, &acme, two.user).await];
        assert_eq!(stay.iter().flatten().count(), 1, "round {round}: {stay:?}");
    }
}

/// The operation itself, past what the page looks at first.
async fn end_all(console: &Console, team: &Team, of: &Person) -> Result<(), AppError> {
    let cookie = team.owner.browser.cookie("stoa_session").expect("a session");
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    request.session = Some(sessions::hash(cookie.parse::<Id>().expect("an id")));
    let mut scope = TenantScope::<ManageTeam>::open(&console.stoa, &request, Some(&team.tenant_slug), Intent::Write, false).await?;
    ending::end_all(&mut scope, of.user, "removed from the team").await?;
    scope.commit().await
}
