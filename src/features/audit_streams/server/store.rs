//! The SQL behind audit streams. One statement a function; tenant and workspace first.

pub mod draining;
pub mod sending;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Place, Wanted, secret::Seed};
use crate::{
    error::AppError,
    ids::{AuditStreamId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// A stream as it is kept.
#[derive(Clone, Debug)]
pub struct Stream {
    pub id: AuditStreamId,
    pub name: String,
    pub url: String,
    /// `active`, `paused` or `archived`.
    pub status: String,
    /// `person`, `gone`, `failing` or `moved`.
    pub paused_because: Option<String>,
    /// The first number that the receiver has not acknowledged.
    pub next_seq: i64,
    pub secret_salt: Vec<u8>,
    pub secret_pepper: String,
    pub secret_made_at: DateTime<Utc>,
    /// Until when the secret before it signs too.
    pub former_until: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    pub failures: i32,
    pub failing_since: Option<DateTime<Utc>>,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub last_sent_at: Option<DateTime<Utc>>,
    pub last_status: Option<i16>,
    pub last_error: Option<String>,
    pub test_asked_at: Option<DateTime<Utc>>,
    pub tested_at: Option<DateTime<Utc>>,
    pub test_status: Option<i16>,
    pub test_error: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

impl Stream {
    pub fn seed(&self) -> Seed {
        Seed { salt: self.secret_salt.clone(), pepper: self.secret_pepper.clone() }
    }
}

/// All of a log, those that are not ended first.
pub async fn list<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Vec<Stream>, AppError> {
    let streams = sqlx::query_as!(
        Stream,
        r#"select id as "id: AuditStreamId", name, url, status, paused_because, next_seq, secret_salt, secret_pepper, secret_made_at,
               former_until, due_at, failures, failing_since, last_attempt_at, last_sent_at, last_status, last_error,
               test_asked_at, tested_at, test_status, test_error, version, created_at
           from audit_stream
           where tenant_id = $1 and workspace_id is not distinct from $2
           order by status = 'archived', created_at desc, id desc
           limit 100"#,
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(streams)
}

pub async fn find<R: Reach>(scope: &mut Scope<R>, place: &Place, id: AuditStreamId) -> Result<Option<Stream>, AppError> {
    let stream = sqlx::query_as!(
        Stream,
        r#"select id as "id: AuditStreamId", name, url, status, paused_because, next_seq, secret_salt, secret_pepper, secret_made_at,
               former_until, due_at, failures, failing_since, last_attempt_at, last_sent_at, last_status, last_error,
               test_asked_at, tested_at, test_status, test_error, version, created_at
           from audit_stream
           where tenant_id = $1 and workspace_id is not distinct from $2 and id = $3"#,
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(stream)
}

/// From here to the end of the transaction nobody else makes one of this log.
pub async fn one_at_a_time<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<(), AppError> {
    let name = format!("audit streams {}", place.log);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(scope.read()).await?;
    Ok(())
}

pub async fn count_live<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from audit_stream
           where tenant_id = $1 and workspace_id is not distinct from $2 and status <> 'archived'"#,
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
    )
    .fetch_one(scope.read())
    .await?;
    Ok(count)
}

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    id: AuditStreamId,
    wanted: &Wanted,
    next_seq: i64,
    seed: &Seed,
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into audit_stream (tenant_id, workspace_id, id, name, url, next_seq, secret_salt, secret_pepper, secret_made_at, due_at,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $9)",
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
        wanted.name,
        wanted.url,
        next_seq,
        seed.salt,
        seed.pepper,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where the version has moved on. What failed at the address before is tried at this one at once.
pub async fn update<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    id: AuditStreamId,
    wanted: &Wanted,
    version: i64,
) -> Result<bool, AppError> {
    let now = scope.now();
    let updated = sqlx::query!(
        "update audit_stream
         set name = $4, url = $5, due_at = case when url = $5 then due_at else $6 end, version = version + 1, updated_at = $6
         where tenant_id = $1 and workspace_id is not distinct from $2 and id = $3 and version = $7 and status <> 'archived'",
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
        wanted.name,
        wanted.url,
        now,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// False where the version has moved on. Whatever failed before is forgotten.
pub async fn set_status<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    id: AuditStreamId,
    status: &str,
    because: Option<&str>,
    version: i64,
) -> Result<bool, AppError> {
    let now = scope.now();
    let updated = sqlx::query!(
        "update audit_stream
         set status = $4, paused_because = $5, failures = 0, failing_since = null, told_at = null, due_at = $6, version = version + 1,
             updated_at = $6
         where tenant_id = $1 and workspace_id is not distinct from $2 and id = $3 and version = $7 and status <> 'archived'",
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
        status,
        because,
        now,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// False where the version has moved on. What failed for want of a pepper is tried at once.
pub async fn rotate<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    id: AuditStreamId,
    seed: &Seed,
    former_until: DateTime<Utc>,
    version: i64,
) -> Result<bool, AppError> {
    let now = scope.now();
    let updated = sqlx::query!(
        "update audit_stream
         set former_salt = secret_salt, former_pepper = secret_pepper, former_until = $4, secret_salt = $5, secret_pepper = $6,
             secret_made_at = $7, due_at = least(due_at, $7), version = version + 1, updated_at = $7
         where tenant_id = $1 and workspace_id is not distinct from $2 and id = $3 and version = $8 and status <> 'archived'",
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
        former_until,
        seed.salt,
        seed.pepper,
        now,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(updated.rows_affected() > 0)
}

pub async fn ask_test<R: Reach>(scope: &mut Scope<R>, place: &Place, id: AuditStreamId) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update audit_stream set test_asked_at = $4
         where tenant_id = $1 and workspace_id is not distinct from $2 and id = $3 and status <> 'archived'",
        place.tenant.0,
        place.workspace.map(|workspace| workspace.0),
        id.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// A stream that sends, by what people know it by.
#[derive(Clone, Debug)]
pub struct Live {
    pub id: AuditStreamId,
    pub name: String,
    pub url: String,
}

/// Those of a workspace that send.
pub async fn live_in<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Live>, AppError> {
    let streams = sqlx::query_as!(
        Live,
        r#"select id as "id: AuditStreamId", name, url from audit_stream
           where tenant_id = $1 and workspace_id = $2 and status = 'active'
           order by id"#,
        tenant.0,
        workspace.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(streams)
}

/// Slug and name of whose log it is.
pub async fn called<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: Option<Uuid>) -> Result<(String, String), AppError> {
    let called = sqlx::query!(
        r#"select coalesce(here.slug, home.slug) as "slug!", coalesce(here.name, home.name) as "name!"
           from tenant as home
           left join workspace as here on here.tenant_id = home.tenant_id and here.workspace_id = $2
           where home.tenant_id = $1"#,
        tenant.0,
        workspace,
    )
    .fetch_one(scope.read())
    .await?;
    Ok((called.slug, called.name))
}
