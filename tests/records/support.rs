//! Queues and what they promise, tickets on their way, and what messages do to them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    crm::{added, conflict, events, happened},
    data, patch, refused,
};
use crate::support::{Client, Console, Team};

async fn support() -> (Console, Team, Client) {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["support:read", "support:write"]).await;
    (console, team, client)
}

async fn queue(client: &Client) -> String {
    let body = json!({ "name": "Urgent", "default_priority": "high", "first_response_minutes": 30, "resolution_minutes": 240 });
    added(client, "/queues", &body).await
}

async fn ticket(client: &Client, queue: &str) -> String {
    added(client, "/tickets", &json!({ "subject": "It does not print", "queue": queue, "requester_email": "ada@example.com" })).await
}

async fn says(client: &Client, ticket: &str, direction: &str, visibility: &str) {
    let body = json!({ "ticket": ticket, "subject": "A word", "direction": direction, "visibility": visibility });
    data(&client.post("/messages", &body).await);
}

async fn shown(client: &Client, ticket: &str) -> Value {
    data(&client.get(&format!("/tickets/{ticket}")).await).clone()
}

#[tokio::test]
async fn a_ticket_has_what_its_queue_promises() {
    let (console, _team, client) = support().await;
    let urgent = queue(&client).await;
    let id = ticket(&client, &urgent).await;
    let made = shown(&client, &id).await;
    assert_eq!((&made["status"], &made["priority"]), (&json!("new"), &json!("high")));
    assert_eq!(made["first_response_due_at"], "2026-11-21T12:30:00.000Z");
    assert_eq!(made["resolution_due_at"], "2026-11-21T16:00:00.000Z");

    let calm = added(&client, "/queues", &json!({ "name": "Calm" })).await;
    console.hands.advance(chrono::TimeDelta::minutes(10));
    let moved = patch(&client, &format!("/tickets/{id}"), &json!({ "queue": calm })).await;
    assert_eq!(data(&moved)["first_response_due_at"], Value::Null, "nobody promised");
    assert_eq!(data(&moved)["priority"], "high", "what it had it keeps");
    let back = patch(&client, &format!("/tickets/{id}"), &json!({ "queue": urgent })).await;
    assert_eq!(data(&back)["first_response_due_at"], "2026-11-21T12:30:00.000Z", "from when it came");
    assert_eq!(refused(&client.post("/tickets", &json!({ "subject": "x", "queue": id })).await), ["queue"], "that is a ticket");
    assert_eq!(refused(&client.post("/queues", &json!({ "name": "urgent" })).await), ["name"]);
    assert_eq!(refused(&client.post("/tickets", &json!({ "subject": "x", "queue": calm, "resolved_at": null })).await), ["resolved_at"]);
}

#[tokio::test]
async fn a_ticket_goes_its_way_and_no_other() {
    let (console, _team, client) = support().await;
    let id = ticket(&client, &queue(&client).await).await;
    let goes = async |verb: &str| client.post(&format!("/tickets/{id}/{verb}"), &json!({})).await;
    conflict(&goes("close").await, "resolved");
    conflict(&goes("reopen").await, "resolved");
    for (verb, status) in
        [("open", "open"), ("pend", "pending"), ("wait", "waiting_on_customer"), ("resolve", "resolved"), ("reopen", "open")]
    {
        assert_eq!(data(&goes(verb).await)["status"], status, "{verb}");
    }
    assert_eq!(shown(&client, &id).await["resolved_at"], Value::Null);
    data(&goes("resolve").await);
    data(&goes("close").await);
    conflict(&goes("reopen").await, "closed");
    let message = client.post("/messages", &json!({ "ticket": id, "subject": "And now?", "direction": "inbound" })).await;
    conflict(&message, "closed");
    let of_it: Vec<_> = events(&console).await.into_iter().filter(|(_, target)| *target == id).map(|(action, _)| action).collect();
    assert_eq!(of_it.len(), 8, "{of_it:?}");
}

#[tokio::test]
async fn a_message_answers_and_takes_up_again() {
    let (console, _team, client) = support().await;
    let id = ticket(&client, &queue(&client).await).await;
    says(&client, &id, "outbound", "internal").await;
    assert_eq!(shown(&client, &id).await["first_responded_at"], Value::Null, "whoever asked did not see it");
    says(&client, &id, "outbound", "public").await;
    assert_eq!(shown(&client, &id).await["first_responded_at"], "2026-11-21T12:00:00.000Z");
    console.hands.advance(chrono::TimeDelta::hours(1));
    says(&client, &id, "outbound", "public").await;
    assert_eq!(shown(&client, &id).await["first_responded_at"], "2026-11-21T12:00:00.000Z", "the first stays");

    for verb in ["wait", "pend", "resolve"] {
        data(&client.post(&format!("/tickets/{id}/{verb}"), &json!({})).await);
        says(&client, &id, "inbound", "public").await;
        let ticket = shown(&client, &id).await;
        assert_eq!((&ticket["status"], &ticket["resolved_at"]), (&json!("open"), &Value::Null), "{verb}");
    }
    let secret = json!({ "ticket": id, "subject": "x", "direction": "inbound", "visibility": "internal" });
    assert_eq!(refused(&client.post("/messages", &secret).await), ["visibility"]);
    assert_eq!(client.get("/messages?direction=inbound").await.body["data"].as_array().map(Vec::len), Some(3));
    let gone = patch(&client, "/messages/rec_01h455vb4pex5vsknk084sn02q", &json!({})).await;
    assert_eq!(gone.status, StatusCode::METHOD_NOT_ALLOWED, "what was said is not changed");
}

#[tokio::test]
async fn what_a_dry_run_says_of_a_message_is_what_happens() {
    let (console, _team, client) = support().await;
    let id = ticket(&client, &queue(&client).await).await;
    data(&client.post(&format!("/tickets/{id}/wait"), &json!({})).await);
    let before = happened(&console).await;
    let body = json!({ "ticket": id, "subject": "Here it is", "direction": "inbound" });
    let planned = client.post("/messages?dry_run=true", &body).await;
    let would: Vec<&Value> = data(&planned)["would"].as_array().expect("a list").iter().map(|event| &event["event"]).collect();
    assert_eq!(would, ["record.message.created", "record.ticket.opened"]);
    assert_eq!(happened(&console).await, before);
}

#[tokio::test]
async fn a_comment_is_for_colleagues() {
    let (_console, _team, client) = support().await;
    let id = ticket(&client, &queue(&client).await).await;
    let comment = added(&client, "/comments", &json!({ "ticket": id, "subject": "They called twice" })).await;
    assert_eq!(data(&patch(&client, &format!("/comments/{comment}"), &json!({ "body": "And wrote." })).await)["body"], "And wrote.");
    assert_eq!(client.get("/messages").await.body["data"], json!([]), "a comment is no message");
    data(&client.post(&format!("/comments/{comment}/archive"), &json!({})).await);
    assert_eq!(client.get(&format!("/comments?ticket={id}")).await.body["data"], json!([]));
}
