//! The scope: nothing changes without its event, nothing leaks when someone hangs up.

use std::time::Duration;

use stoa::{
    error::AppError,
    ids::TenantId,
    server::{
        events::{Actor, Event, EventKind, Target},
        http::request::RequestContext,
        queue,
        scope::{AsUser, Intent, Scope, ServiceScope, Transaction},
        sessions,
    },
};
use tower_sessions::session::Id;

use crate::support::{Console, Person};

fn request_of(console: &Console, person: &Person) -> RequestContext {
    let cookie = person.browser.cookie("stoa_session").expect("a session");
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    request.session = Some(sessions::hash(cookie.parse::<Id>().expect("an id")));
    request
}

async fn rename_tenants(scope: &mut ServiceScope) -> u64 {
    sqlx::query("update tenant set name = 'Renamed'").execute(scope.write()).await.expect("updated").rows_affected()
}

async fn service(console: &Console, tenant: TenantId) -> ServiceScope {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    ServiceScope::open_service(&console.stoa, &request, Actor::operator(), tenant, "test").await.expect("a scope")
}

#[tokio::test]
async fn a_change_without_an_event_does_not_commit() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = service(&console, team.tenant).await;
    assert_eq!(rename_tenants(&mut scope).await, 1);
    assert_eq!(scope.commit().await, Err(AppError::Internal));
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Renamed'").await, 0);
}

#[tokio::test]
async fn an_event_does_not_cover_a_change_made_after_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = service(&console, team.tenant).await;
    let target = Target { kind: "tenant", id: team.tenant.to_string(), name: None };
    scope.record(Event::new(EventKind::TenantCreated, target));
    rename_tenants(&mut scope).await;
    assert_eq!(scope.commit().await, Err(AppError::Internal));
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Renamed'").await, 0);
}

#[tokio::test]
async fn a_note_commits_by_itself_and_covers_no_change() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let now = console.stoa.clock.now();
    let jobs = "select count(*) from job";
    let mut noted = service(&console, team.tenant).await;
    queue::enqueue(&mut noted, team.tenant, "test.work", &serde_json::json!({}), now).await.expect("put down");
    assert_eq!(noted.commit().await, Ok(()));
    assert_eq!(console.database.count(jobs).await, 1);

    let mut changed = service(&console, team.tenant).await;
    rename_tenants(&mut changed).await;
    queue::enqueue(&mut changed, team.tenant, "test.work", &serde_json::json!({}), now).await.expect("put down");
    assert_eq!(changed.commit().await, Err(AppError::Internal));
    assert_eq!(console.database.count(jobs).await, 1);
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Renamed'").await, 0);
}

#[tokio::test]
async fn a_change_whose_event_cannot_be_written_does_not_happen() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::raw_sql("revoke insert on audit_event from stoa_app").execute(&mut owner).await.expect("revoked");
    let settings = format!("/w/{}/settings", team.slug);
    let version = team.owner.browser.get(&settings).await.field("version");
    let answer = team
        .owner
        .browser
        .post(
            &format!("{settings}/name"),
            &[("form", &console.form_key()), ("place", &team.slug), ("version", &version), ("name", "Renamed")],
        )
        .await;
    assert_eq!(answer.status, 500);
    assert_eq!(console.database.count("select count(*) from workspace where name = 'Renamed'").await, 0);
}

#[tokio::test]
async fn a_read_scope_cannot_write() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let mut scope = Scope::<AsUser>::open(&console.stoa, &request_of(&console, &ada), None, Intent::Read, false).await.expect("a scope");
    let refused = sqlx::query("update app_user set name = 'x'").execute(scope.read()).await.expect_err("refused");
    assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("25006"));
}

/// What whoever borrows the only connection next finds: a reach, and the start of their transaction.
async fn borrow(console: &Console) -> (Option<String>, chrono::DateTime<chrono::Utc>) {
    sqlx::query_as("select nullif(current_setting('app.reach', true), ''), now()").fetch_one(&console.stoa.db).await.expect("an answer")
}

/// Drops openings and statements at every moment, then looks whether a pooled connection still has a reach or a
/// transaction: the leak that a cancelled `begin` is.
#[tokio::test]
async fn whoever_hangs_up_leaves_no_transaction_behind() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "1")]).await;
    let team = console.team("Acme").await;
    let request = request_of(&console, &team.owner);
    let mut dropped = 0;
    for microseconds in (0..4_000).step_by(40) {
        let open = Scope::<AsUser>::open(&console.stoa, &request, None, Intent::Write, true);
        let cut = tokio::time::timeout(Duration::from_micros(microseconds), async {
            let mut scope = open.await.expect("a scope");
            sqlx::query("select pg_sleep(0.001)").execute(scope.read()).await.expect("slept");
            scope.close().await.expect("closed");
        })
        .await;
        dropped += u32::from(cut.is_err());
        // Inside one transaction, now() stands still.
        let (reach, first) = borrow(&console).await;
        let (_, second) = borrow(&console).await;
        assert_eq!(reach, None, "after {microseconds} µs the next borrower had a reach");
        assert_ne!(first, second, "after {microseconds} µs the next borrower was inside a transaction");
    }
    assert!(dropped > 10, "only {dropped} of the openings were cut");
}

#[tokio::test]
async fn a_transaction_dropped_without_a_word_is_rolled_back() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "1")]).await;
    let team = console.team("Acme").await;
    let opening = format!("begin; select set_config('app.reach', 'service', true), set_config('app.tenant_id', '{}', true)", team.tenant.0);
    let (mut transaction, _) = Transaction::open(&console.stoa.db, opening).await.expect("open");
    sqlx::query("update tenant set name = 'Renamed'").execute(transaction.connection()).await.expect("updated");
    drop(transaction);
    // The only connection comes back clean.
    let seen: i64 = sqlx::query_scalar("select count(*) from tenant").fetch_one(&console.stoa.db).await.expect("a count");
    assert_eq!(seen, 0);
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Renamed'").await, 0);
}
