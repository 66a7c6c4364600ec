//! What stands around every page: where a person can go from it, what waits for them, and who else looks in.

use chrono::TimeDelta;
use sqlx::types::Uuid;

use crate::support::{Answer, Console, noon};

/// The labels of the rail, in their order.
fn rail(answer: &Answer) -> Vec<String> {
    let page = scraper::Html::parse_document(&answer.body);
    let entries = scraper::Selector::parse("#rail a").expect("a selector");
    page.select(&entries).map(|entry| entry.text().collect::<String>().trim().to_owned()).collect()
}

#[tokio::test]
async fn the_rail_offers_what_the_person_may() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let overview = format!("/w/{}", team.slug);
    let of = async |browser: &crate::support::Browser, path: &str| rail(&browser.get(path).await);
    assert_eq!(
        of(&team.owner.browser, &overview).await,
        [
            "Teams",
            "Workspaces",
            "People",
            "Billing",
            "Audit",
            "Team settings",
            "Overview",
            "Data & Insights",
            "Usage",
            "Audit Log",
            "Members",
            "API Keys",
            "MCP Clients",
            "Modules",
            "Settings"
        ]
    );
    assert_eq!(
        of(&team.member.browser, &overview).await,
        [
            "Teams",
            "Workspaces",
            "People",
            "Overview",
            "Data & Insights",
            "Usage",
            "Members",
            "API Keys",
            "MCP Clients",
            "Modules",
            "Settings"
        ]
    );
    assert_eq!(
        of(&team.auditor.browser, &overview).await,
        [
            "Teams",
            "Workspaces",
            "People",
            "Overview",
            "Data & Insights",
            "Usage",
            "Audit Log",
            "Members",
            "API Keys",
            "MCP Clients",
            "Modules",
            "Settings"
        ]
    );
    let teams = format!("/t/{}/teams", team.tenant_slug);
    assert_eq!(of(&team.owner.browser, &teams).await, ["Teams", "Workspaces", "People", "Billing", "Audit", "Team settings"]);
    assert_eq!(of(&team.owner.browser, "/profile").await, ["Teams", "Workspaces", "People"], "their role there is not known");
}

#[tokio::test]
async fn the_inbox_tells_how_much_of_the_persons_own_is_unread() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    for number in 0..3_u128 {
        sqlx::query(
            "insert into inbox_item (user_id, id, kind, title, body, created_at, read_at)
             values ($1, $2, 'test', 'Something', '', $3, case when $4 then $3 end)",
        )
        .bind(team.member.user.0)
        .bind(Uuid::from_u128(number))
        .bind(noon())
        .bind(number == 0)
        .execute(&mut owner)
        .await
        .expect("an item");
    }
    for path in ["/profile".to_owned(), format!("/w/{}", team.slug), format!("/t/{}/teams", team.tenant_slug)] {
        let page = team.member.browser.get(&path).await;
        assert_eq!(page.count(r#"header a[href="/inbox"][aria-label="Inbox, 2 unread"]"#), 1, "{path}");
        let others = team.admin.browser.get(&path).await;
        assert_eq!(others.count(r#"header a[href="/inbox"][aria-label="Inbox"]"#), 1, "{path}");
    }
}

#[tokio::test]
async fn support_is_told_on_whose_consent_it_looks_in_and_nobody_else_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let operator = console.signed_in_as("Otto").await;
    let overview = format!("/w/{}", team.slug);
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update app_user set operator = true where id = $1").bind(operator.user.0).execute(&mut owner).await.expect("an operator");
    assert_eq!(operator.browser.get(&overview).await.status, 404, "before the owner agreed");
    sqlx::query(
        "insert into support_consent (tenant_id, workspace_id, id, granted_by, reason, granted_at, expires_at)
         values ($1, $2, $3, $4, 'A broken webhook', $5, $6)",
    )
    .bind(team.tenant.0)
    .bind(team.workspace.0)
    .bind(Uuid::from_u128(1))
    .bind(team.owner.user.0)
    .bind(noon())
    .bind(noon() + TimeDelta::hours(24))
    .execute(&mut owner)
    .await
    .expect("a consent");
    assert_eq!(operator.browser.get(&overview).await.status, 404, "before they entered by it");
    let enter = format!("/support/{}/enter", stoa::ids::ConsentId(Uuid::from_u128(1)));
    let fields = [("form", console.form_key()), ("place", operator.user.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(operator.browser.post(&enter, &fields).await.location(), overview);
    for path in [overview.clone(), format!("{overview}/settings")] {
        let page = operator.browser.get(&path).await;
        assert_eq!(page.count(".banner[role=status]"), 1, "{path}");
        assert!(page.body.contains("by its owner's consent, until 22 Nov 2026, 12:00:00 UTC."), "{}", page.body);
        assert_eq!(team.owner.browser.get(&path).await.count(".banner"), 0, "{path}");
    }
    assert_eq!(operator.browser.get("/profile").await.count(".banner"), 0, "a page of their own");
}
