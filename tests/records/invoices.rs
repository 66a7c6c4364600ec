//! Invoices from the draft to the last payment.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    crm::{CRM, added, conflict, crm, happened},
    data, patch, refused,
};
use crate::support::Client;

fn invoice(number: &str) -> Value {
    json!({
        "number": number, "currency": "EUR",
        "lines": [{ "description": "Work", "quantity": 3, "unit_micros": 30_000_000 }, { "description": "Discount", "unit_micros": -10_000_000 }],
    })
}

/// One over 80 EUR that was sent.
async fn sent(client: &Client, number: &str) -> String {
    let id = added(client, "/invoices", &invoice(number)).await;
    data(&client.post(&format!("/invoices/{id}/send"), &json!({})).await);
    id
}

fn paying(invoice: &str, amount_micros: i64) -> Value {
    json!({ "invoice": invoice, "amount_micros": amount_micros, "reference": "Transfer 7" })
}

/// What was entered wrongly is entered once more, below zero; then the invoice is owed again, and is paid as before.
#[tokio::test]
async fn what_was_entered_wrongly_is_taken_back() {
    let (_console, _team, client) = crm().await;
    let id = &sent(&client, "2026-7").await;
    let path = format!("/invoices/{id}");
    data(&client.post("/payments", &paying(id, 30_000_000)).await);
    data(&client.post("/payments", &paying(id, 50_000_000)).await);
    let of = async || data(&client.get(&path).await).clone();
    assert_eq!(refused(&client.post("/payments", &paying(id, -80_000_001)).await), ["amount_micros"]);
    assert_eq!(refused(&client.post("/payments", &paying(id, 0)).await), ["amount_micros"]);
    data(&client.post("/payments", &paying(id, -50_000_000)).await);
    let owed = of().await;
    assert_eq!((&owed["status"], &owed["paid_micros"], &owed["paid_at"]), (&json!("sent"), &json!(30_000_000), &Value::Null));
    data(&client.post("/payments", &paying(id, 50_000_000)).await);
    assert_eq!(of().await["status"], "paid");
}

#[tokio::test]
async fn a_number_of_what_was_sent_is_never_given_again() {
    let (_console, _team, client) = crm().await;
    let id = sent(&client, "2026-9").await;
    let path = format!("/invoices/{id}");
    assert_eq!(data(&client.get(&path).await)["issued_on"], "2026-11-21");
    data(&client.post("/payments", &paying(&id, 30_000_000)).await);
    conflict(&client.post(&format!("{path}/void"), &json!({})).await, "below zero");
    data(&client.post("/payments", &paying(&id, -30_000_000)).await);
    data(&client.post(&format!("{path}/void"), &json!({})).await);
    data(&client.post(&format!("{path}/archive"), &json!({})).await);
    assert_eq!(refused(&client.post("/invoices", &invoice("2026-9")).await), ["number"]);
    let other = added(&client, "/invoices", &invoice("2026-10")).await;
    assert_eq!(refused(&patch(&client, &format!("/invoices/{other}"), &json!({ "number": "2026-9" })).await), ["number"]);
}

