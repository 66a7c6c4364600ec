//! What the overview tells of money: pauses, and limits that are near.

use axum::http::StatusCode;

use super::{leads, told};
use crate::{
    billing::{DOLLAR, submit, used},
    support::{Console, Team},
    workspaces::give_plan,
};

async fn cap(console: &Console, team: &Team, of: &str, amount: &str, kind: &str) {
    let path = format!("/w/{}/settings/spend/cap", team.slug);
    let set = submit(console, &team.owner, &team.slug, &path, &[("of", of), ("amount", amount), ("kind", kind)]).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text());
}

async fn cap_account(console: &Console, team: &Team, amount: &str) {
    let path = format!("/t/{}/billing/cap", team.tenant_slug);
    let fields = [("of", "account"), ("amount", amount), ("kind", "hard")];
    assert_eq!(submit(console, &team.owner, &team.tenant_slug, &path, &fields).await.status, StatusCode::SEE_OTHER);
}

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn a_cap_is_told_of_when_it_is_near_and_when_it_pauses() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "builder").await;
    let here = team.workspace.to_string();
    cap(&console, &team, &here, "10", "hard").await;
    used(&console, &team, None, "rest.read", 7 * DOLLAR).await;
    assert_eq!(told(&team.owner, &team).await, NOTHING);
    used(&console, &team, None, "rest.read", DOLLAR + DOLLAR / 2).await;
    let near = "This workspace has used 85 % of its hard cap of $10.00 a month. Billable calls pause when all of it is used. \
                The next month begins in 10 days. Spend";
    for person in [&team.owner, &team.admin, &team.auditor] {
        assert_eq!(told(person, &team).await, [near]);
    }
    assert_eq!(told(&team.member, &team).await, NOTHING, "what the workspace spends is not theirs to see");
    used(&console, &team, None, "rest.read", 2 * DOLLAR).await;
    let paused = "Billable calls of this workspace were paused just now. The workspace has reached its spend cap. An owner or admin \
                  of the workspace can raise it. They run again by themselves when 1 December 2026 begins (UTC). Spend";
    for (person, role) in team.people() {
        assert_eq!(told(person, &team).await, [paused], "{role}: it stops everyone's keys");
    }
    assert_eq!(leads(&team.member, &team, "Billable").await, format!("/w/{}/settings/spend", team.slug));
    cap(&console, &team, &here, "100", "hard").await;
    assert_eq!(told(&team.owner, &team).await, NOTHING);
}

#[tokio::test]
async fn what_the_plan_includes_is_told_of_when_it_is_near_and_when_it_is_used_up() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    used(&console, &team, None, "rest.read", 4 * DOLLAR).await;
    let near = "This workspace alone has used 80 % of the $5.00 a month that the plan includes. Billable calls pause when all of it \
                is used. The next month begins in 10 days.";
    assert_eq!(told(&team.owner, &team).await, [format!("{near} Billing")]);
    assert_eq!(told(&team.admin, &team).await, [format!("{near} Spend")], "billing is not theirs to see");
    assert_eq!(leads(&team.owner, &team, "This").await, format!("/t/{}/billing", team.tenant_slug));
    used(&console, &team, None, "rest.read", DOLLAR).await;
    let told_of = told(&team.admin, &team).await;
    assert!(told_of.len() == 1 && told_of[0].starts_with("Billable calls of the whole account were paused"), "{told_of:?}");
    give_plan(&console, &team, "builder").await;
    assert_eq!(told(&team.admin, &team).await, NOTHING);
    used(&console, &team, None, "rest.read", 100 * DOLLAR).await;
    let told_of = told(&team.admin, &team).await;
    assert!(told_of.len() == 1 && told_of[0].contains("has used 106 % of the $99.00"), "{told_of:?}");
    assert!(told_of[0].contains("What is used beyond it is charged."), "{told_of:?}");
}

#[tokio::test]
async fn a_keys_cap_is_told_to_its_steward_and_the_accounts_to_its_payers() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "builder").await;
    let theirs = super::keys::make(&console, &team, &team.member, 90).await;
    let others = super::keys::make(&console, &team, &team.owner, 80).await;
    for key in [&theirs, &others] {
        cap(&console, &team, &key.key.to_string(), "1", "hard").await;
        used(&console, &team, Some(key.key), "rest.read", 900_000_000).await;
    }
    cap_account(&console, &team, "2").await;
    let key = |name: &str| format!("The key “{name}” has used 90 % of its hard cap of $1.00 a month.");
    let owners = told(&team.owner, &team).await;
    assert_eq!(owners.len(), 3, "{owners:?}");
    assert!(owners[0].starts_with("This workspace alone has used 90 % of the account's hard cap of $2.00 a month."), "{owners:?}");
    assert_eq!(told(&team.admin, &team).await.len(), 2, "the account's cap is not theirs to see");
    let members = told(&team.member, &team).await;
    assert!(members.len() == 1 && members[0].starts_with(&key("For 90")), "{members:?}");
    used(&console, &team, Some(others.key), "rest.read", 100_000_000).await;
    assert_eq!(told(&team.member, &team).await.len(), 1, "the other key's pause is not theirs");
    let admins = told(&team.admin, &team).await;
    assert!(admins[0].starts_with("Billable calls of the key “For 80” were paused just now."), "{admins:?}");
    cap(&console, &team, &theirs.key.to_string(), "50", "soft").await;
    assert_eq!(told(&team.member, &team).await, NOTHING);
    cap(&console, &team, &theirs.key.to_string(), "0.90", "soft").await;
    let members = told(&team.member, &team).await;
    assert!(members[0].contains("100 % of its soft cap of $0.90 a month. Nothing pauses."), "{members:?}");
}
