//! Tenant roles: changing them, handing a team over, and the owner that always remains.

use chrono::TimeDelta;
use stoa::{
    access::TenantRole,
    error::AppError,
    server::events::{Event, EventKind, Target},
};

use super::{events, newcomer, place_of, role_of, send, service, told};
use crate::support::{Answer, Console, Person, Team};

async fn change(console: &Console, team: &Team, by: &Person, of: &Person, was: &str, role: &str) -> Answer {
    let place = place_of(console, team, of.user).await;
    let path = format!("/t/{}/people/{place}/role", team.tenant_slug);
    send(console, by, &team.tenant_slug, &path, &[("was", was), ("role", role)]).await
}

#[tokio::test]
async fn an_owner_changes_a_role_and_it_is_written_down_and_told() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let place = place_of(&console, &acme, acme.member.user).await;
    let page = acme.owner.browser.get(&format!("/t/{}/people/{place}", acme.tenant_slug)).await;
    assert!(page.text().contains("Gains: read this team's billing;"), "{}", page.text());
    let answer = change(&console, &acme, &acme.owner, &acme.member, "member", "billing").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/t/{}/people", acme.tenant_slug).as_str()), "{}", answer.text());
    assert_eq!(role_of(&console, &acme, acme.member.user).await.as_deref(), Some("billing"));
    let rows = events(&console, "tenant.member_role_changed").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["log_id"], acme.tenant.0.to_string());
    assert_eq!(rows[0]["actor_id"], acme.owner.user.to_string());
    assert_eq!(rows[0]["target_id"], place.to_string());
    assert_eq!(rows[0]["changes"], serde_json::json!([{ "field": "role", "before": "member", "after": "billing" }]));
    assert_eq!(told(&console, acme.member.user).await, ["You are now a billing manager of Acme"]);
    // Again, from a page that shows what it is now: nothing happens.
    assert_eq!(change(&console, &acme, &acme.owner, &acme.member, "billing", "billing").await.status, 303);
    assert_eq!(events(&console, "tenant.member_role_changed").await.len(), 1);
}

#[tokio::test]
async fn nobody_lesser_and_nobody_else_changes_a_role() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let billing = newcomer(&console, &acme, "Bill", TenantRole::Billing).await;
    for person in [&acme.admin, &billing] {
        let answer = change(&console, &acme, person, person, "member", "owner").await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("ManageTeam"), "{}", answer.text());
    }
    assert_eq!(change(&console, &acme, &zenith.owner, &acme.member, "member", "owner").await.status, 404);
    let theirs = place_of(&console, &zenith, zenith.member.user).await;
    let path = format!("/t/{}/people/{theirs}/role", acme.tenant_slug);
    let across = send(&console, &acme.owner, &acme.tenant_slug, &path, &[("was", "member"), ("role", "owner")]).await;
    assert_eq!(across.status, 404);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'tenant.member_role_changed'").await, 0);
}

#[tokio::test]
async fn a_role_that_is_none_or_was_changed_meanwhile_is_named() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let unknown = change(&console, &acme, &acme.owner, &acme.member, "member", "root").await;
    assert_eq!((unknown.status.as_u16(), unknown.count("main [role=alert]")), (422, 1), "{}", unknown.text());
    assert_eq!(change(&console, &acme, &acme.owner, &acme.member, "nothing", "owner").await.status, 400);
    let stale = change(&console, &acme, &acme.owner, &acme.member, "billing", "owner").await;
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("was changed by someone else"), "{}", stale.text());
    assert_eq!(stale.field("was"), "member", "and the page shows what it is now");
}

#[tokio::test]
async fn making_or_unmaking_an_owner_asks_for_a_recent_sign_in() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    console.hands.advance(TimeDelta::minutes(16));
    for (was, role) in [("member", "owner"), ("owner", "member")] {
        let answer = change(&console, &acme, &acme.owner, &acme.member, was, role).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("recent sign-in"), "{}", answer.text());
    }
    assert_eq!(change(&console, &acme, &acme.owner, &acme.member, "member", "billing").await.status, 303);
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let answer = change(&console, &acme, &acme.owner, &acme.owner, "owner", "member").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Acme Owner is the team's only owner"), "{}", answer.text());
    assert_eq!(answer.count("main button[disabled]"), 1, "and the page says so before");
    assert_eq!(change(&console, &acme, &acme.owner, &acme.admin, "member", "owner").await.status, 303);
    assert_eq!(change(&console, &acme, &acme.owner, &acme.owner, "owner", "member").await.status, 303);
    assert_eq!(acme.owner.browser.get(&format!("/t/{}/settings", acme.tenant_slug)).await.status, 403, "at the next request");
}

