//! The SQL behind sending: how far a stream has come, and how its last attempt went. Bookkeeping of the server's own, each of it
//! held to the lease under which it works.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    error::AppError,
    features::audit_streams::server::secret::Seed,
    ids::{AuditStreamId, TenantId},
    server::scope::ServiceScope,
};

/// A stream as its sender sees it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub id: AuditStreamId,
    pub workspace_id: Option<Uuid>,
    pub name: String,
    pub url: String,
    pub status: String,
    pub next_seq: i64,
    pub batch_end: Option<i64>,
    pub secret_salt: Vec<u8>,
    pub secret_pepper: String,
    pub former_salt: Option<Vec<u8>>,
    pub former_pepper: Option<String>,
    pub former_until: Option<DateTime<Utc>>,
    pub failures: i32,
    pub failing_since: Option<DateTime<Utc>>,
    pub told_at: Option<DateTime<Utc>>,
}

impl Outgoing {
    pub fn seed(&self) -> Seed {
        Seed { salt: self.secret_salt.clone(), pepper: self.secret_pepper.clone() }
    }

    /// The one before it, for as long as that signs too.
    pub fn former_seed(&self, now: DateTime<Utc>) -> Option<Seed> {
        self.former_until.filter(|until| now < *until)?;
        Some(Seed { salt: self.former_salt.clone()?, pepper: self.former_pepper.clone()? })
    }
}

/// How an attempt went.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    pub status: Option<i16>,
    /// Why it failed; none where it did not.
    pub error: Option<String>,
}

pub async fn claim(
    db: &PgPool,
    lease: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    most: i32,
) -> Result<Vec<(TenantId, AuditStreamId)>, AppError> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", id as "id!: AuditStreamId" from claim_audit_streams($1, $2, $3, $4)"#,
        lease,
        now,
        until,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.id)).collect())
}

/// Locked until the scope ends; none where the lease is not this sender's any more.
pub async fn hold(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid) -> Result<Option<Outgoing>, AppError> {
    let tenant = scope.reach().tenant;
    let stream = sqlx::query_as!(
        Outgoing,
        r#"select id as "id: AuditStreamId", workspace_id, name, url, status, next_seq, batch_end, secret_salt, secret_pepper,
               former_salt, former_pepper, former_until, failures, failing_since, told_at
           from audit_stream
           where tenant_id = $1 and id = $2 and lease = $3
           for update"#,
        tenant.0,
        id.0,
        lease,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(stream)
}

/// Whatever it is doing.
pub async fn find(scope: &mut ServiceScope, id: AuditStreamId) -> Result<Option<Outgoing>, AppError> {
    let tenant = scope.reach().tenant;
    let stream = sqlx::query_as!(
        Outgoing,
        r#"select id as "id: AuditStreamId", workspace_id, name, url, status, next_seq, batch_end, secret_salt, secret_pepper,
               former_salt, former_pepper, former_until, failures, failing_since, told_at
           from audit_stream
           where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(stream)
}

/// Where the batch ends that is sent next, and that it is this sender's for so much longer.
pub async fn begin(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid, end: i64, until: DateTime<Utc>) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    sqlx::query!(
        "update audit_stream set batch_end = $4, lease_until = $5, last_attempt_at = $6 where tenant_id = $1 and id = $2 and lease = $3",
        tenant.0,
        id.0,
        lease,
        end,
        until,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// The receiver has everything up to `end`. False where somebody else sends meanwhile.
pub async fn advance(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid, from: i64, end: i64, status: i16) -> Result<bool, AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    let moved = sqlx::query!(
        "update audit_stream
         set next_seq = $5, batch_end = null, failures = 0, failing_since = null, told_at = null, due_at = $6, last_sent_at = $6,
             last_status = $7, last_error = null
         where tenant_id = $1 and id = $2 and lease = $3 and next_seq = $4",
        tenant.0,
        id.0,
        lease,
        from,
        end,
        now,
        status,
    )
    .execute(scope.note())
    .await?;
    Ok(moved.rows_affected() > 0)
}

pub async fn fail(
    scope: &mut ServiceScope,
    id: AuditStreamId,
    lease: Uuid,
    attempt: &Attempt,
    failing_since: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    sqlx::query!(
        "update audit_stream
         set failures = failures + 1, failing_since = $4, due_at = $5, last_status = $6, last_error = $7
         where tenant_id = $1 and id = $2 and lease = $3",
        tenant.0,
        id.0,
        lease,
        failing_since,
        due_at,
        attempt.status,
        attempt.error,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

pub async fn note_told(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    sqlx::query!("update audit_stream set told_at = $4 where tenant_id = $1 and id = $2 and lease = $3", tenant.0, id.0, lease, now)
        .execute(scope.note())
        .await?;
    Ok(())
}

/// An act, which asks for its event.
pub async fn pause(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid, because: &str) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    sqlx::query!(
        "update audit_stream set status = 'paused', paused_because = $4, version = version + 1, updated_at = $5
         where tenant_id = $1 and id = $2 and lease = $3 and status = 'active'",
        tenant.0,
        id.0,
        lease,
        because,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// For whoever sends next.
pub async fn release(scope: &mut ServiceScope, id: AuditStreamId, lease: Uuid) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    sqlx::query!(
        "update audit_stream set lease = null, lease_until = null where tenant_id = $1 and id = $2 and lease = $3",
        tenant.0,
        id.0,
        lease,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

pub async fn note_tested(scope: &mut ServiceScope, id: AuditStreamId, attempt: &Attempt) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    sqlx::query!(
        "update audit_stream set tested_at = $3, test_status = $4, test_error = $5 where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        now,
        attempt.status,
        attempt.error,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}
