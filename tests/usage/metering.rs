//! Metering underneath: nothing is lost and nothing counted twice, whoever adds up and whatever is sent again.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use stoa::{
    error::AppError,
    ids::ApiKeyId,
    server::{
        plans::Dimension,
        scope::Caller,
        usage::{UsageEvent, roll_up},
    },
};
use tokio::task::unconstrained;
use uuid::Uuid;

use super::{Dice, append, at, event};
use crate::support::{Console, Team};

/// One call's, by a key that need not be there.
async fn used(console: &Console, team: &Team, key: ApiKeyId) -> UsageEvent {
    let scope = console.managing_credentials(&team.owner, &team.slug).await;
    let caller = Caller {
        kind: stoa::server::credentials::Kind::Key,
        workspace_slug: team.slug.clone(),
        key,
        key_name: "Test".to_owned(),
        secret: Uuid::nil(),
        scopes: Vec::new(),
        expires_at: console.stoa.clock.now(),
        last_used_at: None,
        calls_per_minute: None,
        tenant: team.tenant,
        workspace: team.workspace,
    };
    let event = UsageEvent::of_call(&scope, &caller, Dimension::RestRead, None, "test.call");
    scope.close().await.expect("closed");
    event
}

#[tokio::test]
async fn an_answered_call_is_one_event_with_its_request() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["members:read", "credentials:write"]).await;
    let read = client.get("/members").await;
    let body = json!({ "name": "Robot", "scopes": ["members:read"] });
    let written = client.send(axum::http::Method::POST, "/api-keys", &[("idempotency-key", "one")], Some(&body)).await;
    assert_eq!((read.status, written.status), (axum::http::StatusCode::OK, axum::http::StatusCode::CREATED), "{}", written.body);
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<(String, String, Uuid)> = sqlx::query_as("select operation, dimension, request_id from usage_event order by operation")
        .fetch_all(&mut owner)
        .await
        .expect("rows");
    let request = |reply: &crate::support::Reply| reply.header("x-request-id").parse::<stoa::ids::RequestId>().expect("an id").0;
    assert_eq!(
        rows,
        [
            ("api_keys.create".to_owned(), "credential.operation".to_owned(), request(&written)),
            ("members.list".to_owned(), "workspace.operation".to_owned(), request(&read)),
        ]
    );
}

#[tokio::test]
async fn those_who_add_up_at_once_lose_nothing_and_double_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut dice = Dice(3);
    let events: Vec<_> = (0..900)
        .map(|second| event(&team, team.workspace, at("2026-11-20T23:30:00Z") + TimeDelta::seconds(second * 4), None, &mut dice))
        .collect();
    let adds_up = async |most: i32| {
        let mut app = console.database.connect("stoa_app").await;
        // Some come while nothing waits yet, and find work later.
        for _ in 0..60 {
            sqlx::query("select roll_up_usage($1)").bind(most).execute(&mut app).await.expect("rolled up");
        }
    };
    let sends = async |events: &[serde_json::Value]| {
        for some in events.chunks(30) {
            append(&console, some).await;
        }
    };
    // Each batch is sent by two, as a node does that lost the answer.
    tokio::join!(sends(&events), sends(&events), adds_up(7), adds_up(13), adds_up(50), adds_up(400));
    roll_up(&console.stoa).await.expect("rolled up");
    let count = async |sql| console.database.count(sql).await;
    assert_eq!(count("select count(*) from usage_event").await, 900);
    assert_eq!(count("select count(*) from usage_pending").await, 0);
    assert_eq!(count("select sum(events)::bigint from usage_rollup").await, 900);
    for column in ["quantity", "nanos"] {
        let (raw, rolled) = if column == "nanos" {
            (count("select sum(nanos)::bigint from usage_event").await, count("select sum(nanos)::bigint from usage_rollup").await)
        } else {
            (count("select sum(quantity)::bigint from usage_event").await, count("select sum(quantity)::bigint from usage_rollup").await)
        };
        assert_eq!(raw, rolled, "{column}");
    }
    let spent = count("select sum(nanos)::bigint from usage_spend").await;
    assert_eq!(spent, count("select sum(nanos)::bigint from usage_event").await);
}

