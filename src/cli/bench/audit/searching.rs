//! Pages of the log, each against a bare handler that runs the same statements as the tables' owner: without a condition
//! of row-level security, without looking at what was asked, with an answer that is made already.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, ensure};
use axum::{Router, extract::State, response::Response};
use http::StatusCode;
use serde_json::Value;
use sqlx::{PgPool, Row as _};

use super::filling;
use crate::{
    access::workspace::ReadAudit,
    cli::bench::{
        api::{self, Place},
        compare::Rounds,
        listen,
        load::{self, Asked},
    },
    error::AppError,
    features::audit_log::server::{self as log, Filter, LOOKED_AT, Reading, Source},
    server::{
        database,
        http::{Problem, door::Parameters},
        plans::Dimension,
        scope::{Intent, Transaction, WorkspaceScope, call_statement},
        usage::{self, UsageEvent},
    },
};

/// On a page.
const ROWS: usize = 25;

/// What is looked for, by a parameter of the list and what it says.
pub const SEARCHES: [(&str, Option<(&str, &str)>); 5] = [
    ("newest page", None),
    ("one actor", Some(("actor", PERSON))),
    ("denied", Some(("outcome", "denied"))),
    ("one word in a thousand rows", Some(("q", "cedar"))),
    (NOTHING, Some(("q", "mahogany"))),
];

const NOTHING: &str = "a word that no row has";

/// Stands for somebody's id, which is known when the bench runs.
const PERSON: &str = "person";

/// The 99th percentiles of one search, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub ours: f64,
    pub plain: f64,
}

pub struct Searching {
    place: Place,
    source: Source,
    owner: PgPool,
}

struct Bare {
    place: Place,
    source: Source,
    owner: PgPool,
    filter: Filter,
    used: UsageEvent,
    answer: String,
}

impl Searching {
    pub fn of(place: &Place, source: Source) -> anyhow::Result<Self> {
        let database = &place.stoa.config.database;
        let owner = database.owner_url.as_ref().context("database.owner_url: is needed to read without a reach")?;
        Ok(Self { place: place.clone(), source, owner: database::pool(owner, database.max_connections)? })
    }

    /// Each search, in turn with its bound.
    pub async fn measure(&self, rounds: &Rounds, at: SocketAddr) -> anyhow::Result<Vec<Measured>> {
        let mut measured = Vec::new();
        for (name, asks) in SEARCHES {
            let asked = Asked::get(address(asks), self.place.headers.clone(), 200);
            let answer = load::fetch(at, &asked).await?;
            let page: Value = serde_json::from_str(&answer)?;
            let rows = page["data"].as_array().context("rows")?.len();
            // Whoever searches for a word leaves a row with it.
            ensure!(rows == ROWS || (name == NOTHING && rows < ROWS), "{name}: {rows} rows: {page}");
            ensure!(page["next_cursor"].is_string(), "{name}: nothing comes behind it");
            let used = &self.place.stoa.clock;
            let bare = Bare {
                place: self.place.clone(),
                source: self.source.clone(),
                owner: self.owner.clone(),
                filter: self.filter(asks)?,
                used: UsageEvent::like_a_call(
                    self.place.tenant,
                    self.place.workspace,
                    Dimension::WorkspaceOperation,
                    "audit_log.list",
                    used,
                ),
                answer,
            };
            let bound = listen(Router::new().fallback(answered).with_state(Arc::new(bare))).await?;
            let plain = rounds.slowest(&format!("{name}, plain"), bound, &asked).await?;
            let ours = rounds.slowest(name, at, &asked).await?;
            measured.push(Measured { ours, plain });
        }
        Ok(measured)
    }

    /// Prints how Postgres finds each page, as the application's role and as the tables' owner.
    pub async fn explain(&self) -> anyhow::Result<()> {
        for (name, asks) in SEARCHES {
            let slug = Some(self.place.slug.as_str());
            let mut scope = WorkspaceScope::<ReadAudit>::open(&self.place.stoa, &self.place.visit, slug, Intent::Read, false).await?;
            println!("\nEXPLAIN of {name} (GET {}), as stoa_app:", address(asks));
            for line in log::explain(&mut scope, &self.source, &self.filter(asks)?, None, READING).await? {
                println!("  {line}");
            }
            scope.close().await?;
            println!("\nEXPLAIN of {name}, plain:");
            for line in self.explain_plain(asks).await? {
                println!("  {line}");
            }
        }
        Ok(())
    }

