//! Lists of records: filters, words, orders and pages.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{BOTH, TASKS, data, patch, refused, task};
use crate::support::{Client, Console};

/// Every page of a list, from the first on, two rows each.
async fn titles(client: &Client, query: &str) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), format!("/tasks?limit=2&{query}"));
    loop {
        let page = client.get(&next).await;
        let rows = data(&page).as_array().expect("a list");
        assert!(rows.len() <= 2);
        seen.extend(rows.iter().map(|row| row["title"].as_str().expect("a title").to_owned()));
        assert!(seen.len() < 100, "{query} goes round in circles");
        let Some(cursor) = page.body["next_cursor"].as_str() else { return seen };
        next = format!("/tasks?limit=2&{query}&cursor={cursor}");
    }
}

#[tokio::test]
async fn lists_are_filtered_searched_sorted_and_paged() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &TASKS).await;
    let member = json!(team.member.user);
    let mut ids = Vec::new();
    for (title, due, assignee) in [
        ("delta", json!("2026-12-03"), member.clone()),
        ("Alpha", json!("2026-12-01"), Value::Null),
        ("bravo", Value::Null, member.clone()),
        ("Echo", json!("2026-12-03"), Value::Null),
        ("charlie", Value::Null, Value::Null),
        ("foxtrot", json!("2026-12-02"), member.clone()),
    ] {
        console.hands.advance(TimeDelta::seconds(1));
        let body = json!({ "title": title, "due": due, "assignee": assignee, "description": format!("100% of {title}_{title}") });
        ids.push(task(&client, &body).await);
    }
    data(&client.post(&format!("/tasks/{}/complete", ids[0]), &json!({})).await);
    data(&client.post(&format!("/tasks/{}/archive", ids[4]), &json!({})).await);
    let assignee = format!("assignee={}", team.member.user);
    for (query, expected) in [
        ("", vec!["foxtrot", "Echo", "bravo", "Alpha", "delta"]),
        ("sort=created_at", vec!["delta", "Alpha", "bravo", "Echo", "foxtrot"]),
        ("sort=-created_at", vec!["foxtrot", "Echo", "bravo", "Alpha", "delta"]),
        ("archived=true", vec!["charlie"]),
        ("status=open", vec!["foxtrot", "Echo", "bravo", "Alpha"]),
        ("status=completed", vec!["delta"]),
        (assignee.as_str(), vec!["foxtrot", "bravo", "delta"]),
        (&format!("{assignee}&status=open"), vec!["foxtrot", "bravo"]),
        (&format!("{assignee}&sort=created_at"), vec!["delta", "bravo", "foxtrot"]),
        ("due=2026-12-03", vec!["Echo", "delta"]),
        ("due=2026-12-03&q=ECHO", vec!["Echo"]),
        ("q=100%25", vec!["foxtrot", "Echo", "bravo", "Alpha", "delta"]),
        ("q=o_", vec!["foxtrot", "Echo", "bravo"].into_iter().filter(|title| title.ends_with('o')).collect()),
        ("q=nothing", vec![]),
        // By the day, then by age; those without one last, either way.
        ("sort=due", vec!["Alpha", "foxtrot", "delta", "Echo", "bravo"]),
        ("sort=-due", vec!["Echo", "delta", "foxtrot", "Alpha", "bravo"]),
        ("sort=title", vec!["Alpha", "bravo", "delta", "Echo", "foxtrot"]),
        ("sort=-title", vec!["foxtrot", "Echo", "delta", "bravo", "Alpha"]),
        ("sort=title&status=open", vec!["Alpha", "bravo", "Echo", "foxtrot"]),
        ("sort=-completed_at", vec!["delta", "foxtrot", "Echo", "bravo", "Alpha"]),
    ] {
        assert_eq!(titles(&client, query).await, expected, "{query}");
    }
    // What is changed is found as it is now.
    data(&patch(&client, &format!("/tasks/{}", ids[1]), &json!({ "due": null, "title": "Zulu" })).await);
    assert_eq!(titles(&client, "sort=due").await, ["foxtrot", "delta", "Echo", "Zulu", "bravo"]);
    assert_eq!(titles(&client, "q=alpha&sort=title").await, ["Zulu"], "its description still says it");
    assert_eq!(titles(&client, "due=2026-12-01").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_record_is_found_by_what_it_is_about() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    let about = task(&client, &json!({ "title": "Call" })).await;
    for (kind, related, reference) in
        [("call", json!(about), Value::Null), ("note", Value::Null, json!("Order 7")), ("note", json!(about), json!("order 8"))]
    {
        let body = json!({ "kind": kind, "subject": kind, "related": related, "reference": reference });
        data(&client.post("/activity", &body).await);
    }
    for (query, found) in [
        (format!("related={about}"), 2),
        (format!("related={about}&kind=note"), 1),
        ("reference=ORDER+7".to_owned(), 1),
        ("q=order".to_owned(), 2),
        ("kind=email".to_owned(), 0),
        ("sort=-occurred_at".to_owned(), 3),
    ] {
        assert_eq!(data(&client.get(&format!("/activity?{query}")).await).as_array().map(Vec::len), Some(found), "{query}");
    }
}

#[tokio::test]
async fn what_a_list_does_not_understand_is_refused() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &BOTH).await;
    for n in 0..3 {
        task(&client, &json!({ "title": n.to_string(), "due": "2026-12-01" })).await;
    }
    for (query, fields) in [
        ("colour=red", vec!["query"]),
        ("title=x", vec!["query"]),
        ("status=gone", vec!["status"]),
        ("due=soon", vec!["due"]),
        ("assignee=Ada&due=soon", vec!["assignee", "due"]),
        ("status=open&status=completed", vec!["status"]),
        ("sort=description", vec!["sort"]),
        ("sort=due&sort=title", vec!["sort"]),
        ("archived=maybe", vec!["archived"]),
        ("q=", vec!["q"]),
        ("q=a%00", vec!["query"]),
        ("limit=0", vec!["limit"]),
        ("cursor=AAAA", vec!["cursor"]),
    ] {
        assert_eq!(refused(&client.get(&format!("/tasks?{query}")).await), fields, "{query}");
    }
    let cursor = client.get("/tasks?limit=1&sort=due").await.body["next_cursor"].as_str().expect("a cursor").to_owned();
    data(&client.get(&format!("/tasks?limit=1&sort=due&cursor={cursor}")).await);
    for other in ["sort=-due", "sort=due&status=open", "sort=title", "limit=1"] {
        assert_eq!(refused(&client.get(&format!("/tasks?{other}&cursor={cursor}")).await), ["cursor"], "{other}");
    }
}
