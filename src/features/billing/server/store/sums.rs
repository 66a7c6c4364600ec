//! The SQL behind a month's figures: what was used, and when it was paused.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    error::AppError,
    features::billing::server::forecast::Recent,
    ids::TenantId,
    server::scope::{Reach, Scope},
};

/// What one workspace used of one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub workspace: Uuid,
    pub dimension: String,
    pub quantity: i64,
    pub nanos: i64,
}

/// A pause, over or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRow {
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub reason: String,
    pub limit_micros: i64,
    pub since: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Between two moments, by workspace and dimension: of one workspace, or of these credentials alone, where they are named.
pub async fn used<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<Uuid>,
    credentials: Option<&[Uuid]>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Used>, AppError> {
    let used = sqlx::query_as!(
        Used,
        r#"
        select workspace_id as workspace, dimension, sum(quantity)::bigint as "quantity!", sum(nanos)::bigint as "nanos!"
        from usage_rollup
        where tenant_id = $1
          and ($2::uuid is null or workspace_id = $2)
          and ($3::uuid[] is null or credential_id = any ($3))
          and starts_at >= $4
          and starts_at < $5
        group by workspace_id, dimension
        order by workspace_id, dimension
        "#,
        tenant.0,
        workspace,
        credentials as Option<&[Uuid]>,
        from,
        until,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(used)
}

/// Every pause that the scope reaches and that began since then, the latest first.
pub async fn pauses<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, since: DateTime<Utc>) -> Result<Vec<PauseRow>, AppError> {
    let pauses = sqlx::query_as!(
        PauseRow,
        "select workspace_id as workspace, credential_id as credential, reason, limit_micros, since, ended_at
         from billing_pause
         where tenant_id = $1 and since >= $2
         order by since desc, id desc
         limit 200",
        tenant.0,
        since,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(pauses)
}

/// What each credential that the scope reaches spent since then, by a look back to the first day of that month.
pub async fn recent<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<Uuid>,
    from: DateTime<Utc>,
    month: NaiveDate,
) -> Result<Vec<Recent>, AppError> {
    let recent = sqlx::query_as!(
        Recent,
        r#"
        select used.workspace_id as workspace, used.credential_id as credential, used.nanos as "nanos!", used.since as "since!",
               exists (
                   select from usage_spend as spent
                   where spent.tenant_id = $1 and spent.month < $4 and spent.workspace_id = used.workspace_id
                     and spent.credential_id is not distinct from used.credential_id) as "is_older!"
        from (
            select workspace_id, credential_id, min(starts_at) as since,
                   coalesce(sum(nanos) filter (where starts_at >= $3), 0)::bigint as nanos
            from usage_rollup
            where tenant_id = $1
              and ($2::uuid is null or workspace_id = $2)
              and starts_at >= ($4::date::timestamp at time zone 'UTC')
            group by workspace_id, credential_id) as used
        "#,
        tenant.0,
        workspace,
        from,
        month,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(recent)
}
