//! How the month ends at this pace, on every page that says it and over the API: the same figure, with its assumption.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa::{features::usage, server::chance};

use crate::{
    billing::{DOLLAR, cap_workspace, rows},
    support::{Console, Team},
    workspaces::give_plan,
};

async fn used_at(console: &Console, team: &Team, at: DateTime<Utc>, nanos: i64) {
    let events = json!([{
        "tenant_id": team.tenant.0, "occurred_at": at, "id": chance::uuid(at), "workspace_id": team.workspace.0,
        "dimension": "rest.read", "module": "tasks", "operation": "tasks.list", "quantity": 1, "nanos": nanos,
        "rate_version": "2026-11-01", "channel": "api", "request_id": chance::uuid(at),
    }]);
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query("select append_usage($1::jsonb)").bind(events.to_string()).execute(&mut app).await.expect("appended");
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
}

#[tokio::test]
async fn a_month_is_forecast_alike_everywhere_and_only_where_there_is_enough_to_say() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "business").await;
    let client = console.client(&team.owner, &team.slug, &["billing:read"]).await;
    let billing = format!("/t/{}/billing", team.tenant_slug);
    let (spend, page) = (format!("/w/{}/settings/spend", team.slug), format!("/w/{}/usage?range=month", team.slug));
    used_at(&console, &team, console.stoa.clock.now(), DOLLAR).await;
    for address in [&billing, &spend] {
        let text = team.owner.browser.get(address).await.text();
        assert!(text.contains("Too little to say"), "{address}: {text}");
    }
    assert_eq!(client.get("/billing").await.body["data"]["forecast"], Value::Null);
    assert!(!team.owner.browser.get(&page).await.text().contains("By the end of this month"));

    // Two dollars a day for the last seven days; it is noon of the 21st, and nine and a half days are left.
    let now = console.stoa.clock.now();
    used_at(&console, &team, now - TimeDelta::days(7), 9 * DOLLAR).await;
    used_at(&console, &team, now - TimeDelta::days(3), 4 * DOLLAR).await;
    let forecast = &client.get("/billing").await.body["data"]["forecast"];
    assert_eq!(
        (&forecast["spent_nanos"], &forecast["pace_nanos"], &forecast["pace_seconds"]),
        (&json!(33 * DOLLAR), &json!(14 * DOLLAR), &json!(7 * 86_400)),
        "{forecast}"
    );
    cap_workspace(&console, &team, &team.admin, &team.workspace.to_string(), "20", "hard").await;
    for address in [&billing, &spend, &page] {
        let text = team.owner.browser.get(address).await.text();
        assert!(text.contains("about $33.00, at the pace of the last 7 days"), "{address}: {text}");
    }
    for address in [&billing, &spend] {
        let page = team.owner.browser.get(address).await;
        assert!(rows(&page).contains("Cap of Acme Shop | $20.00 | $14.00 | about in 3 days"), "{address}: {}", rows(&page));
    }
    let account = rows(&team.owner.browser.get(&billing).await);
    assert!(account.contains("What the plan includes | $799.00 | $14.00 | not this month"), "{account}");
    // Of a part of it nothing is said: the pace is that of all.
    let narrowed = team.owner.browser.get(&format!("{page}&module=tasks")).await.text();
    assert!(!narrowed.contains("By the end of this month"), "{narrowed}");
    let member = team.member.browser.get(&page).await.text();
    assert!(!member.contains("By the end of this month"), "the money is not theirs: {member}");
}
