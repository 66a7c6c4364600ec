//! The SQL behind the audit log. One statement a function; tenants and log first.

mod condition;
mod refusals;
mod sealed;
mod walk;

pub use refusals::{Refusals, refusals, refused_while};
pub use sealed::{Sealed, sealed};
pub use walk::{EXPLAINED, Found, Reading, explain, list, statement};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Logged, Source};
use crate::{
    error::AppError,
    ids::AuditId,
    server::{
        events::EventKind,
        scope::{Reach, Scope},
    },
};

/// A row of the log, whole.
#[derive(Clone, Debug, sqlx::FromRow)]
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
    /// The names of fields whose values were erased; what stands in them is the word for it.
    pub erased: Option<Vec<String>>,
}

impl Entry {
    /// What it was done to. A permission is known by its name, which is its id; all else by what people call it.
    pub fn target(&self) -> &str {
        match &self.target_name {
            Some(name) if self.target_type != "permission" => name,
            _ => &self.target_id,
        }
    }

    pub fn is_erased(&self, field: &str) -> bool {
        self.erased.iter().flatten().any(|erased| erased == field)
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

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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
               changes::text as changes, leaf_version, leaf_hash, erased
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
