//! The demonstration's company, made on a database of the test's own: few calls, and the whole month around them.

use chrono::{DateTime, TimeDelta, Utc};
use stoa::cli::demo::company;

use crate::support::{Console, noon};

/// A twentieth of the calls.
const PACE: f64 = 0.05;

async fn texts(console: &Console, sql: &'static str) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(sql).fetch_all(&mut owner).await.expect("texts")
}

async fn count(console: &Console, sql: &'static str) -> i64 {
    console.database.count(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company_has_lived_its_month_by_the_operations_of_everybody() {
    let console = Console::start().await;
    assert!(company::settle(&console.stoa, PACE).await.expect("a company"));
    its_people_and_places_are_there(&console).await;
    what_was_called_is_added_up(&console).await;
    every_state_of_a_key_is_there(&console).await;
    each_act_is_in_the_log_under_its_own_name(&console).await;
    money_is_capped_and_paused(&console).await;
    nothing_lies_before_or_after_the_month(&console).await;

    let before = console.database.dump().await;
    assert!(!company::settle(&console.stoa, PACE).await.expect("settled already"));
    assert!(console.database.dump().await == before, "a second start changed something");
}

#[tokio::test]
async fn a_company_that_is_not_whole_is_not_gone_on_with() {
    let console = Console::start().await;
    console.signed_in_as("Olivia Ortiz").await;
    console.database.text("update app_user set subject = 'olivia-ortiz' where id <> $1 returning id::text", uuid::Uuid::nil()).await;
    let refused = company::settle(&console.stoa, PACE).await.expect_err("half a company");
    assert!(refused.to_string().contains("--fresh"), "{refused}");
    assert_eq!(count(&console, "select count(*) from tenant where kind = 'team'").await, 0);
}

async fn its_people_and_places_are_there(console: &Console) {
    assert_eq!(count(console, "select count(*) from app_user").await, 19, "and the newcomer, who comes by themselves");
    assert_eq!(texts(console, "select name from tenant where kind = 'team' order by 1").await, ["Kestrel Studio", "Northwind Trading"]);
    let workspaces = "select workspace.name || ' ' || workspace.status from workspace join tenant using (tenant_id)
                      where kind = 'team' order by 1";
    assert_eq!(
        texts(console, workspaces).await,
        [
            "Kestrel Lab active",
            "Kestrel Sites active",
            "Northwind Production active",
            "Northwind Returns archived",
            "Northwind Staging active",
            "Northwind Warehouse active",
        ]
    );
    let staging = "select member.status from workspace_membership as member join workspace using (workspace_id)
                   where workspace.slug like 'staging-%'";
    assert_eq!(texts(console, staging).await, ["active"; 4], "staging stays as it was founded");
}

async fn what_was_called_is_added_up(console: &Console) {
    let (events, nanos) = (
        count(console, "select count(*) from usage_event").await,
        count(console, "select coalesce(sum(nanos), 0)::bigint from usage_event").await,
    );
    assert!(events > 200, "{events}");
    assert_eq!(count(console, "select coalesce(sum(events), 0)::bigint from usage_rollup").await, events);
    assert_eq!(count(console, "select coalesce(sum(nanos), 0)::bigint from usage_rollup").await, nanos);
    assert_eq!(
        texts(console, "select distinct module from usage_event where module is not null order by 1").await,
        ["activity_log", "tasks"]
    );
    assert!(count(console, "select count(distinct credential_id) from usage_event").await > 8);
    assert!(count(console, "select count(distinct occurred_at::date) from usage_event").await > 25);
}

async fn every_state_of_a_key_is_there(console: &Console) {
    let one = async |what: &str, sql: &'static str| assert!(count(console, sql).await >= 1, "no key is {what}");
    one("quarantined with a reason", "select count(*) from api_key where status = 'quarantined' and reason <> ''").await;
    one("revoked", "select count(*) from api_key where status = 'revoked'").await;
    one("limited", "select count(*) from api_key where calls_per_minute is not null").await;
    one("narrowed", "select count(*) from audit_event where action = 'api_key.narrowed'").await;
    one(
        "expiring within two days",
        "select count(*) from api_key where status = 'active'
         and expires_at between timestamptz '2026-11-21 12:00Z' and timestamptz '2026-11-23 12:00Z'",
    )
    .await;
    one(
        "unused for 30 days",
        "select count(*) from api_key where status = 'active'
         and coalesce(last_used_at, created_at) < timestamptz '2026-11-21 12:00Z' - interval '30 days'",
    )
    .await;
    one(
        "within the overlap of a rotation",
        "select count(*) from api_key_secret where ends_at > timestamptz '2026-11-21 12:00Z' and ends_at < timestamptz '2026-12-01Z'",
    )
    .await;
    assert!(count(console, "select count(distinct steward) from api_key").await >= 6, "many answer for keys");
}

async fn each_act_is_in_the_log_under_its_own_name(console: &Console) {
    let acts = texts(
        console,
        "select distinct action || ' by ' || actor_name from audit_event where actor_type = 'user' and outcome = 'succeeded'",
    )
    .await;
    for act in [
        "workspace.created by Olivia Ortiz",
        "tenant.created by Mia Moreau",
        "invitation.created by Adam Asante",
        "invitation.accepted by Chidi Chukwu",
        "member.role_changed by Olivia Ortiz",
        "member.removed by Luca Lindqvist",
        "member.left by Jonas Jansen",
        "tenant.member_role_changed by Mia Moreau",
        "api_key.created by Chidi Chukwu",
        "api_key.narrowed by Adam Asante",
        "api_key.rotated by Chidi Chukwu",
        "api_key.quarantined by Chidi Chukwu",
        "api_key.revoked by Chidi Chukwu",
        "module.disabled by Adam Asante",
        "module.enabled by Adam Asante",
        "spend_cap.set by Bela Bakker",
        "support_access.granted by Olivia Ortiz",
        "workspace.archived by Olivia Ortiz",
        "audit_log.exported by Aria Andersen",
        "members.exported by Aria Andersen",
    ] {
        assert!(acts.iter().any(|known| known == act), "{act} is not among {acts:#?}");
    }
    let systems = texts(console, "select distinct action from audit_event where actor_type in ('system', 'operator')").await;
    for act in ["member.expired", "api_key.expiring", "entitlement.set", "tenant.plan_changed"] {
        assert!(systems.iter().any(|known| known == act), "{act} is not among {systems:?}");
    }
    let denied = texts(console, "select distinct actor_name from audit_event where action = 'access.denied'").await;
    assert!(denied.iter().any(|name| name == "Mia Moreau") && denied.iter().any(|name| name == "Courier webhook"), "{denied:?}");
}

async fn money_is_capped_and_paused(console: &Console) {
    let paused = "select workspace.name from billing_pause as pause join workspace on workspace.workspace_id = pause.workspace_id where ended_at is null";
    assert_eq!(texts(console, paused).await, ["Kestrel Lab"]);
    let near =
        "select workspace.name from spend_cap as cap join workspace on workspace.workspace_id = cap.workspace_id where hard order by 1";
    assert_eq!(texts(console, near).await, ["Kestrel Lab", "Northwind Warehouse"]);
    assert!(count(console, "select count(*) from inbox_item where read_at is null").await > 20);
    assert!(
        count(console, "select count(*) from invitation where status = 'pending' and expires_at > timestamptz '2026-11-21 12:00Z'").await
            >= 2
    );
    assert!(
        count(console, "select count(*) from invitation where status = 'pending' and expires_at < timestamptz '2026-11-21 12:00Z'").await
            >= 1
    );
}

async fn nothing_lies_before_or_after_the_month(console: &Console) {
    let mut owner = console.database.connect("stoa_owner").await;
    for sql in [
        "select min(occurred_at), max(occurred_at) from audit_event",
        "select min(occurred_at), max(occurred_at) from usage_event",
        "select min(created_at), max(created_at) from app_user",
        "select min(created_at), max(last_seen_at) from session",
        "select min(created_at), max(created_at) from inbox_item",
        "select min(created_at), max(coalesce(last_used_at, created_at)) from api_key",
        "select min(created_at), max(updated_at) from record",
    ] {
        let (first, last): (DateTime<Utc>, DateTime<Utc>) = sqlx::query_as(sql).fetch_one(&mut owner).await.expect("moments");
        assert!(first >= noon() - TimeDelta::days(33), "{sql}: {first}");
        assert!(last <= noon(), "{sql}: {last}");
    }
}
