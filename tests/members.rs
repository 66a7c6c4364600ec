//! The people of a workspace: seen by all of them, and changed by those who may, at most at their own level.

use chrono::TimeDelta;
use stoa::{
    access::WorkspaceRole,
    features::members::{model::judge, server::expire},
};

use crate::support::{Answer, Console, Person, Team};

async fn change_role(console: &Console, team: &Team, by: &Person, target: &Person, role: &str) -> Answer {
    let id = console.member_id(team.workspace, target.user).await;
    let version = console.database.text("select version::text from workspace_membership where id = $1", id.0).await;
    let path = format!("/w/{}/members/{id}/role", team.slug);
    by.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("version", &version), ("role", role)]).await
}

async fn set_end(console: &Console, team: &Team, target: &Person, day: &str) -> Answer {
    let id = console.member_id(team.workspace, target.user).await;
    let path = format!("/w/{}/members/{id}", team.slug);
    let version = team.owner.browser.get(&path).await.field("version");
    let fields = [
        ("form", console.form_key()),
        ("place", team.slug.clone()),
        ("version", version),
        ("role", "readonly".to_owned()),
        ("ends", day.to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    team.owner.browser.post(&format!("{path}/role"), &fields).await
}

#[tokio::test]
async fn everyone_in_the_workspace_sees_who_is_in_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let page = person.browser.get(&format!("/w/{}/members", team.slug)).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.count("main tbody tr"), 4, "{role}");
        assert!(page.text().contains("acme.owner@example.com"), "{}", page.text());
        assert_eq!(page.text().contains("Invite people"), matches!(role, WorkspaceRole::Owner | WorkspaceRole::Admin), "{role}");
        assert_eq!(page.count("main form:not([role=search])"), 0);
        assert_eq!(page.count("nav a[aria-current=page][href$='/members']"), 2, "rail and tab");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_down_and_paged_and_saved_as_it_is_shown() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for number in 0..52 {
        console.joins(&team, &format!("Crowd {number:02}"), WorkspaceRole::Readonly).await;
    }
    console.joins(&team, "=cmd|calc", WorkspaceRole::Readonly).await;
    let list = format!("/w/{}/members", team.slug);
    let first = team.auditor.browser.get(&format!("{list}?q=CROWD&role=readonly")).await;
    assert_eq!(first.count("main tbody tr"), 50);
    let next =
        first.body.split("href=\"").find(|rest| rest.contains("after=")).and_then(|rest| rest.split('"').next()).expect("a next page");
    let second = team.auditor.browser.get(&next.replace("&amp;", "&")).await;
    assert_eq!(second.count("main tbody tr"), 2, "{}", second.text());
    assert!(second.text().contains("Crowd 51") && !second.text().contains("Crowd 49"));
    assert_eq!(second.count(".pager a"), 1, "back to the first page");
    assert_eq!(team.auditor.browser.get(&format!("{list}?role=owner")).await.count("main tbody tr"), 1);
    assert_eq!(team.auditor.browser.get(&format!("{list}?q=acme.member%40")).await.count("main tbody tr"), 1);
    assert!(team.auditor.browser.get(&format!("{list}?q=%25")).await.text().contains("Nobody fits"), "no wildcards");
    assert_eq!(team.auditor.browser.get(&format!("{list}?after=nonsense")).await.count("main tbody tr"), 50);

    let saved = team.auditor.browser.get(&format!("{list}.csv?q=crowd&role=readonly")).await;
    assert_eq!((saved.status.as_u16(), saved.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(saved.body.lines().count(), 53, "a head and every row that the filter lets through");
    assert!(saved.body.starts_with("name,email,role,status,joined_at,ends_at,member_id\r\nCrowd 00,crowd.00@example.com,readonly,active,2026-11-21T12:00:00.000000Z,,mem_"));
    let whole = team.auditor.browser.get(&format!("{list}.csv")).await;
    assert!(whole.body.contains("\r\n'=cmd|calc,'=cmd|calc@example.com,"), "{}", whole.body);
    assert_eq!(console.actors_of(team.workspace, "members.exported").await, ["Acme Auditor", "Acme Auditor"]);
    let changes = console
        .database
        .text("select string_agg(changes::text, ' ') from audit_event where action = 'members.exported' and log_id = $1", team.workspace.0)
        .await;
    assert!(changes.contains("\"after\":\"52\"") && changes.contains("readonly") && changes.contains("crowd"), "{changes}");
}

#[tokio::test]
async fn a_role_changes_with_its_event_and_at_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let settings = format!("/w/{}/settings", team.slug);
    assert_eq!(team.member.browser.get(&settings).await.count("main form"), 0);
    let id = console.member_id(team.workspace, team.member.user).await;
    let page = team.admin.browser.get(&format!("/w/{}/members/{id}", team.slug)).await;
    assert!(page.text().contains("Gains: read credentials; read webhooks"), "{}", page.text());
    assert!(page.text().contains("Loses: use the playground (but to read)"), "{}", page.text());
    assert_eq!(page.count("main input[type=radio][value=owner]"), 0, "an admin makes no owners");
    let answer = change_role(&console, &team, &team.admin, &team.member, "admin").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(team.member.browser.get(&settings).await.count("main form"), 1);
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await, ["Acme Admin"]);
    assert_eq!(console.told(team.member.user).await, ["member.role_changed"]);
    let row = console
        .database
        .text("select changes::text || target_id from audit_event where action = 'member.role_changed' and log_id = $1", team.workspace.0)
        .await;
    assert_eq!(row, format!("[{{\"field\":\"role\",\"before\":\"member\",\"after\":\"admin\"}}]{id}"));
    // The same again is no change, and leaves no event.
    assert_eq!(change_role(&console, &team, &team.admin, &team.member, "admin").await.status, 303);
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await.len(), 1);
}

