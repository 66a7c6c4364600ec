//! Ways out of a workspace: removed or by oneself, and never leaving something behind that nobody looks after.

use chrono::TimeDelta;
use stoa::{access::WorkspaceRole, features::members::model::judge};

use crate::support::{Answer, Console, Person, Team};

async fn removal_path(console: &Console, team: &Team, target: &Person) -> String {
    format!("/w/{}/members/{}/remove", team.slug, console.member_id(team.workspace, target.user).await)
}

/// Looks at what it would do, and does it.
async fn remove(console: &Console, team: &Team, by: &Person, target: &Person, fate: &str) -> Answer {
    let path = removal_path(console, team, target).await;
    let page = by.browser.get(&path).await;
    if page.status != 200 {
        return page;
    }
    send(console, team, by, &path, &page.field("shown"), fate).await
}

async fn send(console: &Console, team: &Team, by: &Person, path: &str, shown: &str, fate: &str) -> Answer {
    by.browser.post(path, &[("form", &console.form_key()), ("place", &team.slug), ("shown", shown), ("fate", fate)]).await
}

async fn leave(console: &Console, team: &Team, who: &Person, fate: &str) -> Answer {
    let path = format!("/w/{}/members/leave", team.slug);
    let page = who.browser.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text());
    send(console, team, who, &path, &page.field("shown"), fate).await
}

#[tokio::test]
async fn a_removed_member_is_out_at_the_next_request() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = team.admin.browser.get(&removal_path(&console, &team, &team.member).await).await;
    assert!(page.text().contains("There is nothing here that they made"), "{}", page.text());
    assert_eq!(page.count("main input[type=radio]"), 0, "nothing to choose");
    let path = removal_path(&console, &team, &team.member).await;
    let answer = remove(&console, &team, &team.admin, &team.member, "").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    for page in ["", "/members", "/settings", "/members.csv"] {
        assert_eq!(team.member.browser.get(&format!("/w/{}{page}", team.slug)).await.status, 404, "{page}");
    }
    assert_eq!(console.role_of(team.workspace, team.member.user).await, None);
    assert_eq!(console.actors_of(team.workspace, "member.removed").await, ["Acme Admin"]);
    assert_eq!(console.told(team.member.user).await, ["member.removed"]);
    assert!(team.member.browser.get(&format!("/t/{}/teams", team.tenant_slug)).await.text().contains("Acme"), "still in the team");
    assert_eq!(send(&console, &team, &team.admin, &path, "x", "").await.status, 404, "twice finds nothing");
}

#[tokio::test]
async fn who_may_remove_whom_is_the_written_rule() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for target_role in WorkspaceRole::ALL {
        for (actor, role) in team.people() {
            let target = console.joins(&team, &format!("{target_role} against {role}"), target_role).await;
            let is_allowed = judge(role, Some(target_role), None).is_ok();
            let answer = remove(&console, &team, actor, &target, "").await;
            assert_eq!(answer.status.as_u16(), if is_allowed { 303 } else { 403 }, "{role} removes {target_role}: {}", answer.text());
            // Without having seen the page, too.
            let path = removal_path(&console, &team, &target).await;
            let expected = if is_allowed { 404 } else { 403 };
            assert_eq!(send(&console, &team, actor, &path, "", "revoke").await.status.as_u16(), expected, "{role} removes {target_role}");
            assert_eq!(console.role_of(team.workspace, target.user).await.is_none(), is_allowed);
        }
    }
}

#[tokio::test]
async fn what_a_member_made_is_shown_and_goes_to_somebody_or_ends() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let busy = console.joins(&team, "Busy", WorkspaceRole::Admin).await;
    assert_eq!(console.invites(&team, &busy, "one@x.org\ntwo@x.org", "member").await.status, 200);
    let path = removal_path(&console, &team, &busy).await;
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("2 pending invitations: one@x.org, two@x.org"), "{}", page.text());
    let answer = send(&console, &team, &team.owner, &path, &page.field("shown"), "").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Choose what becomes"), "{}", answer.text());
    // One more since it was shown.
    assert_eq!(console.invites(&team, &busy, "three@x.org", "member").await.status, 200);
    let answer = send(&console, &team, &team.owner, &path, &page.field("shown"), "revoke").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("changed since it was shown") && answer.text().contains("three@x.org"), "{}", answer.text());
    assert_eq!(console.role_of(team.workspace, busy.user).await.as_deref(), Some("admin"));

    let answer = send(&console, &team, &team.owner, &path, &answer.field("shown"), "hand_over").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(console.actors_of(team.workspace, "invitation.handed_over").await.len(), 3);
    let owner = console.database.text("select string_agg(distinct name, ',') from invitation join app_user on app_user.id = invited_by where workspace_id = $1 and invitation.status = 'pending'", team.workspace.0).await;
    assert_eq!(owner, "Acme Owner");

    let idle = console.joins(&team, "Idle", WorkspaceRole::Admin).await;
    assert_eq!(console.invites(&team, &idle, "four@x.org", "member").await.status, 200);
    assert_eq!(remove(&console, &team, &team.owner, &idle, "revoke").await.status, 303);
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, ["Acme Owner"]);
}

#[tokio::test]
async fn an_invitation_to_what_the_successor_may_not_give_ends() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let fallen = console.joins(&team, "Fallen", WorkspaceRole::Owner).await;
    assert_eq!(console.invites(&team, &fallen, "boss@x.org", "owner").await.status, 200);
    console
        .change(
            "update workspace_grant set role = 'member' where membership_id = $1",
            console.member_id(team.workspace, fallen.user).await.0,
        )
        .await;
    assert_eq!(remove(&console, &team, &team.admin, &fallen, "hand_over").await.status, 303);
    assert_eq!(console.actors_of(team.workspace, "invitation.handed_over").await, Vec::<String>::new());
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, ["Acme Admin"]);
}

