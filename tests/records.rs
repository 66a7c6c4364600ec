//! Records over the API: the modules that are made from their manifests, and the engine that runs them.

mod asked;
mod books;
mod changed;
mod cms;
mod crm;
mod held;
mod invoices;
mod listed;
mod support;

use std::collections::HashMap;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::{
    access::workspace::WriteRecords,
    features::records::server::{self as records, Listing},
    ids::RecordId,
    server::{
        http::request::RequestContext,
        modules::{self, Does, Format, Kind, Resource},
        scope::{Intent, WorkspaceScope},
    },
};

use crate::support::{Client, Console, Person, Reply, Team};

pub const TASKS: [&str; 2] = ["tasks:read", "tasks:write"];
pub const BOTH: [&str; 4] = ["tasks:read", "tasks:write", "activity:read", "activity:write"];

/// The body of an answer that went well.
pub fn data(reply: &Reply) -> &Value {
    assert!(reply.status.is_success(), "{} {}", reply.status, reply.body);
    &reply.body["data"]
}

/// The fields that were refused.
pub fn refused(reply: &Reply) -> Vec<&str> {
    assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", reply.body);
    reply.body["error"]["field_errors"].as_array().expect("a list").iter().map(|error| error["field"].as_str().expect("a name")).collect()
}

pub async fn task(client: &Client, body: &Value) -> String {
    data(&client.post("/tasks", body).await)["id"].as_str().expect("an id").to_owned()
}

pub async fn patch(client: &Client, path: &str, body: &Value) -> Reply {
    client.send(Method::PATCH, path, &[], Some(body)).await
}

/// The least that a record of the resource can hold; `known` is a record of the resource that it is asked for.
pub fn least(resource: &Resource, known: impl Fn(&str) -> RecordId) -> Value {
    let required = resource.fields.iter().filter(|field| field.required).map(|field| {
        let value = match &field.kind {
            Kind::Text { format: Some(Format::MediaType), .. } => json!("text/plain"),
            Kind::Enum(values) => json!(values[0]),
            Kind::Integer { min, .. } => json!((*min).max(1)),
            Kind::Boolean => json!(true),
            Kind::Instant => json!("2026-11-21T12:00:00Z"),
            Kind::Date => json!("2026-11-21"),
            Kind::Text { format: Some(Format::Currency), .. } => json!("EUR"),
            Kind::Text { format: Some(Format::Email), .. } => json!("ada@example.com"),
            Kind::Text { format: Some(Format::Url), .. } => json!("https://example.com"),
            Kind::Text { .. } if field.name == "slug" => json!("one"),
            Kind::Text { format: None, .. } | Kind::LongText { .. } => json!("One of everything"),
            Kind::Json { .. } if resource.name == "invoice" => json!([{ "description": "Work", "unit_micros": 25_000_000 }]),
            Kind::Json { .. } if resource.name == "journal_entry" => {
                json!([{ "account": known("account"), "debit_micros": 1 }, { "account": known("account"), "credit_micros": 1 }])
            }
            Kind::Record(of) => json!(known(of.unwrap_or("task"))),
            Kind::Member | Kind::Json { .. } => panic!("say here what {} holds", field.name),
        };
        (field.name.to_owned(), value)
    });
    Value::Object(required.collect())
}

impl Console {
    /// One record of every resource, each with the first part of its addresses. Nobody is asked and nothing is metered.
    pub async fn one_record_each(&self, person: &Person, slug: &str) -> Vec<(String, RecordId)> {
        let mut request = RequestContext::internal(&self.stoa.clock, "console", "test");
        let id = person.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
        request.session = Some(stoa::server::sessions::hash(id));
        let mut scope =
            WorkspaceScope::<WriteRecords>::open(&self.stoa, &request, Some(slug), Intent::Write, false).await.expect("a scope");
        let (mut made, mut by_name) = (Vec::new(), HashMap::new());
        for resource in modules::resources() {
            let record = if resource.operations.iter().any(|exposed| matches!(exposed.does, Does::Create)) {
                let Value::Object(body) = least(resource, |of| by_name[of]) else { unreachable!("an object") };
                records::create(&mut scope, resource, body).await.expect("a record")
            } else {
                // Nobody adds one: it came with another.
                let (listing, _) = Listing::read(resource, Vec::new()).expect("a listing");
                records::list(&mut scope, resource, &listing).await.expect("records").pop().expect("a record")
            };
            // Only then is it paid.
            if let Some(send) = resource.transition("send") {
                records::pass(&mut scope, resource, send, record.id, None).await.expect("sent");
            }
            let first = resource.operations.first().map_or_else(String::new, |exposed| exposed.path.replace("/{record}", ""));
            made.push((first, record.id));
            by_name.insert(resource.name, record.id);
        }
        scope.commit().await.expect("committed");
        // As if its file had come: what is asked of it is then decided by who asks.
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query("update record set status = 'ready' where resource = 'asset'").execute(&mut owner).await.expect("ready");
        made
    }
}