#[tokio::test]
async fn who_may_do_what_to_whom_is_the_written_rule() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut tried = 0;
    for target_role in WorkspaceRole::ALL {
        let target = console.joins(&team, &format!("Target {target_role}"), target_role).await;
        let id = console.member_id(team.workspace, target.user).await;
        for ((actor, role), new_role) in team.people().into_iter().flat_map(|actor| WorkspaceRole::ALL.map(|new| (actor, new))) {
            let answer = change_role(&console, &team, actor, &target, new_role.name()).await;
            let is_allowed = judge(role, Some(target_role), Some(new_role)).is_ok();
            let expected = if is_allowed { new_role } else { target_role };
            assert_eq!(
                answer.status.as_u16(),
                if is_allowed { 303 } else { 403 },
                "{role} turns {target_role} into {new_role}: {}",
                answer.text()
            );
            assert_eq!(console.role_of(team.workspace, target.user).await.as_deref(), Some(expected.name()));
            let back = format!("update workspace_grant set role = '{target_role}' where membership_id = '{}'", id.0);
            sqlx::raw_sql(sqlx::AssertSqlSafe(back)).execute(&mut console.database.connect("stoa_owner").await).await.expect("as before");
            tried += 1;
        }
    }
    assert_eq!(tried, 64);
}

#[tokio::test]
async fn what_cannot_be_is_named_and_changes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = change_role(&console, &team, &team.owner, &team.member, "emperor").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("This role is not known"), "{}", answer.text());
    for (day, says) in [("2026-11-20", "is over"), ("soon", "not a day"), ("2026-02-30", "not a day")] {
        let answer = set_end(&console, &team, &team.auditor, day).await;
        assert_eq!(answer.status, 422, "{day}");
        assert!(answer.text().contains(says), "{day}: {}", answer.text());
        assert_eq!(answer.field("ends"), day, "what was entered is kept");
    }
    let answer = change_role(&console, &team, &team.owner, &team.owner, "member").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("only owner"), "{}", answer.text());
    let id = console.member_id(team.workspace, team.member.user).await;
    let path = format!("/w/{}/members/{id}/role", team.slug);
    let stale =
        team.owner.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("version", "7"), ("role", "admin")]).await;
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("changed by someone else"), "{}", stale.text());
    assert_eq!(console.actors_of(team.workspace, "member.role_changed").await, Vec::<String>::new());
    assert_eq!(console.actors_of(team.workspace, "member.end_changed").await, Vec::<String>::new());
}

