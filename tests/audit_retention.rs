//! Rows of an audit log go when their time is over, and not before, by one way alone; what proves the others stays, and the log
//! says which went.

mod erasure;
mod going;
mod holds;
mod lives;
mod pages;

use chrono::TimeDelta;
use stoa::{
    features::retention::server::{self, Place, trim},
    server::{Stoa, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

use crate::{
    audit_proof::{fill, seal},
    support::{Console, Team},
};

pub fn place_of(team: &Team) -> Place {
    Place::of_workspace(team.tenant, team.workspace, "Shop")
}

pub async fn service(stoa: &Stoa, place: &Place) -> ServiceScope {
    let request = RequestContext::internal(&stoa.clock, "cli", "test");
    ServiceScope::open_service(stoa, &request, Actor::operator(), place.tenant, "test").await.expect("a scope")
}

/// Chosen, and in force: as if it had been chosen a month ago.
pub async fn keep_for(console: &Console, team: &Team, days: i32) {
    let place = place_of(team);
    let mut scope = service(&console.stoa, &place).await;
    server::choose(&mut scope, &place, Some(days), None).await.expect("chosen");
    scope.commit().await.expect("committed");
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update audit_retention set next_from = '2026-01-01' where log_id = $1 and next_from is not null")
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("a month passed");
}

pub async fn trimmed(console: &Console, team: &Team) -> i64 {
    trim(&console.stoa, &place_of(team)).await.expect("trimmed")
}

/// A team of 100 days ago, with so many rows of then that are sealed, and as many of today.
pub async fn aged(console: &Console, rows: usize) -> Team {
    console.hands.advance(TimeDelta::days(-100));
    let team = console.team("Acme").await;
    fill(console, &team, rows).await;
    seal(console).await;
    console.hands.advance(TimeDelta::days(100));
    fill(console, &team, rows).await;
    seal(console).await;
    team
}

/// As the application's role, within a reach.
pub async fn as_app(console: &Console, reach: &str, team: &Team, statement: &str) -> Result<u64, String> {
    let mut app = console.database.connect("stoa_app").await;
    let set = format!(
        "begin; select set_config('app.reach', '{reach}', true), set_config('app.tenant_id', '{}', true),
         set_config('app.workspace_id', '{}', true)",
        team.tenant.0, team.workspace.0
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut app).await.expect("set");
    let done = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut app).await;
    let ended = sqlx::query("commit").execute(&mut app).await;
    // A refusal is told before its locks are let go: whoever asks next would find them.
    sqlx::query("rollback").execute(&mut app).await.expect("ended");
    let done = done.and_then(|done| ended.map(|_| done)).map_err(|error| error.to_string())?;
    Ok(done.rows_affected())
}
