//! Retention and holds as people and keys meet them.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{keep_for, place_of};
use crate::{
    audit_log::log_of,
    audit_proof::seal,
    support::{Answer, Console, Person, Team},
};

fn of_workspace(team: &Team) -> String {
    format!("/w/{}/settings/retention", team.slug)
}

fn of_account(team: &Team) -> String {
    format!("/t/{}/settings/retention", team.tenant_slug)
}

async fn send(console: &Console, person: &Person, place: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let fields: Vec<(&str, &str)> = [("form", key.as_str()), ("place", place)].into_iter().chain(fields.iter().copied()).collect();
    person.browser.post(path, &fields).await
}

#[tokio::test]
async fn owners_and_admins_choose_how_long_a_workspaces_log_is_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = of_workspace(&team);
    for (person, status, forms) in [(&team.owner, 200, 1), (&team.admin, 200, 1), (&team.auditor, 200, 0), (&team.member, 403, 0)] {
        let page = person.browser.get(&path).await;
        assert_eq!((page.status.as_u16(), page.count("main form[method=post]")), (status, forms), "{}", page.text());
    }
    let choose = async |person: &Person, days: &str, version: &str| {
        send(&console, person, &team.slug, &path, &[("days", days), ("version", version)]).await
    };
    for (days, says) in [("29", "Choose 30 to 36500 days"), ("0", "Choose 30"), ("many", "no number of days"), ("-60", "Choose 30")] {
        let refused = choose(&team.admin, days, "0").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        assert!(refused.text().contains(says), "{days}: {}", refused.text());
        assert_eq!(refused.field("days"), days, "what was entered stays");
    }
    assert_eq!(choose(&team.auditor, "60", "0").await.status, StatusCode::FORBIDDEN);
    assert_eq!(choose(&team.admin, "60", "0").await.location(), path);
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("60 days, from"), "{}", page.text());
    assert_eq!(choose(&team.owner, "90", "0").await.status, StatusCode::CONFLICT, "somebody chose meanwhile");
    assert_eq!(choose(&team.owner, "60", "1").await.location(), path);
    let events = "select count(*) from audit_event where action = 'audit_log.retention_set'";
    assert_eq!(console.database.count(events).await, 1, "the same again is none");
    assert_eq!(choose(&team.owner, "", "1").await.location(), path);
    assert!(!team.owner.browser.get(&path).await.text().contains("Then"));
    keep_for(&console, &team, 45).await;
    assert!(team.auditor.browser.get(&log_of(&team)).await.text().contains("Rows are kept for 45 days."));
    let outsider = console.team("Zenith").await;
    assert_eq!(outsider.owner.browser.get(&path).await.status, 404);
    assert_eq!(choose(&outsider.owner, "60", "2").await.status, 404);
}

#[tokio::test]
async fn an_accounts_owner_chooses_for_its_log_and_holds_all_of_them() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    seal(&console).await;
    let (path, log) = (of_account(&team), place_of(&team).id.to_string());
    let page = team.owner.browser.get(&path).await;
    assert!(page.status == 200 && page.text().contains("There is no hold."), "{}", page.text());
    let post = async |person: &Person, below: &str, fields: &[(&str, &str)]| {
        send(&console, person, &team.tenant_slug, &format!("{path}{below}"), fields).await
    };
    assert_eq!(post(&team.owner, "", &[("days", "100"), ("version", "0")]).await.location(), path);
    let (matter, reason) = (("name", "Acme against Zenith"), ("reason", "Asked for by counsel."));
    for (fields, says) in [
        (&[("log", log.as_str()), ("name", ""), reason][..], "name"),
        (&[("log", log.as_str()), matter, ("reason", "")][..], "reason"),
        (&[("log", "log_x"), matter, reason][..], "log"),
    ] {
        let refused = post(&team.owner, "/holds", fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", refused.text());
        assert_eq!(refused.count(&format!("#field-{says}[aria-invalid]")), 1, "{}", refused.body);
    }
    assert_eq!(post(&team.admin, "/holds", &[("log", &log), matter, reason]).await.status, 403);
    let placed = post(&team.owner, "/holds", &[("log", &log), matter, reason]).await;
    assert_eq!(placed.location(), path, "{}", placed.text());
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("Acme against Zenith") && page.text().contains("an owner of the account"), "{}", page.text());
    assert!(team.auditor.browser.get(&log_of(&team)).await.text().contains("A legal hold is on this log"));
    let seen = team.auditor.browser.get(&of_workspace(&team)).await;
    assert!(seen.text().contains("Acme against Zenith") && seen.count("main form[method=post]") == 0, "{}", seen.text());
    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let holds = client.get("/audit-holds").await;
    assert_eq!((holds.body["data"][0]["name"].as_str(), holds.body["data"][0]["placed_by"].as_str()), (Some(matter.1), Some("owner")));
    assert_eq!(client.get("/audit-retention").await.body["data"]["held"], true);

    let id = page.field("hold");
    let outsider = console.team("Zenith").await;
    let theirs = format!("{}/holds/lift", of_account(&outsider));
    let refused = send(&console, &outsider.owner, &outsider.tenant_slug, &theirs, &[("hold", &id), ("because", "Mine.")]).await;
    assert_eq!(refused.status, 404);
    assert_eq!(post(&team.owner, "/holds/lift", &[("hold", &id), ("because", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&team.owner, "/holds/lift", &[("hold", &id), ("because", "Settled.")]).await.location(), path);
    assert_eq!(post(&team.owner, "/holds/lift", &[("hold", &id), ("because", "Settled.")]).await.status, 404, "it is on no more");
    assert_eq!(client.get("/audit-holds").await.body["data"], json!([]));
    for action in ["audit_hold.placed", "audit_hold.lifted"] {
        let list = team.auditor.browser.get(&format!("{}?action={action}", log_of(&team))).await;
        assert!(list.text().contains("Acme against Zenith"), "{action}: {}", list.text());
    }
}

#[tokio::test]
async fn a_key_chooses_how_long_the_log_is_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read", "settings:write"]).await;
    let first = client.get("/audit-retention").await;
    assert_eq!((&first.body["data"]["days"], &first.body["data"]["chosen_days"]), (&json!(null), &json!(null)), "{}", first.body);
    let set = async |body: serde_json::Value| client.send(Method::PUT, "/audit-retention", &[], Some(&body)).await;
    assert_eq!(set(json!({ "days": 29 })).await.status, 422);
    let chosen = set(json!({ "days": 60 })).await;
    assert_eq!((chosen.status.as_u16(), &chosen.body["data"]["next"]["days"]), (200, &json!(60)), "{}", chosen.body);
    assert_eq!(chosen.body["data"]["days"], json!(null));
    assert_eq!(set(json!({ "days": null })).await.body["data"]["next"], json!(null));
    let reader = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    assert_eq!(reader.send(Method::PUT, "/audit-retention", &[], Some(&json!({ "days": 60 }))).await.status, 403);
}