#[tokio::test]
async fn passing_on_opens_no_invitation_that_had_closed() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let fallen = console.joins(&team, "Fallen", WorkspaceRole::Owner).await;
    assert_eq!(console.invites(&team, &fallen, "boss@x.org", "owner").await.status, 200);
    assert_eq!(console.invites(&team, &fallen, "hand@x.org", "admin").await.status, 200);
    console
        .change(
            "update workspace_grant set role = 'admin' where membership_id = $1",
            console.member_id(team.workspace, fallen.user).await.0,
        )
        .await;
    // The owner could give the role; whoever asked for it cannot any more.
    assert_eq!(remove(&console, &team, &team.owner, &fallen, "hand_over").await.status, 303);
    let pending = console
        .database
        .text("select string_agg(email, ',') from invitation where workspace_id = $1 and status = 'pending'", team.workspace.0)
        .await;
    assert_eq!(pending, "hand@x.org");
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, ["Acme Owner"]);
}

#[tokio::test]
async fn removing_asks_for_a_recent_sign_in() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.hands.advance(TimeDelta::minutes(16));
    let answer = remove(&console, &team, &team.owner, &team.member, "").await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("recent sign-in"), "{}", answer.text());
    assert_eq!(console.role_of(team.workspace, team.member.user).await.as_deref(), Some("member"));
}

#[tokio::test]
async fn nobody_removes_themselves_and_the_only_owner_stays() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = removal_path(&console, &team, &team.owner).await;
    let shown = team.owner.browser.get(&path).await.field("shown");
    let answer = send(&console, &team, &team.owner, &path, &shown, "").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Leave the workspace"), "{}", answer.text());
    let page = team.owner.browser.get(&format!("/w/{}/members/leave", team.slug)).await;
    assert_eq!(page.count("main form button[disabled]"), 1, "said before it is tried");
    assert!(page.text().contains("You are the only owner."), "{}", page.text());
    let answer = leave(&console, &team, &team.owner, "").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("only owner"), "{}", answer.text());
    assert_eq!(console.role_of(team.workspace, team.owner.user).await.as_deref(), Some("owner"));
}

#[tokio::test]
async fn whoever_leaves_hands_over_or_revokes_and_is_out() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(console.invites(&team, &team.admin, "one@x.org", "member").await.status, 200);
    assert_eq!(leave(&console, &team, &team.admin, "").await.status, 422);
    let stranger = console.signed_in_as("Stranger").await;
    for nobody in [stranger.user, team.member.user, team.admin.user] {
        let answer = leave(&console, &team, &team.admin, &nobody.to_string()).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    let answer = leave(&console, &team, &team.admin, &team.owner.user.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "{}", answer.text());
    assert_eq!(team.admin.browser.get(&format!("/w/{}", team.slug)).await.status, 404);
    assert_eq!(console.actors_of(team.workspace, "member.left").await, ["Acme Admin"]);
    assert_eq!(console.actors_of(team.workspace, "invitation.handed_over").await, ["Acme Admin"]);
    for person in [&team.member, &team.auditor] {
        assert_eq!(leave(&console, &team, person, "").await.status, 303);
    }
    assert_eq!(console.actors_of(team.workspace, "member.left").await.len(), 3);
    let outsider = console.team("Zenith").await;
    assert_eq!(outsider.owner.browser.get(&format!("/w/{}/members/leave", team.slug)).await.status, 404);
}

/// Invariant 13, however people come and go: each live workspace has an owner, and nothing is without somebody.
#[tokio::test]
async fn whatever_happens_there_is_an_owner_and_nothing_is_left_behind() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(console.joins(&team, &format!("P{number}"), WorkspaceRole::ALL[number % 3]).await);
    }
    for round in 0..6 {
        for (number, person) in people.iter().enumerate() {
            // Whether it works depends on who is left as what; that it may be refused is the point.
            let address = format!("r{round}n{number}@x.org");
            console.invites(&team, person, &address, "member").await;
            let by = &people[(number * 5 + round + 3) % people.len()];
            match (number + round) % 4 {
                0 => drop(remove(&console, &team, by, person, if round % 2 == 0 { "revoke" } else { "hand_over" }).await),
                1 if person.browser.get(&format!("/w/{}/members/leave", team.slug)).await.status == 200 => {
                    drop(
                        leave(&console, &team, person, if round % 2 == 0 { "revoke".to_owned() } else { by.user.to_string() }.as_str())
                            .await,
                    );
                }
                _ => drop(remove(&console, &team, person, by, "revoke").await),
            }
            let ownerless = console
                .database
                .count(
                    "select count(*) from workspace where status = 'active' and not exists (
                         select from workspace_membership as member
                         join workspace_grant as granted on granted.membership_id = member.id and granted.role = 'owner'
                         where member.workspace_id = workspace.workspace_id and member.status = 'active')",
                )
                .await;
            let orphaned = console
                .database
                .count(
                    "select count(*) from invitation where status = 'pending' and not exists (
                         select from workspace_membership as member
                         where member.workspace_id = invitation.workspace_id and member.user_id = invitation.invited_by
                           and member.status = 'active')",
                )
                .await;
            assert_eq!((ownerless, orphaned), (0, 0), "round {round}, person {number}");
        }
    }
    let ended = console.database.count("select count(*) from workspace_membership where status = 'ended'").await;
    assert!(ended >= 4, "only {ended} went: the loop proves little");
    let grants = console.database.count("select count(*) from workspace_grant where not exists (select from workspace_membership as member where member.id = membership_id and member.status = 'active')").await;
    assert_eq!(grants, 0, "no role outlives its membership");
}
