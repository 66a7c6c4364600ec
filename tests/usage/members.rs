//! By whom: a member's own use is told from that of all others, and nobody else's from another's.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{ids::UserId, server::chance};

use super::{READS, append, texts};
use crate::support::{Console, Team};

/// So many calls, each of one person.
async fn called(console: &Console, team: &Team, user: Option<UserId>, times: i64) {
    let now = console.stoa.clock.now();
    let events: Vec<Value> = (0..times)
        .map(|second| {
            json!({
                "tenant_id": team.tenant.0, "occurred_at": now - TimeDelta::seconds(second), "id": chance::uuid(now),
                "workspace_id": team.workspace.0, "dimension": "rest.read", "module": "tasks", "operation": "tasks.list", "quantity": 1,
                "nanos": 20_000, "rate_version": "2026-11-01", "user_id": user.map(|user| user.0), "channel": "api",
                "request_id": chance::uuid(now),
            })
        })
        .collect();
    append(console, &events).await;
}

#[tokio::test]
async fn whoever_reads_all_of_it_sees_each_and_a_member_themselves_and_the_rest() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    called(&console, &team, Some(team.owner.user), 5).await;
    called(&console, &team, Some(team.admin.user), 4).await;
    called(&console, &team, Some(team.member.user), 2).await;
    called(&console, &team, None, 1).await;
    let address = format!("/w/{}/usage?range=7d&by=member", team.slug);
    let all = team.owner.browser.get(&address).await;
    assert_eq!(texts(&all, "details tbody tr td:nth-child(2)"), ["Acme Owner", "Acme Admin", "Acme Member", "No member"], "{}", all.text());
    let mine = team.member.browser.get(&address).await;
    assert_eq!(texts(&mine, "details tbody tr td:nth-child(2)"), ["Everybody else", "Acme Member", "No member"], "{}", mine.text());
    assert_eq!(texts(&mine, "details tbody tr td.number"), ["9", "2", "1"]);
    for other in [&team.owner, &team.admin] {
        for page in [address.clone(), format!("/w/{}/usage/events", team.slug), format!("/w/{}/usage.csv?by=member", team.slug)] {
            let body = team.member.browser.get(&page).await.body;
            assert!(!body.contains(&other.user.to_string()), "{page} names {}", other.name);
        }
        let asked = format!("/w/{}/usage?range=7d&member={}", team.slug, other.user);
        assert!(team.member.browser.get(&asked).await.text().contains("Nothing was used so"), "not by asking either");
        let asked = format!("/w/{}/usage/events?member={}", team.slug, other.user);
        assert_eq!(team.member.browser.get(&asked).await.count("tbody tr"), 0);
        assert_eq!(team.owner.browser.get(&asked).await.count("tbody tr"), if other.user == team.owner.user { 5 } else { 4 });
    }
    // A row leads to its own events, for both.
    for (page, first) in [(all, 5), (mine, 9)] {
        let person = if first == 5 { &team.owner } else { &team.member };
        let row = &page.links("details tbody tr:first-child a")[0];
        assert_eq!(person.browser.get(row).await.count("tbody tr"), first, "{row}");
    }
    // The steward becomes a member: their key tells nobody from anybody on the next call.
    let client = console.client(&team.admin, &team.slug, &READS).await;
    let demote = "update workspace_grant set role = 'member' where role = 'admin' and membership_id in (select id from workspace_membership where user_id = $1)";
    console.change(demote, team.admin.user.0).await;
    let reply = client.get("/usage?by=member&from=2026-11-21&to=2026-11-21").await.body;
    let users: Vec<&Value> = reply["data"]["rows"].as_array().expect("rows").iter().map(|row| &row["user_id"]).collect();
    assert_eq!(users[..2], [&json!("others"), &json!(team.admin.user.to_string())], "{reply}");
}

#[tokio::test]
async fn a_call_is_of_whoever_answers_for_the_key() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read", "usage:read"]).await;
    client.get("/members").await;
    let reply = client.get("/usage?by=member&operation=members.list").await.body;
    assert_eq!(reply["data"]["rows"][0]["user_id"], team.admin.user.to_string(), "{reply}");
    let events = client.get("/usage/events?operation=members.list").await.body;
    assert_eq!(events["data"][0]["user_id"], team.admin.user.to_string(), "{events}");
    assert_eq!(client.get("/usage/events?operation=members").await.body["error"]["field_errors"][0]["field"], "operation");
}