/// Both passed the permission before the other's act was there.
#[tokio::test]
async fn of_two_owners_who_demote_each_other_at_once_exactly_one_does() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    assert_eq!(change(&console, &acme, &acme.owner, &acme.admin, "member", "owner").await.status, 303);
    for round in 0..20 {
        let (one, other) = tokio::join!(
            change(&console, &acme, &acme.owner, &acme.admin, "owner", "member"),
            change(&console, &acme, &acme.admin, &acme.owner, "owner", "member"),
        );
        let won = [one.status.as_u16(), other.status.as_u16()].iter().filter(|status| **status == 303).count();
        assert_eq!(won, 1, "round {round}: {} {} / {} {}", one.status, one.text(), other.status, other.text());
        let refused = if one.status == 303 { &other } else { &one };
        assert!([403, 409].contains(&refused.status.as_u16()), "{}", refused.text());
        let roles = (role_of(&console, &acme, acme.owner.user).await, role_of(&console, &acme, acme.admin.user).await);
        let (winner, loser) = match (roles.0.as_deref(), roles.1.as_deref()) {
            (Some("owner"), Some("member")) => (&acme.owner, &acme.admin),
            (Some("member"), Some("owner")) => (&acme.admin, &acme.owner),
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!(change(&console, &acme, winner, loser, "member", "owner").await.status, 303);
    }
}

/// What the operations look for first, the database holds by itself.
#[tokio::test]
async fn a_commit_that_would_leave_no_owner_is_refused_in_words() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    for (table, rule) in [("tenant_membership", "the team"), ("workspace_grant", "a workspace")] {
        let mut scope = service(&console, acme.tenant).await;
        let statement = format!("update {table} set role = 'member' where tenant_id = $1 and role = 'owner'");
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(acme.tenant.0).execute(scope.write()).await.expect("changed, so far");
        scope.record(Event::new(EventKind::TenantUpdated, Target { kind: "tenant", id: acme.tenant.to_string(), name: None }));
        let Err(AppError::Conflict(says)) = scope.commit().await else { panic!("{table}: it was kept") };
        assert!(says.contains(&format!("leave {rule} without an owner")), "{says}");
    }
    assert_eq!(role_of(&console, &acme, acme.owner.user).await.as_deref(), Some("owner"));
    assert_eq!(events(&console, "tenant.updated").await.len(), 0);
}

#[tokio::test]
async fn whatever_roles_are_asked_for_an_owner_remains() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let people = [&acme.owner, &acme.admin, &acme.member, &acme.auditor];
    let bytes = stoa::server::chance::bytes::<180>();
    let (mut done, mut refused) = (0, 0);
    for step in bytes.chunks(3) {
        let (by, of) = (people[usize::from(step[0] % 4)], people[usize::from(step[1] % 4)]);
        let was = role_of(&console, &acme, of.user).await.expect("in the team");
        // Owners are unmade more often than made.
        let role = ["owner", "billing", "member", "member"][usize::from(step[2] % 4)];
        let answer = change(&console, &acme, by, of, &was, role).await;
        match answer.status.as_u16() {
            303 => done += 1,
            403 | 409 => refused += 1,
            status => panic!("{status}: {} (bytes {bytes:?})", answer.text()),
        }
        let owners = console
            .database
            .count(
                "select count(*) from tenant_membership as m join tenant using (tenant_id) where m.role = 'owner' and tenant.kind = 'team'",
            )
            .await;
        assert!(owners >= 1, "nobody owns the team after {step:?} of {bytes:?}");
    }
    assert_eq!(done + refused, 60);
    assert!(refused > 0, "nothing was refused: {bytes:?}");
}

#[tokio::test]
async fn handing_over_makes_one_an_owner_and_the_other_a_member() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let path = format!("/t/{}/settings/transfer", acme.tenant_slug);
    let to = place_of(&console, &acme, acme.member.user).await.to_string();
    let own = place_of(&console, &acme, acme.owner.user).await.to_string();
    assert_eq!(acme.owner.browser.get(&path).await.count("main select[name=successor] option"), 4);
    for (successor, says) in [
        ("", "Choose who takes over"),
        (own.as_str(), "somebody else than yourself"),
        ("mem_00000000000000000000000000", "not in the team"),
    ] {
        let answer = send(&console, &acme.owner, &acme.tenant_slug, &path, &[("successor", successor)]).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    assert_eq!(send(&console, &acme.admin, &acme.tenant_slug, &path, &[("successor", &to)]).await.status, 403);
    let answer = send(&console, &acme.owner, &acme.tenant_slug, &path, &[("successor", &to)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(role_of(&console, &acme, acme.member.user).await.as_deref(), Some("owner"));
    assert_eq!(role_of(&console, &acme, acme.owner.user).await.as_deref(), Some("member"));
    let handed = events(&console, "tenant.transferred").await;
    assert_eq!(handed[0]["changes"], serde_json::json!([{ "field": "owner", "before": "Acme Owner", "after": "Acme Member" }]));
    assert_eq!(events(&console, "tenant.member_role_changed").await.len(), 2);
    assert_eq!(told(&console, acme.member.user).await, ["You are now an owner of Acme"]);
    console.hands.advance(TimeDelta::minutes(16));
    let late = send(&console, &acme.member, &acme.tenant_slug, &path, &[("successor", &own)]).await;
    assert_eq!(late.status, 403);
    assert!(late.text().contains("recent sign-in"), "{}", late.text());
}
