//! What is due by the clock: by one node a period, and again soon where it failed.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use stoa::{
    error::AppError,
    server::{Stoa, queue::Periodic},
};

use crate::support::Console;

fn counted(every: TimeDelta, outcome: Result<(), AppError>) -> (Periodic, Arc<Mutex<usize>>) {
    let count = Arc::new(Mutex::new(0));
    let counting = count.clone();
    let task = Periodic::new("test.task", every, move |_: Stoa| {
        *counting.lock().expect("a lock") += 1;
        std::future::ready(outcome.clone())
    });
    (task, count)
}

#[tokio::test]
async fn what_is_due_by_the_clock_is_done_by_one_node_a_period() {
    let console = Console::start().await;
    let (task, count) = counted(TimeDelta::hours(1), Ok(()));
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    for period in 1..=3 {
        let turns = futures_util::future::join_all(nodes.iter().map(|node| task.take_turn(node))).await;
        assert_eq!(turns.into_iter().filter(|turn| *turn == Ok(true)).count(), 1);
        assert_eq!(*count.lock().expect("a lock"), period);
        console.hands.advance(TimeDelta::minutes(59));
        assert_eq!(task.take_turn(&nodes[0]).await, Ok(false), "not before the hour is over");
        console.hands.advance(TimeDelta::minutes(1));
    }
}

#[tokio::test]
async fn a_task_that_failed_is_done_again_soon() {
    let console = Console::start().await;
    let (task, count) = counted(TimeDelta::hours(24), Err(AppError::Unavailable));
    assert_eq!(task.take_turn(&console.stoa).await, Ok(true));
    console.hands.advance(TimeDelta::minutes(1));
    assert_eq!(task.take_turn(&console.stoa).await, Ok(true));
    assert_eq!(*count.lock().expect("a lock"), 2);
}

#[tokio::test]
async fn a_task_whose_node_died_is_taken_by_another() {
    let console = Console::start().await;
    let mut app = console.database.connect("stoa_app").await;
    let now = console.stoa.clock.now();
    sqlx::query("select claim_periodic('test.task', $1, $2)")
        .bind(now)
        .bind(now + TimeDelta::minutes(6))
        .execute(&mut app)
        .await
        .expect("claimed, and then it died");
    let (task, _) = counted(TimeDelta::hours(24), Ok(()));
    assert_eq!(task.take_turn(&console.stoa).await, Ok(false));
    console.hands.advance(TimeDelta::minutes(6));
    assert_eq!(task.take_turn(&console.stoa).await, Ok(true));
}

#[tokio::test]
async fn every_task_of_the_console_can_be_done() {
    let console = Console::start().await;
    let mut names = std::collections::BTreeSet::new();
    for task in stoa::app::periodic() {
        assert!(names.insert(task.name), "{} is there twice", task.name);
        assert_eq!(task.take_turn(&console.stoa).await, Ok(true), "{}", task.name);
        console.hands.advance(task.every - TimeDelta::seconds(1));
        assert_eq!(task.take_turn(&console.stoa).await, Ok(false), "{} failed, or comes too often", task.name);
    }
}

#[tokio::test]
async fn what_was_kept_long_enough_is_swept_and_nothing_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    let now = console.stoa.clock.now();
    for (title, read_days_ago) in [("old", Some(181)), ("newer", Some(179)), ("unread", None)] {
        sqlx::query("insert into inbox_item (user_id, id, kind, title, body, created_at, read_at) values ($1, gen_random_uuid(), 'x', $2, '', $3, $4)")
            .bind(team.owner.user.0)
            .bind(title)
            .bind(now - TimeDelta::days(400))
            .bind(read_days_ago.map(|days| now - TimeDelta::days(days)))
            .execute(&mut owner)
            .await
            .expect("an item");
    }
    for (status, days_ago) in [("failed", 91), ("failed", 89), ("queued", 91)] {
        sqlx::query("insert into mail (tenant_id, id, kind, recipient, about, status, created_at) values ($1, gen_random_uuid(), 'x', 'a@b.c', gen_random_uuid(), $2, $3)")
            .bind(team.tenant.0)
            .bind(status)
            .bind(now - TimeDelta::days(days_ago))
            .execute(&mut owner)
            .await
            .expect("a mail");
    }
    for task in stoa::app::periodic() {
        task.take_turn(&console.stoa).await.expect("a turn");
    }
    let titles: Vec<String> =
        sqlx::query_scalar("select title from inbox_item order by title").fetch_all(&mut owner).await.expect("titles");
    assert_eq!(titles, ["newer", "unread"]);
    let mails: Vec<String> = sqlx::query_scalar("select status from mail order by created_at").fetch_all(&mut owner).await.expect("mails");
    assert_eq!(mails, ["queued", "failed"]);
}
