//! What is stored is measured once a day, whoever does it and however often, and costs what it is.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::Row as _;
use stoa::{
    features::storage::server::measure,
    server::{plans::Dimension, usage::roll_up},
};

use crate::{
    assets::{Desk, TEXT},
    records::{TASKS, data, task},
    support::{Console, Team},
};

/// Module, bytes and nano-dollars of every usage event of what is stored, by day.
async fn metered(console: &Console, team: &Team) -> Vec<(String, i64, i64)> {
    let mut owner = console.database.connect("stoa_owner").await;
    let rows = sqlx::query(
        "select module, quantity, nanos from usage_event
         where workspace_id = $1 and dimension = 'storage.gb_day' order by occurred_at, module",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("rows");
    rows.iter().map(|row| (row.get("module"), row.get("quantity"), row.get("nanos"))).collect()
}

async fn measured_days(console: &Console) -> i64 {
    console.database.count("select count(*) from storage_day").await
}

/// Straight from the rows.
async fn kept(console: &Console, team: &Team, resource: &str) -> i64 {
    let mut owner = console.database.connect("stoa_owner").await;
    let sql = "select coalesce(sum(octet_length(data::text) + octet_length(custom_fields::text)), 0)::bigint from record
               where workspace_id = $1 and resource = $2";
    sqlx::query_scalar(sql).bind(team.workspace.0).bind(resource).fetch_one(&mut owner).await.expect("a sum")
}

#[tokio::test]
async fn a_day_is_measured_once_by_two_nodes_that_do_it_twice_each() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &TASKS).await;
    for title in ["One", "Two", "Three"] {
        task(&client, &json!({ "title": title, "custom_fields": { "of": "ünicode" } })).await;
    }
    let other = console.another_node(&[]);
    let (one, two, three, four) =
        tokio::join!(measure(console.stoa.clone()), measure(other.clone()), measure(console.stoa.clone()), measure(other));
    for done in [one, two, three, four] {
        done.expect("measured");
    }
    let bytes = kept(&console, &team, "task").await;
    let expected = ("tasks".to_owned(), bytes, Dimension::StorageGbDay.cost(bytes, 4_000_000));
    assert_eq!(metered(&console, &team).await, std::slice::from_ref(&expected));
    assert_eq!(measured_days(&console).await, 1, "and what holds nothing has no row");

    console.hands.advance(TimeDelta::hours(13));
    measure(console.stoa.clone()).await.expect("measured");
    assert_eq!(metered(&console, &team).await, [expected.clone(), expected.clone()], "the next day is another one");

    roll_up(&console.stoa).await.expect("rolled up");
    let rolled =
        console.database.count("select coalesce(sum(quantity), 0)::bigint from usage_rollup where dimension = 'storage.gb_day'").await;
    assert_eq!(rolled, 2 * bytes, "it is added up as all usage is");
}

#[tokio::test]
async fn nothing_stored_leaves_nothing_and_an_archived_workspace_is_not_measured() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    measure(console.stoa.clone()).await.expect("measured");
    assert_eq!((metered(&console, &team).await, measured_days(&console).await), (vec![], 0));
    let client = console.client(&team.owner, &team.slug, &TASKS).await;
    task(&client, &json!({ "title": "One" })).await;
    let archived = "update workspace set status = 'archived', archived_at = now(), purge_at = now() + interval '30 days',
                        archived_by = (select id from app_user limit 1) where workspace_id = $1";
    console.change(archived, team.workspace.0).await;
    measure(console.stoa.clone()).await.expect("measured");
    assert_eq!((metered(&console, &team).await, measured_days(&console).await), (vec![], 0));
}

