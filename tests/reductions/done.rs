//! What a reduction does: records are put away by their module's rules, or go with what is part of them and their files.

use axum::http::StatusCode;
use serde_json::json;

use super::{Office, SCOPES};
use crate::{
    assets::{Desk, TEXT},
    records::{data, task},
};

#[tokio::test]
async fn what_is_old_and_archived_goes_and_nothing_else() {
    let office = Office::open().await;
    let old = office.tasks(3).await;
    office.archive("tasks", &old).await;
    office.wait(40);
    let young = office.tasks(2).await;
    office.archive("tasks", &young[..1]).await;

    let preview = office.preview("purge", "task", 30).await;
    assert_eq!((&preview["records"], &preview["basis"], &preview["held"]), (&json!(3), &json!("archived"), &json!(false)));
    assert_eq!(preview["freed_bytes"], preview["bytes"]);
    let done = office.reduce("purge", "task", 30).await;
    assert_eq!((&done["status"], &done["done"], &done["expected"]), (&json!("done"), &json!(3), &json!(3)));
    assert_eq!(done["freed_bytes"], preview["bytes"]);
    assert_eq!(office.records("task").await, 2);
    office.ask_counts().await;
    for id in &old {
        assert_eq!(office.client.get(&format!("/tasks/{id}")).await.status, StatusCode::NOT_FOUND);
    }

    assert_eq!(office.events("reduction.started").await.len(), 1);
    let purged = office.events("records.purged").await;
    let said = purged[0].to_string();
    assert!(purged.len() == 1 && old.iter().all(|id| said.contains(id)) && !said.contains(&young[0]), "{said}");
    let finished = office.events("reduction.finished").await[0].to_string();
    assert!(finished.contains("\"done\"") && finished.contains("\"3\""), "{finished}");
    let by = office.console.actors_of(office.team.workspace, "records.purged").await;
    assert!(by.iter().all(|actor| actor.contains("Test")), "the key acts, in its steward's name: {by:?}");
    let metered = "select count(*) from usage_event where dimension = 'bulk.operation' and operation = 'reductions.start' and nanos = 0";
    assert_eq!(office.console.database.count(metered).await, 1);
}

#[tokio::test]
async fn what_was_not_changed_is_put_away_and_what_the_rules_refuse_stays() {
    let office = Office::open().await;
    let crm =
        office.console.client(&office.team.admin, &office.team.slug, &["crm:read", "crm:write", "settings:read", "settings:write"]).await;
    let office = Office { client: crm, ..office };
    let mut ids = Vec::new();
    for number in 0..4 {
        let lines = json!([{ "description": "Work", "unit_micros": 25_000_000 }]);
        let company = data(&office.client.post("/companies", &json!({ "name": format!("Company {number}") })).await)["id"].clone();
        let invoice = json!({ "number": format!("R-{number}"), "company": company, "currency": "EUR", "lines": lines });
        ids.push(data(&office.client.post("/invoices", &invoice).await)["id"].as_str().expect("an id").to_owned());
    }
    // It is owed, and so it is not put away.
    data(&office.client.post(&format!("/invoices/{}/send", ids[1]), &json!({})).await);
    office.wait(10);
    let done = office.reduce("archive", "invoice", 5).await;
    assert_eq!((&done["status"], &done["done"], &done["kept"]), (&json!("done"), &json!(3), &json!(1)));
    assert_eq!(office.events("record.invoice.archived").await.len(), 3, "each by its own event");
    for (place, id) in ids.iter().enumerate() {
        let is_away = !data(&office.client.get(&format!("/invoices/{id}")).await)["archived_at"].is_null();
        assert_eq!(is_away, place != 1, "{place}");
    }
    office.ask_counts().await;
}

#[tokio::test]
async fn the_messages_of_a_ticket_go_with_it_and_what_else_refers_to_it_stays() {
    let office = Office::open().await;
    let queue = data(&office.client.post("/queues", &json!({ "name": "First" })).await)["id"].clone();
    let ticket = data(&office.client.post("/tickets", &json!({ "subject": "Broken", "queue": queue })).await)["id"].clone();
    let id = ticket.as_str().expect("an id").to_owned();
    for body in ["Hello", "Still broken"] {
        let message = json!({ "ticket": ticket, "subject": "Broken", "body": body, "direction": "inbound" });
        data(&office.client.post("/messages", &message).await);
    }
    let about = task(&office.client, &json!({ "title": "Look at it", "related": id })).await;
    office.archive("tickets", &[id]).await;
    office.wait(2);
    let preview = office.preview("purge", "ticket", 1).await;
    assert_eq!((&preview["records"], &preview["parts"], &preview["referring"]), (&json!(1), &json!(2), &json!(1)));
    let file = office.client.get("/reductions/export?act=purge&resource=ticket&days=1").await;
    let text = file.body.as_str().expect("a file");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    let resources: Vec<&str> = lines.iter().map(|line| line["resource"].as_str().expect("a name")).collect();
    assert_eq!(resources, ["ticket", "message", "message"]);
    // Both of one moment, and so in either order.
    assert!(lines[1..].iter().any(|line| line["body"] == "Hello"), "{text}");
    assert_eq!(office.events("records.exported").await.len(), 1);

    let done = office.reduce("purge", "ticket", 1).await;
    assert_eq!((&done["done"], &done["parts"]), (&json!(1), &json!(2)));
    assert_eq!((office.records("ticket").await, office.records("message").await, office.records("queue").await), (0, 0, 1));
    assert_eq!(data(&office.client.get(&format!("/tasks/{about}")).await)["related"], ticket, "what was right when it was said stays");
    office.ask_counts().await;
}

#[tokio::test]
async fn what_is_only_ever_added_goes_by_its_own_age_and_is_never_put_away() {
    let office = Office::open().await;
    let entry = json!({ "kind": "call", "subject": "Rang" });
    data(&office.client.post("/activity", &entry).await);
    office.wait(3);
    data(&office.client.post("/activity", &entry).await);
    let refused = office.client.get("/reductions/preview?act=archive&resource=activity&days=1").await;
    assert_eq!(crate::records::refused(&refused), ["act"]);
    let done = office.reduce("purge", "activity", 2).await;
    assert_eq!((&done["done"], &done["basis"], office.records("activity").await), (&json!(1), &json!("added"), 1));
}

#[tokio::test]
async fn the_file_of_an_asset_goes_from_the_store() {
    let desk = Desk::open(&[]).await;
    let scopes = ["assets:read", "assets:write", SCOPES[0], SCOPES[1]];
    let client = desk.console.client(&desk.team.admin, &desk.team.slug, &scopes).await;
    let (stays, goes) = (desk.ready(TEXT).await, desk.ready(TEXT).await);
    data(&client.post(&format!("/assets/{goes}/archive"), &json!({})).await);
    desk.console.hands.advance(chrono::TimeDelta::days(2));
    let preview = data(&client.get("/reductions/preview?act=purge&resource=asset&days=1").await).clone();
    assert_eq!((&preview["files"], &preview["file_bytes"]), (&json!(1), &json!(TEXT.len())));
    data(&client.post("/reductions", &super::asked(&preview)).await);
    assert_eq!((desk.objects().await, desk.files()), (2, 2));
    desk.console.work_off().await;
    assert_eq!((desk.objects().await, desk.files()), (1, 1), "of the store and of its book");
    desk.address(&stays).await;
}