#[tokio::test]
async fn members_of_elsewhere_are_not_there() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let theirs = console.member_id(zenith.workspace, zenith.member.user).await;
    let personal = console.database.text("select id::text from workspace_membership join workspace using (tenant_id, workspace_id) where user_id = $1 and slug like 'main-%'", acme.owner.user.0).await;
    let personal = stoa::ids::MembershipId(personal.parse().expect("an id"));
    for id in [theirs.to_string(), personal.to_string(), "mem_x".to_owned(), console.form_key()] {
        for tail in ["", "/remove"] {
            let answer = acme.owner.browser.get(&format!("/w/{}/members/{id}{tail}", acme.slug)).await;
            assert_eq!(answer.status, 404, "{id}{tail}");
        }
        for tail in ["/role", "/remove"] {
            let path = format!("/w/{}/members/{id}{tail}", acme.slug);
            let fields =
                [("form", console.form_key()), ("place", acme.slug.clone()), ("version", "1".to_owned()), ("role", "admin".to_owned())];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(acme.owner.browser.post(&path, &fields).await.status, 404, "{id}{tail}");
        }
    }
    for path in
        [format!("/w/{}/members", zenith.slug), format!("/w/{}/members.csv", zenith.slug), format!("/w/{}/members/invite", zenith.slug)]
    {
        assert_eq!(acme.owner.browser.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(console.role_of(zenith.workspace, zenith.member.user).await.as_deref(), Some("member"));
}

#[tokio::test]
async fn two_owners_who_demote_each_other_leave_one() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let other = console.joins(&team, "Other Owner", WorkspaceRole::Owner).await;
    for round in 0..20 {
        let (one, two) = tokio::join!(
            change_role(&console, &team, &team.owner, &other, "member"),
            change_role(&console, &team, &other, &team.owner, "member")
        );
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert!(matches!(statuses, [303, 403 | 409]), "round {round}: {statuses:?}: {} / {}", one.text(), two.text());
        let owners = console.database.count("select count(*) from workspace_grant join workspace using (tenant_id, workspace_id) where role = 'owner' and slug like 'shop-%'").await;
        assert_eq!(owners, 1, "round {round}");
        console.change("update workspace_grant set role = 'owner' where workspace_id = $1 and role = 'member' and membership_id not in (select workspace_membership.id from workspace_membership join app_user on app_user.id = user_id where app_user.name = 'Acme Member')", team.workspace.0).await;
    }
}

#[tokio::test]
async fn an_auditors_membership_ends_by_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.change("update app_user set time_zone = 'Asia/Tokyo' where id = $1", team.owner.user.0).await;
    let answer = set_end(&console, &team, &team.auditor, "2026-11-21").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(console.actors_of(team.workspace, "member.end_changed").await, ["Acme Owner"]);
    let end = console
        .database
        .text("select ends_at::text from workspace_membership where id = $1", console.member_id(team.workspace, team.auditor.user).await.0)
        .await;
    assert_eq!(end, "2026-11-21 15:00:00+00", "the day is over in Tokyo");
    // Saved again with the same day, nothing moves.
    assert_eq!(set_end(&console, &team, &team.auditor, "2026-11-21").await.status, 303);
    assert_eq!(console.actors_of(team.workspace, "member.end_changed").await.len(), 1);
    let overview = format!("/w/{}", team.slug);
    assert_eq!(expire(&console.stoa).await, Ok(0), "not yet");
    console.hands.advance(TimeDelta::hours(3) - TimeDelta::seconds(1));
    assert_eq!(team.auditor.browser.get(&overview).await.status, 200);
    console.hands.advance(TimeDelta::seconds(1));
    assert_eq!(team.auditor.browser.get(&overview).await.status, 404, "before anything swept it");
    assert!(team.owner.browser.get(&format!("/w/{}/members", team.slug)).await.text().contains("Ended"));
    assert_eq!(expire(&console.stoa).await, Ok(1));
    assert_eq!(expire(&console.stoa).await, Ok(0), "twice is harmless");
    assert_eq!(console.role_of(team.workspace, team.auditor.user).await, None);
    assert_eq!(console.actors_of(team.workspace, "member.expired").await, ["Stoa"]);
    assert_eq!(console.told(team.auditor.user).await, ["member.end_changed", "member.expired"]);
    assert_eq!(team.owner.browser.get(&format!("/w/{}/members", team.slug)).await.count("main tbody tr"), 3);
}

#[tokio::test]
async fn an_end_date_goes_with_the_role_it_is_for() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(set_end(&console, &team, &team.auditor, "2027-01-31").await.status, 303);
    assert_eq!(change_role(&console, &team, &team.owner, &team.auditor, "member").await.status, 303);
    assert_eq!(console.database.count("select count(*) from workspace_membership where ends_at is not null").await, 0);
    assert_eq!(console.actors_of(team.workspace, "member.end_changed").await.len(), 2);
}
