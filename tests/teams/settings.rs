//! What a team decides for itself: its name, who may join, and becoming a team at all.

use super::{events, send};
use crate::support::{Answer, Console, Person, Team};

async fn version_of(person: &Person, slug: &str) -> String {
    person.browser.get(&format!("/t/{slug}/settings")).await.field("version")
}

async fn rename(console: &Console, team: &Team, by: &Person, version: &str, name: &str) -> Answer {
    let path = format!("/t/{}/settings/name", team.tenant_slug);
    send(console, by, &team.tenant_slug, &path, &[("version", version), ("name", name)]).await
}

async fn join(console: &Console, team: &Team, domains: &str, outside: &str, more: &[(&str, &str)]) -> Answer {
    let path = format!("/t/{}/settings/joining", team.tenant_slug);
    let version = version_of(&team.owner, &team.tenant_slug).await;
    let mut fields = vec![("version", version.as_str()), ("allowed_domains", domains), ("outside", outside)];
    fields.extend_from_slice(more);
    send(console, &team.owner, &team.tenant_slug, &path, &fields).await
}

#[tokio::test]
async fn an_owner_renames_the_team_and_the_later_of_two_is_told() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    assert_eq!(rename(&console, &acme, &acme.admin, "1", "Mine").await.status, 403);
    let answer = rename(&console, &acme, &acme.owner, "1", "Acme Inc.").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/t/{}/settings", acme.tenant_slug).as_str()));
    let rows = events(&console, "tenant.renamed").await;
    assert_eq!(rows[0]["changes"], serde_json::json!([{ "field": "name", "before": "Acme", "after": "Acme Inc." }]));
    assert_eq!(rows[0]["log_id"], acme.tenant.0.to_string());
    let late = rename(&console, &acme, &acme.owner, "1", "Acme Ltd.").await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("It is now called “Acme Inc.”"), "{}", late.text());
    assert_eq!((late.field("name"), late.field("version")), ("Acme Ltd.".to_owned(), "2".to_owned()));
    let empty = rename(&console, &acme, &acme.owner, "2", " ").await;
    assert_eq!((empty.status.as_u16(), empty.count("main [name=name][aria-invalid=true]")), (422, 1));
}

#[tokio::test]
async fn who_may_join_is_saved_with_what_changed() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let answer = join(&console, &acme, "", "", &[("default_role", "billing")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let rows = events(&console, "tenant.updated").await;
    assert_eq!(
        rows[0]["changes"],
        serde_json::json!([
            { "field": "default_role", "before": "member", "after": "billing" },
            { "field": "members_create_workspaces", "before": "true", "after": "false" },
        ])
    );
    let same = join(&console, &acme, "", "", &[("default_role", "billing")]).await;
    assert_eq!((same.status.as_u16(), events(&console, "tenant.updated").await.len()), (303, 1), "nothing changed");
    for role in ["owner", "root", ""] {
        assert_eq!(join(&console, &acme, "", "", &[("default_role", role)]).await.status, 422, "{role}");
    }
    let path = format!("/t/{}/settings/joining", acme.tenant_slug);
    let stale = send(&console, &acme.owner, &acme.tenant_slug, &path, &[("version", "1"), ("default_role", "member")]).await;
    assert_eq!(stale.status, 409);
    assert_eq!(send(&console, &acme.admin, &acme.tenant_slug, &path, &[("version", "2"), ("default_role", "member")]).await.status, 403);
}

#[tokio::test]
async fn domains_are_saved_once_whoever_is_outside_was_shown() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let role = [("default_role", "member"), ("members_create_workspaces", "yes")];
    for (domains, says) in [("gmail.com", "let everybody in"), ("acme", "is not a domain name"), ("x@acme.example", "is an address")] {
        let refused = join(&console, &acme, domains, "", &role).await;
        assert_eq!(refused.status, 422, "{domains}");
        assert!(refused.text().contains(says), "{}", refused.text());
        assert_eq!(refused.count("main textarea[aria-invalid=true]"), 1);
        assert!(refused.body.contains(&format!("\n{domains}</textarea>")), "what was entered is kept");
    }
    let asked = join(&console, &acme, "acme.example", "", &role).await;
    assert_eq!(asked.status, 409);
    assert!(asked.text().contains("4 people of this team have no verified address"), "{}", asked.text());
    assert_eq!(events(&console, "tenant.updated").await.len(), 0);
    // What was shown for these domains says nothing of others.
    let shown = asked.field("outside");
    assert_eq!(join(&console, &acme, "other.example", &shown, &role).await.status, 409);
    let saved = join(&console, &acme, "@ACME.example\r\nacme.example", &shown, &role).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let rows = events(&console, "tenant.updated").await;
    assert_eq!(rows[0]["changes"], serde_json::json!([{ "field": "allowed_domains", "before": null, "after": "acme.example" }]));
    let page = acme.owner.browser.get(&format!("/t/{}/settings", acme.tenant_slug)).await;
    assert!(page.text().contains("4 people of this team have no verified address"), "{}", page.text());
    // Where nobody is outside, nobody has to be shown.
    assert_eq!(join(&console, &acme, "example.com", "", &role).await.status, 303);
}

#[tokio::test]
async fn a_personal_account_becomes_a_team_once() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let slug =
        console.database.text("select slug from tenant join tenant_membership using (tenant_id) where user_id = $1", ada.user.0).await;
    let teams = ada.browser.get(&format!("/t/{slug}/teams")).await;
    let path = format!("/t/{slug}/settings/team");
    assert!(teams.links("main a").contains(&path), "{}", teams.body);
    for page in ["people", "settings"] {
        assert!(ada.browser.get(&format!("/t/{slug}/{page}")).await.links("main a").contains(&path), "{page}");
    }
    assert_eq!(ada.browser.get(&path).await.field("name"), "Ada");
    let joining =
        send(&console, &ada, &slug, &format!("/t/{slug}/settings/joining"), &[("version", "1"), ("default_role", "member")]).await;
    assert_eq!(joining.status, 409, "a personal account is joined by nobody");
    let answer = send(&console, &ada, &slug, &path, &[("version", "1"), ("name", "Ada & Co.")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/t/{slug}/people").as_str()), "{}", answer.text());
    let rows = events(&console, "tenant.made_team").await;
    assert_eq!(
        rows[0]["changes"],
        serde_json::json!([{ "field": "kind", "before": "personal", "after": "team" }, { "field": "name", "before": "Ada", "after": "Ada & Co." }])
    );
    let again = send(&console, &ada, &slug, &path, &[("version", "2"), ("name", "Ada & Co.")]).await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("is a team already"), "{}", again.text());
    // Signing in again makes no other personal account.
    console.signed_in_as("Ada").await;
    assert_eq!(console.database.count("select count(*) from tenant").await, 1);
}