#[tokio::test]
async fn files_count_by_their_bytes_and_what_is_archived_is_told_apart() {
    let desk = Desk::open(&[]).await;
    let (ready, away) = (desk.ready(TEXT).await, desk.ready(TEXT).await);
    desk.announced(TEXT).await;
    data(&desk.client.post(&format!("/assets/{away}/archive"), &json!({})).await);
    measure(desk.console.stoa.clone()).await.expect("measured");
    let length = i64::try_from(TEXT.len()).expect("short");
    let bytes = kept(&desk.console, &desk.team, "asset").await + 2 * length;
    assert_eq!(metered(&desk.console, &desk.team).await[0].1, bytes, "records, and the two files that are there: {ready}");

    let reader = desk.console.client(&desk.team.admin, &desk.team.slug, &["usage:read", "billing:read"]).await;
    let storage = reader.get("/storage").await;
    let now = &data(&storage)["now"][0];
    assert_eq!(
        (&now["module"], &now["resource"], &now["records"], &now["archived_records"]),
        (&json!("assets"), &json!("asset"), &json!(3), &json!(1))
    );
    assert_eq!((&now["files"], &now["file_bytes"], &now["archived_file_bytes"]), (&json!(2), &json!(2 * length), &json!(length)));
    assert_eq!(data(&storage)["total_bytes"], bytes);
    assert_eq!(data(&storage)["amount_a_day"]["amount_nanos"], Dimension::StorageGbDay.cost(bytes, 4_000_000));
    assert_eq!(data(&storage)["days"][0]["resources"][0]["file_bytes"], 2 * length);
}

#[tokio::test]
async fn page_file_and_api_say_the_same_and_money_is_for_those_who_may_read_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let zenith = console.team("Zenith").await;
    let client = console.client(&team.owner, &team.slug, &TASKS).await;
    task(&client, &json!({ "title": "One" })).await;
    measure(console.stoa.clone()).await.expect("measured");
    let bytes = kept(&console, &team, "task").await;
    let day = console.stoa.clock.now().date_naive();

    for (person, sees_money) in [(&team.owner, true), (&team.auditor, true), (&team.member, false)] {
        let page = person.browser.get(&format!("/w/{}/data", team.slug)).await;
        assert_eq!(page.status, StatusCode::OK);
        let text = page.text();
        assert!(text.contains("Tasks") && text.contains(&format!("{bytes} B")), "{text}");
        assert_eq!(text.contains("A day, at today's rate"), sees_money, "{}", person.name);
        let reduces = page.links("main a").iter().any(|link| link.contains("/data/reduce"));
        assert_eq!(reduces, person.name.ends_with("Owner"), "{}", person.name);
    }
    let csv = team.member.browser.get(&format!("/w/{}/data.csv", team.slug)).await.body;
    assert!(csv.contains(&format!("{day},tasks,task,1,{bytes},0,0,0,0,0")), "{csv}");
    let of_day = team.owner.browser.get(&format!("/w/{}/data?day={day}", team.slug)).await.text();
    assert!(of_day.contains(&format!("On {day}")), "{of_day}");
    let wrong = team.owner.browser.get(&format!("/w/{}/data?range=ever&day=soon", team.slug)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Another account's people and keys see nothing of it.
    assert_eq!(zenith.owner.browser.get(&format!("/w/{}/data", team.slug)).await.status, StatusCode::NOT_FOUND);
    let theirs = console.client(&zenith.owner, &zenith.slug, &["usage:read"]).await;
    let nothing = theirs.get("/storage").await;
    assert_eq!((&data(&nothing)["now"], &data(&nothing)["days"]), (&json!([]), &json!([])));
    assert!(data(&nothing).get("amount_a_day").is_none(), "without billing:read: {}", nothing.body);
    for (query, field) in [("from=soon", "from"), ("from=2026-11-22&to=2026-11-21", "from"), ("from=2020-01-01", "from"), ("to=x", "to")] {
        let refused = theirs.get(&format!("/storage?{query}")).await;
        assert_eq!(crate::records::refused(&refused), [field], "{query}");
    }
}

#[tokio::test]
async fn a_day_cannot_stand_there_twice_or_be_reached_from_elsewhere() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let client = console.client(&team.owner, &team.slug, &TASKS).await;
    task(&client, &json!({ "title": "One" })).await;
    measure(console.stoa.clone()).await.expect("measured");
    let again = "insert into storage_day select * from storage_day";
    let refused = crate::audit_retention::as_app(&console, "workspace", &team, again).await.expect_err("a constraint");
    assert!(refused.contains("storage_day_pkey"), "{refused}");
    // Row-level security alone.
    assert_eq!(crate::audit_retention::as_app(&console, "workspace", &zenith, again).await, Ok(0));
    for statement in ["update storage_day set records = 0", "delete from storage_day"] {
        let refused = crate::audit_retention::as_app(&console, "workspace", &team, statement).await.expect_err("no grant");
        assert!(refused.contains("permission denied"), "{refused}");
    }
}
