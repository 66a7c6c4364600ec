//! Setting a rule: looked at first, by those who may, once of each; more days and removing hold at once.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{again, away, page, put, remove, set, terms};
use crate::{
    audit_retention::as_app,
    records::{data, refused},
    reductions::{Office, SCOPES, conflict, looked::kept},
    support::{Answer, Client, Person, Team},
};

async fn send(client: &Client, body: &Value) -> crate::support::Reply {
    client.send(Method::PUT, "/record-retention", &[], Some(body)).await
}

#[tokio::test]
async fn what_takes_more_is_looked_at_and_waits_and_what_takes_less_holds_at_once() {
    let office = Office::open().await;
    away(&office, 2).await;
    let bare = json!({ "act": "purge", "resource": "task", "days": 90 });
    assert_eq!(refused(&put(&office, &bare).await), ["inventory"]);
    let mut other = terms(&office, "purge", "task", 90).await;
    other["inventory"] = json!("0".repeat(64));
    assert!(conflict(&put(&office, &other).await).contains("has changed"));
    // A preview of other days is none of these.
    let mut other = terms(&office, "purge", "task", 30).await;
    other["days"] = json!(90);
    assert!(conflict(&put(&office, &other).await).contains("has changed"));
    let seen = terms(&office, "purge", "task", 90).await;
    office.console.hands.advance(TimeDelta::hours(25));
    assert!(conflict(&put(&office, &seen).await).contains("has changed"), "it was looked at too long ago");

    let rule = set(&office, "purge", "task", 90).await;
    assert_eq!(data(&put(&office, &bare).await)["version"], 1, "as it is already, nothing changes");
    office.console.hands.advance(TimeDelta::hours(5));
    let longer = data(&put(&office, &json!({ "act": "purge", "resource": "task", "days": 120 })).await).clone();
    assert_eq!((&longer["id"], &longer["version"], &longer["days"]), (&rule["id"], &json!(2), &json!(120)));
    assert_eq!(longer["next_run_at"], rule["next_run_at"], "more days wait for nothing");
    assert_eq!(refused(&put(&office, &bare).await), ["inventory"], "fewer are a rule of their own");
    office.console.hands.advance(TimeDelta::minutes(1));
    let shorter = set(&office, "purge", "task", 1).await;
    assert_eq!((&shorter["id"], &shorter["version"]), (&rule["id"], &json!(3)));
    assert_ne!(shorter["next_run_at"], rule["next_run_at"], "and wait anew");

    // Of another version than was looked at, nothing is changed; and with a key it is done once.
    let path = format!("/record-retention/{}", rule["id"].as_str().expect("an id"));
    let stale = office.client.send(Method::DELETE, &path, &[("if-match", "\"1\"")], None).await;
    assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "version_conflict"), "{}", stale.body);
    let dry = office.client.send(Method::DELETE, &format!("{path}?dry_run=true"), &[], None).await;
    assert_eq!((&data(&dry)["dry_run"], &again(&office, &rule).await["version"]), (&json!(true), &json!(3)));
    for _ in 0..2 {
        let once = office.client.send(Method::DELETE, &path, &[("idempotency-key", "once")], None).await;
        assert_eq!(data(&once)["removed"], true);
    }
    assert_eq!(remove(&office, &rule).await.status, StatusCode::NOT_FOUND);
    assert_eq!(data(&office.client.get("/record-retention").await), &json!([]));
    let said = office.events("record_retention.set").await;
    assert_eq!((said.len(), office.events("record_retention.removed").await.len()), (3, 1));
    assert!(said[1].to_string().contains("\"90\"") && said[1].to_string().contains("\"120\""), "{}", said[1]);
    assert!(said[2].to_string().contains("records_today"), "{}", said[2]);
}