    async fn explain_plain(&self, asks: Option<(&str, &str)>) -> anyhow::Result<Vec<String>> {
        let mut transaction = self.owner.begin().await?;
        let (mut walk, planned, _) = log::statement(log::EXPLAINED, &self.source, &self.filter(asks)?, READING);
        sqlx::query(PLAN).bind("off").bind(planned).fetch_one(&mut *transaction).await?;
        let plan = walk.build_query_scalar().persistent(false).fetch_all(&mut *transaction).await?;
        transaction.rollback().await?;
        Ok(plan)
    }

    fn filter(&self, asks: Option<(&str, &str)>) -> anyhow::Result<Filter> {
        let asks = asks.map(|(name, value)| (name.to_owned(), value_of(value)));
        let asked = log::Asked::read_exact(&asks.into_iter().collect::<Parameters>(), self.place.stoa.clock.now());
        ensure!(asked.problems.is_empty(), "{:?}", asked.problems);
        Ok(asked.filter)
    }
}

/// One more than is shown.
const READING: Reading = Reading { most: ROWS + 1, looked_at: LOOKED_AT };

fn address(asks: Option<(&str, &str)>) -> String {
    let more = asks.map(|(name, value)| format!("&{name}={}", value_of(value))).unwrap_or_default();
    format!("/api/v1/audit-log?limit={ROWS}{more}")
}

fn value_of(value: &str) -> String {
    if value == PERSON { filling::person(7).to_string() } else { value.to_owned() }
}

async fn answered(State(bare): State<Arc<Bare>>) -> Result<Response, Problem> {
    search(&bare).await?;
    Ok(api::json(StatusCode::OK, bare.answer.clone()))
}

/// In the round trips of the list: its opening, the tenants that the workspace was in, the walk with its two settings,
/// whether this was searched before, and the end with its usage.
async fn search(bare: &Bare) -> Result<(), AppError> {
    let stoa = &bare.place.stoa;
    let opening = call_statement(&bare.place.request, &bare.place.presented, Intent::Write, stoa.clock.now());
    let (mut transaction, _) = Transaction::open(&bare.owner, opening).await?;
    let connection = transaction.connection();
    sqlx::query(FORMER_TENANTS).bind(bare.place.tenant.0).bind(bare.place.workspace.0).fetch_all(&mut *connection).await?;
    let (mut walk, planned, is_kept) = log::statement("", &bare.source, &bare.filter, READING);
    sqlx::query(PLAN).bind("off").bind(planned).fetch_one(&mut *connection).await?;
    walk.build().persistent(is_kept).fetch_all(&mut *connection).await?;
    sqlx::query(PLAN).bind("on").bind("auto").fetch_one(&mut *connection).await?;
    if !bare.filter.is_empty() {
        let name = format!("searched {} {}", bare.source.log, bare.place.presented.id);
        sqlx::query(ONE_AT_A_TIME).bind(name).fetch_one(&mut *connection).await?;
        let searched: bool = sqlx::query(IS_SEARCHED)
            .bind(vec![bare.place.tenant.0])
            .bind(bare.source.log.0)
            .bind(stoa.clock.now() - chrono::TimeDelta::seconds(60))
            .bind("audit_log.searched")
            .bind(Some(bare.place.presented.id.to_string()))
            .bind("[]")
            .fetch_one(&mut *connection)
            .await?
            .try_get(0)?;
        debug_assert!(!searched, "nobody searched for nothing");
    }
    transaction.commit_with(usage::append_statement(&[bare.place.used(&bare.used)])?).await?;
    Ok(())
}

const FORMER_TENANTS: &str = r#"
        select former_tenant_id as "tenant: TenantId"
        from workspace_tenancy
        where tenant_id = $1 and workspace_id = $2 and former_tenant_id <> $1
        order by until desc
        "#;

const PLAN: &str = "select set_config('enable_sort', $1, true) as sorts, set_config('plan_cache_mode', $2, true) as planned";

const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

const IS_SEARCHED: &str = r#"select exists (
               select from audit_event
               where tenant_id = any ($1)
                 and log_id = $2
                 and occurred_at > $3
                 and action = $4
                 and credential_id = $5
                 and changes::text = $6
           ) as "is_searched!""#;

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = include_str!("../../../features/audit_log/server/store.rs");
    const WALK: &str = include_str!("../../../features/audit_log/server/store/walk.rs");
    const WORKSPACES: &str = include_str!("../../../features/workspaces/server/store/transfer.rs");

    #[test]
    fn the_bound_runs_what_the_stores_run() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (statement, store) in [(FORMER_TENANTS, WORKSPACES), (PLAN, WALK), (ONE_AT_A_TIME, LOG), (IS_SEARCHED, LOG)] {
            assert!(words(store).contains(&words(statement)), "the store says something else by now: {statement}");
        }
    }
}
