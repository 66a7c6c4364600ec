//! The SQL behind the audit log. One statement a function; tenants and log first.

mod refusals;

pub use refusals::{Refusals, refusals};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Cursor, Filter, Logged, Source, filter::ALL_TIME};
use crate::{
    error::AppError,
    ids::AuditId,
    server::{
        events::EventKind,
        scope::{Reach, Scope},
    },
};

/// PostgreSQL, Appendix A: the statement was cancelled, here by its time limit.
const CANCELLED: &str = "57014";

/// A row of the log, whole.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: AuditId,
    pub occurred_at: DateTime<Utc>,
    pub action: String,
    pub actor_type: String,
    pub actor_id: String,
    pub actor_name: String,
    pub on_behalf_of_id: Option<String>,
    pub on_behalf_of_name: Option<String>,
    pub credential_id: Option<String>,
    pub client: Option<String>,
    pub channel: String,
    pub route: Option<String>,
    pub target_type: String,
    pub target_id: String,
    pub target_name: Option<String>,
    pub outcome: String,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub client_request_id: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub input_hash: Option<Vec<u8>>,
    /// The field diff as the exact text that was hashed.
    pub changes: Option<String>,
    pub leaf_version: i16,
    pub leaf_hash: Vec<u8>,
}

impl Entry {
    /// What it was done to. A permission is known by its name, which is its id; all else by what people call it.
    pub fn target(&self) -> &str {
        match &self.target_name {
            Some(name) if self.target_type != "permission" => name,
            _ => &self.target_id,
        }
    }

    /// The leaf in hex.
    pub fn leaf(&self) -> String {
        hex(&self.leaf_hash)
    }

    /// The keyed hash of what was sent, in hex.
    pub fn input(&self) -> Option<String> {
        self.input_hash.as_deref().map(hex)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Newest first. For each tenant that owned the log its index is walked from the cursor on, so that a page costs the
/// rows that it looks at and not those of the log.
///
/// # Errors
/// `Conflict` where so few rows match that finding a page of them takes longer than a statement may.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    filter: &Filter,
    after: Option<Cursor>,
    most: usize,
) -> Result<Vec<Entry>, AppError> {
    let times = filter.times();
    let after = after.unwrap_or(Cursor { occurred_at: ALL_TIME.end, id: Uuid::max() });
    // One bound and not two: with both, Postgres walks the rest of the partition in which the cursor stands.
    let last = after.occurred_at.min(times.end - TimeDelta::microseconds(1));
    let tenants: Vec<Uuid> = source.tenants.iter().map(|tenant| tenant.0).collect();
    sqlx::query_as!(
        Entry,
        r#"select found.id as "id!: AuditId", found.occurred_at as "occurred_at!", found.action as "action!",
               found.actor_type as "actor_type!", found.actor_id as "actor_id!", found.actor_name as "actor_name!",
               found.on_behalf_of_id, found.on_behalf_of_name, found.credential_id, found.client,
               found.channel as "channel!", found.route,
               found.target_type as "target_type!", found.target_id as "target_id!", found.target_name,
               found.outcome as "outcome!", found.reason,
               found.request_id, found.client_request_id, found.ip, found.user_agent, found.input_hash,
               found.changes::text as changes, found.leaf_version as "leaf_version!", found.leaf_hash as "leaf_hash!"
           from unnest($1::uuid[]) as owner (tenant_id)
           cross join lateral (
               select event.id, event.occurred_at, event.action, event.actor_type, event.actor_id, event.actor_name,
                   event.on_behalf_of_id, event.on_behalf_of_name, event.credential_id, event.client,
                   event.channel, event.route, event.target_type, event.target_id, event.target_name,
                   event.outcome, event.reason, event.request_id, event.client_request_id, event.ip, event.user_agent,
                   event.input_hash, event.changes, event.leaf_version, event.leaf_hash
               from audit_event as event
               where event.tenant_id = owner.tenant_id
                 and event.log_id = $2
                 and event.occurred_at >= $3 and event.occurred_at <= $4
                 and (event.occurred_at, event.id) < ($5, $6)
                 and ($7::text is null or event.action = $7)
                 and ($8::text is null or starts_with(event.action, $8))
                 and ($9::text is null or event.outcome = $9)
                 and ($10::text is null or event.request_id = $10)
                 and ($11::text is null or $11 in (event.actor_id, event.on_behalf_of_id)
                      or strpos(lower(event.actor_name), lower($11)) > 0
                      or strpos(lower(event.on_behalf_of_name), lower($11)) > 0)
                 and ($12::text is null or event.target_id = $12 or strpos(lower(event.target_name), lower($12)) > 0)
               order by event.occurred_at desc, event.id desc
               limit $13
           ) as found
           order by found.occurred_at desc, found.id desc
           limit $13"#,
        &tenants,
        source.log.0,
        times.start,
        last,
        after.occurred_at,
        after.id,
        filter.whole_action(),
        filter.action_start(),
        filter.outcome.map(crate::server::events::Outcome::name),
        filter.request.map(|request| request.to_string()),
        filter.actor,
        filter.target,
        i64::try_from(most).unwrap_or(i64::MAX),
    )
    .fetch_all(scope.read())
    .await
    .map_err(too_long)
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

/// A row's id says when it was written, so that its partition is found without looking into the others.
pub async fn find<R: Reach>(scope: &mut Scope<R>, source: &Source, row: AuditId) -> Result<Option<Entry>, AppError> {
    let Some(written) = row.0.get_timestamp().and_then(|at| DateTime::from_timestamp(i64::try_from(at.to_unix().0).ok()?, 0)) else {
        return Ok(None);
    };
    let tenants: Vec<Uuid> = source.tenants.iter().map(|tenant| tenant.0).collect();
    let entry = sqlx::query_as!(
        Entry,
        r#"select id as "id: AuditId", occurred_at, action, actor_type, actor_id, actor_name,
               on_behalf_of_id, on_behalf_of_name, credential_id, client, channel, route,
               target_type, target_id, target_name, outcome, reason,
               request_id, client_request_id, ip, user_agent, input_hash,
               changes::text as changes, leaf_version, leaf_hash
           from audit_event
           where tenant_id = any ($1)
             and log_id = $2
             and occurred_at >= $3 and occurred_at < $4
             and id = $5"#,
        &tenants,
        source.log.0,
        written,
        written + TimeDelta::seconds(1),
        row.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(entry)
}

/// From here to the end of the transaction, nobody else of the same session writes down a search of this log.
pub async fn one_at_a_time<R: Logged>(scope: &mut Scope<R>, source: &Source) -> Result<(), AppError> {
    let name = format!("searched {} {}", source.log, scope.actor().credential.clone().unwrap_or_default());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(scope.read()).await?;
    Ok(())
}

/// Whether this session's same search is in the log since then.
pub async fn is_searched<R: Logged>(scope: &mut Scope<R>, source: &Source, changes: &str, since: DateTime<Utc>) -> Result<bool, AppError> {
    let tenants: Vec<Uuid> = source.tenants.iter().map(|tenant| tenant.0).collect();
    let credential = scope.actor().credential.clone();
    let is_searched = sqlx::query_scalar!(
        r#"select exists (
               select from audit_event
               where tenant_id = any ($1)
                 and log_id = $2
                 and occurred_at > $3
                 and action = $4
                 and credential_id = $5
                 and changes::text = $6
           ) as "is_searched!""#,
        &tenants,
        source.log.0,
        since,
        EventKind::AuditLogSearched.name(),
        credential,
        changes,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(is_searched)
}
