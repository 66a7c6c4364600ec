//! The SQL that adds up what was used in each stretch of time, from sums that are as coarse as can be.

use chrono::{DateTime, Utc};

use super::Sum;
use crate::{
    error::AppError,
    features::usage::server::{
        channel::Channel,
        filter::{By, CredentialFilter, Filter, MemberFilter, ModuleFilter},
        period::Times,
        source::Source,
    },
    server::{
        plans::Dimension,
        scope::{Reach, Scope},
        usage::Pieces,
    },
};

/// What is added up and what is not yet, in one statement: each event is counted once at every moment. `starts` are whole
/// quarters of an hour, and the last stretch ends with `times`.
pub async fn sum<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    starts: &[DateTime<Utc>],
    by: By,
    filter: &Filter,
) -> Result<Vec<Sum>, AppError> {
    match only_property(by, filter) {
        Some(property) => sum_of_one(scope, source, times, starts, (by, property), filter).await,
        None => sum_of_quarters(scope, source, times, starts, by, filter).await,
    }
}

/// The one property that has to be told apart; none where there are several.
fn only_property(by: By, filter: &Filter) -> Option<By> {
    let split = (by != By::Nothing).then_some(by);
    let narrowed = [
        filter.dimension.map(|_| By::Dimension),
        filter.module.map(|_| By::Module),
        filter.credential.map(|_| By::Credential),
        filter.member.map(|_| By::Member),
        filter.operation.as_ref().map(|_| By::Operation),
        filter.channel.map(|_| By::Channel),
    ];
    let mut asked = split.into_iter().chain(narrowed.into_iter().flatten());
    let Some(first) = asked.next() else { return Some(By::Dimension) };
    asked.all(|other| other == first).then_some(first)
}

/// Of one property: sums of days and hours, and of quarters where a stretch ends within an hour. Of all there is where it
/// is neither split nor narrowed.
async fn sum_of_one<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    starts: &[DateTime<Utc>],
    (by, property): (By, By),
    filter: &Filter,
) -> Result<Vec<Sum>, AppError> {
    let bounds: Vec<DateTime<Utc>> = starts.iter().copied().chain([times.end]).collect();
    let Pieces { days, hours, quarters } = Pieces::between(&bounds);
    let part = part_of(filter);
    let sums = sqlx::query_file_as!(
        Sum,
        "src/features/usage/server/store/sum_of_one.sql",
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
        starts,
        property.name(),
        &days.from,
        &days.until,
        &hours.from,
        &hours.until,
        &quarters.from,
        &quarters.until,
        by != By::Nothing,
        part,
        source.me.0.to_string(),
        source.own_keys.is_some(),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(sums)
}

/// The value that alone is added up, where it is narrowed by one property.
fn part_of(filter: &Filter) -> Option<String> {
    filter
        .dimension
        .map(|dimension| dimension.name().to_owned())
        .or_else(|| filter.module.map(|module| module.name().to_owned()))
        .or_else(|| filter.credential.map(CredentialFilter::stored))
        .or_else(|| filter.member.map(MemberFilter::stored))
        .or_else(|| filter.operation.clone())
        .or_else(|| filter.channel.map(|channel| channel.name().to_owned()))
}

/// How Postgres finds what [`sum`] gives where one property is told apart: its plan, as it was run.
pub async fn explain<R: Reach>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    bounds: &[DateTime<Utc>],
    by: By,
) -> Result<Vec<String>, AppError> {
    let Pieces { days, hours, quarters } = Pieces::between(bounds);
    let property = if by == By::Nothing { By::Dimension } else { by };
    let plan =
        sqlx::query_scalar(concat!("explain (analyze, buffers, costs off, timing off, summary off) ", include_str!("sum_of_one.sql")))
            .bind(source.tenant.0)
            .bind(source.workspace.0)
            .bind(times.start)
            .bind(times.end)
            .bind(&bounds[..bounds.len() - 1])
            .bind(property.name())
            .bind(days.from)
            .bind(days.until)
            .bind(hours.from)
            .bind(hours.until)
            .bind(quarters.from)
            .bind(quarters.until)
            .bind(by != By::Nothing)
            .bind(None::<String>)
            .bind(source.me.0.to_string())
            .bind(source.own_keys.is_some())
            .persistent(false)
            .fetch_all(scope.read())
            .await?;
    Ok(plan)
}

/// Of several properties at once: roll-ups of quarters of an hour, which tell all of them apart, and what is in none yet.
async fn sum_of_quarters<R: Reach>(
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
            select starts_at as at, dimension, module, credential_id, user_id, operation, channel, events, quantity, nanos
            from usage_rollup
            where tenant_id = $1 and workspace_id = $2 and starts_at >= $3 and starts_at < $4
            union all
            select occurred_at, dimension, module, credential_id, user_id, operation, channel, 1, quantity, nanos
            from usage_pending
            where tenant_id = $1 and workspace_id = $2 and occurred_at >= $3 and occurred_at < $4)
        select width_bucket(used.at, $5::timestamptz[]) as "bucket!",
               case $6::text
                   when 'dimension' then used.dimension
                   when 'module' then coalesce(used.module, 'none')
                   when 'credential' then coalesce(used.credential_id::text, 'none')
                   when 'member' then case when $12 and used.user_id <> $11 then 'others' else coalesce(used.user_id::text, 'none') end
                   when 'operation' then used.operation
                   when 'channel' then used.channel
                   else '' end as "part!",
               sum(used.events)::bigint as "events!", sum(used.quantity)::bigint as "quantity!", sum(used.nanos)::bigint as "nanos!"
        from used
        where ($7::text is null or used.dimension = $7)
          and ($8::text is null or coalesce(used.module, 'none') = $8)
          and ($9::text is null or coalesce(used.credential_id::text, 'none') = $9)
          and ($10::text is null or used.operation = $10)
          and ($14::text is null or used.channel = $14)
          -- What each of the others used is told apart for nobody who sees their own alone.
          and ($13::text is null
               or case $13 when 'none' then used.user_id is null
                           when 'others' then used.user_id <> $11
                           else used.user_id::text = $13 and (not $12 or used.user_id = $11) end)
        group by 1, 2
        order by 1, 2
        "#,
        source.tenant.0,
        source.workspace.0,
        times.start,
        times.end,
        starts,
        by.name(),
        filter.dimension.map(Dimension::name),
        filter.module.map(ModuleFilter::name),
        filter.credential.map(CredentialFilter::stored),
        filter.operation.as_deref(),
        source.me.0,
        source.own_keys.is_some(),
        filter.member.map(MemberFilter::stored),
        filter.channel.map(Channel::name),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_properties_at_once_are_told_apart_by_quarters_alone() {
        let dimension = Filter { dimension: Some(Dimension::RestRead), ..Filter::default() };
        let both = Filter { module: Some(ModuleFilter::None), ..dimension.clone() };
        assert_eq!(only_property(By::Nothing, &Filter::default()), Some(By::Dimension));
        assert_eq!(only_property(By::Member, &Filter::default()), Some(By::Member));
        assert_eq!(only_property(By::Nothing, &dimension), Some(By::Dimension));
        assert_eq!(only_property(By::Dimension, &dimension), Some(By::Dimension));
        assert_eq!(only_property(By::Operation, &dimension), None);
        assert_eq!(only_property(By::Nothing, &both), None);
    }
}
