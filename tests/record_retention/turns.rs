//! The turn of a rule: a day later, once a day whoever takes it, and with the same outcome as by hand.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::features::retention::server as retention;

use super::{again, away, last, next_day, set, terms, turn, turn_of};
use crate::{
    audit_retention::{place_of, service},
    records::data,
    reductions::Office,
};

fn outcome(rule: &Value) -> &str {
    rule["last_outcome"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_rule_waits_for_a_day_and_then_has_its_turn_once_a_day() {
    let office = Office::open().await;
    let old = away(&office, 3).await;
    let rule = set(&office, "purge", "task", 1).await;
    assert_eq!((&rule["basis"], &rule["days"], &rule["version"], outcome(&rule)), (&json!("archived"), &json!(1), &json!(1), "none"));
    office.console.hands.advance(TimeDelta::hours(23));
    turn(&office).await;
    assert_eq!((office.records("task").await, outcome(&again(&office, &rule).await)), (3, "none"), "it can still be withdrawn");

    // On two nodes and twice on each, it begins one.
    office.console.hands.advance(TimeDelta::hours(1));
    let other = office.console.another_node(&[]);
    let here = &office.console.stoa;
    tokio::join!(turn_of(here), turn_of(&other), turn_of(here), turn_of(&other));
    let begun = office.events("reduction.started").await;
    assert_eq!(begun.len(), 1);
    let id = rule["id"].as_str().expect("an id");
    assert!(begun[0].to_string().contains(id), "{}", begun[0]);
    office.console.work_off().await;
    let done = last(&office, &rule).await;
    assert_eq!((&done["status"], &done["done"], &done["rule"]), (&json!("done"), &json!(3), &json!(id)));
    assert_eq!(office.records("task").await, 0);
    office.ask_counts().await;
    for old in &old {
        assert_eq!(office.client.get(&format!("/tasks/{old}")).await.status, StatusCode::NOT_FOUND);
    }
    let actor = "select count(*) from audit_event where action in ('reduction.started', 'records.purged', 'reduction.finished')
                 and actor_type = 'system' and actor_name = 'Retention rule' and actor_id like 'rrl\\_%'";
    assert_eq!(office.console.database.count(actor).await, 3, "the rule acts, and nobody else");
    let metered = "select count(*) from usage_event where dimension = 'bulk.operation' and operation = 'reductions.start' and nanos = 0
                   and user_id is null and channel = 'system'";
    assert_eq!(office.console.database.count(metered).await, 1);

    // Nothing is old enough any more: nothing is written to the log.
    next_day(&office).await;
    assert_eq!(outcome(&again(&office, &rule).await), "nothing");
    assert_eq!(office.events("reduction.started").await.len(), 1);
}

/// Whatever the hours are at which nodes look, and however many of them: a reduction a day at most, and none is left out for long.
#[tokio::test]
async fn however_often_and_late_nodes_look_it_begins_one_a_day() {
    let office = Office::open().await;
    away(&office, 1).await;
    let rule = set(&office, "purge", "task", 1).await;
    let other = office.console.another_node(&[]);
    // Hours of every length up to a day and a quarter, in an order without a rhythm.
    for step in 0_i64..40 {
        office.console.hands.advance(TimeDelta::minutes(1 + (step * 7919 + 4001) % 1801));
        let ids = office.tasks(1).await;
        office.archive("tasks", &ids).await;
        tokio::join!(turn_of(&office.console.stoa), turn_of(&other));
        office.console.work_off().await;
    }
    let twice =
        "select count(*) from (select 1 from reduction where rule_id is not null group by rule_id, rule_day having count(*) > 1) as days";
    assert_eq!(office.console.database.count(twice).await, 0);
    let apart = "select count(*) from (
                     select started_at - lag(started_at) over (order by started_at) as gap from reduction where rule_id is not null) as begun
                 where gap > interval '3 days'";
    assert_eq!(office.console.database.count(apart).await, 0, "no turn is left out for long");
    let begun = office.console.database.count("select count(*) from reduction where rule_id is not null and status = 'done'").await;
    assert!(begun >= 8, "{begun} began");
    assert_eq!(again(&office, &rule).await["version"], 1);
    office.ask_counts().await;
}

#[tokio::test]
async fn what_was_not_changed_is_put_away_each_by_its_modules_own_rules() {
    let office = Office::open().await;
    let ids = office.tasks(2).await;
    let rule = set(&office, "archive", "task", 5).await;
    for _ in 0..4 {
        next_day(&office).await;
    }
    let kept = format!("/tasks/{}", ids[1]);
    data(&office.client.send(Method::PATCH, &kept, &[], Some(&json!({ "title": "Changed" }))).await);
    for _ in 0..2 {
        next_day(&office).await;
    }
    let first = data(&office.client.get(&format!("/tasks/{}", ids[0])).await).clone();
    assert_eq!((&first["updated_by"]["type"], &first["updated_by"]["id"]), (&json!("system"), &rule["id"]), "{first}");
    assert!(!first["archived_at"].is_null() && data(&office.client.get(&kept).await)["archived_at"].is_null());
    assert_eq!(office.events("record.task.archived").await.len(), 1);
    assert_eq!(last(&office, &rule).await["done"], 1);
    office.ask_counts().await;
}

#[tokio::test]
async fn under_a_legal_hold_it_purges_nothing_and_the_page_says_so() {
    let office = Office::open().await;
    away(&office, 2).await;
    let rule = set(&office, "purge", "task", 1).await;
    let place = place_of(&office.team);
    let mut scope = service(&office.console.stoa, &place).await;
    let hold = retention::hold(&mut scope, &place, "Acme against Zenith", "Asked for by counsel.").await.expect("held");
    scope.commit().await.expect("committed");
    next_day(&office).await;
    assert_eq!((outcome(&again(&office, &rule).await), office.records("task").await), ("held", 2));
    let auditor = office.console.signed_in_as("Acme Auditor").await;
    let said = super::page(&office, &auditor).await.text();
    assert!(said.contains("no rule purges anything until it is lifted") && said.contains("Nothing: a legal hold"), "{said}");

    let mut scope = service(&office.console.stoa, &place).await;
    retention::lift_as_operator(&mut scope, &place, hold, "It is over.").await.expect("lifted");
    scope.commit().await.expect("committed");
    next_day(&office).await;
    assert_eq!((outcome(&again(&office, &rule).await), office.records("task").await), ("began", 0));
}

#[tokio::test]
async fn beside_another_reduction_it_waits_and_has_its_turn_later() {
    let office = Office::open().await;
    away(&office, 2).await;
    let rule = set(&office, "purge", "task", 1).await;
    office.console.hands.advance(TimeDelta::hours(24));
    let by_hand = data(&office.start(&office.preview("purge", "task", 1).await).await)["id"].as_str().expect("an id").to_owned();
    turn_of(&office.console.stoa).await;
    assert_eq!(outcome(&again(&office, &rule).await), "busy");
    data(&office.client.post(&format!("/reductions/{by_hand}/stop"), &json!({})).await);
    turn(&office).await;
    assert_eq!(office.records("task").await, 2, "an hour has to go by");
    office.console.hands.advance(TimeDelta::hours(1));
    turn(&office).await;
    assert_eq!((outcome(&again(&office, &rule).await), office.records("task").await), ("began", 0));
}

#[tokio::test]
async fn after_turns_that_were_missed_it_waits_for_a_day_once_more() {
    let office = Office::open().await;
    away(&office, 2).await;
    let rule = set(&office, "purge", "task", 1).await;
    office.wait(10);
    turn(&office).await;
    assert_eq!((outcome(&again(&office, &rule).await), office.records("task").await), ("rested", 2));
    next_day(&office).await;
    assert_eq!((outcome(&again(&office, &rule).await), office.records("task").await), ("began", 0));
}

#[tokio::test]
async fn it_goes_on_when_whoever_set_it_may_not_any_more_and_while_calls_are_paused() {
    let office = Office::open().await;
    away(&office, 2).await;
    set(&office, "purge", "task", 1).await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    let owner = office.console.client(&owner, &office.team.slug, &["settings:write"]).await;
    let cap = json!({ "limit_micros": 1, "hard": true });
    data(&owner.send(Method::PUT, &format!("/billing/caps/{}", office.team.workspace), &[], Some(&cap)).await);
    stoa::features::usage::server::roll_up(office.console.stoa.clone()).await.expect("rolled up");
    office.console.work_off().await;
    let refused = office.client.get("/tasks").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"), "{}", refused.body);
    // The operations themselves are not paused either.
    assert_eq!(super::put(&office, &terms(&office, "archive", "task", 300).await).await.status, StatusCode::OK);
    let sql = "update workspace_grant set role = 'member' where role = 'admin' and membership_id in (
                   select id from workspace_membership where user_id = $1)";
    office.console.change(sql, office.team.admin.user.0).await;
    // A day after it was made, which is over.
    office.console.change("update api_key set expires_at = created_at + interval '1 day' where id = $1", office.client.key.0).await;

    next_day(&office).await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    let said = super::page(&office, &owner).await.text();
    assert!(said.contains("Done: 2 tasks"), "{said}");
    assert_eq!(office.records("task").await, 0);
}
