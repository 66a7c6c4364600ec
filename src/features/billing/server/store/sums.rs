//! The SQL behind a month's figures: what was used, and when it was paused.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    error::AppError,
    features::billing::server::forecast::Recent,
    ids::TenantId,
    server::{
        scope::{Reach, Scope},
        usage::Pieces,
    },
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

/// What each credential that the scope reaches spent since then, by a look back to the first day of that month. Of one that was
/// used before, the day says when; only of one that is new, the quarter of an hour.
pub async fn recent<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<Uuid>,
    from: DateTime<Utc>,
    month: NaiveDate,
) -> Result<Vec<Recent>, AppError> {
    // What came with a clock ahead of this one's is lately too.
    let Pieces { days, hours, quarters } = Pieces::between(&[from, from + TimeDelta::days(60)]);
    let recent = sqlx::query_as!(
        Recent,
        r#"
        with known as materialized (
            select spent.workspace_id, spent.credential_id, coalesce(spent.credential_id::text, 'none') as part,
                   bool_or(spent.month < $4) as is_older
            from usage_spend as spent
            where spent.tenant_id = $1 and ($2::uuid is null or spent.workspace_id = $2)
            group by spent.workspace_id, spent.credential_id
            having bool_or(spent.month >= $4)),
        places as materialized (
            select distinct known.workspace_id from known),
        lately as (
            select used.workspace_id, used.part, sum(used.nanos) as nanos
            from (
                select sums.workspace_id, sums.part, sums.nanos
                from places
                cross join unnest($5::timestamptz[], $6::timestamptz[]) as days (since, until)
                cross join lateral (
                    select sums.workspace_id, sums.part, sums.nanos from usage_sum as sums
                    where sums.tenant_id = $1 and sums.workspace_id = places.workspace_id and sums.property = 'credential'
                      and sums.grain = 'day' and sums.starts_at >= days.since and sums.starts_at < days.until
                    offset 0) as sums
                union all
                select sums.workspace_id, sums.part, sums.nanos
                from places
                cross join unnest($7::timestamptz[], $8::timestamptz[]) as hours (since, until)
                cross join lateral (
                    select sums.workspace_id, sums.part, sums.nanos from usage_sum as sums
                    where sums.tenant_id = $1 and sums.workspace_id = places.workspace_id and sums.property = 'credential'
                      and sums.grain = 'hour' and sums.starts_at >= hours.since and sums.starts_at < hours.until
                    offset 0) as sums
                union all
                select rolled.workspace_id, coalesce(rolled.credential_id::text, 'none'), rolled.nanos
                from places
                cross join unnest($9::timestamptz[], $10::timestamptz[]) as quarters (since, until)
                cross join lateral (
                    select rolled.workspace_id, rolled.credential_id, rolled.nanos from usage_rollup as rolled
                    where rolled.tenant_id = $1 and rolled.workspace_id = places.workspace_id
                      and rolled.starts_at >= quarters.since and rolled.starts_at < quarters.until
                    offset 0) as rolled) as used
            group by used.workspace_id, used.part),
        begun as (
            select sums.workspace_id, sums.part, min(sums.starts_at) as day
            from places
            join usage_sum as sums
              on sums.tenant_id = $1 and sums.workspace_id = places.workspace_id and sums.property = 'credential'
             and sums.grain = 'day' and sums.starts_at >= ($4::date::timestamp at time zone 'UTC')
            group by sums.workspace_id, sums.part)
        select known.workspace_id as workspace, known.credential_id as credential, known.is_older as "is_older!",
               coalesce(lately.nanos, 0)::bigint as "nanos!",
               case when known.is_older or begun.day + interval '1 day' <= $3 then begun.day
                    else coalesce((
                        select min(rolled.starts_at) from usage_rollup as rolled
                        where rolled.tenant_id = $1 and rolled.workspace_id = known.workspace_id
                          and rolled.starts_at >= begun.day and rolled.starts_at < begun.day + interval '1 day'
                          and rolled.credential_id is not distinct from known.credential_id), begun.day) end as "since!"
        from known
        join begun on begun.workspace_id = known.workspace_id and begun.part = known.part
        left join lately on lately.workspace_id = known.workspace_id and lately.part = known.part
        "#,
        tenant.0,
        workspace,
        from,
        month,
        &days.from,
        &days.until,
        &hours.from,
        &hours.until,
        &quarters.from,
        &quarters.until,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(recent)
}
