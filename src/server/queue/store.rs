//! The SQL behind the queue.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Counts, Listed};
use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::scope::{Reach, Scope, ServiceScope},
};

/// A job as it was taken.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub tenant: TenantId,
    pub id: JobId,
    pub kind: String,
    /// JSON.
    pub payload: String,
    pub attempt: i32,
}

/// What is asked of the queue when a worker has hands free.
#[derive(Clone, Debug)]
pub struct Claim {
    pub lease: Uuid,
    pub moment: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub most: i32,
    pub kinds: Vec<String>,
    /// The tenant whose turn was last.
    pub after: Option<Uuid>,
    pub passing_over: Vec<Uuid>,
}

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    id: JobId,
    kind: &str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into job (tenant_id, id, kind, payload, run_at, created_at) values ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        id.0,
        kind,
        payload,
        run_at,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

pub async fn claim(db: &PgPool, claim: &Claim) -> sqlx::Result<Vec<Claimed>> {
    sqlx::query_as!(
        Claimed,
        r#"select tenant_id as "tenant!: TenantId", id as "id!: JobId", kind as "kind!", payload as "payload!", attempts as "attempt!"
           from claim_jobs($1, $2, $3, $4, $5, $6, $7)"#,
        claim.lease,
        claim.moment,
        claim.until,
        claim.most,
        &claim.kinds,
        claim.after,
        &claim.passing_over,
    )
    .fetch_all(db)
    .await
}

/// False where the lease was not this worker's any more.
pub async fn finish(db: &PgPool, tenant: TenantId, id: JobId, lease: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select finish_job($1, $2, $3) as "finished!""#, tenant.0, id.0, lease).fetch_one(db).await
}

/// False where the lease was not this worker's any more.
pub async fn fail(
    db: &PgPool,
    tenant: TenantId,
    id: JobId,
    lease: Uuid,
    reason: &str,
    again_at: Option<DateTime<Utc>>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select fail_job($1, $2, $3, $4, $5) as "failed!""#, tenant.0, id.0, lease, reason, again_at).fetch_one(db).await
}

pub async fn release(db: &PgPool, tenant: TenantId, id: JobId, lease: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select release_job($1, $2, $3) as "released!""#, tenant.0, id.0, lease).fetch_one(db).await
}

pub async fn claim_periodic(db: &PgPool, task: &str, now: DateTime<Utc>, patience: TimeDelta) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select claim_periodic($1, $2, $3) as "claimed!""#, task, now, now + patience).fetch_one(db).await
}

pub async fn finish_periodic(db: &PgPool, task: &str, started: DateTime<Utc>, again_at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(r#"select finish_periodic($1, $2, $3) as "finished: ()""#, task, started, again_at).execute(db).await?;
    Ok(())
}

pub async fn count(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Counts> {
    sqlx::query_as!(Counts, r#"select waiting as "waiting!", dead as "dead!" from count_jobs($1)"#, now).fetch_one(db).await
}

pub async fn list(scope: &mut ServiceScope, only_dead: bool, most: i32) -> Result<Vec<Listed>, AppError> {
    let listed = sqlx::query_as!(
        Listed,
        r#"select tenant_id as "tenant!: TenantId", id as "id!: JobId", kind as "kind!", status as "status!", run_at as "run_at!",
                  lease_until, attempts as "attempts!", last_error, created_at as "created_at!"
           from list_jobs($1, $2)"#,
        only_dead,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(listed)
}

pub async fn retry(scope: &mut ServiceScope, id: JobId, now: DateTime<Utc>) -> Result<bool, AppError> {
    Ok(sqlx::query_scalar!(r#"select retry_job($1, $2) as "retried!""#, id.0, now).fetch_one(scope.write()).await?)
}

pub async fn discard(scope: &mut ServiceScope, id: JobId, now: DateTime<Utc>) -> Result<bool, AppError> {
    Ok(sqlx::query_scalar!(r#"select drop_job($1, $2) as "dropped!""#, id.0, now).fetch_one(scope.write()).await?)
}
