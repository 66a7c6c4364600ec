//! Taking events in as the server does for reads, whose answers wait for it, and adding them up; against `COPY` of the same
//! rows into a table like the one that they go to, with the same indexes.

use std::time::Instant;

use anyhow::ensure;
use futures_util::future::try_join_all;
use serde_json::Value;
use sqlx::PgConnection;

use super::{filling::Place, says};
use crate::{
    cli::bench::compare::median,
    server::{
        Stoa,
        plans::Dimension,
        usage::{UsageEvent, roll_up},
    },
};

/// Of the rows a second that `COPY` takes, the share that has to be taken in.
const AT_LEAST: f64 = 0.25;
/// Calls that wait for their events at the same time, over all keys.
const CALLERS: usize = 1024;

const OPERATIONS: [(Dimension, &str); 4] = [
    (Dimension::RestRead, "tasks.list"),
    (Dimension::RestRead, "tasks.get"),
    (Dimension::RestWrite, "tasks.create"),
    (Dimension::McpCall, "tasks.search"),
];

/// Whether they are taken in fast enough. Prints every round, with what adding up takes.
pub async fn compare(stoa: &Stoa, mut owner: PgConnection, places: &[Place], events: u32, rounds: u32) -> anyhow::Result<bool> {
    println!("\n{events} events of {} workspaces, taken in over {rounds} rounds for {CALLERS} calls at a time", places.len());
    copied_into(&mut owner).await?;
    while !roll_up(stoa).await?.is_empty() {}
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let many = events / rounds;
        let made: Vec<UsageEvent> = (round * many..(round + 1) * many).map(|n| event(stoa, places, n)).collect();
        let copied = f64::from(many) / copy(&mut owner, &made).await?;
        let since = Instant::now();
        take_in(stoa, made).await?;
        let taken = since.elapsed().as_secs_f64();
        let waiting: i64 = sqlx::query_scalar("select count(*) from usage_pending").fetch_one(&mut owner).await?;
        ensure!(waiting == i64::from(many), "{waiting} of {many} wait to be added up");
        let since = Instant::now();
        while !roll_up(stoa).await?.is_empty() {}
        let added = since.elapsed().as_secs_f64();
        println!(
            "round {}  COPY {copied:>8.0} rows/s   taken in {:>8.0} events/s   added up {:>8.0} events/s   both {:>8.0} events/s",
            round + 1,
            f64::from(many) / taken,
            f64::from(many) / added,
            f64::from(many) / (taken + added),
        );
        alone.push(f64::from(many) / taken / copied);
        together.push(f64::from(many) / (taken + added) / copied);
    }
    let (alone, together) = (median(alone), median(together));
    let holds = alone >= AT_LEAST;
    println!("taking in: {alone:.3} of the rows a second of COPY, at least {AT_LEAST:.2}: {}", says(holds, "short of the bound"));
    println!("taking in and adding up, one after the other: {together:.3}");
    Ok(holds)
}

/// Each in its turn, as callers ask again when they are answered.
async fn take_in(stoa: &Stoa, events: Vec<UsageEvent>) -> anyhow::Result<()> {
    let share = events.len().div_ceil(CALLERS);
    let callers = events.chunks(share).map(|mine| {
        let (stoa, mine) = (stoa.clone(), mine.to_vec());
        tokio::spawn(async move {
            for event in mine {
                stoa.usage().append(event).await?;
            }
            anyhow::Ok(())
        })
    });
    for done in try_join_all(callers).await? {
        done?;
    }
    Ok(())
}

/// One in five is of the largest.
fn event(stoa: &Stoa, places: &[Place], n: u32) -> UsageEvent {
    let place = if n.is_multiple_of(5) { &places[0] } else { &places[n as usize % places.len()] };
    let (dimension, operation) = OPERATIONS[n as usize / 7 % OPERATIONS.len()];
    UsageEvent::like_a_call(place.tenant, place.workspace, dimension, operation, &stoa.clock)
        .by(place.key(n / 3), place.person(n / 11))
        .again(&stoa.clock)
}

async fn copied_into(owner: &mut PgConnection) -> anyhow::Result<()> {
    let tables = [
        "drop table if exists copied_usage",
        "create table copied_usage (like usage_event including all) partition by range (occurred_at)",
        "create table copied_usage_default partition of copied_usage default",
    ];
    for statement in tables {
        sqlx::query(statement).execute(&mut *owner).await?;
    }
    Ok(())
}

const COLUMNS: [&str; 14] = [
    "tenant_id",
    "occurred_at",
    "id",
    "workspace_id",
    "dimension",
    "module",
    "operation",
    "quantity",
    "nanos",
    "rate_version",
    "credential_id",
    "user_id",
    "channel",
    "request_id",
];

/// In how many seconds the same rows are copied, in one transaction.
async fn copy(owner: &mut PgConnection, events: &[UsageEvent]) -> anyhow::Result<f64> {
    let mut text = String::new();
    for event in events {
        let row = serde_json::to_value(event)?;
        let cells = COLUMNS.map(|name| match &row[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        text += &cells.join(",");
        text.push('\n');
    }
    let since = Instant::now();
    let mut copying = owner.copy_in_raw(&format!("copy copied_usage ({}) from stdin (format csv)", COLUMNS.join(", "))).await?;
    copying.send(text.as_bytes()).await?;
    let rows = copying.finish().await?;
    let seconds = since.elapsed().as_secs_f64();
    ensure!(rows == events.len() as u64, "{rows} of {} rows", events.len());
    Ok(seconds)
}
