//! Leaving a team: alone, with a successor, and when it cannot be.

use chrono::TimeDelta;
use stoa::access::TenantRole;

use super::{archive, events, in_workspace, newcomer, place_of, role_of, send, told, workspace_of};
use crate::support::{Answer, Console, Person, Team};

async fn leave(console: &Console, team: &Team, who: &Person, successor: &str) -> Answer {
    let path = format!("/t/{}/people/leave", team.tenant_slug);
    let shown = who.browser.get(&path).await.field("inventory");
    send(console, who, &team.tenant_slug, &path, &[("inventory", &shown), ("successor", successor)]).await
}

#[tokio::test]
async fn whoever_leaves_is_out_of_the_team_and_its_workspaces_at_once() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let page = acme.auditor.browser.get(&format!("/t/{}/people/leave", acme.tenant_slug)).await;
    assert!(page.text().contains("1 workspace membership") && page.text().contains("Acme Shopreadonly"), "{}", page.text());
    assert_eq!(page.count("main select"), 0, "nothing of theirs asks for a successor");
    let answer = leave(&console, &acme, &acme.auditor, "").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "{}", answer.text());
    let landed = acme.auditor.browser.get(acme.auditor.browser.get("/").await.location()).await;
    assert!(landed.text().contains("You left Acme."), "{}", landed.text());
    assert_eq!(role_of(&console, &acme, acme.auditor.user).await, None);
    assert_eq!(in_workspace(&console, acme.workspace, acme.auditor.user).await, "ended -");
    assert_eq!(acme.auditor.browser.get(&format!("/w/{}", acme.slug)).await.status, 404);
    let left = events(&console, "member.left").await;
    assert_eq!((&left[0]["log_id"], &left[0]["reason"]), (&acme.workspace.0.to_string().into(), &"left the team".into()));
    assert_eq!(left[0]["actor_id"], acme.auditor.user.to_string());
    assert_eq!(events(&console, "tenant.member_left").await[0]["log_id"], acme.tenant.0.to_string());
}

#[tokio::test]
async fn leaving_twice_is_answered_like_once() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let path = format!("/t/{}/people/leave", acme.tenant_slug);
    let page = acme.member.browser.get(&path).await;
    let (key, shown) = (page.field("form"), page.field("inventory"));
    let fields = [("form", key.as_str()), ("place", acme.tenant_slug.as_str()), ("inventory", shown.as_str())];
    let (one, other) = tokio::join!(acme.member.browser.post(&path, &fields), acme.member.browser.post(&path, &fields));
    let late = acme.member.browser.post(&path, &fields).await;
    for answer in [&one, &other, &late] {
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "{}", answer.text());
    }
    assert_eq!(events(&console, "tenant.member_left").await.len(), 1);
    // With a key of its own it is a stranger's form.
    let anew = send(&console, &acme.member, &acme.tenant_slug, &path, &[("inventory", &shown)]).await;
    assert_eq!(anew.status, 404);
}

#[tokio::test]
async fn the_only_owner_names_who_takes_over_and_both_happen_together() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let grace = newcomer(&console, &acme, "Grace", TenantRole::Member).await;
    let old = workspace_of(&console, &acme, "Old", &acme.owner).await;
    archive(&console, old).await;
    let without = leave(&console, &acme, &acme.owner, "").await;
    assert_eq!(without.status, 422);
    assert!(without.text().contains("Choose who takes over"), "{}", without.text());
    assert!(without.text().contains("an owner of the team and Acme Shop, Old"), "{}", without.text());
    assert_eq!(leave(&console, &acme, &acme.owner, "mem_x").await.status, 422);
    let to = place_of(&console, &acme, grace.user).await.to_string();
    let answer = leave(&console, &acme, &acme.owner, &to).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(role_of(&console, &acme, acme.owner.user).await, None);
    assert_eq!(role_of(&console, &acme, grace.user).await.as_deref(), Some("owner"));
    assert_eq!(in_workspace(&console, acme.workspace, grace.user).await, "active owner");
    assert_eq!(in_workspace(&console, old, grace.user).await, "suspended owner", "to come back with it");
    assert_eq!(grace.browser.get(&format!("/w/{}/settings", acme.slug)).await.status, 200);
    assert_eq!(events(&console, "tenant.transferred").await.len(), 1);
    let added = events(&console, "member.added").await;
    assert!(added.iter().any(|row| row["reason"] == "their only owner left the team" && row["target_name"] == "Grace"), "{added:?}");
    assert_eq!(told(&console, grace.user).await, ["You are now an owner of 2 workspaces", "You are now an owner of Acme"]);
}