#[tokio::test]
async fn an_invoice_is_paid_when_its_payments_reach_its_total() {
    let (console, _team, client) = crm().await;
    let id = added(&client, "/invoices", &invoice("2026-1")).await;
    let path = format!("/invoices/{id}");
    let draft = client.get(&path).await;
    for (field, value) in [("status", json!("draft")), ("total_micros", json!(80_000_000)), ("paid_micros", json!(0))] {
        assert_eq!(data(&draft)[field], value, "{field}");
    }
    conflict(&client.post("/payments", &paying(&id, 1)).await, "Send it first");
    data(&client.post(&format!("{path}/send"), &json!({})).await);
    let over = client.post("/payments", &paying(&id, 80_000_001)).await;
    assert_eq!(refused(&over), ["amount_micros"]);
    assert!(over.body.to_string().contains("which is 80000000"), "{}", over.body);
    let first = client.post("/payments", &paying(&id, 30_000_000)).await;
    assert_eq!(data(&first)["currency"], "EUR");
    assert_eq!(
        (&data(&client.get(&path).await)["paid_micros"], &data(&client.get(&path).await)["status"]),
        (&json!(30_000_000), &json!("sent"))
    );
    conflict(&client.post(&format!("{path}/void"), &json!({})).await, "Payments were made");
    let planned = client.post("/payments?dry_run=true", &paying(&id, 50_000_000)).await;
    let would: Vec<&Value> = data(&planned)["would"].as_array().expect("a list").iter().map(|event| &event["event"]).collect();
    assert_eq!(would, ["record.payment.created", "record.invoice.paid"]);
    data(&client.post("/payments", &paying(&id, 50_000_000)).await);
    let paid = client.get(&path).await;
    for (field, value) in [("status", json!("paid")), ("paid_micros", json!(80_000_000)), ("paid_at", json!("2026-11-21T12:00:00.000Z"))] {
        assert_eq!(data(&paid)[field], value, "{field}");
    }
    conflict(&client.post("/payments", &paying(&id, 1)).await, "nothing of it is left");
    assert_eq!(
        happened(&console).await,
        ["invoice.created", "invoice.paid", "invoice.sent", "invoice.updated", "payment.created", "payment.created"]
    );
    data(&client.post(&format!("{path}/archive"), &json!({})).await);
    assert_eq!(refused(&client.post("/payments", &paying(&id, 1)).await), ["invoice"], "put away");
}

#[tokio::test]
async fn what_a_customer_was_sent_does_not_change() {
    let (_console, _team, client) = crm().await;
    let id = added(&client, "/invoices", &invoice("7")).await;
    let path = format!("/invoices/{id}");
    let lines = json!([{ "description": "Less", "unit_micros": 1 }]);
    assert_eq!(data(&patch(&client, &path, &json!({ "lines": lines })).await)["total_micros"], 1, "it follows from the lines");
    data(&client.post(&format!("{path}/send"), &json!({})).await);
    for body in [json!({ "lines": invoice("7")["lines"] }), json!({ "currency": "USD" }), json!({ "number": "8" })] {
        conflict(&patch(&client, &path, &body).await, "in a draft alone");
    }
    assert_eq!(data(&patch(&client, &path, &json!({ "memo": "Thank you", "due_on": "2026-12-01" })).await)["memo"], "Thank you");
    conflict(&client.post(&format!("{path}/archive"), &json!({})).await, "is owed");
    data(&client.post(&format!("{path}/void"), &json!({})).await);
    conflict(&client.post("/payments", &paying(&id, 1)).await, "is void");
    assert_eq!(client.post(&format!("{path}/send"), &json!({})).await.status, StatusCode::CONFLICT);
    data(&client.post(&format!("{path}/archive"), &json!({})).await);
    let free = json!({ "number": "9", "currency": "EUR", "lines": [{ "description": "Free", "unit_micros": 0 }] });
    let free = added(&client, "/invoices", &free).await;
    conflict(&client.post(&format!("/invoices/{free}/send"), &json!({})).await, "comes to 0");
}

