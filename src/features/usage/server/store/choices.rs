//! The SQL that says what there is to choose from, and whether anything came.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::usage::server::{Times, source::Source},
    ids::{ApiKeyId, UserId},
    server::{
        scope::{Reach, Scope},
        usage::Pieces,
    },
};

/// One of these: a credential, a person or an operation that used something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub credential: Option<ApiKeyId>,
    pub user: Option<UserId>,
    pub operation: Option<String>,
}

/// Every credential, person and operation that used something in these times, the latest made first.
pub async fn choices<R: Reach>(scope: &mut Scope<R>, source: &Source, times: &Times) -> Result<Vec<Choice>, AppError> {
    let Pieces { days, hours, quarters } = Pieces::between(&[times.start, times.end]);
    let choices = sqlx::query_as!(
        Choice,
        r#"
        with used as (
            select sums.property, sums.part
            from unnest($5::timestamptz[], $6::timestamptz[]) as days (since, until)
            cross join (values ('credential'), ('member'), ('operation')) as told (property)
            cross join lateral (
                select sums.property, sums.part from usage_sum as sums
                where sums.tenant_id = $1 and sums.workspace_id = $2 and sums.property = told.property
                  and sums.grain = 'day' and sums.starts_at >= days.since and sums.starts_at < days.until
                offset 0) as sums
            union all
            select sums.property, sums.part
            from unnest($7::timestamptz[], $8::timestamptz[]) as hours (since, until)
            cross join (values ('credential'), ('member'), ('operation')) as told (property)
            cross join lateral (
                select sums.property, sums.part from usage_sum as sums
                where sums.tenant_id = $1 and sums.workspace_id = $2 and sums.property = told.property
                  and sums.grain = 'hour' and sums.starts_at >= hours.since and sums.starts_at < hours.until
                offset 0) as sums
            union all
            select told.property, told.part
            from (
                select rolled.credential_id, rolled.user_id, rolled.operation
                from unnest($9::timestamptz[], $10::timestamptz[]) as quarters (since, until)
                cross join lateral (
                    select rolled.credential_id, rolled.user_id, rolled.operation from usage_rollup as rolled
                    where rolled.tenant_id = $1 and rolled.workspace_id = $2
                      and rolled.starts_at >= quarters.since and rolled.starts_at < quarters.until
                    offset 0) as rolled
                union all
                select waiting.credential_id, waiting.user_id, waiting.operation
                from usage_pending as waiting
                where waiting.tenant_id = $1 and waiting.workspace_id = $2 and waiting.occurred_at >= $3 and waiting.occurred_at < $4) as fine
            cross join lateral (values
                ('credential', fine.credential_id::text), ('member', fine.user_id::text), ('operation', fine.operation)) as told (property, part)),
        chosen as (
            select used.property, used.part,
                   row_number() over (
                       partition by used.property
                       order by case when used.property <> 'operation' then used.part end desc, used.part) as place
            from used
            where used.part is not null and (used.part <> 'none' or used.property = 'operation')
            group by used.property, used.part)
        select case chosen.property when 'credential' then chosen.part::uuid end as "credential: ApiKeyId",
               case chosen.property when 'member' then chosen.part::uuid end as "user: UserId",
               case chosen.property when 'operation' then chosen.part end as operation
        from chosen
        -- So many of each kind, so that none is without for all that there is of another.
        where chosen.place <= 500
        order by chosen.property, chosen.place
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
        &days.from,
        &days.until,
        &hours.from,
        &hours.until,
        &quarters.from,
        &quarters.until,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(choices)
}

/// Whether anything was used since then: one look at the newest event.
pub async fn came_since<R: Reach>(scope: &mut Scope<R>, source: &Source, since: DateTime<Utc>) -> Result<bool, AppError> {
    let came = sqlx::query_scalar!(
        r#"
        select exists (
            select from usage_event where tenant_id = $1 and workspace_id = $2 and occurred_at > $3) as "came!"
        "#,
        source.tenant.0,
        source.workspace.0,
        since,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(came)
}