#[tokio::test]
async fn what_is_sent_twice_is_kept_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let event = event(&team, team.workspace, at("2026-11-21T10:00:00Z"), None, &mut Dice(1));
    assert_eq!(append(&console, &[event.clone(), event.clone()]).await, 1);
    assert_eq!(append(&console, std::slice::from_ref(&event)).await, 0);
    roll_up(&console.stoa).await.expect("rolled up");
    assert_eq!(append(&console, &[event]).await, 0, "also once it is rolled up");
    roll_up(&console.stoa).await.expect("rolled up");
    assert_eq!(console.database.count("select sum(events)::bigint from usage_rollup").await, 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_kept_fails_nobody_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (good, bad) = (ApiKeyId(Uuid::from_u128(1)), ApiKeyId(Uuid::from_u128(2)));
    let mut owner = console.database.connect("stoa_owner").await;
    let refusing = "alter table usage_event add constraint refused_for_a_test
                    check (credential_id is distinct from '00000000-0000-0000-0000-000000000002')";
    sqlx::query(refusing).execute(&mut owner).await.expect("a constraint");
    let mut events = Vec::new();
    for place in 0..30 {
        events.push(used(&console, &team, if place % 7 == 3 { bad } else { good }).await);
    }
    // All of them wait before the first is sent: they are one batch.
    let kept = join_all(events.into_iter().map(|event| console.stoa.usage().append(event))).await;
    for (place, kept) in kept.into_iter().enumerate() {
        let expected = if place % 7 == 3 { Err(AppError::Unavailable) } else { Ok(()) };
        assert_eq!(kept, expected, "{place}");
    }
    assert_eq!(console.database.count("select count(*) from usage_event").await, 26);
}

#[tokio::test]
async fn past_the_bound_calls_are_refused_and_those_that_wait_are_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let event = used(&console, &team, ApiKeyId(Uuid::from_u128(1))).await;
    // The runtime has one thread: all of these are sent before any is taken.
    let kept = unconstrained(join_all((0..5000).map(|_| console.stoa.usage().append(event.clone())))).await;
    let refused = kept.iter().filter(|kept| **kept == Err(AppError::Unavailable)).count();
    assert_eq!((refused, kept.len() - refused), (5000 - 4096, 4096));
    assert_eq!(console.database.count("select count(*) from usage_event").await, 1, "it is one event, sent often");
    assert_eq!(console.stoa.usage().append(event).await, Ok(()), "there is room again");
}

#[tokio::test]
async fn how_many_wait_is_the_operators_to_say() {
    let console = Console::start_with(&[("STOA_USAGE__WAITING", "8")]).await;
    let team = console.team("Acme").await;
    let event = used(&console, &team, ApiKeyId(Uuid::from_u128(1))).await;
    let kept = unconstrained(join_all((0..10).map(|_| console.stoa.usage().append(event.clone())))).await;
    assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), 8);
}

/// In how many transactions two events were kept, of which the second came when the first had been taken.
async fn transactions(flush_milliseconds: &str) -> i64 {
    let console = Console::start_with(&[("STOA_USAGE__FLUSH_MILLISECONDS", flush_milliseconds)]).await;
    let team = console.team("Acme").await;
    let events = [used(&console, &team, ApiKeyId(Uuid::from_u128(1))).await, used(&console, &team, ApiKeyId(Uuid::from_u128(1))).await];
    let [first, second] = events;
    let later = async {
        // The runtime has one thread: whoever takes the first has done so by then.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        console.stoa.usage().append(second).await
    };
    assert_eq!(tokio::join!(console.stoa.usage().append(first), later), (Ok(()), Ok(())));
    console.database.count("select count(distinct xmin::text) from usage_event").await
}

#[tokio::test]
async fn a_batch_waits_for_others_as_long_as_it_is_told() {
    assert_eq!(transactions("300").await, 1);
    assert_eq!(transactions("0").await, 2);
}
