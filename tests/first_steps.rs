//! What a new workspace's overview offers to begin with, until it is done.

use crate::support::{Answer, Console, Person, Team};

/// What the steps' links say, in order.
async fn steps(person: &Person, slug: &str) -> Vec<String> {
    let page = person.browser.get(&format!("/w/{slug}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let offered = said(&page);
    assert_eq!(page.text().contains("First steps"), !offered.is_empty(), "{}", page.text());
    offered
}

fn said(page: &Answer) -> Vec<String> {
    ["Give this workspace a name", "Invite your colleagues", "Create an API key", "Make your first call", "Check your profile"]
        .into_iter()
        .filter(|step| page.text().contains(step))
        .map(str::to_owned)
        .collect()
}

async fn rename(console: &Console, by: &Person, slug: &str) -> Answer {
    let fields = [("form", &*console.form_key()), ("place", slug), ("version", "1"), ("name", "Analytical Engines")];
    by.browser.post(&format!("/w/{slug}/settings/name"), &fields).await
}

#[tokio::test]
async fn a_newcomers_steps_go_one_by_one_as_they_are_done() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let slug = console
        .database
        .text("select slug from workspace join workspace_membership using (tenant_id, workspace_id) where user_id = $1", ada.user.0)
        .await;
    // A personal account has one person, and invites nobody.
    assert_eq!(steps(&ada, &slug).await, ["Give this workspace a name", "Create an API key", "Make your first call"]);
    assert_eq!(rename(&console, &ada, &slug).await.status, 303);
    assert_eq!(steps(&ada, &slug).await, ["Create an API key", "Make your first call"]);
    let client = console.client(&ada, &slug, &["members:read"]).await;
    assert_eq!(steps(&ada, &slug).await, ["Make your first call"]);
    assert_eq!(client.get("/me").await.status, 200);
    console.change("update api_key set last_used_at = coalesce(last_used_at, now()) where id = $1", client.key.0).await;
    assert_eq!(steps(&ada, &slug).await, Vec::<String>::new());
}

async fn alone(console: &Console, team: &Team) {
    let others = "update workspace_membership as member set status = 'ended'
        from workspace_grant as granted
        where granted.membership_id = member.id and granted.role <> 'owner' and member.workspace_id = $1";
    console.change(others, team.workspace.0).await;
}

#[tokio::test]
async fn a_team_is_asked_to_invite_until_somebody_is_there_or_on_the_way() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let keys = ["Create an API key", "Make your first call"];
    assert_eq!(steps(&team.owner, &team.slug).await, keys, "others are there");
    assert_eq!(steps(&team.admin, &team.slug).await, keys);
    for person in [&team.member, &team.auditor] {
        assert_eq!(steps(person, &team.slug).await, Vec::<String>::new(), "nothing that they may do");
    }
    alone(&console, &team).await;
    assert_eq!(steps(&team.owner, &team.slug).await, [&["Invite your colleagues"][..], &keys[..]].concat());
    console.invited(&team, "grace@example.com", "member").await;
    assert_eq!(steps(&team.owner, &team.slug).await, keys);
}