#[tokio::test]
async fn a_task_lives_from_open_to_put_away() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let customer = data(&client.post("/activity", &json!({ "kind": "call", "subject": "Rang about order 7" })).await)["id"].clone();
    let body = json!({
        "title": "  Call back ", "description": "Order 7\nis late", "due": "2026-12-01", "assignee": team.member.user,
        "related": customer, "custom_fields": { "order": 7, "tags": ["late"] },
    });
    let made = client.post("/tasks", &body).await;
    assert_eq!((made.status, made.header("etag")), (StatusCode::CREATED, "\"1\""), "{}", made.body);
    let task = data(&made).clone();
    for (field, value) in [
        ("title", json!("Call back")),
        ("description", json!("Order 7\nis late")),
        ("status", json!("open")),
        ("due", json!("2026-12-01")),
        ("assignee", json!(team.member.user)),
        ("related", customer.clone()),
        ("completed_at", Value::Null),
        ("custom_fields", json!({ "order": 7, "tags": ["late"] })),
        ("created_by", json!({ "type": "agent", "id": client.key })),
        ("created_at", json!("2026-11-21T12:00:00.000Z")),
        ("archived_at", Value::Null),
    ] {
        assert_eq!(task[field], value, "{field}");
    }
    let path = format!("/tasks/{}", task["id"].as_str().expect("an id"));
    assert_eq!(*data(&client.get(&path).await), task);

    console.hands.advance(chrono::TimeDelta::minutes(5));
    let body = json!({ "due": null, "title": "Call back today", "custom_fields": { "order": null, "by": "phone" } });
    let changed = patch(&client, &path, &body).await;
    assert_eq!(data(&changed)["due"], Value::Null);
    assert_eq!(data(&changed)["description"], "Order 7\nis late", "what is not named stays");
    assert_eq!(data(&changed)["custom_fields"], json!({ "tags": ["late"], "by": "phone" }));
    assert_eq!((changed.header("etag"), &data(&changed)["updated_at"]), ("\"2\"", &json!("2026-11-21T12:05:00.000Z")));
    assert_eq!(patch(&client, &path, &body).await.header("etag"), "\"2\"", "the same again changes nothing");

    let done = client.post(&format!("{path}/complete"), &json!({})).await;
    assert_eq!((&data(&done)["status"], &data(&done)["completed_at"]), (&json!("completed"), &json!("2026-11-21T12:05:00.000Z")));
    assert_eq!(client.post(&format!("{path}/complete"), &json!({})).await.header("etag"), "\"3\"", "twice is once");
    let reopened = client.post(&format!("{path}/reopen"), &json!({})).await;
    assert_eq!((&data(&reopened)["status"], &data(&reopened)["completed_at"]), (&json!("open"), &Value::Null));

    let away = client.post(&format!("{path}/archive"), &json!({})).await;
    assert_eq!(data(&away)["archived_at"], "2026-11-21T12:05:00.000Z");
    assert_eq!(client.post(&format!("{path}/archive"), &json!({})).await.header("etag"), "\"5\"");
    for (method, path) in [(Method::PATCH, path.clone()), (Method::POST, format!("{path}/complete"))] {
        let late = client.send(method, &path, &[], Some(&json!({}))).await;
        assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "conflict"), "{}", late.body);
    }
    assert_eq!(*data(&client.get("/tasks").await), json!([]));
    assert_eq!(data(&client.get("/tasks?archived=true").await).as_array().map(Vec::len), Some(1));
    let counted = "select records * 100 + archived from record_count where module = 'tasks'";
    assert_eq!(console.database.count(counted).await, 101);
    let bytes = "select (select sum(bytes) from record)::bigint - (select sum(bytes) from record_count)::bigint";
    assert_eq!(console.database.count(bytes).await, 0, "what is counted is what there is");
}

#[tokio::test]
async fn an_entry_is_added_and_never_changed() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let made = client.post("/activity", &json!({ "kind": "agent_action", "subject": "Sent the offer", "reference": "Order 7" })).await;
    assert_eq!(data(&made)["occurred_at"], "2026-11-21T12:00:00.000Z", "now, where nothing is said");
    assert_eq!(data(&made).get("status"), None);
    let path = format!("/activity/{}", data(&made)["id"].as_str().expect("an id"));
    for (method, path) in [(Method::PATCH, path.clone()), (Method::DELETE, path.clone()), (Method::POST, format!("{path}/archive"))] {
        let reply = client.send(method, &path, &[], Some(&json!({ "subject": "Another" }))).await;
        assert!(matches!(reply.status.as_u16(), 404 | 405), "{}", reply.body);
    }
    assert_eq!(data(&client.get(&path).await)["subject"], "Sent the offer");
    let under_tasks = client.get(&path.replace("/activity/", "/tasks/")).await;
    assert_eq!(under_tasks.status, StatusCode::NOT_FOUND, "an entry is no task");
}

