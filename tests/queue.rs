//! The queue: each job is done, once a lease, by whichever node comes first; what fails comes back later, or is dead.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use serde_json::json;
use stoa::{
    ids::{JobId, TenantId},
    server::{
        chance,
        events::Actor,
        http::request::RequestContext,
        queue::{self, Done, Failure, Handlers, Job},
        scope::ServiceScope,
    },
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::support::Console;

const KIND: &str = "test.work";
const LEASE: TimeDelta = TimeDelta::minutes(2);

async fn put(console: &Console, tenant: TenantId, kind: &'static str, count: usize) -> Vec<JobId> {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), tenant, "test").await.expect("a scope");
    let now = scope.now();
    let mut jobs = Vec::new();
    for number in 0..count {
        jobs.push(queue::enqueue(&mut scope, tenant, kind, &json!({ "number": number }), now).await.expect("put down"));
    }
    scope.commit().await.expect("committed");
    jobs
}

fn tenant(console: &Console) -> TenantId {
    TenantId(chance::uuid(console.stoa.clock.now()))
}

/// Tells of each job that is run, and answers `Done`.
fn telling() -> (Handlers, mpsc::UnboundedReceiver<Job>) {
    let (tell, told) = mpsc::unbounded_channel();
    let handlers = Handlers::default().on(KIND, move |_, job| {
        let tell = tell.clone();
        async move {
            tell.send(job).expect("someone listens");
            Ok(Done)
        }
    });
    (handlers, told)
}

fn failing(failure: Failure) -> Handlers {
    Handlers::default().on(KIND, move |_, _| std::future::ready(Err(failure.clone())))
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    status: String,
    attempts: i32,
    last_error: Option<String>,
    waits: i64,
}

/// How the only job stands.
async fn row(console: &Console) -> Row {
    let mut owner = console.database.connect("stoa_owner").await;
    let (status, attempts, last_error, run_at): (String, i32, Option<String>, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("select status, attempts, last_error, run_at from job").fetch_one(&mut owner).await.expect("one job");
    Row { status, attempts, last_error, waits: (run_at - console.stoa.clock.now()).num_seconds() }
}

async fn left(console: &Console) -> i64 {
    console.database.count("select count(*) from job").await
}

#[tokio::test]
async fn two_nodes_take_two_hundred_jobs_and_each_is_done_once() {
    let console = Console::start().await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.extend(put(&console, tenant(&console), KIND, 50).await);
    }
    let (handlers, mut told) = telling();
    let (stopping, ending) = watch::channel(false);
    let nodes: Vec<_> = [console.stoa.clone(), console.another_node(&[])]
        .into_iter()
        .map(|node| tokio::spawn(queue::work(node, handlers.clone(), ending.clone())))
        .collect();
    let mut done: HashMap<JobId, usize> = HashMap::new();
    for _ in 0..200 {
        *done.entry(told.recv().await.expect("a job").id).or_default() += 1;
    }
    stopping.send_replace(true);
    for node in nodes {
        node.await.expect("ended");
    }
    drop(handlers);
    assert!(told.recv().await.is_none(), "a job was done twice");
    assert_eq!(done.len(), all.len());
    assert!(all.iter().all(|job| done.get(job) == Some(&1)));
    assert_eq!(left(&console).await, 0);
}

#[tokio::test]
async fn a_job_put_down_while_nothing_waits_is_done_soon() {
    let console = Console::start().await;
    let (handlers, mut told) = telling();
    let (stopping, ending) = watch::channel(false);
    let node = tokio::spawn(queue::work(console.stoa.clone(), handlers, ending));
    for _ in 0..2 {
        let [job] = put(&console, tenant(&console), KIND, 1).await.try_into().expect("one job");
        // Looking alone would find the second one after five seconds.
        let found = tokio::time::timeout(Duration::from_millis(4_500), told.recv()).await.expect("soon").expect("a job");
        assert_eq!(found.id, job);
    }
    stopping.send_replace(true);
    node.await.expect("ended");
}

#[tokio::test]
async fn when_a_node_dies_another_takes_its_job_and_whoever_is_late_is_fenced() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let (go_on, wait) = oneshot::channel::<()>();
    let wait = Arc::new(Mutex::new(Some(wait)));
    let hanging = Handlers::default().on(KIND, move |_, job: Job| {
        let (tell, wait) = (tell.clone(), wait.lock().expect("a lock").take());
        async move {
            tell.send(job.attempt).expect("someone listens");
            wait.expect("run once").await.expect("told to go on");
            Ok(Done)
        }
    });
    let stoa = console.stoa.clone();
    let slow = tokio::spawn(async move { queue::work_off(&stoa, &hanging).await.expect("worked off") });
    assert_eq!(told.recv().await, Some(1));

    let other = console.another_node(&[]);
    let again = failing(Failure::Again("not yet".to_owned()));
    queue::work_off(&other, &again).await.expect("worked off");
    assert_eq!(row(&console).await.attempts, 1, "the lease holds");

    console.hands.advance(LEASE);
    queue::work_off(&other, &again).await.expect("worked off");
    assert_eq!(row(&console).await.attempts, 2);

    go_on.send(()).expect("it waits");
    slow.await.expect("ended");
    let after = row(&console).await;
    assert_eq!((after.status.as_str(), after.last_error.as_deref()), ("ready", Some("not yet")), "the late one took nothing away");
}

