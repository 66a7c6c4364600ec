//! The SQL behind lists of the log: an index is walked from the newest row back, and what it leads to is compared.
//!
//! Row-level security lets no operator reach an index before its own condition but those that are leakproof, and of what
//! can be asked only whole ids and times are compared by such. So one of them leads, and everything else is a condition on
//! the rows that it led to, of which a page looks at a bounded number. What is asked is put together from what was
//! understood; every value is bound, and every name that stands in the text is ours.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Entry, condition};
use crate::{
    error::AppError,
    features::audit_log::server::{
        Cursor, Filter, Source,
        filter::ALL_TIME,
        line::{Term, Wants, Who},
    },
    ids::RequestId,
    server::{
        events::Outcome,
        scope::{Reach, Scope},
    },
};

/// PostgreSQL, Appendix A: the statement was cancelled, here by its time limit.
const CANCELLED: &str = "57014";

/// What is read of a row.
const COLUMNS: [&str; 26] = [
    "id",
    "occurred_at",
    "action",
    "actor_type",
    "actor_id",
    "actor_name",
    "on_behalf_of_id",
    "on_behalf_of_name",
    "credential_id",
    "client",
    "channel",
    "route",
    "target_type",
    "target_id",
    "target_name",
    "outcome",
    "reason",
    "request_id",
    "client_request_id",
    "ip",
    "user_agent",
    "input_hash",
    "leaf_version",
    "leaf_hash",
    "erased",
    "changes",
];

fn columns(of: &str) -> String {
    COLUMNS.map(|name| format!("{of}.{name}")).join(", ")
}

/// In front of a statement, so that Postgres says how it found the rows.
pub const EXPLAINED: &str = "explain (analyze, costs off, timing off, summary off) ";

/// How much of a log is read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Rows that are found at most.
    pub most: usize,
    /// Rows that are looked at at most, where a condition has no index.
    pub looked_at: usize,
}

/// Rows that were found, newest first.
#[derive(Clone, Debug)]
pub struct Found {
    pub entries: Vec<Entry>,
    /// The last row that was looked at, where as many were as may be: what is older was not looked at.
    pub stopped_at: Option<Cursor>,
}

#[derive(sqlx::FromRow)]
struct Looked {
    #[sqlx(flatten)]
    entry: Entry,
    matches: bool,
    /// Among the rows that its walk came to, from 1 on.
    place: i64,
}

/// Newest first, from behind the cursor on.
///
/// # Errors
/// `Conflict` where even so many rows take longer than a statement may.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    filter: &Filter,
    after: Option<Cursor>,
    reading: Reading,
) -> Result<Found, AppError> {
    let walking = Walking::new(source, filter, after, reading);
    plan(scope, "off", walking.planned()).await?;
    let rows = walking.statement("").build_query_as::<Looked>().persistent(walking.is_plain()).fetch_all(scope.read()).await;
    let rows = rows.map_err(too_long)?;
    plan(scope, "on", "auto").await?;
    Ok(walking.found(rows))
}

/// How Postgres plans from here on in this transaction: whether it may sort, and whether one plan serves whatever is bound.
///
/// It takes the conditions of row-level security, which every row of a log meets, for ones that hardly any does, and would
/// fetch and sort all of a log rather than walk along its index and stop. And of the newest rows, which one index leads to in
/// every partition, planning takes longer than reading.
async fn plan<R: Reach>(scope: &mut Scope<R>, sorts: &str, mode: &str) -> Result<(), AppError> {
    sqlx::query!("select set_config('enable_sort', $1, true) as sorts, set_config('plan_cache_mode', $2, true) as planned", sorts, mode)
        .fetch_one(scope.read())
        .await?;
    Ok(())
}

/// How Postgres finds the same, as the application's role within this scope: the statement is run, and told of line by line.
pub async fn explain<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    filter: &Filter,
    after: Option<Cursor>,
    reading: Reading,
) -> Result<Vec<String>, AppError> {
    let walking = Walking::new(source, filter, after, reading);
    plan(scope, "off", walking.planned()).await?;
    let lines = walking.statement(EXPLAINED).build_query_scalar().persistent(false).fetch_all(scope.read()).await?;
    plan(scope, "on", "auto").await?;
    Ok(lines)
}

