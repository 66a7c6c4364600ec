//! The SQL behind usage. One statement a function; tenant and workspace first.

mod calls;

pub use calls::calls_of_module;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    filter::{By, Filter, ModuleFilter},
    period::Times,
    source::Source,
};
use crate::{
    error::AppError,
    ids::{ApiKeyId, RequestId},
    server::scope::{Reach, Scope},
};

/// What was used in one stretch of time, of one part of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Which of the stretches, from 1 on.
    pub bucket: i32,
    /// The dimension, module or id of the credential; `none` where there is none, empty where nothing is split.
    pub part: String,
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
}

/// One metered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub id: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub dimension: String,
    pub module: Option<String>,
    pub operation: String,
    pub quantity: i64,
    pub nanos: i64,
    pub rate_version: NaiveDate,
    pub credential: Option<ApiKeyId>,
    pub channel: String,
    pub request: RequestId,
}

/// Roll-ups, and what is in none yet, in one statement: each event is counted once at every moment. `starts` are whole
/// quarters of an hour, and the last stretch ends with `times`.
pub async fn sum<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    starts: &[DateTime<Utc>],
    by: By,
    filter: &Filter,
) -> Result<Vec<Sum>, AppError> {
    let sums = sqlx::query_as!(
        Sum,
        r#"
        with used as (
            select starts_at as at, dimension, module, credential_id, events, quantity, nanos
            from usage_rollup
            where tenant_id = $1 and workspace_id = $2 and starts_at >= $3 and starts_at < $4
            union all
            select occurred_at, dimension, module, credential_id, 1, quantity, nanos
            from usage_pending
            where tenant_id = $1 and workspace_id = $2 and occurred_at >= $3 and occurred_at < $4)
        select width_bucket(used.at, $5::timestamptz[]) as "bucket!",
               case $6::text
                   when 'dimension' then used.dimension
                   when 'module' then coalesce(used.module, 'none')
                   when 'credential' then coalesce(used.credential_id::text, 'none')
                   else '' end as "part!",
               sum(used.events)::bigint as "events!", sum(used.quantity)::bigint as "quantity!", sum(used.nanos)::bigint as "nanos!"
        from used
        where ($7::text is null or used.dimension = $7)
          and ($8::text is null or coalesce(used.module, 'none') = $8)
          and ($9::text is null or coalesce(used.credential_id::text, 'none') = $9)
        group by 1, 2
        order by 1, 2
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
        starts,
        by.name(),
        filter.dimension.map(crate::server::plans::Dimension::name),
        filter.module.map(ModuleFilter::name),
        filter.credential.map(super::filter::CredentialFilter::stored),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(sums)
}

/// Every credential that used something in these times, the latest made first.
pub async fn credentials<R: Reach>(scope: &mut Scope<R>, source: &Source, times: &Times) -> Result<Vec<ApiKeyId>, AppError> {
    let ids = sqlx::query_scalar!(
        r#"
        select used.credential_id as "id!: ApiKeyId"
        from (
            select credential_id
            from usage_rollup
            where tenant_id = $1 and workspace_id = $2 and starts_at >= $3 and starts_at < $4
            union
            select credential_id
            from usage_pending
            where tenant_id = $1 and workspace_id = $2 and occurred_at >= $3 and occurred_at < $4) as used
        where used.credential_id is not null
        order by 1 desc
        limit 200
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(ids)
}

/// The events themselves, newest first, from before the moment and id of `before` on.
pub async fn list<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    filter: &Filter,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Used>, AppError> {
    let (at, id) = before.unwrap_or((times.end, Uuid::nil()));
    // One bound and not two: with both, Postgres walks the rest of the partition in which the cursor stands.
    let last = at.min(times.end - TimeDelta::microseconds(1));
    let used = sqlx::query_as!(
        Used,
        r#"
        select id, occurred_at, dimension, module, operation, quantity, nanos, rate_version,
               credential_id as "credential: ApiKeyId", channel, request_id as "request: RequestId"
        from usage_event
        where tenant_id = $1 and workspace_id = $2
          and occurred_at >= $3 and occurred_at <= $4
          and (occurred_at, id) < ($5, $6)
          and ($7::text is null or dimension = $7)
          and ($8::text is null or coalesce(module, 'none') = $8)
          and ($9::text is null or coalesce(credential_id::text, 'none') = $9)
        order by occurred_at desc, id desc
        limit $10
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        last,
        at,
        id,
        filter.dimension.map(crate::server::plans::Dimension::name),
        filter.module.map(ModuleFilter::name),
        filter.credential.map(super::filter::CredentialFilter::stored),
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(used)
}