#[tokio::test]
async fn lines_that_cannot_be_read_are_named() {
    let (console, team, client) = crm().await;
    let line = |line: Value| json!({ "number": "1", "currency": "EUR", "lines": [line] });
    let lines = |lines: Value| json!({ "number": "1", "currency": "EUR", "lines": lines });
    for (body, says) in [
        (lines(Value::Null), "cannot be emptied"),
        (lines(json!("none")), "cannot be read"),
        (lines(json!([])), "0 lines"),
        (lines(json!(vec![json!({ "description": "x", "unit_micros": 1 }); 201])), "201 lines"),
        (line(json!({ "description": "x" })), "unit_micros"),
        (line(json!({ "description": "x", "unit_micros": 1.5 })), "[0].unit_micros"),
        (line(json!({ "description": "x", "unit_micros": u64::MAX })), "[0].unit_micros"),
        (line(json!({ "description": "x", "unit_micros": "1" })), "[0].unit_micros"),
        (line(json!({ "description": "", "unit_micros": 1 })), "[0].description"),
        (line(json!({ "description": "x", "unit_micros": 1, "quantity": 0 })), "[0].quantity"),
        (line(json!({ "description": "x", "unit_micros": i64::MAX, "quantity": 2 })), "come to more than"),
        (line(json!({ "description": "x", "unit_micros": -1 })), "less than 0"),
        (line(json!({ "description": "x", "unit_micros": 1, "tax": 1 })), "tax"),
    ] {
        let reply = client.post("/invoices", &body).await;
        assert_eq!(refused(&reply), ["lines"], "{body}");
        assert!(reply.body.to_string().contains(says), "{says}: {}", reply.body);
    }
    for (field, value) in [("total_micros", json!(1)), ("paid_micros", json!(0)), ("currency", json!("E")), ("company", json!("x"))] {
        let mut body = invoice("1");
        body[field] = value;
        assert_eq!(refused(&client.post("/invoices", &body).await), [field]);
    }
    let id = sent(&client, "1").await;
    for (body, field) in [
        (paying(&id, 0), "amount_micros"),
        (paying(&id, -1), "amount_micros"),
        (json!({ "invoice": id, "amount_micros": 1 }), "reference"),
        (paying("rec_7zzzzzzzzzzzzzzzzzzzzzzzzz", 1), "invoice"),
    ] {
        assert_eq!(refused(&client.post("/payments", &body).await), [field], "{body}");
    }
    let zenith = console.team("Zenith").await;
    let theirs = console.client(&zenith.admin, &zenith.slug, &CRM).await;
    assert_eq!(refused(&theirs.post("/payments", &paying(&id, 1)).await), ["invoice"]);
    let reader = console.client(&team.admin, &team.slug, &["crm:read"]).await;
    assert_eq!(reader.post("/payments", &paying(&id, 1)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(console.database.count("select count(*) from record where resource = 'payment'").await, 0);
}

#[tokio::test]
async fn payments_at_once_never_come_to_more_than_the_total() {
    let (console, _team, client) = crm().await;
    for round in 0..5 {
        let id = sent(&client, &format!("{round}")).await;
        // Each is less than the whole, any two are more; and then two that are the rest together, once.
        let body = paying(&id, 50_000_000);
        let replies = futures_util::future::join_all((0..3).map(|_| client.post("/payments", &body))).await;
        let taken = replies.iter().filter(|reply| reply.status == StatusCode::CREATED).count();
        assert_eq!(taken, 1, "{:?}", replies.iter().map(|reply| &reply.body).collect::<Vec<_>>());
        let half = paying(&id, 15_000_000);
        let (one, other) = tokio::join!(client.post("/payments", &half), client.post("/payments", &half));
        assert_eq!((one.status, other.status), (StatusCode::CREATED, StatusCode::CREATED), "{} {}", one.body, other.body);
        assert_eq!(data(&client.get(&format!("/invoices/{id}")).await)["status"], "paid");
    }
    assert_eq!(happened(&console).await.iter().filter(|event| *event == "invoice.paid").count(), 5);
}

#[tokio::test]
async fn a_payment_and_a_void_at_once_are_one_or_the_other() {
    let (_console, _team, client) = crm().await;
    for round in 0..5 {
        let id = sent(&client, &format!("{round}")).await;
        let (paid, void) = (paying(&id, 1), format!("/invoices/{id}/void"));
        let nothing = json!({});
        let (paid, void) = tokio::join!(client.post("/payments", &paid), client.post(&void, &nothing));
        assert!([(201, 409), (409, 200)].contains(&(paid.status.as_u16(), void.status.as_u16())), "{} {}", paid.body, void.body);
    }
}

#[tokio::test]
async fn two_invoices_never_have_one_number() {
    let (_console, _team, client) = crm().await;
    let body = invoice("A-1");
    let (one, other) = tokio::join!(client.post("/invoices", &body), client.post("/invoices", &body));
    let (first, second) = if one.status == StatusCode::CREATED { (one, other) } else { (other, one) };
    assert_eq!(refused(&second), ["number"]);
    assert!(second.body.to_string().contains("another invoice already"), "{}", second.body);
    let next = added(&client, "/invoices", &invoice("A-2")).await;
    assert_eq!(refused(&patch(&client, &format!("/invoices/{next}"), &json!({ "number": "a-1" })).await), ["number"], "whatever the case");
    let id = data(&first)["id"].as_str().expect("an id");
    data(&client.post(&format!("/invoices/{id}/archive"), &json!({})).await);
    data(&patch(&client, &format!("/invoices/{next}"), &json!({ "number": "a-1" })).await);
}
