//! Leads, what becomes of them, and deals on their way.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{data, patch, refused};
use crate::support::{Client, Console, Reply, Team};

pub const CRM: [&str; 2] = ["crm:read", "crm:write"];

/// A workspace with a key for its CRM.
pub async fn crm() -> (Console, Team, Client) {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &CRM).await;
    (console, team, client)
}

/// Adds a record, and returns its id.
pub async fn added(client: &Client, path: &str, body: &Value) -> String {
    data(&client.post(path, body).await)["id"].as_str().expect("an id").to_owned()
}

/// That it was refused with `conflict`, in words that hold these.
pub fn conflict(reply: &Reply, says: &str) {
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "conflict"), "{}", reply.body);
    assert!(reply.body["error"]["message"].as_str().is_some_and(|message| message.contains(says)), "{says}: {}", reply.body);
}

/// The events of records so far, each with the id of its record, by name.
pub async fn events(console: &Console) -> Vec<(String, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select action, target_id from audit_event where action like 'record.%' order by action")
        .fetch_all(&mut owner)
        .await
        .expect("rows")
}

/// As [`events`], without the word that all begin with.
pub async fn happened(console: &Console) -> Vec<String> {
    events(console).await.into_iter().map(|(action, _)| action.replace("record.", "")).collect()
}

async fn stage(client: &Client, name: &str, kind: &str) -> String {
    added(client, "/deal-stages", &json!({ "name": name, "position": 1, "kind": kind })).await
}

#[tokio::test]
async fn a_lead_whose_owner_left_goes_on_without_them_and_its_source_stays() {
    let (console, team, client) = crm().await;
    let mut body = ada();
    body["owner"] = json!(team.member.user);
    body["source"] = json!("referral");
    let lead = added(&client, "/leads", &body).await;
    let same = patch(&client, &format!("/leads/{lead}"), &json!({ "source": null })).await;
    assert_eq!((&data(&same)["source"], &data(&same)["version"]), (&json!("referral"), &json!(1)), "nothing changed");
    let member = console.member_id(team.workspace, team.member.user).await;
    console.change("update workspace_membership set status = 'ended' where id = $1", member.0).await;
    let path = format!("/leads/{lead}/convert");
    assert_eq!(refused(&client.post(&path, &json!({ "contact": { "phnoe": null } })).await), ["contact"]);
    let made = client.post(&path, &json!({ "contact": { "phone": null } })).await;
    assert_eq!((&data(&made)["contact"]["owner"], &data(&made)["contact"]["phone"]), (&Value::Null, &Value::Null));
}

fn ada() -> Value {
    json!({ "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 7946 0000", "company_name": "Engines Ltd" })
}

#[tokio::test]
async fn a_lead_becomes_a_contact_a_company_and_a_deal_at_once() {
    let (console, _team, client) = crm().await;
    let open = stage(&client, "Offer", "open").await;
    let lead = added(&client, "/leads", &ada()).await;
    data(&client.post(&format!("/leads/{lead}/work"), &json!({})).await);
    let path = format!("/leads/{lead}/convert");
    let body = json!({
        "contact": { "job_title": "Countess", "phone": null },
        "company": { "website": "https://example.com" },
        "deal": { "stage": open, "amount_micros": 25_500_000, "currency": "EUR" },
    });
    let before = happened(&console).await;
    let planned = client.post(&format!("{path}?dry_run=true"), &body).await;
    let would: Vec<&str> =
        data(&planned)["would"].as_array().expect("a list").iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!(would, ["record.company.created", "record.contact.created", "record.deal.created", "record.lead.converted"]);
    assert_eq!(happened(&console).await, before);
    assert_eq!(console.database.count("select count(*) from record").await, 2, "a dry run wrote something");

    let headers = [("idempotency-key", "one"), ("if-match", "\"2\"")];
    let done = client.send(Method::POST, &path, &headers, Some(&body)).await;
    let made = data(&done);
    assert_eq!(done.header("etag"), "\"3\"");
    assert_eq!((&made["lead"]["status"], &made["lead"]["converted_at"]), (&json!("converted"), &json!("2026-11-21T12:00:00.000Z")));
    for part in ["contact", "company", "deal"] {
        assert_eq!(made["lead"][part], made[part]["id"], "{part}");
        let kept = client
            .get(&format!(
                "/{}/{}",
                if part == "company" { "companies".to_owned() } else { format!("{part}s") },
                made[part]["id"].as_str().expect("an id")
            ))
            .await;
        assert_eq!(*data(&kept), made[part], "{part}");
    }
    assert_eq!((&made["company"]["name"], &made["company"]["website"]), (&json!("Engines Ltd"), &json!("https://example.com")));
    assert_eq!((&made["contact"]["name"], &made["contact"]["email"]), (&json!("Ada Lovelace"), &json!("ada@example.com")));
    assert_eq!(
        (&made["contact"]["job_title"], &made["contact"]["phone"]),
        (&json!("Countess"), &Value::Null),
        "null takes the lead's away"
    );
    assert_eq!((&made["deal"]["name"], &made["deal"]["outcome"]), (&json!("Ada Lovelace"), &json!("open")));
    assert_eq!((&made["deal"]["contact"], &made["deal"]["company"]), (&made["contact"]["id"], &made["company"]["id"]));
    assert_eq!(made["contact"]["company"], made["company"]["id"]);
    let all = happened(&console).await;
    let mut expected =
        [before.as_slice(), &["company.created", "contact.created", "deal.created", "lead.converted"].map(str::to_owned)].concat();
    expected.sort();
    assert_eq!(all, expected, "one a record");
    let again = client.send(Method::POST, &path, &headers, Some(&body)).await;
    assert_eq!((again.header("idempotency-replayed"), data(&again)), ("true", made));
    conflict(&client.post(&path, &json!({})).await, made["contact"]["id"].as_str().expect("an id"));
    assert_eq!(happened(&console).await, all, "twice is once");
}

