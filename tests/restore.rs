//! An archived workspace comes back as it was, within its time and its team's plan.

use chrono::TimeDelta;

use crate::{
    archive::{archive, events, fill, status},
    support::{Answer, Console, Person, Team},
    workspaces::give_plan,
};

pub async fn restore(console: &Console, team: &Team, person: &Person) -> Answer {
    let fields = [("form", console.form_key()), ("place", team.slug.clone())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.browser.post(&format!("/w/{}/archived/restore", team.slug), &fields).await
}

/// Every membership with its role, as it stands.
pub async fn members(console: &Console, team: &Team) -> Vec<(String, String, bool, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as(
        "select member.id::text, member.status, member.suspended_with_workspace, granted.role
         from workspace_membership as member join workspace_grant as granted on granted.membership_id = member.id
         where member.workspace_id = $1 order by 1",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("members")
}

#[tokio::test]
async fn a_restore_brings_back_exactly_the_members_there_were() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team).await;
    let before = members(&console, &team).await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    console.hands.advance(TimeDelta::days(29));
    let session = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &session);
    let answer = restore(&console, &team, &team.owner).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/w/{}", team.slug).as_str()), "{}", answer.text());
    assert_eq!(members(&console, &team).await, before);
    assert_eq!(events(&console, &team, "workspace.restored").await, 1);
    assert_eq!(events(&console, &team, "member.reinstated").await, 4);
    assert_eq!(console.database.count("select count(*) from invitation where status = 'pending'").await, 0, "invitations stay revoked");
    assert_eq!(console.database.count("select count(*) from support_consent where ended_at is null").await, 0, "consents stay ended");
    assert_eq!(console.database.count("select count(*) from archive_receipt where restored_at is not null").await, 1);
    assert_eq!(team.owner.browser.get(answer.location()).await.status, 200);
    // It can be done again, with a receipt of its own.
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    assert_eq!(team.owner.browser.get(&format!("/w/{}/archived", team.slug)).await.status, 200);
}

#[tokio::test]
async fn whoever_would_be_gone_by_now_does_not_come_back() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace_membership set ends_at = '2026-11-25T12:00:00Z' where user_id = $1 and workspace_id = $2")
        .bind(team.auditor.user.0)
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("an end");
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    // Taken out of the team meanwhile: the archive closes to them too.
    let ended = "update workspace_membership set status = 'ended' where user_id = $1 and workspace_id = $2";
    sqlx::query(ended).bind(team.member.user.0).bind(team.workspace.0).execute(&mut owner).await.expect("ended");
    console.hands.advance(TimeDelta::days(5));
    let session = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &session);
    assert_eq!(restore(&console, &team, &team.owner).await.status, 303);
    let mut roles: Vec<(String, String)> =
        members(&console, &team).await.into_iter().filter(|(_, _, with, _)| !with).map(|(_, status, _, role)| (role, status)).collect();
    roles.sort();
    let pair = |role: &str, status: &str| (role.to_owned(), status.to_owned());
    assert_eq!(roles, [pair("admin", "active"), pair("member", "ended"), pair("owner", "active"), pair("readonly", "ended")]);
    assert_eq!((events(&console, &team, "member.reinstated").await, events(&console, &team, "member.expired").await), (2, 1));
}

#[tokio::test]
async fn after_thirty_days_or_without_a_place_in_the_plan_there_is_no_way_back() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    let taken = [("form", console.form_key()), ("place", team.tenant_slug.clone()), ("name", "Next".to_owned())];
    let taken: Vec<_> = taken.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let next = team.owner.browser.post(&format!("/t/{}/workspaces/new", team.tenant_slug), &taken).await;
    assert_eq!(next.status, 303, "an archived one does not count: {}", next.text());
    let view = team.owner.browser.get(&format!("/w/{}/archived", team.slug)).await;
    assert!(view.text().contains("1 of 1 workspace of the Developer plan is used."), "{}", view.text());
    assert_eq!(view.count("main button[disabled]"), 1);
    let full = restore(&console, &team, &team.owner).await;
    assert_eq!(full.status, 409);
    assert!(full.text().contains("the Builder plan, which allows 2"), "{}", full.text());
    give_plan(&console, &team, "builder").await;
    console.hands.advance(TimeDelta::days(30));
    let session = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &session);
    let late = restore(&console, &team, &team.owner).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("ended on 21 December 2026, 12:00 UTC"), "{}", late.text());
    assert_eq!(status(&console, &team).await, "archived");
}