#[tokio::test]
async fn what_fails_comes_back_later_and_later_and_is_dead_in_the_end() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    let secret = chance::secret();
    let handlers = failing(Failure::Again(format!("no luck with https://x.example/{secret}\n{secret} {}", "long ".repeat(200))));
    for (attempt, wait) in (1..).zip([5, 30, 120, 600, 3600, 21_600]) {
        queue::work_off(&console.stoa, &handlers).await.expect("worked off");
        let now = row(&console).await;
        assert_eq!((now.status.as_str(), now.attempts), ("ready", attempt));
        assert!((wait * 8 / 10 - 1..=wait * 12 / 10).contains(&now.waits), "attempt {attempt} waits {} s", now.waits);
        queue::work_off(&console.stoa, &handlers).await.expect("worked off");
        assert_eq!(row(&console).await.attempts, attempt, "not before its time");
        console.hands.advance(TimeDelta::seconds(now.waits + 1));
    }
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    let dead = row(&console).await;
    assert_eq!((dead.status.as_str(), dead.attempts), ("dead", 7));
    let error = dead.last_error.expect("an error");
    assert!(error.starts_with("no luck with https://x.example/… …") && error.chars().count() <= 400, "{error}");
    assert!(!error.contains(&secret));
    assert_eq!(queue::count(&console.stoa).await.expect("counts").dead, 1);

    console.hands.advance(TimeDelta::days(30));
    let (doing, mut told) = telling();
    queue::work_off(&console.stoa, &doing).await.expect("worked off");
    assert_eq!(left(&console).await, 1, "dead is dead");
    let id = queue::list(&console.stoa, true).await.expect("a list")[0].id;
    assert!(queue::retry(&console.stoa, id).await.expect("asked"));
    queue::work_off(&console.stoa, &doing).await.expect("worked off");
    assert_eq!(told.recv().await.expect("a job").attempt, 1);
    assert_eq!(left(&console).await, 0);
    let events = "select count(*) from audit_event where action = 'job.retried' and actor_type = 'operator' and tenant_id = '00000000-0000-0000-0000-000000000000'";
    assert_eq!(console.database.count(events).await, 1);
}

#[tokio::test]
async fn what_cannot_succeed_is_dead_at_once_and_can_be_dropped() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    queue::work_off(&console.stoa, &failing(Failure::Never("nonsense".to_owned()))).await.expect("worked off");
    assert_eq!(row(&console).await.status, "dead");
    let dead = queue::list(&console.stoa, true).await.expect("a list");
    assert_eq!((dead[0].kind.as_str(), dead[0].last_error.as_deref()), (KIND, Some("nonsense")));
    assert!(queue::discard(&console.stoa, dead[0].id).await.expect("asked"));
    assert!(!queue::discard(&console.stoa, dead[0].id).await.expect("asked"), "once");
    assert_eq!(left(&console).await, 0);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'job.dropped'").await, 1);
}

#[tokio::test]
async fn a_handler_that_panics_fails_and_takes_nobody_with_it() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    put(&console, tenant(&console), "test.panic", 1).await;
    let (handlers, mut told) = telling();
    let handlers = handlers.on("test.panic", |_, job: Job| async move {
        assert!(job.attempt > 9, "a secret in a panic");
        Ok(Done)
    });
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    assert!(told.try_recv().is_ok());
    let now = row(&console).await;
    assert_eq!((now.status.as_str(), now.last_error.as_deref()), ("ready", Some("the handler panicked")));
}

#[tokio::test]
async fn a_job_that_ends_its_nodes_is_dead_after_as_many_of_them() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update job set attempts = 7, lease = id, lease_until = $1")
        .bind(console.stoa.clock.now())
        .execute(&mut owner)
        .await
        .expect("as they left it");
    let (handlers, mut told) = telling();
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    assert!(told.try_recv().is_err(), "it is not run again");
    assert_eq!(row(&console).await.status, "dead");
}