#[tokio::test]
async fn every_change_is_an_event_with_what_it_changed() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let id = task(&client, &json!({ "title": "Call", "description": "x".repeat(300) })).await;
    console.hands.advance(chrono::TimeDelta::seconds(1));
    patch(&client, &format!("/tasks/{id}"), &json!({ "title": "Ring", "custom_fields": { "order": 7 } })).await;
    for verb in ["complete", "complete", "reopen", "archive"] {
        console.hands.advance(chrono::TimeDelta::seconds(1));
        data(&client.post(&format!("/tasks/{id}/{verb}"), &json!({})).await);
    }
    console.hands.advance(chrono::TimeDelta::seconds(1));
    data(&client.post("/activity", &json!({ "kind": "note", "subject": "Hm" })).await);
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<Value> = sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where action like 'record.%' order by id")
        .fetch_all(&mut owner)
        .await
        .expect("rows");
    let actions: Vec<&str> = rows.iter().map(|row| row["action"].as_str().expect("a name")).collect();
    let task_events = ["created", "updated", "completed", "reopened", "archived"].map(|verb| format!("record.task.{verb}"));
    assert_eq!(actions, [task_events.as_slice(), &["record.activity.created".to_owned()]].concat());
    assert_eq!((&rows[0]["target_type"], &rows[0]["target_id"], &rows[0]["target_name"]), (&json!("task"), &json!(id), &json!("Call")));
    assert_eq!((&rows[0]["channel"], &rows[0]["actor_id"]), (&json!("api"), &json!(client.key)));
    assert_eq!(rows[0]["on_behalf_of_id"], json!(team.admin.user));
    assert_eq!(rows[0]["changes"][2]["after"].as_str().map(|text| text.chars().count()), Some(201), "a long text is cut");
    assert_eq!(
        rows[1]["changes"],
        json!([{ "field": "title", "before": "Call", "after": "Ring" }, { "field": "custom_fields.order", "before": null, "after": "7" }])
    );
    assert_eq!(rows[2]["changes"][0], json!({ "field": "status", "before": "open", "after": "completed" }));
    assert_eq!(console.database.count("select count(*) from outbox where type like 'record.%'").await, 6);
    let page = team.auditor.browser.get(&format!("/w/{}/audit-log?action=record.task.completed", team.slug)).await;
    assert!(page.text().contains("record.task.completed"), "{}", page.text());
}

/// What the document says of an operation.
fn described<'a>(document: &'a Value, path: &str, method: &str) -> &'a Value {
    &document["paths"][path][method]
}

#[tokio::test]
async fn the_document_says_what_the_manifest_does() {
    let console = Console::start().await;
    let team: Team = console.team("Acme").await;
    let document = console.client(&team.admin, &team.slug, &TASKS).await.get("/openapi.json").await.body;
    let create = described(&document, "/tasks", "post");
    assert_eq!(create["operationId"], "tasks.create");
    let body = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!((&body["required"], &body["additionalProperties"]), (&json!(["title"]), &json!(false)));
    assert_eq!(body["properties"]["title"]["maxLength"], 200);
    assert_eq!(body["properties"].get("completed_at"), None, "what the server says is not sent");
    let list = described(&document, "/tasks", "get");
    let names: Vec<&str> =
        list["parameters"].as_array().expect("a list").iter().map(|given| given["name"].as_str().expect("a name")).collect();
    for name in ["status", "due", "assignee", "related", "q", "sort", "archived", "limit", "cursor"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let entry =
        described(&document, "/activity", "post")["responses"]["201"]["content"]["application/json"]["schema"]["properties"]["data"]
            .clone();
    assert_eq!(entry["properties"]["kind"]["enum"], json!(["call", "email", "meeting", "note", "agent_action"]));
    assert_eq!(described(&document, "/activity/{record}", "patch"), &Value::Null);
}

#[test]
fn no_module_can_take_an_address_of_the_control_plane() {
    for operation in stoa::app::operations().iter().filter(|operation| operation.gate.module.is_none()) {
        let first = operation.path.split('/').nth(1).unwrap_or_default();
        let noun = operation.id.split('.').next().unwrap_or_default().replace('_', "-");
        for word in [first, &noun] {
            assert!(modules::TAKEN.contains(&word), "name {word} in src/server/modules/checking.rs: a manifest could take it");
        }
    }
}
