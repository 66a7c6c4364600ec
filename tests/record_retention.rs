//! Record retention: a rule does what somebody could do by hand, a day after it was set, once a day, and no longer than it stands.

mod ending;
mod setting;
mod turns;

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{features::record_retention::server::apply, server::Stoa};

use crate::{
    records::data,
    reductions::Office,
    support::{Person, Reply},
};

/// What is asked for, with what a preview of it gave.
pub async fn terms(office: &Office, act: &str, resource: &str, days: u32) -> Value {
    let preview = office.preview(act, resource, days).await;
    json!({ "act": act, "resource": resource, "days": days, "before": preview["before"], "inventory": preview["inventory"] })
}

pub async fn put(office: &Office, body: &Value) -> Reply {
    office.client.send(Method::PUT, "/record-retention", &[], Some(body)).await
}

/// A rule that was looked at.
pub async fn set(office: &Office, act: &str, resource: &str, days: u32) -> Value {
    let terms = terms(office, act, resource, days).await;
    data(&put(office, &terms).await).clone()
}

pub async fn remove(office: &Office, rule: &Value) -> Reply {
    let path = format!("/record-retention/{}", rule["id"].as_str().expect("an id"));
    office.client.send(Method::DELETE, &path, &[], None).await
}

/// As it stands now.
pub async fn again(office: &Office, rule: &Value) -> Value {
    data(&office.client.get(&format!("/record-retention/{}", rule["id"].as_str().expect("an id"))).await).clone()
}

pub async fn turn_of(stoa: &Stoa) {
    apply(stoa.clone()).await.expect("applied");
}

/// The turns that are due, and the reductions that they began, to the end.
pub async fn turn(office: &Office) {
    turn_of(&office.console.stoa).await;
    office.console.work_off().await;
}

/// The next day, and its turns.
pub async fn next_day(office: &Office) {
    office.console.hands.advance(TimeDelta::hours(24));
    turn(office).await;
}

/// So many tasks of two days ago that were put away then.
pub async fn away(office: &Office, count: usize) -> Vec<String> {
    let ids = office.tasks(count).await;
    office.archive("tasks", &ids).await;
    office.wait(2);
    ids
}

/// What it began last.
pub async fn last(office: &Office, rule: &Value) -> Value {
    let id = again(office, rule).await["last_reduction"].as_str().expect("a reduction").to_owned();
    office.state(&id).await
}

pub async fn page(office: &Office, person: &Person) -> crate::support::Answer {
    person.browser.get(&format!("/w/{}/data/retention", office.team.slug)).await
}
