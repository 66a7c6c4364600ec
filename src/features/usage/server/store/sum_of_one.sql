-- Sums of days, of hours and of quarters, and what waits, of one property ($6): all of it in one statement.
with used as (
    select sums.starts_at as at, sums.part, sums.events, sums.quantity, sums.nanos
    from unnest($7::timestamptz[], $8::timestamptz[]) as days (since, until)
    cross join lateral (
        select sums.starts_at, sums.part, sums.events, sums.quantity, sums.nanos from usage_sum as sums
        where sums.tenant_id = $1 and sums.workspace_id = $2 and sums.property = $6 and sums.grain = 'day'
          and sums.starts_at >= days.since and sums.starts_at < days.until
        -- A walk of the index for each stretch: as a join it would go over all there is, for each.
        offset 0) as sums
    union all
    select sums.starts_at, sums.part, sums.events, sums.quantity, sums.nanos
    from unnest($9::timestamptz[], $10::timestamptz[]) as hours (since, until)
    cross join lateral (
        select sums.starts_at, sums.part, sums.events, sums.quantity, sums.nanos from usage_sum as sums
        where sums.tenant_id = $1 and sums.workspace_id = $2 and sums.property = $6 and sums.grain = 'hour'
          and sums.starts_at >= hours.since and sums.starts_at < hours.until
        -- A walk of the index for each stretch: as a join it would go over all there is, for each.
        offset 0) as sums
    union all
    select fine.at,
           case $6
               when 'dimension' then fine.dimension
               when 'module' then coalesce(fine.module, 'none')
               when 'credential' then coalesce(fine.credential_id::text, 'none')
               when 'member' then coalesce(fine.user_id::text, 'none')
               when 'channel' then fine.channel
               else fine.operation end,
           fine.events, fine.quantity, fine.nanos
    from (
        select rolled.starts_at as at, rolled.dimension, rolled.module, rolled.credential_id, rolled.user_id, rolled.operation, rolled.channel,
               rolled.events, rolled.quantity, rolled.nanos
        from unnest($11::timestamptz[], $12::timestamptz[]) as quarters (since, until)
        cross join lateral (
            select rolled.starts_at, rolled.dimension, rolled.module, rolled.credential_id, rolled.user_id, rolled.operation,
                   rolled.channel, rolled.events, rolled.quantity, rolled.nanos
            from usage_rollup as rolled
            where rolled.tenant_id = $1 and rolled.workspace_id = $2
              and rolled.starts_at >= quarters.since and rolled.starts_at < quarters.until
            offset 0) as rolled
        union all
        select waiting.occurred_at, waiting.dimension, waiting.module, waiting.credential_id, waiting.user_id,
               waiting.operation, waiting.channel, 1, waiting.quantity, waiting.nanos
        from usage_pending as waiting
        where waiting.tenant_id = $1 and waiting.workspace_id = $2 and waiting.occurred_at >= $3 and waiting.occurred_at < $4) as fine)
select width_bucket(used.at, $5::timestamptz[]) as "bucket!",
       case when not $13 then ''
            when $6 = 'member' and $16 and used.part not in ('none', $15) then 'others'
            else used.part end as "part!",
       sum(used.events)::bigint as "events!", sum(used.quantity)::bigint as "quantity!", sum(used.nanos)::bigint as "nanos!"
from used
where ($14::text is null
       or case when $6 <> 'member' or $14 = 'none' then used.part = $14
               when $14 = 'others' then used.part not in ('none', $15)
               -- What each of the others used is told apart for nobody who sees their own alone.
               else used.part = $14 and (not $16 or used.part = $15) end)
group by 1, 2
order by 1, 2