#[tokio::test]
async fn whoever_takes_over_a_workspace_takes_over_its_keys_and_invitations() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let client = console.client(&acme.owner, &acme.slug, &["members:read"]).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into invitation (tenant_id, id, workspace_id, email, role, invited_by, created_at, expires_at)
         values ($1, gen_random_uuid(), $2, 'new@example.com', 'admin', $3, now(), now() + interval '7 days')",
    )
    .bind(acme.tenant.0)
    .bind(acme.workspace.0)
    .bind(acme.owner.user.0)
    .execute(&mut owner)
    .await
    .expect("invited");
    let to = place_of(&console, &acme, acme.auditor.user).await.to_string();
    let answer = leave(&console, &acme, &acme.owner, &to).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let me = client.get("/me").await;
    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(me.body["data"]["key"]["steward"], acme.auditor.user.to_string());
    let invited_by =
        console.database.text("select invited_by::text from invitation where status = 'pending' and tenant_id = $1", acme.tenant.0).await;
    assert_eq!(invited_by, acme.auditor.user.0.to_string());
    assert_eq!(in_workspace(&console, acme.workspace, acme.auditor.user).await, "active owner");
}

#[tokio::test]
async fn a_member_who_alone_owns_a_workspace_hands_that_over_and_nothing_else() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let lone = workspace_of(&console, &acme, "Lone", &acme.member).await;
    assert_eq!(leave(&console, &acme, &acme.member, "").await.status, 422);
    let to = place_of(&console, &acme, acme.admin.user).await.to_string();
    console.hands.advance(TimeDelta::minutes(16));
    let late = leave(&console, &acme, &acme.member, &to).await;
    assert!(late.status == 403 && late.text().contains("recent sign-in"), "{}", late.text());
    acme.member.browser.set_cookie("stoa_session", &console.new_session(acme.member.user, "Acme Member").await);
    assert_eq!(leave(&console, &acme, &acme.member, &to).await.status, 303);
    assert_eq!(in_workspace(&console, lone, acme.admin.user).await, "active owner");
    assert_eq!(in_workspace(&console, acme.workspace, acme.admin.user).await, "active admin", "as before elsewhere");
    assert_eq!(role_of(&console, &acme, acme.admin.user).await.as_deref(), Some("member"));
    assert_eq!(events(&console, "tenant.transferred").await.len(), 0);
    assert_eq!(told(&console, acme.admin.user).await, ["You are now an owner of Lone"]);
}

#[tokio::test]
async fn the_last_one_in_a_team_and_a_personal_account_cannot_be_left() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    for person in [&acme.admin, &acme.member, &acme.auditor] {
        assert_eq!(leave(&console, &acme, person, "").await.status, 303);
    }
    let path = format!("/t/{}/people/leave", acme.tenant_slug);
    let alone = acme.owner.browser.get(&path).await;
    assert!(alone.text().contains("nobody can take over"), "{}", alone.text());
    assert_eq!(alone.count("main form"), 0);
    let personal = console
        .database
        .text(
            "select slug from tenant join tenant_membership using (tenant_id) where kind = 'personal' and user_id = $1",
            acme.owner.user.0,
        )
        .await;
    let path = format!("/t/{personal}/people/leave");
    let own = acme.owner.browser.get(&path).await;
    assert_eq!(own.status, 409);
    assert!(own.text().contains("A personal account cannot be left"), "{}", own.text());
    assert_eq!(send(&console, &acme.owner, &personal, &path, &[]).await.status, 409);
}
