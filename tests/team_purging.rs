//! What was deleted of a team goes for good when its date has come, unless the operator brought it back before.

use std::process::{Command, Output};

use chrono::TimeDelta;
use stoa::{
    app,
    error::AppError,
    features::{
        teams::server::{Restored, restore},
        workspaces::server::purge_due as purge_workspaces,
    },
    server::{events::Actor, http::request::RequestContext, scope::ServiceScope},
};

use crate::{
    purging::{archived, purged_tables, rows, run, sign_in_again},
    support::{Console, Team},
};

/// A team with a workspace, both as full as they get, deleted now.
async fn deleted(console: &Console, team: &Team) {
    archived(console, team).await;
    run(
        console,
        &[
            "insert into invitation (tenant_id, id, email, role, invited_by, created_at, expires_at)
             select tenant_id, gen_random_uuid(), 'new@example.com', 'member', user_id, joined_at, joined_at + interval '7 days'
             from tenant_membership where tenant_id = $1 and role = 'owner'",
            "insert into job (tenant_id, id, kind, payload, status, run_at, created_at)
             select tenant_id, gen_random_uuid(), 'old', '{}', 'dead', created_at, created_at from tenant where tenant_id = $1",
            "update tenant set plan = 'team', allowed_domains = '{example.com}', allowed_networks = '{127.0.0.0/8}' where tenant_id = $1",
        ],
        team.tenant.0,
    )
    .await;
    let path = format!("/t/{}/settings/delete", team.tenant_slug);
    let page = team.owner.browser.get(&path).await;
    let (key, phrase, inventory) = (page.field("form"), format!("delete {}", team.tenant_slug), page.field("inventory"));
    let fields = [("form", key.as_str()), ("place", &team.tenant_slug), ("phrase", &phrase), ("inventory", &inventory)];
    let answer = team.owner.browser.post(&path, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

/// As the clock of a node does it.
async fn purge(console: &Console) {
    for task in app::periodic().into_iter().filter(|task| ["workspaces.purge", "tenants.purge"].contains(&task.name)) {
        assert_eq!(task.take_turn(&console.stoa).await, Ok(true), "{}", task.name);
    }
    console.hands.advance(TimeDelta::hours(1));
}

async fn bring_back(console: &Console, team: &Team, reason: Option<&str>) -> Result<Restored, AppError> {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "stoa team restore");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "team").await?;
    let restored = restore(&mut scope, reason).await?;
    scope.commit().await?;
    Ok(restored)
}

async fn state(console: &Console, team: &Team) -> String {
    let says = "select concat_ws(' ', slug, name, status, plan, cardinality(allowed_domains), cardinality(allowed_networks),
                    case when purged_at is null then 'kept' else 'purged' end)
                from tenant where tenant_id = $1";
    console.database.text(says, team.tenant.0).await
}

#[tokio::test]
async fn a_deleted_team_goes_on_its_date_and_its_workspaces_before_it() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    deleted(&console, &team).await;
    // As where a workspace is promised for longer than its team.
    run(&console, &["update workspace set purge_at = purge_at + interval '5 days' where tenant_id = $1"], team.tenant.0).await;
    console.hands.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    purge(&console).await;
    assert_eq!(state(&console, &team).await, format!("{} Acme deleted team 1 1 kept", team.tenant_slug));
    let log = rows(&console, "audit_event", "tenant_id", team.tenant.0).await;
    let others = rows(&console, "tenant_membership", "tenant_id", zenith.tenant.0).await;

    purge(&console).await;
    assert_eq!(state(&console, &team).await, format!("{} Acme deleted team 0 0 purged", team.tenant_slug));
    for table in purged_tables(&console, "workspace").await.into_iter().chain(purged_tables(&console, "tenant").await) {
        let left = i64::from(table == "outbox");
        assert_eq!(rows(&console, &table, "tenant_id", team.tenant.0).await, left, "{table}");
    }
    assert_eq!(rows(&console, "audit_event", "tenant_id", team.tenant.0).await, log + 2, "both said so, and nothing is gone");
    assert_eq!(rows(&console, "workspace", "tenant_id", team.tenant.0).await, 1);
    assert_eq!(rows(&console, "slug_directory", "tenant_id", team.tenant.0).await, 2);
    let changes = "select changes::text from audit_event where action = 'tenant.purged' and log_id = $1";
    let changes = console.database.text(changes, team.tenant.0).await;
    for says in [
        r#"{"field":"tenant_membership","before":"4","after":"0"}"#,
        r#"{"field":"job","before":"1""#,
        r#"{"field":"invitation","before":"1""#,
    ] {
        assert!(changes.contains(says), "{says}: {changes}");
    }
    assert_eq!(rows(&console, "tenant_membership", "tenant_id", zenith.tenant.0).await, others);
    assert_eq!(rows(&console, "workspace_membership", "tenant_id", zenith.tenant.0).await, 4);

    let late = bring_back(&console, &team, None).await.expect_err("too late");
    assert!(matches!(&late, AppError::Conflict(says) if says.contains("was purged on 21 December 2026")), "{late}");
    purge(&console).await;
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'tenant.purged'").await, 1);
}