/// What `list` runs, behind a prefix, how it is planned, and whether the plan is kept: for whoever measures the same without
/// a reach.
pub fn statement(prefix: &str, source: &Source, filter: &Filter, reading: Reading) -> (QueryBuilder<Postgres>, &'static str, bool) {
    let walking = Walking::new(source, filter, None, reading);
    (walking.statement(prefix), walking.planned(), walking.is_plain())
}

fn too_long(cause: sqlx::Error) -> AppError {
    match cause.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        Some(CANCELLED) => AppError::Conflict(
            "This search looks through more of the log than one page may. Choose dates that are closer together, and search again."
                .to_owned(),
        ),
        _ => cause.into(),
    }
}

/// What leads to the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead<'a> {
    Time,
    Request(RequestId),
    Credential(&'a str),
    Target(&'a str),
    Actor(&'a str),
    /// What was done for them by somebody else.
    Behalf(&'a str),
    Denied,
}

struct Walking<'a> {
    source: &'a Source,
    from: DateTime<Utc>,
    /// The last moment that may still be.
    until: DateTime<Utc>,
    after: Cursor,
    leads: Vec<Lead<'a>>,
    /// What is left to be compared.
    conditions: Vec<&'a Term>,
    most: usize,
    /// Rows of one walk.
    length: usize,
}

impl<'a> Walking<'a> {
    fn new(source: &'a Source, filter: &'a Filter, after: Option<Cursor>, reading: Reading) -> Self {
        let times = filter.times();
        let after = after.unwrap_or(Cursor { occurred_at: ALL_TIME.end, id: Uuid::max() });
        let leading = leading(filter);
        let leads = leading.map_or_else(|| vec![Lead::Time], |term| leads(&term.wants));
        let conditions: Vec<&Term> = filter.terms().filter(|term| leading.is_none_or(|leading| !std::ptr::eq(*term, leading))).collect();
        let walks = source.tenants.len().max(1) * leads.len();
        let length = if conditions.is_empty() { reading.most } else { (reading.looked_at / walks).max(1) };
        // One bound and not two: with both, Postgres walks the rest of the partition in which the cursor stands.
        let until = after.occurred_at.min(times.end - TimeDelta::microseconds(1));
        Self { source, from: times.start, until, after, leads, conditions, most: reading.most, length }
    }

    /// The newest rows without a condition: of them alone the text is always the same, and every value is led to by one index.
    fn is_plain(&self) -> bool {
        self.conditions.is_empty() && self.leads == [Lead::Time]
    }

    /// As `plan_cache_mode` has it.
    fn planned(&self) -> &'static str {
        if self.is_plain() { "force_generic_plan" } else { "auto" }
    }

    fn statement(&self, prefix: &str) -> QueryBuilder<Postgres> {
        // The last of them is the changes, in the text that was hashed.
        let mut query =
            QueryBuilder::new(format!("{prefix}select {}::text as changes, found.matches, found.place from (", columns("found")));
        let walks = self.source.tenants.iter().flat_map(|tenant| self.leads.iter().map(move |lead| (tenant.0, *lead)));
        for (place, (tenant, lead)) in walks.enumerate() {
            query.push(if place > 0 { " union all (" } else { "(" });
            self.walk(&mut query, tenant, lead);
            query.push(")");
        }
        query.push(") as found order by found.occurred_at desc, found.id desc");
        query
    }

    /// The rows that one index leads to and that are as is asked, and the last one that was looked at.
    fn walk(&self, query: &mut QueryBuilder<Postgres>, tenant: Uuid, lead: Lead<'_>) {
        let is_plain = self.conditions.is_empty();
        query.push(format!(
            "select {}, compared.place, compared.matches from (select {}, looked.place, ",
            columns("compared"),
            columns("looked")
        ));
        if is_plain {
            query.push("true");
        } else {
            condition::all(query, &self.conditions);
        }
        // Not moved into the walk, which would then not end where it has to. The order is that of the walk, and said at each
        // level: where nobody asks for it, Postgres forgets it, and sorts everything anew.
        query.push(" as matches from (");
        self.rows(query, tenant, lead);
        query.push(") as looked order by looked.occurred_at desc, looked.id desc offset 0) as compared where compared.matches");
        if !is_plain {
            query.push(format!(" or compared.place = {}", self.length));
        }
        query.push(format!(" order by compared.occurred_at desc, compared.id desc limit {}", self.most));
    }

    fn rows(&self, query: &mut QueryBuilder<Postgres>, tenant: Uuid, lead: Lead<'_>) {
        query.push(format!("select {}, ", columns("event")));
        query.push(if self.conditions.is_empty() {
            "0::bigint as place"
        } else {
            "row_number() over (order by event.occurred_at desc, event.id desc) as place"
        });
        query.push(" from audit_event as event where event.tenant_id = ").push_bind(tenant);
        query.push(" and event.log_id = ").push_bind(self.source.log.0);
        query.push(" and event.occurred_at >= ").push_bind(self.from);
        query.push(" and event.occurred_at <= ").push_bind(self.until);
        query.push(" and (event.occurred_at, event.id) < (").push_bind(self.after.occurred_at);
        query.push(", ").push_bind(self.after.id).push(")");
        let id = |query: &mut QueryBuilder<Postgres>, column: &str, id: String| {
            query.push(format!(" and event.{column} = ")).push_bind(id);
        };
        match lead {
            Lead::Time => {}
            Lead::Request(request) => id(query, "request_id", request.to_string()),
            Lead::Credential(text) => id(query, "credential_id", text.to_owned()),
            Lead::Target(text) => id(query, "target_id", text.to_owned()),
            Lead::Actor(text) => id(query, "actor_id", text.to_owned()),
            Lead::Behalf(text) => {
                id(query, "on_behalf_of_id", text.to_owned());
                query.push(" and event.actor_id <> ").push_bind(text.to_owned());
            }
            // As the index has it, so that Postgres sees that it fits.
            Lead::Denied => {
                query.push(" and event.outcome = 'denied'");
            }
        }
        query.push(format!(" order by event.occurred_at desc, event.id desc limit {}", self.length));
    }

    fn found(&self, rows: Vec<Looked>) -> Found {
        let (mut entries, mut stopped_at) = (Vec::new(), None);
        for row in rows {
            let is_last = !self.conditions.is_empty() && usize::try_from(row.place) == Ok(self.length);
            let here = Cursor::of(&row.entry);
            if row.matches {
                entries.push(row.entry);
            }
            // Of what is older, this walk has not come to all.
            if is_last {
                stopped_at = Some(here);
                break;
            }
        }
        if entries.len() >= self.most {
            entries.truncate(self.most);
            stopped_at = None;
        }
        Found { entries, stopped_at }
    }
}

/// The condition that narrows down the most, and that an index is for.
fn leading(filter: &Filter) -> Option<&Term> {
    let rank = |term: &&Term| match &term.wants {
        _ if term.is_left_out => None,
        Wants::Request(_) => Some(0),
        Wants::Credential(_) => Some(1),
        Wants::Target(Who::Id(_)) => Some(2),
        Wants::Actor(Who::Id(_)) => Some(3),
        Wants::Outcome(Outcome::Denied) => Some(4),
        _ => None,
    };
    filter.terms().filter_map(|term| Some((rank(&term)?, term))).min_by_key(|(rank, _)| *rank).map(|(_, term)| term)
}

fn leads(wants: &Wants) -> Vec<Lead<'_>> {
    match wants {
        Wants::Request(request) => vec![Lead::Request(*request)],
        Wants::Credential(id) => vec![Lead::Credential(id)],
        Wants::Target(Who::Id(id)) => vec![Lead::Target(id)],
        Wants::Actor(Who::Id(id)) => vec![Lead::Actor(id), Lead::Behalf(id)],
        Wants::Outcome(Outcome::Denied) => vec![Lead::Denied],
        _ => vec![Lead::Time],
    }
}