#[tokio::test]
async fn what_there_can_be_follows_from_the_manifests() {
    let office = Office::open().await;
    let body = |act: &str, resource: &str, days: u32| json!({ "act": act, "resource": resource, "days": days });
    assert_eq!(refused(&put(&office, &body("burn", "nothing", 0)).await), ["resource", "act", "days"]);
    assert_eq!(refused(&put(&office, &body("archive", "activity", 5)).await), ["act"]);
    assert_eq!(refused(&put(&office, &body("purge", "invoice", 5)).await), ["act"], "what has a number stays");
    assert_eq!(refused(&put(&office, &body("purge", "message", 5)).await), ["resource"], "a part goes with its whole alone");
    // One of each act, beside each other.
    assert_eq!(set(&office, "archive", "task", 30).await["basis"], "changed");
    assert_eq!(set(&office, "purge", "task", 30).await["basis"], "archived");
    assert_eq!(set(&office, "purge", "activity", 30).await["basis"], "added");
    assert_eq!(data(&office.client.get("/record-retention").await).as_array().expect("a list").len(), 3);
}

#[tokio::test]
async fn others_are_refused_and_another_account_finds_nothing() {
    let office = Office::open().await;
    let rule = set(&office, "purge", "task", 30).await;
    let form = format!("/w/{}/data/retention", office.team.slug);
    let path = format!("{form}/{}/remove", rule["id"].as_str().expect("an id"));
    for name in ["Acme Member", "Acme Auditor"] {
        let person = office.console.signed_in_as(name).await;
        let shown = page(&office, &person).await;
        assert_eq!(shown.status, StatusCode::OK, "{name}");
        assert!(shown.text().contains("Purge tasks archived more than 30 days ago"), "{}", shown.text());
        assert!(!shown.text().contains("Add a rule") && !shown.text().contains("Remove"), "{}", shown.text());
        assert_eq!(person.browser.get(&format!("{form}/rule")).await.status, StatusCode::FORBIDDEN, "{name}");
        let key = office.console.form_key();
        let fields = [("form", key.as_str()), ("place", office.team.slug.as_str())];
        assert_eq!(person.browser.post(&path, &fields).await.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(person.browser.post(&format!("{form}/rule"), &fields).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    let zenith = office.console.team("Zenith").await;
    let theirs = office.console.client(&zenith.owner, &zenith.slug, &SCOPES).await;
    let path = format!("/record-retention/{}", rule["id"].as_str().expect("an id"));
    assert_eq!(theirs.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.send(Method::DELETE, &path, &[], None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(data(&theirs.get("/record-retention").await), &json!([]));
    // Without the module's own scope nothing of it is taken, today or by itself.
    let admin = office.console.signed_in_as("Acme Admin").await;
    let bare = office.console.client(&admin, &office.team.slug, &SCOPES[..2]).await;
    let refused = send(&bare, &terms(&office, "purge", "task", 10).await).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "missing_required_scope"), "{}", refused.body);
    assert_eq!(again(&office, &rule).await["days"], 30);
}

/// Grants, row-level security and constraints alone.
#[tokio::test]
async fn the_database_keeps_a_day_one_of_each_and_every_workspace_to_itself() {
    let office = Office::open().await;
    set(&office, "purge", "task", 30).await;
    let soon = "update record_retention set next_run_at = shown_at + interval '23 hours'";
    let refused = as_app(&office.console, "workspace", &office.team, soon).await.expect_err("too soon");
    assert!(refused.contains("record_retention_grace"), "{refused}");
    let twice = "insert into record_retention (tenant_id, workspace_id, id, act, module, resource, basis, days, set_by, set_by_name, set_at,
                     shown_at, next_run_at)
                 select tenant_id, workspace_id, gen_random_uuid(), act, module, resource, basis, days, set_by, set_by_name, set_at, shown_at,
                     next_run_at from record_retention";
    let refused = as_app(&office.console, "workspace", &office.team, twice).await.expect_err("there is one");
    assert!(refused.contains("record_retention_one_of_each"), "{refused}");
    let zenith = office.console.team("Zenith").await;
    assert_eq!(as_app(&office.console, "workspace", &zenith, "delete from record_retention").await, Ok(0));
    let moved = as_app(&office.console, "workspace", &office.team, "update record_retention set act = 'archive'").await;
    assert!(moved.expect_err("no grant").contains("permission denied"));
    // A rule opens no workspace but its own, and at its version alone.
    let opens = |workspace: uuid::Uuid, version: i64| {
        let rule = "(select id from record_retention limit 1)";
        format!("select * from open_by_rule('{}', '{workspace}', {rule}, {version}, now())", office.team.tenant.0)
    };
    for (workspace, version, rows) in [(office.team.workspace.0, 1, 1), (office.team.workspace.0, 2, 0), (zenith.workspace.0, 1, 0)] {
        let opened = as_app(&office.console, "workspace", &office.team, &opens(workspace, version)).await;
        assert_eq!(opened, Ok(rows), "{workspace} {version}");
    }
}

fn hidden(shown: &Answer, office: &Office, phrase: &str) -> Vec<(&'static str, String)> {
    let names = ["act", "resource", "days", "version", "before", "inventory"];
    let mut fields: Vec<(&'static str, String)> = names.map(|name| (name, kept(shown, name))).to_vec();
    fields.push(("form", office.console.form_key()));
    fields.push(("place", office.team.slug.clone()));
    fields.push(("phrase", phrase.to_owned()));
    fields
}

async fn sent(office: &Office, person: &Person, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.browser.post(&format!("/w/{}/data/retention/rule", office.team.slug), &fields).await
}

#[tokio::test]
async fn from_the_page_to_a_rule_with_the_phrase_typed() {
    let office = Office::open().await;
    away(&office, 2).await;
    let admin = office.console.signed_in_as("Acme Admin").await;
    let office = Office { team: Team { admin, ..office.team }, ..office };
    let admin = &office.team.admin;
    let form = format!("/w/{}/data/retention/rule", office.team.slug);
    let shown = admin.browser.get(&format!("{form}?resource=task&act=purge&days=1")).await;
    assert!(shown.text().contains("What it would do to 2 tasks"), "{}", shown.text());
    let wrong = sent(&office, admin, &hidden(&shown, &office, "purge tasks")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("No rule was set"), "{}", wrong.text());
    let fields = hidden(&shown, &office, "purge tasks after 1 day");
    for _ in 0..2 {
        let set = sent(&office, admin, &fields).await;
        assert_eq!(
            (set.status, set.location()),
            (StatusCode::SEE_OTHER, &*format!("/w/{}/data/retention", office.team.slug)),
            "{}",
            set.text()
        );
    }
    let listed = page(&office, admin).await.text();
    assert!(listed.contains("Purge tasks archived more than 1 day ago") && listed.contains("None yet"), "{listed}");

    // Somebody else changed it meanwhile: what was looked at is another rule.
    let longer = admin.browser.get(&format!("{form}?resource=task&act=purge&days=9")).await;
    assert!(longer.text().contains("More days hold at once") && !longer.text().contains("to confirm"), "{}", longer.text());
    data(&put(&office, &json!({ "act": "purge", "resource": "task", "days": 5 })).await);
    let stale = sent(&office, admin, &hidden(&longer, &office, "")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());

    // A purge asks for a recent sign-in; more days and removing do not.
    office.console.hands.advance(TimeDelta::hours(6));
    let old = admin.browser.get(&format!("{form}?resource=task&act=purge&days=2")).await.text();
    assert!(old.contains("Sign in again") && !old.contains("Set this rule"), "{old}");
    let mut fewer = hidden(&longer, &office, "purge tasks after 2 days");
    fewer[2].1 = "2".to_owned();
    fewer[3].1 = "2".to_owned();
    assert_ne!(sent(&office, admin, &fewer).await.status, StatusCode::SEE_OTHER);
    let longer = admin.browser.get(&format!("{form}?resource=task&act=purge&days=9")).await;
    assert_eq!(sent(&office, admin, &hidden(&longer, &office, "")).await.status, StatusCode::SEE_OTHER);
    let rule = data(&office.client.get("/record-retention").await)[0].clone();
    assert_eq!((&rule["days"], &rule["version"]), (&json!(9), &json!(3)));
    let path = format!("/w/{}/data/retention/{}/remove", office.team.slug, rule["id"].as_str().expect("an id"));
    let removed = admin.browser.post(&path, &[("form", &*office.console.form_key()), ("place", &office.team.slug)]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER, "{}", removed.text());
    assert!(page(&office, admin).await.text().contains("There is no rule"));
}