#[tokio::test]
async fn a_team_waits_for_its_workspaces() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    deleted(&console, &team).await;
    console.hands.advance(TimeDelta::days(30));
    stoa::features::teams::server::purge_due(console.stoa.clone()).await.expect("looked");
    assert!(state(&console, &team).await.ends_with("kept"));
    purge_workspaces(console.stoa.clone()).await.expect("purged");
    stoa::features::teams::server::purge_due(console.stoa.clone()).await.expect("purged");
    assert!(state(&console, &team).await.ends_with("purged"));
}

#[tokio::test]
async fn what_is_of_a_workspace_that_moved_away_is_not_the_teams_to_lose() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    deleted(&console, &team).await;
    run(
        &console,
        &[&format!(
            "insert into inbox_item (user_id, id, tenant_id, workspace_id, kind, title, body, created_at)
             select user_id, gen_random_uuid(), '{}', workspace_id, 'x', 'From before the move', 'x', joined_at
             from workspace_membership where workspace_id = $1",
            team.tenant.0
        )],
        zenith.workspace.0,
    )
    .await;
    console.hands.advance(TimeDelta::days(30));
    purge(&console).await;
    assert!(state(&console, &team).await.ends_with("purged"));
    assert_eq!(rows(&console, "inbox_item", "workspace_id", zenith.workspace.0).await, 4);
}

#[tokio::test]
async fn the_operator_brings_a_team_back_with_its_people_and_they_are_told() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    deleted(&console, &team).await;
    console.hands.advance(TimeDelta::days(29));
    sign_in_again(&console, &team.owner).await;
    let people = format!("/t/{}/people", team.tenant_slug);
    assert_eq!(team.owner.browser.get(&people).await.status, 404);
    let restored = bring_back(&console, &team, Some("asked for by its owner")).await;
    assert_eq!(restored, Ok(Restored { name: "Acme".to_owned(), people: 4, archived: 1 }));
    assert_eq!(state(&console, &team).await, format!("{} Acme active team 1 1 kept", team.tenant_slug));
    assert_eq!(team.owner.browser.get(&people).await.status, 200);
    assert_eq!(team.owner.browser.get(&format!("/w/{}/archived", team.slug)).await.status, 200);
    assert_eq!(console.database.count("select count(*) from inbox_item where title = 'Acme is back'").await, 4);
    let says =
        "select concat_ws(' ', actor_type, channel, reason, changes) from audit_event where action = 'tenant.restored' and log_id = $1";
    let says = console.database.text(says, team.tenant.0).await;
    assert!(says.starts_with("operator cli asked for by its owner") && says.contains(r#""before":"deleted","after":"active""#), "{says}");

    let again = bring_back(&console, &team, None).await.expect_err("it lives");
    assert_eq!(again, AppError::Conflict("Acme is not deleted; nothing was changed.".to_owned()));
    console.hands.advance(TimeDelta::days(1));
    purge(&console).await;
    assert!(state(&console, &team).await.ends_with("active team 1 1 kept"), "the team's date holds no more; the workspace's does");
    assert_eq!(rows(&console, "workspace_membership", "workspace_id", team.workspace.0).await, 0);
}

#[tokio::test]
async fn on_the_date_itself_it_is_too_late() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    deleted(&console, &team).await;
    console.hands.advance(TimeDelta::days(30));
    let late = bring_back(&console, &team, None).await.expect_err("too late");
    assert!(matches!(&late, AppError::Conflict(says) if says.contains("until 21 December 2026, 12:00 UTC")), "{late}");
    assert!(state(&console, &team).await.ends_with("kept"));
}

/// As an operator runs it.
fn command(console: &Console, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stoa"))
        .args(["team", "restore"])
        .args(arguments)
        .env("STOA_PUBLIC_URLS__CONSOLE", "http://127.0.0.1:3000")
        .env("STOA_DATABASE__URL", console.database.app_url())
        .env("STOA_IDENTITY__ISSUER", "http://127.0.0.1:1/nobody")
        .env("STOA_IDENTITY__CLIENT_ID", "console")
        .env("STOA_SECRETS__PEPPER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .env("STOA_SECRETS__AUDIT_KEY", crate::support::AUDIT_KEY)
        .output()
        .expect("the command runs")
}

#[tokio::test]
async fn the_command_says_what_it_did_and_why_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    deleted(&console, &team).await;
    // The command's clock is the system's.
    run(&console, &["update tenant set purge_at = now() + interval '1 day' where tenant_id = $1"], team.tenant.0).await;
    for (arguments, says) in [
        (vec!["nobody-222222"], "no team has the slug nobody-222222"),
        (vec![team.slug.as_str()], "no team has the slug"),
        (vec![team.tenant_slug.as_str(), "--reason", " "], "--reason: say in 1 to 400 characters"),
    ] {
        let refused = command(&console, &arguments);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && error.contains(says), "{says}: {error}");
    }
    assert!(state(&console, &team).await.contains("deleted"));
    let done = command(&console, &[&team.tenant_slug, "--reason", "asked for"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains(&format!("{} is back: Acme, with 4 of its people", team.tenant_slug)), "{said}");
    assert!(state(&console, &team).await.contains("active"));
    let again = command(&console, &[&team.tenant_slug]);
    let error = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && error.contains("is not deleted; nothing was changed"), "{error}");
}