#[tokio::test]
async fn one_tenants_many_do_not_keep_anothers_one_waiting() {
    let console = Console::start_with(&[("STOA_QUEUE__WORKERS", "1")]).await;
    let busy = tenant(&console);
    put(&console, busy, KIND, 40).await;
    console.hands.advance(TimeDelta::seconds(1));
    let others = [tenant(&console), TenantId(uuid::Uuid::nil()), TenantId(uuid::Uuid::from_u128(u128::MAX - 1))];
    for other in others {
        put(&console, other, KIND, 1).await;
    }
    let (handlers, mut told) = telling();
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    let mut order = Vec::new();
    while let Ok(job) = told.try_recv() {
        order.push(job.tenant);
    }
    assert_eq!(order.len(), 43);
    for other in others {
        let place = order.iter().position(|tenant| *tenant == other).expect("done");
        assert!(place < 8, "{other} came after {place} others");
    }
}

#[tokio::test]
async fn one_tenant_never_holds_all_hands() {
    let console = Console::start_with(&[("STOA_QUEUE__WORKERS", "3")]).await;
    let (busy, other) = (tenant(&console), tenant(&console));
    put(&console, busy, KIND, 10).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let handlers = Handlers::default().on(KIND, move |_, job: Job| {
        let tell = tell.clone();
        async move {
            tell.send(job.tenant).expect("someone listens");
            if job.tenant == busy { std::future::pending().await } else { Ok(Done) }
        }
    });
    let (stopping, ending) = watch::channel(false);
    let node = tokio::spawn(queue::work(console.stoa.clone(), handlers, ending));
    assert_eq!((told.recv().await, told.recv().await), (Some(busy), Some(busy)));
    put(&console, other, KIND, 1).await;
    assert_eq!(told.recv().await, Some(other));
    assert!(told.try_recv().is_err());
    node.abort();
    drop(stopping);
}

#[tokio::test]
async fn a_kind_that_a_node_does_not_know_waits_for_one_that_does() {
    let console = Console::start().await;
    put(&console, tenant(&console), "test.later", 1).await;
    let (handlers, _told) = telling();
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    assert_eq!(row(&console).await, Row { status: "ready".to_owned(), attempts: 0, last_error: None, waits: 0 });
}

#[tokio::test]
async fn a_node_that_stops_lets_its_jobs_end_and_takes_no_more() {
    let console = Console::start_with(&[("STOA_QUEUE__WORKERS", "1")]).await;
    put(&console, tenant(&console), KIND, 2).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let (go_on, wait) = watch::channel(false);
    let handlers = Handlers::default().on(KIND, move |_, _| {
        let (tell, mut wait) = (tell.clone(), wait.clone());
        async move {
            tell.send(()).expect("someone listens");
            wait.wait_for(|is_on| *is_on).await.expect("told");
            Ok(Done)
        }
    });
    let (stopping, ending) = watch::channel(false);
    let node = tokio::spawn(queue::work(console.stoa.clone(), handlers, ending));
    told.recv().await.expect("it runs");
    stopping.send_replace(true);
    go_on.send_replace(true);
    node.await.expect("ended");
    assert_eq!(left(&console).await, 1);
    assert_eq!(row(&console).await.attempts, 0);
}

#[tokio::test]
async fn a_job_that_is_given_back_was_not_tried() {
    let console = Console::start().await;
    put(&console, tenant(&console), KIND, 1).await;
    let mut owner = console.database.connect("stoa_owner").await;
    let held = "update job set attempts = 1, lease = '01890a5d-ac96-774b-bcce-b302099a8057', lease_until = '2030-01-01T00:00:00Z'";
    sqlx::query(held).execute(&mut owner).await.expect("held");
    let mut app = console.database.connect("stoa_app").await;
    let (tenant, id): (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("select tenant_id, id from job").fetch_one(&mut owner).await.expect("a job");
    for (lease, is_given_back) in [("01890a5d-ac96-774b-bcce-b302099a8058", false), ("01890a5d-ac96-774b-bcce-b302099a8057", true)] {
        let given: bool = sqlx::query_scalar("select release_job($1, $2, $3::uuid)")
            .bind(tenant)
            .bind(id)
            .bind(lease)
            .fetch_one(&mut app)
            .await
            .expect("an answer");
        assert_eq!(given, is_given_back);
    }
    assert_eq!(row(&console).await.attempts, 0);
}

#[tokio::test]
async fn a_node_without_workers_leaves_jobs_to_others() {
    let console = Console::start_with(&[("STOA_QUEUE__WORKERS", "0")]).await;
    put(&console, tenant(&console), KIND, 1).await;
    let (handlers, _told) = telling();
    let (_stopping, ending) = watch::channel(false);
    queue::work(console.stoa.clone(), handlers, ending).await;
    assert_eq!(row(&console).await.attempts, 0);
}