#[tokio::test]
async fn a_conversion_that_cannot_be_done_leaves_nothing() {
    let (console, _team, client) = crm().await;
    let zenith = console.team("Zenith").await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &CRM).await;
    let their_company = added(&theirs, "/companies", &json!({ "name": "Theirs" })).await;
    let (open, company) = (stage(&client, "Offer", "open").await, added(&client, "/companies", &json!({ "name": "Engines" })).await);
    let lead = added(&client, "/leads", &json!({ "name": "Ada" })).await;
    let path = format!("/leads/{lead}/convert");
    let before = happened(&console).await;
    for (body, fields) in [
        (json!({ "contact": [] }), vec!["contact"]),
        (json!({ "contact": { "company": company } }), vec!["contact"]),
        (json!({ "contact": { "email": "ada", "colour": "red" } }), vec!["contact", "contact"]),
        (json!({ "company": {} }), vec!["company"]),
        (json!({ "company": { "name": "x" }, "existing_company": company }), vec!["existing_company"]),
        (json!({ "existing_company": their_company }), vec!["existing_company"]),
        (json!({ "existing_company": open }), vec!["existing_company"]),
        (json!({ "existing_company": "Engines" }), vec!["existing_company"]),
        // The company is made by then, and goes again.
        (json!({ "company": { "name": "x" }, "deal": {} }), vec!["deal"]),
        (json!({ "deal": { "stage": open, "amount_micros": 1 } }), vec!["deal"]),
        (json!({ "deal": { "stage": company } }), vec!["deal"]),
        (json!({ "colour": "red" }), vec!["body"]),
    ] {
        let reply = client.post(&path, &body).await;
        assert_eq!(refused(&reply), fields, "{body}: {}", reply.body);
    }
    assert_eq!(client.send(Method::POST, &path, &[("if-match", "\"9\"")], Some(&json!({}))).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(theirs.post(&path, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.post(&format!("/leads/{company}/convert"), &json!({})).await.status, StatusCode::NOT_FOUND, "a company is no lead");
    data(&client.post(&format!("/leads/{lead}/disqualify"), &json!({})).await);
    conflict(&client.post(&path, &json!({})).await, "Reopen it first");
    assert_eq!(happened(&console).await.len(), before.len() + 1);
    data(&client.post(&format!("/leads/{lead}/reopen"), &json!({})).await);
    let done = client.post(&path, &json!({ "existing_company": company })).await;
    assert_eq!((&data(&done)["company"]["id"], &data(&done)["deal"]), (&json!(company), &Value::Null));
    assert_eq!(client.post(&format!("/leads/{lead}/reopen"), &json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn of_two_conversions_at_once_one_is_done() {
    let (console, _team, client) = crm().await;
    for round in 0..5 {
        let lead = added(&client, "/leads", &json!({ "name": format!("Lead {round}"), "company_name": "Engines" })).await;
        let (path, body) = (format!("/leads/{lead}/convert"), json!({ "company": {} }));
        let (one, other) = tokio::join!(client.post(&path, &body), client.post(&path, &body));
        let mut outcome = [one.status.as_u16(), other.status.as_u16()];
        outcome.sort_unstable();
        assert_eq!(outcome, [200, 409], "{} {}", one.body, other.body);
    }
    assert_eq!(console.database.count("select count(*) from record where resource = 'contact'").await, 5);
    assert_eq!(console.database.count("select count(*) from record where resource = 'company'").await, 5);
}

#[tokio::test]
async fn where_a_lead_came_from_is_the_callers_to_say() {
    let (_console, _team, client) = crm().await;
    let lead = added(&client, "/leads", &json!({ "name": "Ada" })).await;
    let path = format!("/leads/{lead}");
    assert_eq!(data(&client.get(&path).await)["source"], "api");
    assert_eq!(data(&patch(&client, &path, &json!({ "source": "campaign" })).await)["source"], "campaign");
    assert_eq!(refused(&patch(&client, &path, &json!({ "source": "dream" })).await), ["source"]);
    for body in [json!({ "contact": lead }), json!({ "status": "converted" }), json!({ "converted_at": "2026-11-21T12:00:00Z" })] {
        assert_eq!(refused(&patch(&client, &path, &body).await).len(), 1, "{body}");
    }
    assert_eq!(data(&client.get("/leads?source=campaign&status=new").await).as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_deal_is_open_won_or_lost_as_its_stage_is() {
    let (console, _team, client) = crm().await;
    let (open, won) = (stage(&client, "Offer", "open").await, stage(&client, "Won", "won").await);
    let lost = stage(&client, "Lost", "lost").await;
    let body = json!({ "name": "Engine", "stage": open, "amount_micros": 1, "currency": "EUR" });
    let path = format!("/deals/{}", added(&client, "/deals", &body).await);
    for (stage, outcome, closed) in [(&won, "won", true), (&open, "open", false), (&lost, "lost", true)] {
        let moved = patch(&client, &path, &json!({ "stage": stage, "description": outcome })).await;
        assert_eq!((&data(&moved)["outcome"], data(&moved)["closed_at"].is_string()), (&json!(outcome), closed));
    }
    data(&patch(&client, &path, &json!({ "description": "Later", "stage": lost })).await);
    let events = happened(&console).await;
    let of_deal: Vec<&str> = events.iter().map(String::as_str).filter(|event| event.starts_with("deal.")).collect();
    assert_eq!(of_deal, ["deal.created", "deal.stage_changed", "deal.stage_changed", "deal.stage_changed", "deal.updated"]);
    assert_eq!(data(&client.get("/deals?outcome=lost").await).as_array().map(Vec::len), Some(1));
    for (body, field) in [
        (json!({ "currency": null }), "currency"),
        (json!({ "currency": "euro" }), "currency"),
        (json!({ "amount_micros": 1.5 }), "amount_micros"),
        (json!({ "amount_micros": -1 }), "amount_micros"),
        (json!({ "stage": null }), "stage"),
        (json!({ "outcome": "won" }), "outcome"),
    ] {
        assert_eq!(refused(&patch(&client, &path, &body).await), [field], "{body}");
    }
    conflict(&patch(&client, &format!("/deal-stages/{won}"), &json!({ "kind": "lost" })).await, "never changes");
    let twice = client.post("/deal-stages", &json!({ "name": "OFFER", "position": 2, "kind": "open" })).await;
    assert_eq!(refused(&twice), ["name"]);
}

#[tokio::test]
async fn what_was_put_away_is_referred_to_no_more_and_stays_where_it_was() {
    let (_console, _team, client) = crm().await;
    let company = added(&client, "/companies", &json!({ "name": "Engines" })).await;
    let contact = format!("/contacts/{}", added(&client, "/contacts", &json!({ "name": "Ada", "company": company })).await);
    data(&client.post(&format!("/companies/{company}/archive"), &json!({})).await);
    let again = client.post("/contacts", &json!({ "name": "Charles", "company": company })).await;
    assert_eq!(refused(&again), ["company"]);
    assert!(again.body.to_string().contains("was put away"), "{}", again.body);
    assert_eq!(refused(&client.post("/notes", &json!({ "subject": "x", "related": company })).await), ["related"]);
    let same = patch(&client, &contact, &json!({ "company": company, "job_title": "Countess" })).await;
    assert_eq!((&data(&same)["company"], &data(&same)["job_title"]), (&json!(company), &json!("Countess")));
}
