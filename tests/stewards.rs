//! No key is ever without somebody who answers for it: removing a member, leaving, and archiving see to theirs.

use axum::http::StatusCode;

use crate::{
    archive::archive,
    restore::restore,
    support::{Answer, Console, Team},
};

async fn remove_admin(console: &Console, team: &Team, fate: &str) -> Answer {
    let member = console.member_id(team.workspace, team.admin.user).await;
    let path = format!("/w/{}/members/{member}/remove", team.slug);
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("Test"), "the key is not shown: {}", page.text());
    let shown = page.field("shown");
    team.owner.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("shown", &shown), ("fate", fate)]).await
}

#[tokio::test]
async fn a_removed_members_keys_go_to_who_removes_them_or_end() {
    for (fate, works) in [("hand_over", true), ("revoke", false)] {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
        let answer = remove_admin(&console, &team, fate).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let me = client.get("/me").await;
        assert_eq!(me.status == StatusCode::OK, works, "{}", me.body);
        if works {
            assert_eq!(me.body["data"]["key"]["steward"], team.owner.user.to_string());
        }
        let orphans = "select count(*) from api_key where status <> 'revoked' and not exists (
            select from workspace_membership as member
            where member.workspace_id = api_key.workspace_id and member.user_id = api_key.steward and member.status = 'active')";
        assert_eq!(console.database.count(orphans).await, 0);
    }
}

#[tokio::test]
async fn archiving_ends_every_key_and_restoring_brings_none_back() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(restore(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    let refused = client.get("/me").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.body["error"]["message"].as_str().unwrap_or_default().contains("revoked"), "{}", refused.body);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'api_key.revoked'").await, 1);
}
